package examples

import (
	"context"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/slogtree"
)

// As a drop-in: code that logs through slog goes on as it was, and the root
// logger decides.
func Example_dropIn() {
	defer slog.SetDefault(slog.Default())
	stop, _ := slogtree.Basic(slogtree.BasicOptions{Stream: os.Stdout, Force: true})
	defer stop(context.Background())

	slog.SetDefault(slogtree.Root().Logger)
	slog.Info("listening", "port", 8080)
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
	// Output:
	// INFO:root:listening port=8080
	// WARNING:app.db:slow query ms=1200
}

// Around a handler that is there already: it learns the logger's name.
func Example_wrapping() {
	json := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})

	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(json) // or zap's, or OpenTelemetry's
	tree.Get("app.db").Warn("slow query", "ms", 1200)
	// Output:
	// {"level":"WARN","msg":"slow query","logger":"app.db","ms":1200}
}

// Attrs that belong to a request travel in its context.
func Example_perRequest() {
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	log := tree.Get("app.http")

	ctx := contextattrs.With(context.Background(), "request", "r-17")
	log.InfoContext(ctx, "served", "status", 200)
	// Output:
	// {"level":"INFO","msg":"served","logger":"app.http","request":"r-17","status":200}
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}
