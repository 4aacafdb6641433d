package slogtree

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// opaque is a writer that no handler recognises as one that drops everything.
type opaque struct{ io.Writer }

// TestAllocations counts what a call allocates once its logger is bound.
func TestAllocations(t *testing.T) {
	percent := formatters.Must(formatters.Percent("%(asctime)s %(name)s %(levelname)s %(message)s", nil))
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(opaque{io.Discard}, percent, nil))
	tree.Get("a").AddHandler(handlers.NewStream(opaque{io.Discard}, percent, nil))
	pass := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true })
	tree.Get("filtered").AddFilter(pass)
	tree.Get("foreign").SetPropagate(false)
	tree.Get("foreign").AddHandler(slog.NewJSONHandler(opaque{io.Discard}, nil))
	deep := tree.Get("b.c.d.e.f")
	with := deep.With("k", 1).WithGroup("g").With("l", 2)
	ctx := t.Context()
	for name, call := range map[string]func(){
		"disabled":      func() { deep.Debug("m") },
		"message":       func() { deep.Info("m") },
		"attrs":         func() { deep.LogAttrs(ctx, slog.LevelInfo, "m", slog.Int("k", 1), slog.String("s", "v")) },
		"with":          func() { with.Info("m") },
		"two handlers":  func() { tree.Get("a").Info("m") },
		"filter":        func() { tree.Get("filtered").Info("m") },
		"foreign":       func() { tree.Get("foreign").Info("m") },
		"critical":      func() { deep.Critical("m") },
		"get":           func() { tree.Get("b.c.d.e.f") },
		"by Default":    func() { tree.Root().Handler().Enabled(ctx, slog.LevelInfo) },
		"remote":        func() { _ = tree.Handler("b") },
		"explicit name": func() { _ = deep.Name() },
	} {
		want := 0.0
		if name == "remote" {
			want = 2 // the handler and the name it is for
		}
		call()
		if got := testing.AllocsPerRun(200, call); got > want && !raceEnabled { // with -race, a sync.Pool drops what it is given
			t.Errorf("%s: %v allocations a call, want %v", name, got, want)
		}
	}
}
