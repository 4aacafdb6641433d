// Hello logs through two named loggers.
package main

import (
	"log"
	"log/slog"

	"github.com/slogsuite/slogsuite/slogtree"
)

func main() {
	_, err := slogtree.Basic(slogtree.BasicOptions{Format: "%(levelname)s %(name)s: %(message)s"})
	if err != nil {
		log.Fatal(err)
	}
	cart := slogtree.Get("shop.cart")
	cart.Info("item added", "sku", "A-17", "price", 9.5)
	slogtree.Get("shop").SetLevel(slog.LevelWarn) // shop.cart inherits it
	cart.Info("nobody sees this")
	cart.Warn("cart is nearly full", "items", 99)
}
