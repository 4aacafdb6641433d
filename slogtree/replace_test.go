package slogtree

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// closeCounter counts its records, and how often it is closed, and notes
// records that come later.
type closeCounter struct {
	slog.Handler
	records, closed, late atomic.Int32
	enter, leave          chan struct{} // if set, a record says it is in, and waits
	shut                  chan struct{} // if set, Close closes it
}

func newCloseCounter() *closeCounter { return &closeCounter{Handler: slog.DiscardHandler} }

func (h *closeCounter) Enabled(context.Context, slog.Level) bool { return true }

func (h *closeCounter) Handle(context.Context, slog.Record) error {
	if h.closed.Load() > 0 {
		h.late.Add(1)
	}
	h.records.Add(1)
	if h.enter != nil {
		h.enter <- struct{}{}
		<-h.leave
	}
	return nil
}

func (h *closeCounter) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *closeCounter) WithGroup(string) slog.Handler      { return h }

func (h *closeCounter) Close(context.Context) error {
	h.closed.Add(1)
	if h.shut != nil {
		close(h.shut)
	}
	return nil
}

func TestReplace(t *testing.T) {
	tree := New(Options{})
	kept, old, added := newCloseCounter(), newCloseCounter(), newCloseCounter()
	tree.Root().AddHandler(kept)
	tree.Get("a.b").AddHandler(old)
	tree.Get("other").SetLevel(slog.LevelError)
	log := tree.Get("a.b").With("k", "v")
	_, err := tree.Replace(t.Context(), map[string]Setting{
		"":    {Level: slog.LevelWarn, Handlers: []slog.Handler{kept, kept}, Propagate: true, By: "app.conf"},
		"a.b": {Level: slog.LevelDebug, Handlers: []slog.Handler{added}, Propagate: true},
		"new": {Level: LevelNotSet, Disabled: true},
	}, old, kept)
	if err != nil {
		t.Fatal(err)
	}
	log.Debug("hello")
	if kept.records.Load() != 1 || old.records.Load() != 0 || added.records.Load() != 1 {
		t.Errorf("records: kept %d, old %d, added %d", kept.records.Load(), old.records.Load(), added.records.Load())
	}
	if kept.closed.Load() != 0 || old.closed.Load() != 1 {
		t.Errorf("closed: kept %d, old %d: only what nobody has any more is to be closed", kept.closed.Load(), old.closed.Load())
	}
	if s := tree.Root().Setting(); s.Level != slog.LevelWarn || len(s.Handlers) != 1 || !s.Propagate || s.By != "app.conf" {
		t.Errorf("root: %+v", s)
	}
	if s := tree.Get("new").Setting(); !s.Disabled || s.Propagate || s.Level != LevelNotSet {
		t.Errorf("new: %+v", s)
	}
	if tree.Get("other").Level() != slog.LevelError {
		t.Error("a logger that was not named has changed")
	}
	if got := tree.Explain("a.b"); !strings.Contains(got, "Replace") {
		t.Errorf("Explain does not tell what set the level:\n%s", got)
	}
}

// TestReplaceRefuses checks that a mistake changes nothing, and that all are told.
func TestReplaceRefuses(t *testing.T) {
	tree := New(Options{})
	h := newCloseCounter()
	tree.Root().AddHandler(h)
	before := tree.String()
	_, err := tree.Replace(t.Context(), map[string]Setting{
		"a":    {Level: slog.LevelDebug, Handlers: []slog.Handler{nil}},
		"b":    {Handlers: []slog.Handler{tree.Handler("x")}},
		"c":    {Filters: []handlers.Filter{nil}},
		"root": {},
	}, h)
	for _, want := range []string{`"a": Handlers[0]: it is nil`, `"b": Handlers[0]: the handler is`, `"c": Filters[0] is nil`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if after := tree.String(); after != before || h.closed.Load() != 0 {
		t.Errorf("changed: closed %d\n%s", h.closed.Load(), after)
	}
}

// TestReplaceBusy checks that a handler which holds a record is closed when that leaves it.
func TestReplaceBusy(t *testing.T) {
	tree := New(Options{})
	h := newCloseCounter()
	h.enter, h.leave = make(chan struct{}), make(chan struct{})
	tree.Root().AddHandler(h)
	go tree.Root().Info("slow")
	<-h.enter
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tree.Replace(ctx, map[string]Setting{"": {Level: slog.LevelInfo}}, h); !errors.Is(err, context.Canceled) {
		t.Errorf("Replace returned %v", err)
	}
	if h.closed.Load() != 0 {
		t.Error("closed while it holds a record")
	}
	h.shut = make(chan struct{})
	close(h.leave)
	<-h.shut // or the test never ends
}

// TestReplaceWhileLogging checks that each record reaches its generation's two handlers once
// each or not at all, and no handler after it was closed.
func TestReplaceWhileLogging(t *testing.T) {
	tree := New(Options{})
	var wg sync.WaitGroup
	stop := make(chan struct{})
	var sent atomic.Int32
	generation := func() (map[string]Setting, []slog.Handler, *closeCounter, *closeCounter) {
		a, b := newCloseCounter(), newCloseCounter()
		return map[string]Setting{
			"":    {Level: slog.LevelInfo, Handlers: []slog.Handler{a}},
			"x.y": {Level: LevelNotSet, Handlers: []slog.Handler{b}, Propagate: true},
		}, []slog.Handler{a, b}, a, b
	}
	settings, old, _, _ := generation()
	if _, err := tree.Replace(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	all := old
	for range 4 {
		wg.Go(func() {
			log := tree.Get("x.y").With("a", 1)
			for {
				select {
				case <-stop:
					return
				default:
					log.Info("hello")
					sent.Add(1)
				}
			}
		})
	}
	for range 300 {
		settings, made, _, _ := generation()
		if _, err := tree.Replace(t.Context(), settings, old...); err != nil {
			t.Error(err)
		}
		old = made
		all = append(all, made...)
	}
	close(stop)
	wg.Wait()
	var count [2]int32
	for i, h := range all {
		c := h.(*closeCounter)
		count[i%2] += c.records.Load()
		if want := int32(1); c.closed.Load() != want && i < len(all)-2 || c.late.Load() != 0 {
			t.Errorf("handler %d: closed %d times, %d records after that", i, c.closed.Load(), c.late.Load())
		}
	}
	if count[0] != sent.Load() || count[1] != sent.Load() {
		t.Errorf("%d records in the handlers of the root and of x.y, %d sent", count, sent.Load())
	}
}

// What an unused handler wraps is somebody else's until it is unused too.
func TestReplaceClosesAlone(t *testing.T) {
	tree := New(Options{})
	target := newCloseCounter()
	memory := handlers.NewMemory(target, handlers.MemoryOptions{})
	tree.Root().AddHandler(target)
	tree.Get("a").AddHandler(memory)
	tree.Get("a").SetPropagate(false)
	tree.Get("a").Info("kept back")
	if _, err := tree.Replace(t.Context(), map[string]Setting{"a": {Propagate: true}}, memory, target); err != nil {
		t.Fatal(err)
	}
	if records, closed := target.records.Load(), target.closed.Load(); records != 1 || closed != 0 {
		t.Errorf("the target has %d records and was closed %d times; want 1 and 0", records, closed)
	}
	if _, err := tree.Replace(t.Context(), map[string]Setting{"": {Propagate: true}}, target); err != nil || target.closed.Load() != 1 {
		t.Errorf("closed %d times, %v", target.closed.Load(), err)
	}
}

// Who works with what was, and not with what is, is told so, and changes nothing.
func TestCompareAndReplace(t *testing.T) {
	never := func(*Tree) {}
	for _, c := range []struct {
		name     string
		change   func(*Tree) // meanwhile
		conflict bool
	}{
		{"nothing", never, false},
		{"another logger", func(tree *Tree) { tree.Get("other").SetLevel(slog.LevelError) }, false},
		{"a record", func(tree *Tree) { tree.Get("a").Info("x"); tree.Get("new").Info("x") }, false},
		{"a level", func(tree *Tree) { tree.Get("a").SetLevel(slog.LevelError) }, true},
		{"a level and back", func(tree *Tree) { tree.Get("a").SetLevel(slog.LevelError); tree.Get("a").SetLevel(slog.LevelWarn) }, true},
		{"a handler of the root", func(tree *Tree) { tree.Root().AddHandler(newCloseCounter()) }, true},
		{"a filter", func(tree *Tree) { tree.Get("a").AddFilter(denyAll{}) }, true},
		{"a rule", func(tree *Tree) { _ = tree.SetLevels("a=error") }, true},
		{"the end of an override", func(tree *Tree) { tree.Get("a").OverrideLevel(slog.LevelDebug, "x")() }, true},
		{"a new logger", func(tree *Tree) { tree.Get("new").SetPropagate(false) }, true},
		{"Close", func(tree *Tree) { _ = tree.Close(context.Background()) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := New(Options{LastResort: slog.DiscardHandler})
			kept := newCloseCounter()
			tree.Root().AddHandler(kept)
			a := tree.Get("a")
			a.SetLevel(slog.LevelWarn)
			old := map[string]Setting{"root": tree.Root().Setting(), "a": a.Setting()}
			c.change(tree)
			before := tree.String()
			replaced, err := tree.CompareAndReplace(t.Context(), old, map[string]Setting{
				"root": {Level: slog.LevelDebug}, "a": {Level: slog.LevelDebug}, "new": {Level: slog.LevelDebug},
			}, kept)
			if got := errors.Is(err, ErrConflict); got != c.conflict || replaced == got || (err != nil) != got {
				t.Errorf("the error is %v", err)
			}
			if c.conflict && tree.String() != before {
				t.Errorf("it has changed\n%s\nto\n%s", before, tree.String())
			}
			if !c.conflict && (a.Level() != slog.LevelDebug || kept.closed.Load() != 1) {
				t.Errorf("it has not changed:\n%s", tree.String())
			}
		})
	}
}

// A logger that old has not must not have been configured.
func TestCompareNew(t *testing.T) {
	tree := New(Options{})
	if _, err := tree.CompareAndReplace(t.Context(), nil, map[string]Setting{"a": {Level: slog.LevelInfo}}); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.CompareAndReplace(t.Context(), nil, map[string]Setting{"a": {}}); !errors.Is(err, ErrConflict) {
		t.Errorf("a logger that was configured is taken for one that was not: %v", err)
	}
}

// Of many who count a level up, each counts: a conflict is told to all but one.
func TestCompareAndReplaceConcurrently(t *testing.T) {
	tree := New(Options{})
	a := tree.Get("a")
	a.SetLevel(0)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for done := 0; done < 100; {
				s := a.Setting()
				next := s
				next.Level++
				switch _, err := tree.CompareAndReplace(context.Background(), map[string]Setting{"a": s}, map[string]Setting{"a": next}); {
				case err == nil:
					done++
				case !errors.Is(err, ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if a.Level() != 800 {
		t.Errorf("the level is %d, want 800", a.Level())
	}
}

// curious is a handler whose Unwrap uses the tree.
type curious struct {
	*closeCounter
	tree *Tree
}

func (h *curious) Unwrap() slog.Handler {
	h.tree.Get("new").SetLevel(slog.LevelInfo)
	return h.closeCounter
}

// No lock is held while handlers are asked what they wrap.
func TestReplaceAsksWithoutLock(t *testing.T) {
	tree := New(Options{})
	kept, gone := newCloseCounter(), newCloseCounter()
	wrapper := &curious{kept, tree}
	tree.Get("a").AddHandler(wrapper)
	tree.Get("b").AddHandler(gone)
	if _, err := tree.Replace(t.Context(), map[string]Setting{"b": {}}, kept, gone); err != nil {
		t.Fatal(err)
	}
	if kept.closed.Load() != 0 || gone.closed.Load() != 1 {
		t.Errorf("closed: kept %d, gone %d", kept.closed.Load(), gone.closed.Load())
	}
}

// What is refused is told before anything is done, and by a check that does nothing.
func TestCheckSettings(t *testing.T) {
	tree := New(Options{})
	bad := map[string]Setting{"a": {Handlers: []slog.Handler{nil}}}
	replaced, err := tree.Replace(t.Context(), bad)
	compared, err2 := tree.CompareAndReplace(t.Context(), nil, bad)
	for _, err := range []error{tree.CheckSettings(bad), err, err2} {
		if err == nil || errors.Is(err, ErrConflict) || replaced || compared {
			t.Errorf("%v, %v, %v", err, replaced, compared)
		}
	}
	if err := tree.CheckSettings(map[string]Setting{"a": {Level: slog.LevelInfo, Handlers: []slog.Handler{newCloseCounter()}}}); err != nil {
		t.Error(err)
	}
	if l := tree.Lookup("a"); l != nil {
		t.Error("a check has made a logger")
	}
}
