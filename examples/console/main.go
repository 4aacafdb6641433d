// Console logs for people. In a terminal the lines are coloured; try it with
// NO_COLOR=1, or with FORCE_COLOR=1 and a pipe.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

func main() {
	root := slogtree.Root()
	root.SetLevel(slog.LevelDebug)
	root.AddHandler(handlers.NewStream(os.Stderr, formatters.Console(nil), nil))

	slogtree.Root().Info("listening", "addr", ":8080")
	cart := slogtree.Get("shop.cart")
	cart.Debug("cart loaded", "items", 2, "took", 1300*time.Microsecond)
	cart.With("user", "ada").WithGroup("item").Info("item added", "sku", "A-17", "price", 9.5, "note", "a gift")
	cart.Warn("cart is nearly full", "items", 99)

	refused := errors.New("dial tcp 10.0.0.7:443: connection refused")
	pay := slogtree.Get("shop.payments")
	pay.Error("charge failed", "order", 1250, "err", refused)
	pay.Error("order lost", "order", 1250, "err", errors.Join(refused, errors.New("the queue is full")))
	pay.Exception(fmt.Errorf("order 1250: %w", refused), "order lost")
	pay.Critical("out of money\nthis can't forge a line", "balance", -3)
}
