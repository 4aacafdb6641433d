package contextattrs_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleWithCollector() {
	ctx, late := contextattrs.WithCollector(context.Background(), contextattrs.CollectorOptions{})

	// Somewhere below:
	contextattrs.Add(ctx, "user", "ada")

	// Where the request began:
	fmt.Println(late.End())
	fmt.Println(contextattrs.Add(ctx, "rows", 3))
	// Output:
	// [user=ada]
	// false
}

func TestCollector(t *testing.T) {
	outer := contextattrs.With(t.Context(), "a", 1)
	ctx, late := contextattrs.WithCollector(outer, contextattrs.CollectorOptions{Max: 3})
	if contextattrs.Add(outer, "k", 1) || contextattrs.Add(context.Background(), "k", 1) {
		t.Error("Add found a collector where none is")
	}
	below, cancel := context.WithCancel(contextattrs.With(ctx, "b", 2))
	cancel() // a request that ends early has attrs too
	for _, c := range []struct {
		args []any
		all  bool
		want string
	}{
		{[]any{"x", 1}, true, "[x=1]"},
		{nil, true, "[x=1]"},
		{[]any{slog.Group("empty")}, true, "[x=1]"},
		{[]any{"y", 1, "x", 2}, true, "[x=2 y=1]"},
		{[]any{"z", 1, "more", 1}, false, "[x=2 y=1 z=1]"},
		{[]any{"y", 3}, true, "[x=2 y=3 z=1]"},
	} {
		if all := contextattrs.Add(below, c.args...); all != c.all {
			t.Errorf("Add(%v) = %t", c.args, all)
		}
		if got := fmt.Sprint(late.Attrs()); got != c.want {
			t.Errorf("after Add(%v) there are %s, want %s", c.args, got, c.want)
		}
	}
	if got := fmt.Sprint(contextattrs.Attrs(below)); got != "[a=1 b=2]" {
		t.Errorf("records show %s", got)
	}
	if got := fmt.Sprint(late.End(), late.End()); got != "[x=2 y=3 z=1] [x=2 y=3 z=1]" {
		t.Errorf("End = %s", got)
	}
	if contextattrs.Add(below, "x", 4) || late.Dropped() != 2 {
		t.Errorf("after End, an attr was taken; %d were dropped", late.Dropped())
	}
}

// TestCollectorShown has late attrs in records logged afterwards, with contexts made
// before too, and at no time twice.
func TestCollectorShown(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	log := slog.New(contextattrs.NewHandler(bare{rec}))
	ctx, _ := contextattrs.WithCollector(contextattrs.With(t.Context(), "a", 1), contextattrs.CollectorOptions{Shown: true})
	child := contextattrs.With(ctx, "b", 2)
	show := func(ctx context.Context, want string) {
		t.Helper()
		if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != want {
			t.Errorf("Attrs = %s, want %s", got, want)
		}
	}
	show(child, "[a=1 b=2]")
	contextattrs.Add(child, "late", 1)
	show(ctx, "[a=1 late=1]")
	show(child, "[a=1 b=2 late=1]")
	show(contextattrs.With(child, "c", 3), "[a=1 b=2 c=3 late=1]")
	contextattrs.Add(ctx, "late", 2, "later", 3)
	show(child, "[a=1 b=2 late=2 later=3]")
	if n := testing.AllocsPerRun(100, func() { contextattrs.Attrs(child) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	inner, _ := contextattrs.WithCollector(child, contextattrs.CollectorOptions{})
	contextattrs.Add(inner, "unshown", 1)
	show(inner, "[a=1 b=2 late=2 later=3]")
	log.WithGroup("g").InfoContext(child, "m", "k", 1)
	want := map[string]any{"a": int64(1), "b": int64(2), "late": int64(2), "later": int64(3), "g": map[string]any{"k": int64(1)}}
	if d := handlertest.Diff(want, rec.Records()[0].Attrs); d != "" {
		t.Error(d)
	}
}

// TestCollectorKeepsNoRoom has attrs that were given out stay as they are.
func TestCollectorKeepsNoRoom(t *testing.T) {
	ctx, late := contextattrs.WithCollector(t.Context(), contextattrs.CollectorOptions{Shown: true})
	var given [][]slog.Attr
	for i := range 20 {
		contextattrs.Add(ctx, fmt.Sprint("k", i), i, "same", i)
		given = append(given, late.Attrs(), contextattrs.Attrs(ctx))
		if a := late.Attrs(); cap(a) != len(a) {
			t.Errorf("room for %d, %d there", cap(a), len(a))
		}
	}
	for i, attrs := range given {
		if n := attrs[1].Value.Int64(); n != int64(i/2) {
			t.Errorf("what was given at %d has changed to %v", i/2, attrs)
		}
	}
}

func TestCollectorOptions(t *testing.T) {
	for limit, want := range map[int]int{0: 64, -1: 0, 5: 5} {
		ctx, late := contextattrs.WithCollector(t.Context(), contextattrs.CollectorOptions{Max: limit})
		for i := range 100 {
			contextattrs.Add(ctx, fmt.Sprint(i), i)
		}
		if got := len(late.Attrs()); got != want || late.Dropped() != uint64(100-want) {
			t.Errorf("Max %d: %d taken, %d dropped", limit, got, late.Dropped())
		}
	}
}

// TestCollectorConcurrently adds, reads and ends at once: what Add says was taken is
// there, and the rest is counted.
func TestCollectorConcurrently(t *testing.T) {
	ctx, late := contextattrs.WithCollector(t.Context(), contextattrs.CollectorOptions{Max: 1000, Shown: true})
	var wg sync.WaitGroup
	var taken [4]int
	half := make(chan bool)
	for g := range taken {
		wg.Go(func() {
			for i := range 200 {
				if contextattrs.Add(ctx, fmt.Sprint(g, "-", i), i) {
					taken[g]++
				}
				_ = contextattrs.Attrs(ctx)
				if g == 0 && i == 100 {
					close(half)
				}
			}
		})
	}
	<-half
	ended := late.End()
	wg.Wait()
	if sum := taken[0] + taken[1] + taken[2] + taken[3]; sum != len(ended) || sum+int(late.Dropped()) != 800 || len(late.Attrs()) != sum {
		t.Errorf("%d taken, %d at the end, %d dropped", sum, len(ended), late.Dropped())
	}
}
