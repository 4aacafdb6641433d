package slogtree

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// TestWithKeepsRecordFields binds what formatters know by its type. Through a
// tree it must reach them as it is.
func TestWithKeepsRecordFields(t *testing.T) {
	const want = "77 m k=1\n    error: boom\n"
	var out bytes.Buffer
	format := formatters.Must(formatters.Percent("%(process)d %(message)s", nil))
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(&out, format, nil))
	origin := &formatters.Origin{Process: 77}
	tree.Get("a").Info("m", formatters.Exc(errors.New("boom")), origin.Attr(), "k", 1)
	if got := out.String(); got != want {
		t.Errorf("in a record: got %q, want %q", got, want)
	}
	out.Reset()
	tree.Get("a").With(formatters.Exc(errors.New("boom")), origin.Attr(), "k", 1).Info("m")
	if got := out.String(); got != want {
		t.Errorf("by With: got %q, want %q", got, want)
	}
}

// TestHandlerOfAnotherName gives records of another tree's logger to one of
// this tree, before and after With.
func TestHandlerOfAnotherName(t *testing.T) {
	for name, bind := range map[string]func(slog.Handler) slog.Handler{
		"first": func(h slog.Handler) slog.Handler {
			return handlers.BindName(h, "key", "there").WithAttrs([]slog.Attr{slog.Int("k", 1)}).WithGroup("g")
		},
		"last": func(h slog.Handler) slog.Handler {
			return handlers.BindName(h.WithAttrs([]slog.Attr{slog.Int("k", 1)}).WithGroup("g"), "key", "there")
		},
	} {
		tree, rec := newTree(t)
		tree.Get("here").AddFilter(handlers.NameFilter("there"))
		for _, h := range []slog.Handler{tree.Handler("here"), tree.Get("here").Handler()} {
			rec.Reset()
			slog.New(bind(h)).Info("m", "l", 2)
			got := rec.Records()
			if len(got) != 1 || got[0].Logger != "there" || got[0].Attrs["k"] != int64(1) || len(got[0].Groups) != 1 {
				t.Errorf("%s: got %+v, want one record of there with k=1 and group g", name, got)
			}
		}
		tree.Get("here").Info("dropped by the filter, as it has its own name")
		if got := rec.Records(); len(got) != 1 {
			t.Errorf("%s: the logger itself is renamed", name)
		}
	}
}
