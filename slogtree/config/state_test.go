package config

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"weak"

	"github.com/slogsuite/slogsuite/slogtree"
)

// What is kept of a tree goes with it, also if it leads back to the tree.
func TestStateIsForgotten(t *testing.T) {
	p := func() weak.Pointer[slogtree.Tree] {
		tree := slogtree.New(slogtree.Options{})
		o := with(func(*Args) (slog.Handler, error) {
			return &closing{slog.DiscardHandler, func() error { tree.Disable(slog.LevelError); return nil }}, nil
		})
		if _, err := parse(t, m{"version": 1, "handlers": m{"h": m{"class": "test"}}, "root": m{"handlers": []string{"h"}}}, o).Apply(t.Context(), tree); err != nil {
			t.Fatal(err)
		}
		if err := tree.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		return weak.Make(tree)
	}()
	for range 1000 {
		if runtime.GC(); p.Value() == nil {
			return
		}
	}
	t.Error("a tree that nobody has is still there")
}
