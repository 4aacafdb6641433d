package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A router whose handlers get other names in a dump has its routes named after them.
func TestDumpRenamedRoutes(t *testing.T) {
	tree, second := newTree(t), newTree(t)
	apply(t, tree, m{
		"version":  suiteVersion,
		"handlers": m{"f": m{"class": "null"}, "r": m{"class": "router", "handlers": []string{"f"}, "routes": m{"f": m{"level": "ERROR"}}}},
		"loggers":  m{"x": m{"handlers": []string{"r"}}},
	})
	apply(t, tree, m{ // x keeps r and the f within
		"version":  suiteVersion,
		"handlers": m{"f": m{"class": "stream"}, "r": m{"class": "null"}},
		"root":     m{"handlers": []string{"f", "r"}},
	})
	text, err := Dump(tree)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseDict(text, Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if _, err := c.Apply(t.Context(), second); err != nil || second.String() != tree.String() {
		t.Errorf("%v\n%s\n%s", err, tree, second)
	}
}

// A logger whose name no document can have is told of.
func TestDumpNoUTF8(t *testing.T) {
	tree := newTree(t)
	tree.Get("a\xff").SetLevel(1)
	text, err := Dump(tree)
	var e *Error
	if !errors.As(err, &e) || e.Value != `"a\xff"` || strings.Contains(string(text), "loggers") {
		t.Errorf("%s, %v", text, err)
	}
}

// What an Apply that fails has created where a symbolic link leads is removed again.
func TestFailedApplyThroughLink(t *testing.T) {
	dir := t.TempDir()
	for name, to := range map[string]string{"link": "next", "next": filepath.Join(dir, "sub", "target")} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	c := parse(t, m{"version": 1, "handlers": m{
		"a": m{"class": "file", "filename": filepath.Join(dir, "link")},
		"b": m{"class": "file", "filename": filepath.Join(dir, "sub", "target", "no directory")},
	}}, Options{})
	if _, err := c.Apply(t.Context(), newTree(t)); err == nil {
		t.Fatal("the second file could be opened")
	}
	if now := snapshot(t, dir); now != before {
		t.Errorf("there was\n%s\nand is\n%s", before, now)
	}
}

// An incremental document that can't give a handler another level for all says so, and changes nothing.
func TestIncrementOfFed(t *testing.T) {
	tree := newTree(t)
	doc := m{
		"version":  1,
		"handlers": m{"f": m{"class": "null", "level": "ERROR"}, "r": m{"class": "recover", "target": "f"}, "q": m{"class": "queue", "handlers": []string{"f"}}},
		"root":     m{"handlers": []string{"r", "f", "q"}},
	}
	apply(t, tree, doc)
	before := tree.String()
	more := parse(t, m{"version": 1, "incremental": true, "handlers": m{"f": m{"level": "INFO"}}}, Options{})
	if _, err := more.Apply(t.Context(), tree); err == nil || !strings.Contains(err.Error(), `"r" was made with its level`) {
		t.Errorf("the error is %v", err)
	}
	if now := tree.String(); now != before {
		t.Errorf("there was\n%s\nand is\n%s", before, now)
	}
	delete(doc["handlers"].(m), "r")
	doc["root"] = m{"handlers": []string{"f", "q"}}
	apply(t, tree, doc)
	if r, err := more.Apply(t.Context(), tree); err != nil { // a queue asks for no levels
		t.Errorf("%v, %v", r, err)
	}
}
