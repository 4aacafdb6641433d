package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var errBroken = errors.New("broken")

// with returns a registry that has a kind "test", and what a document needs to use it.
func with(open func(*Args) (slog.Handler, error)) Options {
	reg := DefaultRegistry()
	reg.Add(Kind{Name: "test", Doc: "For a test.", Options: []Option{{Name: "id", Type: TypeText, Doc: "which one"}}, Handler: open})
	return Options{Registry: reg}
}

// closing is a handler whose Close does something.
type closing struct {
	slog.Handler
	close func() error
}

func (h *closing) Close() error { return h.close() }

// A commit that fails first undoes all, a later one is told beside the report. A panic is a failure.
func TestCommitFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		which string
		fail  func() error
		live  bool
	}{
		{"the first", "1", func() error { return errBroken }, false},
		{"the second", "2", func() error { return errBroken }, true},
		{"the first panics", "1", func() error { panic(errBroken) }, false},
		{"the third panics", "3", func() error { panic(errBroken) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := newTree(t)
			was := tree.String()
			closed := 0
			o := with(func(a *Args) (slog.Handler, error) {
				a.Commit(func() error {
					if a.Text("id") == c.which {
						return c.fail()
					}
					return nil
				})
				return &closing{slog.DiscardHandler, func() error { closed++; return nil }}, nil
			})
			hs := m{"h1": m{"class": "test", "id": "1"}, "h2": m{"class": "test", "id": "2"}, "h3": m{"class": "test", "id": "3"}}
			report, err := parse(t, m{"version": 1, "handlers": hs, "root": m{"handlers": []string{"h1", "h2", "h3"}}}, o).Apply(t.Context(), tree)
			if err == nil || !strings.Contains(err.Error(), "broken") || (report != nil) != c.live {
				t.Errorf("%v, %v", report, err)
			}
			if live := tree.String() != was; live != c.live || (closed == 0) != c.live {
				t.Errorf("%d are closed, and the tree is\n%s", closed, tree.String())
			}
		})
	}
}

// What the tree refuses is found before a file is emptied.
func TestRefusedBeforeCommits(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	if err := os.WriteFile(file, []byte("old\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	tree := newTree(t)
	was := tree.String()
	o := with(func(*Args) (slog.Handler, error) { return tree.Handler("x"), nil })
	hs := m{"a": m{"class": "file", "filename": file, "mode": "w"}, "b": m{"class": "test"}}
	report, err := parse(t, m{"version": 1, "handlers": hs, "root": m{"handlers": []string{"a", "b"}}}, o).Apply(t.Context(), tree)
	if err == nil || report != nil || tree.String() != was {
		t.Errorf("%v, %v, and the tree is\n%s", report, err, tree.String())
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "old\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// A handler that closes badly does not undo what is live, whoever configures the tree at that time.
func TestCloseFails(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error":    func() error { return errBroken },
		"conflict": func() error { return fmt.Errorf("broken: %w", slogtree.ErrConflict) },
		"panic":    func() error { panic(errBroken) },
	} {
		t.Run(name, func(t *testing.T) {
			tree := newTree(t)
			own := slogtree.New(slogtree.Options{}).Handler("x")
			o := with(func(a *Args) (slog.Handler, error) {
				if a.Text("id") == "new" {
					return &closing{slog.DiscardHandler, func() error { return nil }}, nil
				}
				return &closing{slog.DiscardHandler, func() error {
					tree.Root().AddHandler(own) // as a program might, just then
					runtime.GC()
					return fail()
				}}, nil
			})
			document := func(id string) *Config {
				return parse(t, m{"version": 1, "handlers": m{"h": m{"class": "test", "id": id}}, "root": m{"handlers": []string{"h"}}, "loggers": m{"free": m{}}}, o)
			}
			if _, err := document("old").Apply(t.Context(), tree); err != nil {
				t.Fatal(err)
			}
			report, err := document("new").Apply(t.Context(), tree)
			if report == nil || err == nil || !strings.Contains(err.Error(), "broken") {
				t.Errorf("%v, %v", report, err)
			}
			if hs := tree.Root().Handlers(); len(hs) != 2 || hs[0] != inner(t, tree, "h") {
				t.Errorf("the root has %v", hs)
			}
		})
	}
}

// What a program configures while handlers are opened stays, but for what the document says.
func TestConfiguredMeanwhile(t *testing.T) {
	tree := newTree(t)
	own := &closing{slog.DiscardHandler, func() error { return nil }}
	tree.Root().SetLevel(slog.LevelError)
	tree.Get("named").SetLevel(slog.LevelError)
	o := with(func(*Args) (slog.Handler, error) {
		tree.Get("named").SetPropagate(false)
		tree.Get("named").AddFilter(handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true }))
		tree.Root().AddHandler(own)
		tree.Get("late").SetLevel(slog.LevelWarn)
		return &closing{slog.DiscardHandler, func() error { return nil }}, nil
	})
	c := parse(t, m{"version": 1, "disable_existing_loggers": false, "handlers": m{"h": m{"class": "test"}},
		"root": m{"level": "DEBUG"}, "loggers": m{"named": m{"level": "INFO", "handlers": []string{"h"}}}}, o)
	if _, err := c.Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	s := tree.Get("named").Setting()
	if s.Level != slog.LevelInfo || s.Propagate || len(s.Filters) != 1 || !slices.Equal(s.Handlers, []slog.Handler{inner(t, tree, "h")}) {
		t.Errorf("named: %+v", s)
	}
	if tree.Get("late").Level() != slog.LevelWarn {
		t.Error("a logger that the document does not name has changed")
	}
}

// Who configures the tree without end while Apply publishes does not keep it from coming to an end, and nothing is lost.
func TestApplyAmongOthers(t *testing.T) {
	tree := newTree(t)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				tree.Root().SetLevel(slog.Level(i % 3))
			}
		}
	}()
	for i := range 50 {
		document := m{"version": suiteVersion, "loggers": m{"a": m{"level": []string{"INFO", "ERROR"}[i%2]}}, "root": m{"propagate": true, "handlers": []string{}}}
		apply(t, tree, document)
		if want := []slog.Level{slog.LevelInfo, slog.LevelError}[i%2]; tree.Get("a").Level() != want {
			t.Errorf("a has %v, want %v", tree.Get("a").Level(), want)
		}
	}
	close(stop)
	<-done
}

// A kind of filter that panics is an error of the document.
func TestFilterKindPanics(t *testing.T) {
	reg := DefaultRegistry()
	reg.Add(Kind{Name: "bad", Doc: "For a test.", Filter: func(*Args) (handlers.Filter, error) { panic(errBroken) }})
	tree := newTree(t)
	_, err := parse(t, m{"version": 1, "filters": m{"f": m{"()": "bad"}}, "root": m{"filters": []string{"f"}}}, Options{Registry: reg}).Apply(t.Context(), tree)
	var typed *Error
	if !errors.As(err, &typed) || typed.Path != "filters.f" || !strings.Contains(err.Error(), `the kind "bad" panics: broken`) {
		t.Error(err)
	}
}

// A level that a document gives is not one for a time, even if it is the same.
func TestLevelForATime(t *testing.T) {
	for _, c := range []struct {
		name, level string
		undone      bool // the override ends later as it would have without the document
	}{{"the same", "DEBUG", false}, {"another", "ERROR", false}, {"none", "", true}} {
		t.Run(c.name, func(t *testing.T) {
			tree := newTree(t)
			undo := tree.Get("a").OverrideLevel(slog.LevelDebug, "admin")
			a := m{"propagate": true}
			if c.level != "" {
				a["level"] = c.level
			}
			report := apply(t, tree, m{"version": 1, "loggers": m{"a": a}})
			if c.level == "DEBUG" && !strings.Contains(report.String(), "level DEBUG for a time -> DEBUG") {
				t.Error(report)
			}
			if got := undo(); got != c.undone {
				t.Errorf("undone: %v", got)
			}
			if report := apply(t, tree, m{"version": 1, "loggers": m{"a": a}}); !report.Empty() {
				t.Errorf("again: %v", report)
			}
		})
	}
}

// Filters of one document after the other don't pile up, and a program's own stays.
func TestFiltersDoNotPileUp(t *testing.T) {
	for _, version := range []any{1, suiteVersion} {
		tree := newTree(t)
		tree.Get("a").AddFilter(handlers.NameFilter("a"))
		own := tree.Get("a").Setting().Filters[0]
		for i := range 50 {
			apply(t, tree, m{"version": version, "filters": m{"f": m{"name": fmt.Sprintf("a.b%d", i)}}, "loggers": m{"a": m{"filters": []string{"f"}}}})
		}
		if fs := tree.Get("a").Setting().Filters; len(fs) != 2 || !sameFilter(fs[0], own) {
			t.Errorf("version %v: %v", version, fs)
		}
		if n := len(stateOf(tree).spent); n > 1 {
			t.Errorf("version %v: %d filters are remembered", version, n)
		}
	}
}
