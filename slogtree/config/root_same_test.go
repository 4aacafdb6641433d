package config

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A handler that writes outside of a root does not stay for a document that names it by the same text, but
// means one within.
func TestRootOfKept(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	t.Chdir(outside)
	tree := newTree(t)
	doc := m{"version": 1, "disable_existing_loggers": false, "handlers": m{"f": m{"class": "file", "filename": "a.log"}}, "root": m{"level": "INFO", "handlers": []string{"f"}}}
	apply(t, tree, doc)
	for range 2 {
		if _, err := parse(t, doc, Options{Root: root}).Apply(t.Context(), tree); err != nil {
			t.Fatal(err)
		}
	}
	tree.Root().Info("from elsewhere")
	if text, err := os.ReadFile("a.log"); err != nil || len(text) > 0 {
		t.Errorf("outside: %q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "a.log")); err != nil || string(text) != "from elsewhere\n" {
		t.Errorf("inside: %q, %v", text, err)
	}
	// What is dumped leads there too.
	dumped, err := Dump(tree)
	if quoted, _ := json.Marshal(filepath.Join(root, "a.log")); err != nil || !strings.Contains(string(dumped), string(quoted)) {
		t.Errorf("%s, %v", dumped, err)
	}
	c, err := ParseDict(dumped, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if plan, err := c.Plan(tree); err != nil || !plan.Empty() {
		t.Errorf("the dump changes %s, %v", plan, err)
	}
}

// A root that is written as "." keeps abstract sockets of Linux out, whose names are no paths.
func TestRootAbstract(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("abstract sockets are Linux's")
	}
	t.Chdir(t.TempDir())
	name := "@slogsuite-" + filepath.Base(filepath.Dir(t.TempDir())) + time.Now().Format("150405.000000000")
	for _, option := range []string{"host", "path"} {
		l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		tree := newTree(t)
		doc := m{"version": 1, "handlers": m{"s": m{"class": "datagram", option: name, "close_timeout": 0.2, "max_wait": 0.01}}, "root": m{"level": "INFO", "handlers": []string{"s"}}}
		if _, err := parse(t, doc, Options{Root: ".", OnError: func(error) {}}).Apply(t.Context(), tree); err == nil {
			tree.Root().Info("out of the root")
			_ = tree.Close(t.Context()) // the record has been sent, or never will be
		}
		if last, err := net.Dial("unixgram", name); err != nil {
			t.Fatal(err)
		} else if _, err := last.Write([]byte("last")); err != nil {
			t.Fatal(err)
		} else {
			last.Close()
		}
		got := make([]byte, 1000)
		if n, err := l.Read(got); err != nil || string(got[:n]) != "last" {
			t.Errorf("%s: an abstract socket got %d bytes, %v", option, n, err)
		}
		l.Close()
	}
}
