package slogtree

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// sourceless is a handler that says it does not need the source, and notes
// whether it got one.
type sourceless struct{ pcs []uintptr }

func (h *sourceless) Enabled(context.Context, slog.Level) bool { return true }
func (h *sourceless) Handle(_ context.Context, r slog.Record) error {
	h.pcs = append(h.pcs, r.PC)
	return nil
}
func (h *sourceless) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *sourceless) WithGroup(string) slog.Handler      { return h }
func (h *sourceless) NeedsSource() bool                  { return false }

// got returns whether the records since the last call had a source.
func (h *sourceless) got() string {
	var b strings.Builder
	for _, pc := range h.pcs {
		b.WriteByte("-s"[min(pc, 1)])
	}
	h.pcs = nil
	return b.String()
}

// TestSourceOnlyWhenNeeded counts who asks for the source: one handler that
// does on the path, or a filter, is enough.
func TestSourceOnlyWhenNeeded(t *testing.T) {
	pass := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true })
	plain := handlers.NewStream(new(bytes.Buffer), formatters.Must(formatters.Percent("%(asctime)s %(message)s", nil)), nil)
	sited := handlers.NewStream(new(bytes.Buffer), formatters.Must(formatters.Percent("%(lineno)d %(message)s", nil)), nil)
	for name, c := range map[string]struct {
		also slog.Handler
		want string
	}{
		"alone":             {nil, "-"},
		"plain stream":      {plain, "-"},
		"level of plain":    {handlers.NewLevel(plain, nil), "-"},
		"fan-out of plain":  {handlers.NewFanout(plain, handlers.NewLevel(plain, nil)), "-"},
		"one that says so":  {contextattrs.NewHandler(&sourceless{}), "-"},
		"sited stream":      {sited, "s"},
		"level of sited":    {handlers.NewLevel(sited, nil), "s"},
		"sited in fan-out":  {handlers.NewFanout(plain, sited), "s"},
		"filter of plain":   {handlers.NewFilter(plain, pass), "s"},
		"memory":            {handlers.NewMemory(plain, handlers.MemoryOptions{}), "s"},
		"unknown":           {slog.NewTextHandler(new(bytes.Buffer), nil), "s"},
		"unknown in level":  {handlers.NewLevel(slog.NewTextHandler(new(bytes.Buffer), nil), nil), "s"},
		"a logger's handle": {New(Options{}).Root().Handler(), "s"},
	} {
		tree, note := New(Options{}), &sourceless{}
		tree.Root().AddHandler(note)
		if c.also != nil {
			tree.Get("a").AddHandler(c.also)
		}
		tree.Get("a.b").Info("m")
		if got := note.got(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestSourceFollowsConfiguration changes who asks, for loggers made before.
func TestSourceFollowsConfiguration(t *testing.T) {
	note := &sourceless{}
	tree := New(Options{LastResort: handlers.NewStream(io.Discard, nil, nil)})
	tree.Root().AddHandler(note)
	log := tree.Get("a.b")
	with := log.With("k", 1).WithGroup("g")
	both := func(want string) {
		t.Helper()
		log.Info("m")
		with.Info("m")
		if got := note.got(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	both("--")
	unknown := slog.NewTextHandler(new(bytes.Buffer), nil)
	tree.Get("a").AddHandler(unknown)
	both("ss")
	if _, err := tree.Get("a").RemoveHandler(t.Context(), unknown); err != nil {
		t.Fatal(err)
	}
	both("--")
	f := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true })
	log.AddFilter(f)
	both("ss")
	log.RemoveFilter(f)
	both("--")
	log.SetPropagate(false) // to the last resort, which prints no source
	log.AddHandler(note)
	both("--")
	log.Logger.Info("m") // slog's own looks it up always
	with.Logger.Info("m")
	if got := note.got(); got != "ss" {
		t.Errorf("slog's own methods: got %q, want the source", got)
	}
}

// sites is a tree whose handler keeps the positions of records.
func sites(t *testing.T) (log *Logger, line func() string) {
	var buf bytes.Buffer
	tree := New(Options{})
	f := formatters.Must(formatters.Percent("%(filename)s:%(lineno)d %(funcName)s", &formatters.Options{Strict: true}))
	tree.Root().AddHandler(handlers.NewStream(&buf, f, nil))
	tree.Root().SetLevel(slog.LevelDebug)
	return tree.Get("a"), func() string {
		defer buf.Reset()
		return strings.TrimSpace(buf.String())
	}
}

// here returns the position of its caller, as sites writes it.
func here() string {
	pc, file, line, _ := runtime.Caller(1)
	name := runtime.FuncForPC(pc).Name()
	return fmt.Sprintf("%s:%d %s", file[strings.LastIndexByte(file, '/')+1:], line, name[strings.LastIndexByte(name, '.')+1:])
}

// inlined is small enough to be inlined where it is called.
func inlined(log *Logger) { log.Info("m") }

// helper logs on behalf of its caller, and so does what it calls.
func helper1(log *Logger) { log.LogDepth(context.Background(), 1, slog.LevelInfo, "m") }
func helper2(log *Logger) { helper3(log) }
func helper3(log *Logger) { log.LogDepth(context.Background(), 2, slog.LevelInfo, "m") }

func TestSourceOfEachMethod(t *testing.T) {
	log, line := sites(t)
	ctx := t.Context()
	var want string
	for name, call := range map[string]func(){
		"Debug":            func() { log.Debug("m"); want = here() },
		"DebugContext":     func() { log.DebugContext(ctx, "m"); want = here() },
		"Info":             func() { log.Info("m"); want = here() },
		"InfoContext":      func() { log.InfoContext(ctx, "m"); want = here() },
		"Warn":             func() { log.Warn("m"); want = here() },
		"WarnContext":      func() { log.WarnContext(ctx, "m"); want = here() },
		"Error":            func() { log.Error("m"); want = here() },
		"ErrorContext":     func() { log.ErrorContext(ctx, "m"); want = here() },
		"Critical":         func() { log.Critical("m"); want = here() },
		"CriticalContext":  func() { log.CriticalContext(ctx, "m"); want = here() },
		"Exception":        func() { log.Exception(nil, "m"); want = here() + "\n    NoneType: None" },
		"ExceptionContext": func() { log.ExceptionContext(ctx, nil, "m"); want = here() + "\n    NoneType: None" },
		"Log":              func() { log.Log(ctx, slog.LevelInfo, "m"); want = here() },
		"LogAttrs":         func() { log.LogAttrs(ctx, slog.LevelInfo, "m"); want = here() },
		"LogDepth":         func() { log.LogDepth(ctx, 0, slog.LevelInfo, "m"); want = here() },
		"With":             func() { log.With("k", 1).Info("m"); want = here() },
		"WithGroup":        func() { log.WithGroup("g").Info("m"); want = here() },
		"helper":           func() { helper1(log); want = here() },
		"helper of helper": func() { helper2(log); want = here() },
		"a deferred call":  func() { defer log.Info("m"); want = here() },
		"a method value":   func() { info := log.Info; info("m"); want = here() },
		"slog's own":       func() { log.Logger.Info("m"); want = here() },
	} {
		call()
		got := line()
		if name == "a deferred call" { // its line is that of the return
			got, want = got[strings.Index(got, " "):], want[strings.Index(want, " "):]
		}
		if got != strings.Replace(want, "func", "TestSourceOfEachMethod.func", 1) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	inlined(log)
	if got := line(); !strings.HasSuffix(got, " inlined") {
		t.Errorf("a call in a function that is inlined is at %q", got)
	}
}
