package config

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// hooked returns options with a kind "hook" that calls f when it is opened.
func hooked(f func()) Options {
	r := DefaultRegistry()
	r.Add(Kind{Name: "hook", Handler: func(*Args) (slog.Handler, error) {
		f()
		return &nullHandler{}, nil
	}})
	return Options{Registry: r}
}

// No logger gets a handler that somebody closed while Apply was under way: neither by this Apply, nor by the next.
func TestApplyWhileTreeCloses(t *testing.T) {
	tree := newTree(t)
	var failed []error
	tree.SetOptions(slogtree.Options{LastResort: slog.DiscardHandler, OnError: func(err error) { failed = append(failed, err) }})
	name := filepath.Join(t.TempDir(), "a.log")
	file := m{"class": "file", "filename": name}
	doc := m{"version": suiteVersion, "handlers": m{"f": file}, "root": m{"level": "INFO", "handlers": []string{"f"}}}
	apply(t, tree, doc)
	doc["handlers"] = m{"f": file, "g": m{"class": "hook"}}
	doc["loggers"] = m{"a": m{"handlers": []string{"f", "g"}}}
	c := parse(t, doc, hooked(func() {
		if err := tree.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}))
	if _, err := c.Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("after a Close within")
	if len(failed) > 0 {
		t.Error(failed)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "after a Close within\nafter a Close within\n" { // of a, and of the root
		t.Errorf("%q, %v", text, err)
	}
}

// closes is a handler that calls something when it is closed.
type closes struct {
	nullHandler
	f func()
}

func (c *closes) Close() error {
	c.f()
	return nil
}

// A Close of the tree between the publishing and the end of an Apply is seen by the next one.
func TestApplyAfterTreeClosed(t *testing.T) {
	tree := newTree(t)
	var failed []error
	tree.SetOptions(slogtree.Options{LastResort: slog.DiscardHandler, OnError: func(err error) { failed = append(failed, err) }})
	r := DefaultRegistry()
	r.Add(Kind{Name: "closes", Handler: func(*Args) (slog.Handler, error) {
		return &closes{f: func() {
			if err := tree.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}}, nil
	}})
	doc := m{
		"version": suiteVersion, "root": m{"level": "INFO", "handlers": []string{"f", "c"}},
		"handlers": m{"f": m{"class": "file", "filename": filepath.Join(t.TempDir(), "a.log")}, "c": m{"class": "closes"}},
	}
	if _, err := parse(t, doc, Options{Registry: r}).Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	doc["root"] = m{"handlers": []string{"f"}}
	delete(doc["handlers"].(m), "c")
	for range 2 { // the first closes c, which closes all
		apply(t, tree, doc)
	}
	tree.Root().Info("after a Close within")
	if len(failed) > 0 {
		t.Error(failed)
	}
}
