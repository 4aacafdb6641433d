package slogtree

import (
	"context"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// newTree returns a tree whose root has a Recorder, at level DEBUG.
func newTree(t *testing.T) (*Tree, *handlertest.Recorder) {
	t.Helper()
	tree := New(Options{RootLevel: slog.LevelDebug, OnError: func(err error) { t.Error(err) }})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	return tree, rec
}

func wantMessages(t *testing.T, rec *handlertest.Recorder, want ...string) {
	t.Helper()
	if got := rec.Messages(); !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
	rec.Reset()
}

func TestConformance(t *testing.T) {
	leveled := func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any) {
		tree, rec := newTree(t)
		tree.Root().AddHandler(slog.DiscardHandler)
		l := tree.Get("a.b")
		l.AddFilter(handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			return r, r.Level >= level.Level()
		}))
		return levelSource{l.Handler(), level}, rec.Results
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		tree, rec := newTree(t)
		tree.Get("a").AddHandler(slog.DiscardHandler)
		return tree.Get("a.b").Handler(), rec.Results
	}, handlertest.Leveled(leveled))
}

// levelSource asks level too, so that Enabled follows it.
type levelSource struct {
	h     slog.Handler
	level slog.Leveler
}

func (s levelSource) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= s.level.Level() && s.h.Enabled(ctx, l)
}
func (s levelSource) Handle(ctx context.Context, r slog.Record) error { return s.h.Handle(ctx, r) }
func (s levelSource) WithAttrs(attrs []slog.Attr) slog.Handler {
	return levelSource{s.h.WithAttrs(attrs), s.level}
}
func (s levelSource) WithGroup(name string) slog.Handler {
	return levelSource{s.h.WithGroup(name), s.level}
}

// TestConformanceForeign runs over a handler that knows nothing of this module.
func TestConformanceForeign(t *testing.T) {
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		var out lockedBuffer
		tree := New(Options{OnError: func(err error) { t.Error(err) }})
		tree.Root().AddHandler(slog.NewJSONHandler(&out, nil))
		return tree.Get("a.b").Handler(), func() []map[string]any {
			maps, err := handlertest.ParseJSON(out.Bytes())
			if err != nil {
				t.Error(err)
			}
			return maps
		}
	}, handlertest.Except("empties", "slog.JSONHandler of Go 1.26 forgets a comma after a group of empty groups"))
}

func TestGet(t *testing.T) {
	tree := New(Options{})
	if one, two := tree.Get("a.b"), tree.Get("a.b"); one != two {
		t.Error("Get returned two loggers for one name")
	}
	for _, name := range []string{"", "root"} {
		if tree.Get(name) != tree.Root() {
			t.Errorf("Get(%q) is not the root", name)
		}
	}
	child := tree.Root().Child("root")
	if child == tree.Root() || child.Name() != "root" || child.Parent() != tree.Root() {
		t.Error("the root's child named root is not a logger of its own")
	}
	if New(Options{}).Get("a") == tree.Get("a") {
		t.Error("two trees share a logger")
	}
	if Get("x.y") != Default().Get("x.y") || Root() != Default().Root() {
		t.Error("Get and Root do not use the default tree")
	}
}

func TestNamesAreOpaque(t *testing.T) {
	tree := New(Options{})
	for name, parent := range map[string]string{
		".": "root", "..": ".", ".a": "root", "a.": "a", "a..b": "a.", "é.中": "é", "a b": "root", "A": "root",
	} {
		l := tree.Get(name)
		tree.Get(parentName(name))
		if got := l.Parent().Name(); got != parent {
			t.Errorf("the parent of %q is %q, want %q", name, got, parent)
		}
	}
}

func TestParentMadeAfterItsChild(t *testing.T) {
	tree, rec := newTree(t)
	leaf, sibling := tree.Get("a.b.c.d"), tree.Get("a.x")
	derived := leaf.With("k", 1)
	if leaf.Parent() != tree.Root() {
		t.Errorf("the parent is %q, want root", leaf.Parent().Name())
	}
	middle := tree.Get("a.b")
	if leaf.Parent() != middle || middle.Parent() != tree.Root() || sibling.Parent() != tree.Root() {
		t.Error("a logger made later did not come between its ancestors and its descendants")
	}
	tree.Get("a").SetLevel(slog.LevelError)
	derived.Info("hidden")
	sibling.Info("hidden too")
	middle.SetLevel(slog.LevelInfo)
	derived.Info("shown")
	wantMessages(t, rec, "shown")
	if got := names(tree.Get("a").Children()); !slices.Equal(got, []string{"a.b", "a.x"}) {
		t.Errorf("the children of a are %q", got)
	}
}

func names(ls []*Logger) []string {
	var all []string
	for _, l := range ls {
		all = append(all, l.Name())
	}
	return all
}

func TestPropagation(t *testing.T) {
	tree, root := newTree(t)
	own, mid := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	leaf := tree.Get("a.b")
	leaf.AddHandler(own)
	tree.Get("a").AddHandler(mid)
	tree.Get("a").SetLevel(slog.LevelError) // not asked on the way up
	tree.Get("a").SetDisabled(true)         // neither
	tree.Get("a").AddFilter(denyAll{})      // neither
	leaf.SetLevel(slog.LevelDebug)
	leaf.Debug("one")
	wantMessages(t, own, "one")
	wantMessages(t, mid, "one")
	wantMessages(t, root, "one")
	tree.Get("a").SetPropagate(false)
	leaf.Debug("two")
	wantMessages(t, mid, "two")
	wantMessages(t, root)
	leaf.SetPropagate(false)
	leaf.Debug("three")
	wantMessages(t, mid)
	leaf.AddHandler(own) // a second time
	leaf.SetPropagate(true)
	tree.Get("a").AddHandler(own)
	own.Reset()
	leaf.Debug("four")
	wantMessages(t, own, "four", "four")
}

func TestHandlersInOrder(t *testing.T) {
	tree := New(Options{})
	var got []string
	note := func(name string) slog.Handler { return &noting{&got, name} }
	tree.Root().AddHandler(note("root1"))
	tree.Root().AddHandler(note("root2"))
	tree.Get("a").AddHandler(note("a"))
	tree.Get("a").Info("m")
	if want := []string{"a", "root1", "root2"}; !slices.Equal(got, want) {
		t.Errorf("handlers ran in order %q, want %q", got, want)
	}
	if n := len(tree.Root().Handlers()); n != 2 {
		t.Errorf("the root has %d handlers, want 2", n)
	}
}

// noting notes its name for each record.
type noting struct {
	to   *[]string
	name string
}

func (h *noting) Enabled(context.Context, slog.Level) bool { return true }
func (h *noting) Handle(context.Context, slog.Record) error {
	*h.to = append(*h.to, h.name)
	return nil
}
func (h *noting) WithAttrs([]slog.Attr) slog.Handler           { return h }
func (h *noting) WithGroup(string) slog.Handler                { return h }
func (h *noting) WithLoggerName(key, name string) slog.Handler { return h }

func TestFilters(t *testing.T) {
	tree, rec := newTree(t)
	l := tree.Get("a.b").With("w", 1)
	var seen slog.Record
	replace := handlers.FilterFunc(func(_ context.Context, name string, r slog.Record) (slog.Record, bool) {
		seen = r
		r.Message = name + " " + r.Message
		r.AddAttrs(slog.Bool("filtered", true))
		return r, true
	})
	tree.Get("a.b").AddFilter(replace)
	tree.Get("a.b").AddFilter(replace)
	l.Info("m", "k", 1)
	got := rec.Records()[0]
	if diff := handlertest.Diff(map[string]any{"w": int64(1), "k": int64(1), "filtered": true}, got.Attrs); diff != "" {
		t.Error(diff)
	}
	wantMessages(t, rec, "a.b m")
	if seen.NumAttrs() != 1 {
		t.Errorf("the filter saw %d attrs, want the record's own alone", seen.NumAttrs())
	}
	tree.Get("a.b").AddFilter(denyAll{})
	l.Info("stopped")
	tree.Get("a.b.c").Info("filters of ancestors are not asked")
	wantMessages(t, rec, "filters of ancestors are not asked")
	if !tree.Get("a.b").RemoveFilter(denyAll{}) || tree.Get("a.b").RemoveFilter(denyAll{}) {
		t.Error("RemoveFilter did not report what it did")
	}
	tree.Get("a.b").RemoveFilter(replace)
	l.Info("free")
	wantMessages(t, rec, "free")
	if n := len(tree.Get("a.b").Filters()); n != 0 {
		t.Errorf("%d filters are left", n)
	}
}

func TestDisable(t *testing.T) {
	tree, rec := newTree(t)
	l := tree.Get("a").With("k", 1)
	l.Log(t.Context(), -8, "below DEBUG")
	tree.Root().SetLevel(LevelNotSet)
	l.Log(t.Context(), -8, "nothing is disabled at first")
	tree.Disable(slog.LevelInfo)
	l.Info("off")
	l.Warn("on")
	tree.Disable(math.MaxInt)
	l.Log(t.Context(), math.MaxInt-1, "off")
	tree.Disable(LevelNotSet)
	l.Info("on again")
	tree.Get("a").SetDisabled(true)
	l.Critical("off")
	tree.Get("a.b").Info("children are not concerned")
	if !tree.Get("a").Disabled() {
		t.Error("Disabled forgot")
	}
	tree.Get("a").SetDisabled(false)
	l.Critical("back")
	wantMessages(t, rec, "nothing is disabled at first", "on", "on again", "children are not concerned", "back")
}

func TestLastResort(t *testing.T) {
	rec := handlertest.NewRecorder(slog.LevelWarn)
	tree := New(Options{LastResort: rec})
	tree.Get("a").Info("below its level")
	tree.Get("a").Warn("shown")
	tree.Get("b").AddHandler(handlers.NewLevel(slog.DiscardHandler, slog.LevelError))
	tree.Get("b").Warn("a handler that refuses counts as there")
	wantMessages(t, rec, "shown")
	if name := rec.Records(); len(name) != 0 {
		t.Error("reset failed")
	}
}

func TestLoggerNameAsData(t *testing.T) {
	for _, c := range []struct{ key, want string }{
		{"", `"msg":"m","logger":"a.b","w":1,"g":{"k":2}`},
		{"name", `"msg":"m","name":"a.b","w":1,"g":{"k":2}`},
		{"-", `"msg":"m","w":1,"g":{"k":2}`},
	} {
		var out lockedBuffer
		tree := New(Options{NameKey: c.key})
		tree.Root().AddHandler(slog.NewJSONHandler(&out, nil))
		rec := handlertest.NewRecorder(nil)
		tree.Root().AddHandler(rec)
		tree.Get("a.b").With("w", 1).WithGroup("g").Info("m", "k", 2)
		if got := string(out.Bytes()); !strings.Contains(got, c.want) {
			t.Errorf("key %q: %s lacks %s", c.key, got, c.want)
		}
		if got := rec.Records()[0].Logger; got != "a.b" {
			t.Errorf("key %q: a handler with WithLoggerName was told %q", c.key, got)
		}
	}
}

func TestContextAttrs(t *testing.T) {
	var out lockedBuffer
	tree, rec := newTree(t)
	tree.Root().AddHandler(slog.NewJSONHandler(&out, nil))
	ctx := contextattrs.With(t.Context(), "request", "r1")
	tree.Get("a").WithGroup("g").InfoContext(ctx, "m", "k", 1)
	want := map[string]any{"request": "r1", "g": map[string]any{"k": int64(1)}}
	if diff := handlertest.Diff(want, rec.Records()[0].Attrs); diff != "" {
		t.Error(diff)
	}
	if got := string(out.Bytes()); !strings.Contains(got, `"request":"r1","g":{"k":1}`) {
		t.Errorf("a foreign handler wrote %s", got)
	}
}

// TestDerivedLoggersObeyChanges derives before and after each kind of change.
func TestDerivedLoggersObeyChanges(t *testing.T) {
	tree, before := newTree(t)
	derived := tree.Get("a.b").With("one", 1).WithGroup("g").With("two", 2)
	derived.Info("to the first")
	after := handlertest.NewRecorder(nil)
	tree.Get("a").AddHandler(after)
	if removed, err := tree.Root().RemoveHandler(t.Context(), before); !removed || err != nil {
		t.Fatal(removed, err)
	}
	derived.Info("to the second", "three", 3)
	wantMessages(t, before, "to the first")
	want := map[string]any{"one": int64(1), "g": map[string]any{"two": int64(2), "three": int64(3)}}
	if diff := handlertest.Diff(want, after.Records()[0].Attrs); diff != "" {
		t.Error(diff)
	}
	wantMessages(t, after, "to the second")
	tree.Get("a").SetLevel(slog.LevelError)
	derived.Info("hidden")
	tree.Get("a.b").SetLevel(slog.LevelInfo)
	derived.Info("shown")
	wantMessages(t, after, "shown")
}

// TestDeepChain derives a logger a hundred thousand times.
func TestDeepChain(t *testing.T) {
	const depth = 100_000
	tree := New(Options{})
	h := &cloneCounter{}
	tree.Root().AddHandler(h)
	l := tree.Get("a")
	for range depth {
		l = l.With("k", 1)
	}
	l.Info("deep")
	if h.clones != depth+1 {
		t.Errorf("%d operations reached the handler, want %d and the name", h.clones, depth)
	}
}

func TestWithOwnsNothing(t *testing.T) {
	tree, rec := newTree(t)
	attrs := []slog.Attr{slog.Int("k", 1), slog.Group("g", slog.Int("k", 1))}
	h := tree.Get("a").Handler().WithAttrs(attrs)
	attrs[0], attrs[1].Value.Group()[0] = slog.Int("k", 2), slog.Int("k", 2)
	slog.New(h).Info("m")
	want := map[string]any{"k": int64(1), "g": map[string]any{"k": int64(1)}}
	if diff := handlertest.Diff(want, rec.Records()[0].Attrs); diff != "" {
		t.Error(diff)
	}
}

// changing is a LogValuer whose value changes with each look.
type changing struct{ n *int }

func (c changing) LogValue() slog.Value { *c.n++; return slog.IntValue(*c.n) }

func TestWithResolvesAtOnce(t *testing.T) {
	tree, rec := newTree(t)
	n := 0
	l := tree.Get("a").With("v", changing{&n}, slog.Group("g", "v", changing{&n}))
	l.Info("m")
	l.Info("m")
	for _, r := range rec.Records() {
		if diff := handlertest.Diff(map[string]any{"v": int64(1), "g": map[string]any{"v": int64(2)}}, r.Attrs); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRemoteHandler(t *testing.T) {
	tree, rec := newTree(t)
	tree.Root().SetLevel(slog.LevelError)
	tree.Disable(slog.LevelError)
	h := tree.Handler("far.away")
	log := slog.New(h).With("k", 1)
	log.Debug("no level is asked")
	if e := tree.entries(); e != 0 {
		t.Errorf("a remote handler made %d names", e)
	}
	if r := rec.Records()[0]; r.Logger != "far.away" || r.Attrs["k"] != int64(1) {
		t.Errorf("recorded %+v", r)
	}
	tree.Root().AddFilter(denyAll{})
	tree.Root().SetDisabled(true)
	log.Info("neither are ancestors")
	wantMessages(t, rec, "no level is asked", "neither are ancestors")
	l := tree.Get("far.away")
	l.AddFilter(denyAll{})
	log.Info("its filters are asked")
	l.RemoveFilter(denyAll{})
	l.SetDisabled(true)
	log.Info("disabled")
	l.SetDisabled(false)
	own := handlertest.NewRecorder(nil)
	l.AddHandler(own)
	log.Info("its handlers too")
	wantMessages(t, own, "its handlers too")
	wantMessages(t, rec, "its handlers too")
	slog.New(tree.Handler("")).Info("the root is disabled")
	wantMessages(t, rec)
}

func TestAll(t *testing.T) {
	tree := New(Options{})
	keep := []*Logger{tree.Get("b.c"), tree.Get("a"), tree.Get("a.b")}
	var got []string
	for l := range tree.All() {
		got = append(got, l.Name())
		if l.Name() == "b.c" {
			break
		}
	}
	if want := []string{"root", "a", "a.b", "b.c"}; !slices.Equal(got, want) {
		t.Errorf("All gave %q, want %q", got, want)
	}
	runtime.KeepAlive(keep)
}

// TestConfigurationRaces runs everything that changes the tree at once, for
// the race detector.
func TestConfigurationRaces(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler, OnError: func(error) {}})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				l := tree.Get([]string{"a", "a.b", "a.b.c", "d"}[(n+i)%4])
				h := handlertest.NewRecorder(nil)
				l.AddHandler(h)
				l.SetLevel(slog.Level(n % 8))
				l.AddFilter(denyAll{})
				l.With("k", n).WithGroup("g").Error("m", "k", n)
				l.SetPropagate(n%2 == 0)
				l.SetDisabled(n%3 == 0)
				l.RemoveFilter(denyAll{})
				_ = tree.SetLevels("a.*=info,root=debug")
				_ = tree.String() + tree.Explain("a.b.c")
				tree.Disable(slog.Level(n%5) - 4)
				if removed, err := l.RemoveHandler(t.Context(), h); !removed || err != nil {
					t.Error(removed, err)
				}
			}
		})
	}
	wg.Wait()
	for l := range tree.All() {
		if n := len(l.Handlers()); n != 0 {
			t.Errorf("%s has %d handlers left", l.Name(), n)
		}
	}
}
