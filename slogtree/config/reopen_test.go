package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestApplyAfterClose checks that a document which is applied again after Tree.Close opens its handlers anew.
func TestApplyAfterClose(t *testing.T) {
	dir := t.TempDir()
	plain, rotating, behind := filepath.Join(dir, "plain"), filepath.Join(dir, "rotating"), filepath.Join(dir, "behind")
	document := m{
		"version": suiteVersion,
		"handlers": m{
			"plain": m{"class": "file", "filename": plain}, "rotating": m{"class": "rotating_file", "filename": rotating},
			"file": m{"class": "file", "filename": behind}, "queue": m{"class": "queue", "handlers": []string{"file"}},
		},
		"root": m{"handlers": []string{"plain", "rotating", "queue"}},
	}
	tree := newTree(t)
	for range 2 {
		apply(t, tree, document)
		tree.Get("app").Info("hello")
		if err := tree.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{plain, rotating, behind} {
		text, err := os.ReadFile(name)
		if err != nil || string(text) != "hello\nhello\n" {
			t.Errorf("%s: %q, %v", filepath.Base(name), text, err)
		}
	}
}

// TestTruncateDevice checks that what can't be emptied is opened with mode w all the same, as in CPython.
func TestTruncateDevice(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip(err)
	}
	tree := newTree(t)
	apply(t, tree, m{"version": suiteVersion, "handlers": m{"h": m{"class": "file", "filename": "/dev/null", "mode": "w"}}, "root": m{"handlers": []string{"h"}}})
	if n := len(tree.Root().Handlers()); n != 1 {
		t.Errorf("%d handlers", n)
	}
}
