package configserver

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// bad is a handler of a program's own, whose Close goes wrong.
type bad struct {
	slog.Handler
	end func() error
}

func (b *bad) WithAttrs([]slog.Attr) slog.Handler { return b }
func (b *bad) WithGroup(string) slog.Handler      { return b }
func (b *bad) Close(context.Context) error        { return b.end() }

// badKinds has kinds that go wrong when a document that has them is applied, or replaced.
func badKinds() *config.Registry {
	registry := config.DefaultRegistry()
	add := func(name string, end func() error) {
		registry.Add(config.Kind{Name: name, Handler: func(*config.Args) (slog.Handler, error) { return &bad{slog.DiscardHandler, end}, nil }})
	}
	add("fails", func() error { return errTest })
	add("panics", func() error { panic(errTest) })
	registry.Add(config.Kind{Name: "commits", Handler: func(a *config.Args) (slog.Handler, error) {
		a.Commit(func() error { panic(errTest) })
		return &bad{slog.DiscardHandler, func() error { return nil }}, nil
	}})
	registry.Add(config.Kind{Name: "filters", Filter: func(*config.Args) (handlers.Filter, error) { panic(errTest) }})
	registry.Add(config.Kind{Name: "checks", Check: func(*config.Args) error { panic(errTest) }, Handler: func(*config.Args) (slog.Handler, error) { return slog.DiscardHandler, nil }})
	return registry
}

// Whatever goes wrong, no reply says that nothing has changed where the new configuration is live,
// or that it is live where it is not.
func TestReplyIsTrue(t *testing.T) {
	const plain = `{"version":1,"root":{"level":"ERROR"}}`
	with := func(kind string) string {
		return `{"version":1,"handlers":{"h":{"class":"` + kind + `"}},"root":{"level":"DEBUG","handlers":["h"]}}`
	}
	for _, c := range []struct {
		name, first, second string
		live                bool // the second is
		errors              bool
	}{
		{"fine", with("null"), plain, true, false},
		{"close fails", with("fails"), plain, true, true},
		{"close panics", with("panics"), plain, true, true},
		{"commit panics", plain, with("commits"), false, true},
		{"filter panics", plain, `{"version":1,"filters":{"f":{"()":"filters"}},"root":{"level":"DEBUG","filters":["f"]}}`, false, true},
		{"check panics", plain, with("checks"), false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := slogtree.New(slogtree.Options{})
			a, err := newApplier(tree, config.Options{Registry: badKinds(), Kinds: []string{"null", "fails", "panics", "commits", "filters", "checks"}}, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			f := serve(t, listenTCP(t), Options{}, a.apply)
			if r := converse(t, dial(t, f.l), frame(c.first)); !r.Applied || r.Unknown {
				t.Fatal(r.reason())
			}
			before := tree.Root().Level()
			r := converse(t, dial(t, f.l), frame(c.second))
			f.end()
			live := tree.Root().Level() != before
			if live != c.live || r.Applied != live || r.Unknown || (len(r.Errors) > 0) != c.errors {
				t.Errorf("live %v, but the reply is %+v", live, r)
			}
			if c.errors && !slices.ContainsFunc(f.log.all(), func(err error) bool { return errors.As(err, new(*Error)) }) {
				t.Error("the program was not told")
			}
			if a.apply(t.Context(), []byte(`{"version":1,"root":{"level":"WARNING"}}`)); tree.Root().Level() != slog.LevelWarn {
				t.Error("the next document is not applied")
			}
		})
	}
}
