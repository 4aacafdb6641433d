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

func TestWithConvertsAsSlogDoes(t *testing.T) {
	for _, args := range [][]any{
		{"k", "v"},
		{"k", 1, slog.Bool("b", true), "last"},
		{42},
		{"a", 1, 42, "b", 2},
		{slog.Group("g", "x", 1)},
		{"", nil},
		{slog.Group("empty")},
		{"a", slog.GroupValue()},
	} {
		rec := handlertest.NewRecorder(nil)
		slog.New(rec).With(args...).Info("m")
		got := handlertest.NewRecorder(nil)
		slog.New(got).InfoContext(contextattrs.With(context.Background(), args...), "m")
		if d := handlertest.Diff(rec.Records()[0].Attrs, got.Records()[0].Attrs); d != "" {
			t.Errorf("With(%v) (-slog +got):\n%s", args, d)
		}
	}
}

func TestAttrsKeepTheirOrder(t *testing.T) {
	ctx := contextattrs.With(context.Background(), "a", 1, "b", 2)
	ctx = contextattrs.With(ctx, "a", 3)
	if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != "[a=1 b=2 a=3]" {
		t.Errorf("Attrs = %s", got)
	}
}

func TestNothingToAdd(t *testing.T) {
	parent := contextattrs.With(context.Background(), "a", 1)
	for _, args := range [][]any{nil, {slog.Attr{}}, {slog.Group("g")}} {
		if ctx := contextattrs.With(parent, args...); ctx != parent {
			t.Errorf("With(%v) made a new context", args)
		}
	}
	if a := contextattrs.Attrs(context.Background()); a != nil {
		t.Errorf("Attrs of an empty context = %v", a)
	}
	//lint:ignore SA1012 a handler may be given one
	if a := contextattrs.Attrs(nil); a != nil {
		t.Errorf("Attrs(nil) = %v", a)
	}
}

// TestSiblings has contexts made from one parent, where a shared array would show
// the last one's attrs everywhere.
func TestSiblings(t *testing.T) {
	parent := context.Background()
	for depth := range 8 {
		parent = contextattrs.With(parent, fmt.Sprint("p", depth), depth)
		before := fmt.Sprint(contextattrs.Attrs(parent))
		var contexts []context.Context
		for i := range 3 {
			contexts = append(contexts, contextattrs.With(parent, "child", i))
		}
		for i, ctx := range contexts {
			want := fmt.Sprintf("%s child=%d]", before[:len(before)-1], i)
			if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != want {
				t.Errorf("depth %d, child %d: %s, want %s", depth, i, got, want)
			}
		}
		if attrs := contextattrs.Attrs(parent); cap(attrs) != len(attrs) {
			t.Errorf("depth %d: room for %d attrs, %d there: an append could write to it", depth, cap(attrs), len(attrs))
		}
	}
}

// TestArgsAreCopied changes a group after With has returned.
func TestArgsAreCopied(t *testing.T) {
	members := []slog.Attr{slog.Int("n", 1)}
	ctx := contextattrs.With(context.Background(), slog.Attr{Key: "g", Value: slog.GroupValue(members...)})
	members[0] = slog.Int("n", 2)
	if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != "[g=[n=1]]" {
		t.Errorf("Attrs = %s", got)
	}
}

// counter says how often it was asked.
type counter struct{ n *int }

func (c counter) LogValue() slog.Value {
	*c.n++
	return slog.IntValue(*c.n)
}

func TestLogValuersAreResolvedOnce(t *testing.T) {
	n := 0
	ctx := contextattrs.With(context.Background(), "n", counter{&n}, slog.Group("g", "n", counter{&n}))
	rec := handlertest.NewRecorder(nil)
	n = 100
	slog.New(rec).InfoContext(ctx, "m")
	slog.New(rec).InfoContext(ctx, "m")
	want := map[string]any{"n": int64(1), "g": map[string]any{"n": int64(2)}}
	for _, e := range rec.Records() {
		if d := handlertest.Diff(want, e.Attrs); d != "" {
			t.Error(d)
		}
	}
	if n != 100 {
		t.Errorf("LogValue was called %d times more", n-100)
	}
}

type panics struct{}

func (panics) LogValue() slog.Value { panic("no value") }

// endless returns a group that holds itself.
type endless struct{}

func (e endless) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("left", e), slog.Any("right", e))
}

func TestBadLogValuers(t *testing.T) {
	ctx := contextattrs.With(context.Background(), "p", panics{}, "e", endless{})
	attrs := contextattrs.Attrs(ctx)
	if len(attrs) != 2 {
		t.Fatalf("%d attrs", len(attrs))
	}
	if _, ok := attrs[0].Value.Any().(error); !ok {
		t.Errorf("a panic became %v", attrs[0].Value)
	}
	if n := count(attrs[1].Value); n < 1000 || n > 1<<18 {
		t.Errorf("an endless group became %d values", n)
	}
	var many []any
	for i := range 100_000 {
		many = append(many, slog.Int("i", i))
	}
	if n := len(contextattrs.Attrs(contextattrs.With(context.Background(), many...))); n != len(many) {
		t.Errorf("of %d attrs %d are left", len(many), n)
	}
}

func count(v slog.Value) int {
	if v.Kind() != slog.KindGroup {
		return 1
	}
	n := 1
	for _, a := range v.Group() {
		n += count(a.Value)
	}
	return n
}

func TestConcurrentWith(t *testing.T) {
	parent := contextattrs.With(context.Background(), "p", 0)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				ctx := contextattrs.With(contextattrs.With(parent, "i", i), "j", i)
				if got, want := fmt.Sprint(contextattrs.Attrs(ctx)), fmt.Sprintf("[p=0 i=%d j=%d]", i, i); got != want {
					t.Errorf("Attrs = %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestAttrsAllocatesNothing(t *testing.T) {
	ctx := contextattrs.With(context.Background(), "a", 1)
	if n := testing.AllocsPerRun(100, func() { contextattrs.Attrs(ctx) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
