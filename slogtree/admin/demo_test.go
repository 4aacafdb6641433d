package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// A counted handler has statistics, as a queue or a sender has.
type counted struct {
	next  slog.Handler
	stats demoStats
}

type demoStats struct {
	Records, Sent, Dropped, Queued, Errors uint64
	Connected                              bool
}

func (c *counted) Enabled(ctx context.Context, l slog.Level) bool  { return c.next.Enabled(ctx, l) }
func (c *counted) Handle(ctx context.Context, r slog.Record) error { return c.next.Handle(ctx, r) }
func (c *counted) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &counted{c.next.WithAttrs(attrs), c.stats}
}
func (c *counted) WithGroup(name string) slog.Handler {
	return &counted{c.next.WithGroup(name), c.stats}
}
func (c *counted) Unwrap() slog.Handler { return c.next }
func (c *counted) Stats() demoStats     { return c.stats }
func (c *counted) String() string       { return "Sender(tcp logs.example:9020)" }

// A demo is a tree for pictures, with what logs to it.
type demo struct {
	tree *slogtree.Tree
	keep []*slogtree.Logger
}

func newDemo() *demo {
	d := &demo{tree: slogtree.New(slogtree.Options{OnError: func(error) {}})}
	format := formatters.Must(formatters.Percent("%(asctime)s %(levelname)-8s %(name)s: %(message)s", nil))
	root := d.tree.Root()
	root.AddHandler(handlers.NewStream(named{io.Discard, "stderr"}, format, slog.LevelInfo))
	root.AddHandler(handlers.NewStream(named{io.Discard, "/var/log/shop.log"}, format, nil))
	root.AddHandler(&counted{slog.DiscardHandler, demoStats{Records: 128_402, Sent: 128_377, Dropped: 12, Queued: 13, Connected: true}})
	d.get("audit").AddHandler(handlers.NewLevel(handlers.NewMemory(slog.DiscardHandler, handlers.MemoryOptions{}), slog.LevelInfo))
	d.get("audit").SetPropagate(false)
	d.get("shop").SetLevel(slog.LevelDebug)
	d.get("shop.cart").AddFilter(handlers.NameFilter("shop"))
	for _, name := range []string{"shop.orders", "shop.orders.pricing", "payments", "payments.cards.3ds", "db.pool", "db.query", "http.server", "http.client.retry", "cache"} {
		d.get(name)
	}
	d.get("db").SetLevel(slog.LevelWarn)
	d.get("http.client").SetLevel(slog.LevelError)
	d.get("legacy.soap").SetDisabled(true)
	return d
}

// named is a writer with a name.
type named struct {
	io.Writer
	name string
}

func (n named) Name() string { return n.name }

func (d *demo) get(name string) *slogtree.Logger {
	l := d.tree.Get(name)
	d.keep = append(d.keep, l)
	return l
}

func (d *demo) log() {
	ctx := context.Background()
	refused := errors.New("dial 10.0.0.7:443: connection refused")
	d.get("http.server").Info("listening", "addr", ":8080")
	d.get("shop.cart").Debug("cart loaded", "user", "ada", "items", 2)
	d.get("shop.cart").Info("item added", slog.Group("item", "sku", "A-17", "price", 9.5))
	d.get("db.query").Warn("slow query", "ms", 1830, "rows", 40_112, "sql", "SELECT * FROM orders WHERE user = $1")
	d.get("payments").Info("charge", "order", 1250, "amount", "12.50", "card", "…7891")
	d.get("payments.cards.3ds").Exception(fmt.Errorf("order 1250: %w", refused), "charge failed", "order", 1250)
	d.get("shop.orders").LogAttrs(ctx, slog.LevelError, "order lost", slog.Int("order", 1250))
	d.get("shop.orders.pricing").Debug("price list reloaded", "lines", 1204)
	d.tree.Root().Critical("out of money\nforged?", "balance", -3)
	d.get("http.server").With("request", "7c1e").Info("served", "method", "POST", "path", "/orders", "status", 502, "took", "38ms")
}

// big fills the tree with more loggers.
func (d *demo) big(n int) {
	for i := range n {
		d.get(fmt.Sprintf("svc%02d.mod%03d.part%d", i%50, i/50%200, i/10_000))
	}
}

func (d *demo) serve(t testing.TB, options admin.Options) *httptest.Server {
	server := httptest.NewServer(admin.NewHandler(d.tree, options))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}
