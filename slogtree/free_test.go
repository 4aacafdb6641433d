package slogtree

import (
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"
)

// collected runs the garbage collector until done, for at most a minute:
// cleanups run at some time after it.
func collected(done func() bool) bool {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		runtime.GC()
		if done() {
			return true
		}
	}
	return false
}

func (t *Tree) entries() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.names)
}

// TestNamesAreFreed makes a million loggers that nobody keeps. The map must
// not hold them all at any time, and hold none in the end.
func TestNamesAreFreed(t *testing.T) {
	const total, each = 1_000_000, 50_000
	tree := New(Options{LastResort: slog.DiscardHandler})
	tree.Get("kept.by.level").SetLevel(slog.LevelDebug)
	for made := 0; made < total; {
		for range each {
			l := tree.Get(fmt.Sprintf("service.request%d.handler", made))
			if made%10 == 0 {
				l.Info("bound")
			}
			made++
		}
		limit := 3 * each
		if !collected(func() bool { return tree.entries() < limit }) {
			t.Fatalf("after %d loggers, %d names are left", made, tree.entries())
		}
	}
	if !collected(func() bool { return tree.entries() == 3 }) {
		t.Fatalf("%d names are left, want kept, kept.by and kept.by.level", tree.entries())
	}
	if got := tree.Get("kept.by.level").Level(); got != slog.LevelDebug {
		t.Errorf("a configured logger that nobody holds has level %v, want DEBUG", got)
	}
}

// TestConfiguredLoggersStay configures loggers in every way there is, and
// undoes it.
func TestConfiguredLoggersStay(t *testing.T) {
	h := slog.NewTextHandler(nil, nil)
	f := denyAll{}
	for name, c := range map[string]struct{ do, undo func(*Logger) }{
		"level":     {func(l *Logger) { l.SetLevel(1) }, func(l *Logger) { l.SetLevel(LevelNotSet) }},
		"handler":   {func(l *Logger) { l.AddHandler(h) }, func(l *Logger) { _, _ = l.RemoveHandler(t.Context(), h) }},
		"filter":    {func(l *Logger) { l.AddFilter(f) }, func(l *Logger) { l.RemoveFilter(f) }},
		"propagate": {func(l *Logger) { l.SetPropagate(false) }, func(l *Logger) { l.SetPropagate(true) }},
		"disabled":  {func(l *Logger) { l.SetDisabled(true) }, func(l *Logger) { l.SetDisabled(false) }},
	} {
		t.Run(name, func(t *testing.T) {
			tree := New(Options{})
			c.do(tree.Get("a.b"))
			tree.Get("other")
			if !collected(func() bool { return tree.entries() == 2 }) {
				t.Fatalf("%d names are left, want a and a.b", tree.entries())
			}
			c.undo(tree.Get("a.b"))
			if !collected(func() bool { return tree.entries() == 0 }) {
				t.Fatalf("%d names are left after the configuration was undone", tree.entries())
			}
		})
	}
}

// TestDerivedLoggerKeepsItsNode drops a logger while one made from it lives.
func TestDerivedLoggerKeepsItsNode(t *testing.T) {
	tree := New(Options{})
	derived := tree.Get("a.b").With("k", 1).WithGroup("g")
	address := fmt.Sprintf("%p", tree.Get("a.b"))
	tree.Get("dropped")
	if !collected(func() bool { return tree.entries() == 2 }) {
		t.Fatalf("%d names are left, want a and a.b", tree.entries())
	}
	if got := fmt.Sprintf("%p", tree.Get("a.b")); got != address {
		t.Errorf("Get returned another pointer: %s, before %s", got, address)
	}
	tree.Get("a.b").SetLevel(slog.LevelError)
	if derived.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("SetLevel did not reach the derived logger")
	}
	runtime.KeepAlive(derived)
}

// TestParentsLiveAsLongAsTheirChildren holds a leaf alone.
func TestParentsLiveAsLongAsTheirChildren(t *testing.T) {
	tree := New(Options{})
	tree.Get("a").SetPropagate(false)
	tree.Get("a.b")
	leaf := tree.Get("a.b.c")
	tree.Get("gone")
	if !collected(func() bool { return tree.entries() == 3 }) {
		t.Fatalf("%d names are left, want 3", tree.entries())
	}
	if got := leaf.Parent().Name(); got != "a.b" {
		t.Errorf("the parent is %q, want a.b", got)
	}
}

// TestDroppedTreeIsFreed drops a tree whose loggers are configured.
func TestDroppedTreeIsFreed(t *testing.T) {
	freed := make(chan struct{})
	func() {
		tree := New(Options{})
		tree.Get("a.b").SetLevel(slog.LevelDebug)
		tree.Get("a").Info("bound")
		runtime.AddCleanup(tree, func(int) { close(freed) }, 0)
	}()
	if !collected(func() bool {
		select {
		case <-freed:
			return true
		default:
			return false
		}
	}) {
		t.Error("the tree was not freed")
	}
}

// TestIdleLoggersHoldNoClones counts WithAttrs calls on a handler.
func TestIdleLoggersHoldNoClones(t *testing.T) {
	tree := New(Options{})
	h := &cloneCounter{}
	tree.Root().AddHandler(h)
	idle := make([]*Logger, 100_000)
	for i := range idle {
		idle[i] = tree.Get(fmt.Sprintf("idle.%d", i))
	}
	if h.clones != 0 {
		t.Fatalf("%d loggers that never logged hold %d clones", len(idle), h.clones)
	}
	idle[0].Info("first")
	idle[0].Info("second")
	if h.clones != 1 {
		t.Errorf("one logger that logged twice made %d clones, want 1", h.clones)
	}
}
