package slogtree

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOverrideLevel(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Tree, *Logger) // meanwhile
		undone bool
		want   slog.Level // own, afterwards
	}{
		{"nothing", func(*Tree, *Logger) {}, true, slog.LevelWarn},
		{"SetLevel", func(_ *Tree, l *Logger) { l.SetLevel(slog.LevelError) }, false, slog.LevelError},
		{"the same level", func(_ *Tree, l *Logger) { l.SetLevel(slog.LevelDebug) }, false, slog.LevelDebug},
		{"reset", func(_ *Tree, l *Logger) { l.SetLevelBy(LevelNotSet, "") }, false, LevelNotSet},
		{"a rule", func(t *Tree, _ *Logger) { _ = t.SetLevels("a*=critical") }, false, LevelCritical},
		{"a rule for others", func(t *Tree, _ *Logger) { _ = t.SetLevels("b=critical") }, true, slog.LevelWarn},
		{"Replace", func(t *Tree, _ *Logger) {
			_, _ = t.Replace(context.Background(), map[string]Setting{"a": {Level: slog.LevelInfo, Propagate: true}})
		}, false, slog.LevelInfo},
		{"Replace with the same level", func(t *Tree, _ *Logger) {
			_, _ = t.Replace(context.Background(), map[string]Setting{"a": {Level: slog.LevelDebug, Propagate: true, By: "somebody"}})
		}, false, slog.LevelDebug},
		{"Replace with what is there", func(t *Tree, l *Logger) {
			_, _ = t.Replace(context.Background(), map[string]Setting{"a": l.Setting()})
		}, true, slog.LevelWarn},
		{"other settings", func(_ *Tree, l *Logger) { l.SetPropagate(false); l.AddFilter(denyAll{}) }, true, slog.LevelWarn},
		{"another override", func(_ *Tree, l *Logger) { l.OverrideLevel(slog.LevelError, "x") }, false, slog.LevelError},
		{"another override, undone", func(_ *Tree, l *Logger) { l.OverrideLevel(slog.LevelError, "x")() }, false, slog.LevelWarn},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := New(Options{})
			l := tree.Get("a")
			l.SetLevelBy(slog.LevelWarn, "the test")
			undo := l.OverrideLevel(slog.LevelDebug, "somebody")
			if got, want := tree.Explain("a.b"), "a.b: DEBUG, inherited from a, by somebody"; got != want {
				t.Errorf("Explain: %s, want %s", got, want)
			}
			c.change(tree, l)
			if got := undo(); got != c.undone {
				t.Errorf("undo: %v", got)
			}
			if got := l.Level(); got != c.want {
				t.Errorf("the level is %v, want %v", got, c.want)
			}
			if got := tree.Explain("a"); c.undone && !strings.HasSuffix(got, "by the test") {
				t.Error(got)
			}
			l.SetLevel(slog.LevelInfo)
			if undo() || l.Level() != slog.LevelInfo {
				t.Error("undo works twice")
			}
		})
	}
}

// What a rule of SetLevels decided, it decides again.
func TestOverrideRule(t *testing.T) {
	tree := New(Options{})
	if err := tree.SetLevels("a=error"); err != nil {
		t.Fatal(err)
	}
	l := tree.Get("a")
	undo := l.OverrideLevel(LevelNotSet, "somebody")
	if got := l.EffectiveLevel(); got != slog.LevelInfo {
		t.Errorf("overridden: %v", got)
	}
	if !undo() || l.EffectiveLevel() != slog.LevelError {
		t.Errorf("undone: %v", tree.Explain("a"))
	}
}

// An override of LevelNotSet keeps its logger too, and undo lets it go.
func TestOverrideKeepsLogger(t *testing.T) {
	tree := New(Options{})
	undo := tree.Get("a").OverrideLevel(LevelNotSet, "somebody")
	tree.mu.RLock()
	pinned := tree.names["a"].pinned != nil
	tree.mu.RUnlock()
	undo()
	tree.mu.RLock()
	defer tree.mu.RUnlock()
	if !pinned || tree.names["a"].pinned != nil {
		t.Error("pinned before and after:", pinned, tree.names["a"].pinned)
	}
	runtime.KeepAlive(undo)
}

// Of many who undo at once, one does.
func TestOverrideUndoConcurrently(t *testing.T) {
	l := New(Options{}).Get("a")
	undo := l.OverrideLevel(slog.LevelDebug, "somebody")
	var undone atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if undo() {
				undone.Add(1)
			}
		})
	}
	wg.Wait()
	if undone.Load() != 1 || l.Level() != LevelNotSet {
		t.Errorf("%d have undone it; the level is %v", undone.Load(), l.Level())
	}
}

func TestLookup(t *testing.T) {
	tree := New(Options{})
	b := tree.Get("a.b")
	if tree.Lookup("a.b") != b || tree.Lookup("") != tree.Root() || tree.Lookup("root") != tree.Root() {
		t.Error("a logger is not found")
	}
	for _, name := range []string{"a", "a.b.c", "A.B"} {
		if l := tree.Lookup(name); l != nil {
			t.Errorf("%q: %v", name, l)
		}
	}
	if n := len(slices.Collect(tree.All())); n != 2 {
		t.Errorf("%d loggers: Lookup has made one", n)
	}
	runtime.KeepAlive(b)
}

// compareNames is what it was when it split the names into parts.
func FuzzCompareNames(f *testing.F) {
	f.Add("a.b", "a-b")
	f.Add("a", "a.b")
	f.Add("a.b.c", "a.b")
	f.Add("", ".")
	f.Add("a\x00", "a.")
	f.Add("\xff.a", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		want := slices.Compare(strings.Split(a, "."), strings.Split(b, "."))
		if got := compareNames(a, b); got != want {
			t.Errorf("compareNames(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}
