package contextattrs_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
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
	if n := count(attrs[1].Value); n < 100 || n > 2000 {
		t.Errorf("an endless group became %d values", n)
	}
}

// many returns n attrs.
func many(n int, attr func(i int) slog.Attr) []slog.Attr {
	attrs := make([]slog.Attr, n)
	for i := range attrs {
		attrs[i] = attr(i)
	}
	return attrs
}

// once is a LogValuer whose group holds no other.
type once struct{ group []slog.Attr }

func (o once) LogValue() slog.Value { return slog.GroupValue(o.group...) }

// wide returns a large group of itself, always the same one.
type wide struct{ members *[]slog.Attr }

func (w wide) LogValue() slog.Value { return slog.GroupValue(*w.members...) }

// TestResolveBounds has attrs that are just many survive, and those that lead
// back to themselves become about as many values as was given, and a mark.
func TestResolveBounds(t *testing.T) {
	number := func(i int) slog.Attr { return slog.Int("i", i) }
	group := func(key string, attrs []slog.Attr) slog.Attr {
		return slog.Attr{Key: key, Value: slog.GroupValue(attrs...)}
	}
	deep := slog.Int("bottom", 1)
	for range 60 {
		deep = group("g", []slog.Attr{deep})
	}
	var itself [2]slog.Attr
	itself[0], itself[1] = group("left", itself[:]), group("right", itself[:])
	var tail [3]slog.Attr
	for i := range tail {
		tail[i] = group("tail", tail[i:])
	}
	var wideMembers []slog.Attr
	wideMembers = many(5000, func(int) slog.Attr { return slog.Any("w", wide{&wideMembers}) })
	for name, c := range map[string]struct {
		attrs    []slog.Attr
		min, max int
		cut      bool
	}{
		"many":              {many(100_000, number), 100_000, 100_000, false},
		"a large group":     {[]slog.Attr{group("g", many(10_000, number))}, 10_001, 10_001, false},
		"a large groups":    {many(100, func(int) slog.Attr { return group("g", many(2000, number)) }), 200_100, 200_100, false},
		"many LogValuers":   {many(5000, func(int) slog.Attr { return slog.Any("l", once{many(1, number)}) }), 10_000, 10_000, false},
		"a large LogValuer": {[]slog.Attr{slog.Any("l", once{[]slog.Attr{group("g", many(5000, number))}})}, 5002, 5002, false},
		"deep":              {[]slog.Attr{deep}, 61, 61, false},
		"a group in itself": {itself[:], 2, 20, true},
		"tails of itself":   {tail[:], 3, 100, true},
		"endless":           {[]slog.Attr{slog.Any("e", endless{})}, 100, 2000, true},
		"many endless":      {many(100, func(int) slog.Attr { return slog.Any("e", endless{}) }), 300, 3000, true},
		"endless and wide":  {[]slog.Attr{slog.Any("w", wide{&wideMembers})}, 5001, 7000, true},
	} {
		got := contextattrs.Resolve(c.attrs, nil)
		n := count(slog.GroupValue(got...)) - 1
		if n < c.min || n > c.max {
			t.Errorf("%s: %d values, want %d to %d", name, n, c.min, c.max)
		}
		if cut := strings.Contains(fmt.Sprint(got), "!group nested without end"); cut != c.cut {
			t.Errorf("%s: cut is %t", name, cut)
		}
		if len(got) != len(c.attrs) {
			t.Errorf("%s: %d attrs, want %d", name, len(got), len(c.attrs))
		}
	}
}

// TestResolveBoundsSharing has groups that stand twice in each other: two to the
// sixtieth of them.
func TestResolveBoundsSharing(t *testing.T) {
	shared := slog.Int("n", 1)
	for range 60 {
		shared = slog.Group("g", shared, shared)
	}
	if n := count(contextattrs.Resolve([]slog.Attr{shared}, nil)[0].Value); n < 1000 || n > 1<<21 {
		t.Errorf("%d values", n)
	}
}

func TestResolveKeeps(t *testing.T) {
	n := 0
	attrs := []slog.Attr{slog.Any("a", counter{&n}), slog.Group("g", "b", counter{&n}, "c", once{})}
	got := contextattrs.Resolve(attrs, func(v slog.Value) bool { _, ok := v.Any().(counter); return ok })
	if n != 0 || got[0].Value.Kind() != slog.KindLogValuer || got[1].Value.Group()[0].Value.Kind() != slog.KindLogValuer {
		t.Errorf("%v, LogValue was called %d times", got, n)
	}
	attrs[1].Value.Group()[0] = slog.Int("changed", 1)
	if key := got[1].Value.Group()[0].Key; key != "b" {
		t.Errorf("the copy has what was put into the original: %s", key)
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
