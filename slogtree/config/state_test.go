package config

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/slogsuite/slogsuite/slogtree"
)

// What is kept of a tree goes with it.
func TestStateIsForgotten(t *testing.T) {
	p := func() weak.Pointer[slogtree.Tree] {
		tree := slogtree.New(slogtree.Options{})
		apply(t, tree, m{"version": 1, "handlers": m{"h": m{"class": "memory", "capacity": 1}}, "root": m{"handlers": []string{"h"}}})
		if err := tree.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		return weak.Make(tree)
	}()
	known := func() bool {
		states.mu.Lock()
		defer states.mu.Unlock()
		return states.of[p] != nil
	}
	for range 1000 { // a cleanup runs some time after the collection
		if runtime.GC(); p.Value() == nil && !known() {
			return
		}
		runtime.Gosched()
	}
	t.Error("the state of a tree that is gone is still there")
}
