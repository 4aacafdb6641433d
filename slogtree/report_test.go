package slogtree

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// TestErrorsAreReported throttles and counts.
func TestErrorsAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk full")
		var got []*Error
		tree := New(Options{OnError: func(err error) { got = append(got, err.(*Error)) }})
		tree.Root().AddHandler(&hooked{do: func(context.Context) error { return broken }})
		l := tree.Get("a.b")
		for range 100 {
			l.Info("m")
		}
		if len(got) != reportBurst {
			t.Fatalf("%d reports of 100 errors, want %d", len(got), reportBurst)
		}
		if got[0].Logger != "a.b" || !errors.Is(got[0], broken) || got[0].Unreported != 0 {
			t.Errorf("reported %+v", got[0])
		}
		time.Sleep(reportPeriod) // the bubble's clock: no time passes
		l.Info("m")
		last := got[len(got)-1]
		if want := `slogtree: logger "a.b": disk full (and 95 errors before it that were not reported)`; last.Error() != want {
			t.Errorf("reported %q, want %q", last, want)
		}
		for range 100 {
			l.Info("m")
		}
		if n := tree.Errors(); n != 201 {
			t.Errorf("%d errors counted, want 201", n)
		}
		if err := tree.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "96 errors") {
			t.Errorf("Close returned %v, want the 96 errors that nobody was told of", err)
		}
	})
}

// TestPanics lets every part that a user writes panic.
func TestPanics(t *testing.T) {
	for name, attach := range map[string]func(*Tree){
		"Handle":    func(tree *Tree) { tree.Root().AddHandler(&hooked{do: func(context.Context) error { panic("oops") }}) },
		"Enabled":   func(tree *Tree) { tree.Root().AddHandler(panicking{"Enabled"}) },
		"WithAttrs": func(tree *Tree) { tree.Root().AddHandler(panicking{"WithAttrs"}) },
		"WithGroup": func(tree *Tree) { tree.Root().AddHandler(panicking{"WithGroup"}) },
		"two in row": func(tree *Tree) {
			tree.Root().AddHandler(panicking{"Enabled"})
			tree.Get("a").AddHandler(panicking{"Enabled"})
		},
		"filter": func(tree *Tree) {
			tree.Get("a.b").AddFilter(handlers.FilterFunc(func(context.Context, string, slog.Record) (slog.Record, bool) { panic("oops") }))
		},
	} {
		t.Run(name, func(t *testing.T) {
			var reported error
			tree := New(Options{OnError: func(err error) { reported = err }})
			first, last := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
			tree.Get("a.b").AddHandler(first)
			attach(tree)
			tree.Root().AddHandler(last)
			tree.Get("a.b").With("k", 1).WithGroup("g").Info("m", "k", 2)
			wantMessages(t, first, "m")
			wantMessages(t, last, "m")
			var p *handlers.PanicError
			if !errors.As(reported, &p) || p.Value != "oops" || !strings.Contains(string(p.Stack), "report_test.go") {
				t.Errorf("reported %v, want the panic with its stack", reported)
			}
			if tree.flight.any(func(*effective) bool { return true }) {
				t.Error("a record is still in flight")
			}
		})
	}
}

// panicking panics in the method of that name.
type panicking struct{ in string }

func (h panicking) check(method string) {
	if h.in == method {
		panic("oops")
	}
}
func (h panicking) Enabled(context.Context, slog.Level) bool     { h.check("Enabled"); return true }
func (h panicking) Handle(context.Context, slog.Record) error    { return nil }
func (h panicking) WithAttrs([]slog.Attr) slog.Handler           { h.check("WithAttrs"); return h }
func (h panicking) WithGroup(string) slog.Handler                { h.check("WithGroup"); return h }
func (h panicking) WithLoggerName(key, name string) slog.Handler { return h }

// TestHandleReturnsErrors is for wrappers around a tree.
func TestHandleReturnsErrors(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	tree := New(Options{OnError: func(error) {}})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { return one }})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { return two }})
	err := tree.Get("a").Handler().Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0))
	if !errors.Is(err, one) || !errors.Is(err, two) {
		t.Errorf("Handle returned %v, want both errors", err)
	}
}

func TestNilIsRefused(t *testing.T) {
	var got []string
	tree := New(Options{OnError: func(err error) { got = append(got, err.Error()) }})
	tree.Get("a").AddHandler(nil)
	tree.Get("a").AddFilter(nil)
	if len(got) != 2 || !strings.Contains(got[0], "AddHandler") || !strings.Contains(got[1], "AddFilter") {
		t.Errorf("reported %q", got)
	}
}

// stderrCases are programs whose standard error is looked at.
var stderrCases = map[string]struct {
	levels string
	run    func()
	want   string
}{
	"a newcomer's first line is seen": {"", func() { Get("app").Info("hi", "k", 1); Get("app").Debug("hidden") }, "hi k=1\n"},
	"SLOG_LEVELS is read once": {"app=debug", func() {
		Get("app").Debug("shown")
		os.Setenv("SLOG_LEVELS", "app=error")
		Get("app.db").Debug("shown too")
	}, "shown\nshown too\n"},
	"bad rules are told once, good ones hold": {"app=debug,db=loud,x", func() {
		Get("app").Debug("shown")
		Get("db").Info("shown")
	}, `slogtree: SLOG_LEVELS: column 14: level rule "db=loud": unknown level "loud"; known are DEBUG, INFO, WARNING, ERROR, CRITICAL, NOTSET and forms such as INFO+2; column 19: level rule "x": no "="; a rule is name=level, such as root=debug` + "\nshown\nshown\n"},
	"nothing is read before Default": {"app=loud", func() {}, ""},
	"control characters of handlers' errors": {"", func() {
		Root().AddHandler(&hooked{do: func(context.Context) error {
			return errors.New("a\u009b31m \u202e \u0085 \u2028 \x00\x7f \xff é")
		}})
		Get("app").Info("m")
	}, `slogtree: logger "app": a\u009b31m \u202e \u0085 \u2028 \x00\x7f \xff é` + "\n"},
	"a panic of OnError": {"", func() {
		Default().SetOptions(Options{OnError: func(error) { panic("oops") }})
		Root().AddHandler(nil)
	}, "slogtree: OnError: handlers: panic: oops\n"},
	"errors of handlers": {"", func() {
		Root().AddHandler(&hooked{do: func(context.Context) error { return errors.New("two\nlines \x1b[31m") }})
		Get("app").Info("m")
	}, `slogtree: logger "app": two; lines \x1b[31m` + "\n"},
}

func TestStderr(t *testing.T) {
	const env = "SLOGTREE_STDERR"
	if name := os.Getenv(env); name != "" {
		stderrCases[name].run()
		os.Exit(0)
	}
	for name, c := range stderrCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStderr$")
			child.Env = append(os.Environ(), env+"="+name, "SLOG_LEVELS="+c.levels)
			var stderr strings.Builder
			child.Stderr = &stderr
			if err := child.Run(); err != nil {
				t.Fatal(err)
			}
			if got := stderr.String(); got != c.want {
				t.Errorf("stderr is\n%swant\n%s", got, c.want)
			}
		})
	}
}
