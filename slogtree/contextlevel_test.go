package slogtree

import (
	"context"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// TestContextLevel logs at every level by every method that takes a context, under
// overrides below and above the logger's own level.
func TestContextLevel(t *testing.T) {
	levels := []slog.Level{-8, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, LevelCritical}
	tree := New(Options{})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	log := tree.Get("a.b")
	log.SetLevel(slog.LevelWarn)
	for _, override := range append([]slog.Level{LevelNotSet, math.MaxInt}, levels...) {
		ctx := contextattrs.WithLevel(t.Context(), override)
		for _, level := range levels {
			want := level >= override
			if got := log.Enabled(ctx, level); got != want {
				t.Errorf("override %d: Enabled(%d) = %t", override, level, got)
			}
			for name, call := range map[string]func(){
				"Log":      func() { log.Log(ctx, level, "m") },
				"LogAttrs": func() { log.LogAttrs(ctx, level, "m") },
				"LogDepth": func() { log.LogDepth(ctx, 0, level, "m") },
				"slog":     func() { log.With("k", 1).Logger.Log(ctx, level, "m") },
				"Handle":   func() { _ = log.Handler().Handle(ctx, slog.Record{Level: level}) },
			} {
				rec.Reset()
				call()
				if got := len(rec.Records()) == 1; got != want {
					t.Errorf("override %d, level %d, %s: logged is %t", override, level, name, got)
				}
			}
		}
	}
}

// TestContextLevelByName is TestContextLevel for the methods that have a level in their name.
func TestContextLevelByName(t *testing.T) {
	tree := New(Options{})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	tree.Root().SetLevel(LevelCritical + 1)
	log := tree.Get("a")
	all := func(ctx context.Context) {
		log.DebugContext(ctx, "debug")
		log.InfoContext(ctx, "info")
		log.WarnContext(ctx, "warn")
		log.ErrorContext(ctx, "error")
		log.ExceptionContext(ctx, io.EOF, "exception")
		log.CriticalContext(ctx, "critical")
	}
	all(t.Context())
	all(contextattrs.WithLevel(t.Context(), slog.LevelError))
	all(contextattrs.WithLevel(t.Context(), slog.LevelDebug))
	want := []string{"error", "exception", "critical", "debug", "info", "warn", "error", "exception", "critical"}
	if d := handlertest.Diff(want, rec.Messages()); d != "" {
		t.Error(d)
	}
}

func TestContextLevelObeysDisabling(t *testing.T) {
	tree := New(Options{})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(rec)
	log := tree.Get("a")
	ctx := contextattrs.WithLevel(t.Context(), slog.LevelDebug)
	log.SetDisabled(true)
	log.ErrorContext(ctx, "disabled")
	log.SetDisabled(false)
	tree.Disable(slog.LevelInfo)
	log.InfoContext(ctx, "turned off")
	log.WarnContext(ctx, "not turned off")
	tree.Disable(LevelNotSet)
	log.DebugContext(ctx, "on again")
	log.Debug("has no context")
	//lint:ignore SA1012 somebody may do so
	log.DebugContext(nil, "nil context")
	if d := handlertest.Diff([]string{"not turned off", "on again"}, rec.Messages()); d != "" {
		t.Error(d)
	}
}

// TestContextLevelLeavesHandlers has a receiver's handler ask for no level, and a
// handler's own level be asked as ever.
func TestContextLevelLeavesHandlers(t *testing.T) {
	tree := New(Options{})
	rec := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(handlers.NewLevel(rec, slog.LevelInfo))
	ctx := contextattrs.WithLevel(t.Context(), slog.LevelError)
	slog.New(tree.Handler("a")).InfoContext(ctx, "received")
	tree.Get("a").DebugContext(contextattrs.WithLevel(ctx, slog.LevelDebug), "below the handler's level")
	if d := handlertest.Diff([]string{"received"}, rec.Messages()); d != "" {
		t.Error(d)
	}
}

// withoutOverride runs a test again in a process of its own, where no override was
// made, and reports whether this is that process.
func withoutOverride(t *testing.T) bool {
	t.Helper()
	if os.Getenv("SLOGTREE_NO_OVERRIDE") != "" {
		if contextattrs.Overridden() {
			t.Fatal("there is an override")
		}
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), "SLOGTREE_NO_OVERRIDE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// looked counts look-ups.
type looked struct {
	context.Context
	n *int
}

func (c looked) Value(key any) any {
	*c.n++
	return c.Context.Value(key)
}

// TestLookUps counts how often a record's context is asked: without an override in
// the process, once less for the logger and once less for the record; and a
// disabled call never.
func TestLookUps(t *testing.T) {
	tree := New(Options{})
	tree.Root().AddHandler(accepting{})
	log := tree.Get("a")
	n := 0
	ctx := looked{t.Context(), &n}
	count := func(call func()) int {
		n = 0
		call()
		return n
	}
	check := func(disabled, enabled int) {
		t.Helper()
		if got := count(func() { log.DebugContext(ctx, "m") }); got != disabled {
			t.Errorf("a disabled call asks the context %d times, want %d", got, disabled)
		}
		if got := count(func() { log.InfoContext(ctx, "m") }); got != enabled {
			t.Errorf("an enabled call asks the context %d times, want %d", got, enabled)
		}
	}
	if withoutOverride(t) {
		check(0, 1) // for attrs
		contextattrs.WithLevel(t.Context(), slog.LevelInfo)
		check(1, 3)
	}
}

// TestContextLevelAllocates counts what an enabled and a disabled call allocate under an
// override, and with attrs in the context.
func TestContextLevelAllocates(t *testing.T) {
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(opaque{io.Discard}, formatters.Must(formatters.Percent("%(message)s", nil)), nil))
	log := tree.Get("a")
	plain := contextattrs.With(t.Context(), "a", 1, "b", "two", "c", true)
	ctx := contextattrs.WithLevel(plain, slog.LevelDebug)
	for name, call := range map[string]func(){
		"attrs":    func() { log.InfoContext(plain, "m") },
		"enabled":  func() { log.DebugContext(ctx, "m") },
		"disabled": func() { log.Log(ctx, -8, "m") },
	} {
		call()
		if n := testing.AllocsPerRun(200, call); n > 0 && !raceEnabled {
			t.Errorf("%s: %v allocations a call", name, n)
		}
	}
}

// BenchmarkContextLevel compares calls in a process without overrides with ones where
// some other context has one: the former come first.
func BenchmarkContextLevel(b *testing.B) {
	log := deep(4, 0)
	ctx := contextattrs.With(b.Context(), "a", 1)
	if contextattrs.Overridden() {
		b.Skip("there is an override already")
	}
	for _, name := range []string{"none", "another context's", "its own"} {
		switch name {
		case "another context's":
			contextattrs.WithLevel(b.Context(), slog.LevelDebug)
		case "its own":
			ctx = contextattrs.WithLevel(ctx, slog.LevelInfo)
		}
		b.Run("disabled/"+name, func(b *testing.B) { parallel(b, func() { log.DebugContext(ctx, "m") }) })
		b.Run("enabled/"+name, func(b *testing.B) { parallel(b, func() { log.InfoContext(ctx, "m") }) })
	}
}
