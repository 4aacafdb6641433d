package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/slogtree"
)

// m is a table of a document.
type m = map[string]any

// parse makes a Config of a document.
func parse(t testing.TB, document m, o Options) *Config {
	t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseDict(data, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apply applies a document.
func apply(t testing.TB, tree *slogtree.Tree, document m) *Report {
	t.Helper()
	r, err := parse(t, document, Options{}).Apply(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newTree(t testing.TB) *slogtree.Tree {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	t.Cleanup(func() {
		if err := tree.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// snapshot returns all names below dir with their sizes.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := info.Size()
		if d.IsDir() {
			size = 0
		}
		link, _ := os.Readlink(path)
		fmt.Fprintln(&b, path, info.Mode(), size, link)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fifty returns a document with fifty handlers of several kinds, which write below dir and to a port.
func fifty(dir string, port int) m {
	hs := m{}
	var names []string
	for i := range 50 {
		name := fmt.Sprintf("h%02d", i)
		names = append(names, name)
		file := filepath.Join(dir, "new", fmt.Sprint(i%7), name+".log")
		switch i % 5 {
		case 0:
			hs[name] = m{"class": "logging.FileHandler", "filename": file, "mode": "w"}
		case 1:
			hs[name] = m{"class": "rotating_file", "filename": file, "max_bytes": "1 MiB", "backup_count": 3, "symlink": filepath.Join(dir, "link"+name)}
		case 2:
			hs[name] = m{"class": "socket", "host": "127.0.0.1", "port": port}
		case 3:
			hs[name] = m{"class": "rotating_file", "filename": file, "on_start": true, "max_bytes": 1000, "backup_count": 1, "durability": "buffered"}
		case 4:
			hs[name] = m{"class": "memory", "capacity": 10, "target": fmt.Sprintf("h%02d", i-1)}
		}
	}
	return m{"version": 1, "handlers": hs, "root": m{"level": "DEBUG", "handlers": names}}
}

// Each handler of fifty fails in turn: nothing has changed then, and what was there goes on.
func TestFailureChangesNothing(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept.log")
	tree := newTree(t)
	apply(t, tree, m{"version": 1, "handlers": m{"h00": m{"class": "file", "filename": kept}}, "root": m{"handlers": []string{"h00"}}})
	tree.Root().Info("before")
	if err := os.Symlink(kept, filepath.Join(dir, "linkh01")); err != nil {
		t.Skip(err)
	}
	existing := filepath.Join(dir, "new", "3", "h45.log") // would be emptied
	if err := errors.Join(os.MkdirAll(filepath.Dir(existing), 0o777), os.WriteFile(existing, []byte("old\n"), 0o666)); err != nil {
		t.Fatal(err)
	}
	was, files := tree.String(), snapshot(t, dir)
	for i := range 50 {
		opened := 0
		reg := DefaultRegistry()
		for _, k := range reg.Kinds() {
			if k.Handler == nil {
				continue
			}
			open := k.Handler
			k.Handler = func(a *Args) (slog.Handler, error) {
				if opened++; opened == i+1 {
					return nil, errBroken
				}
				return open(a)
			}
			reg.Add(k)
		}
		c := parse(t, fifty(dir, 9), Options{Registry: reg})
		report, err := c.Apply(t.Context(), tree)
		var typed *Error
		if !errors.Is(err, errBroken) || !errors.As(err, &typed) || typed.Path == "" || report != nil {
			t.Fatalf("handler %d: %v, %v", i, report, err)
		}
		if opened != 50 {
			t.Fatalf("%d of 50 were tried: all errors are to be found at once", opened)
		}
		if now := tree.String(); now != was {
			t.Fatalf("handler %d: the tree is\n%s\nand was\n%s", i, now, was)
		}
		if now := snapshot(t, dir); now != files {
			t.Fatalf("handler %d: the files are\n%s\nand were\n%s", i, now, files)
		}
	}
	tree.Root().Info("after")
	if text, err := os.ReadFile(kept); err != nil || string(text) != "before\nafter\n" {
		t.Errorf("%q, %v", text, err)
	}
	// The control: without a failure it works, and shows in the same snapshots.
	if _, err := parse(t, fifty(dir, 9), Options{}).Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	if snapshot(t, dir) == files || tree.String() == was {
		t.Error("this test could not fail")
	}
	if text, err := os.ReadFile(existing); err != nil || len(text) > 0 {
		t.Errorf("mode w has left %q, %v", text, err)
	}
}

// A peer accepts one connection after the other, and tells the ports that they come from.
func peer(t *testing.T) (port int, from chan int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	from = make(chan int, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			from <- c.RemoteAddr().(*net.TCPAddr).Port
			go func() {
				defer c.Close()
				_, _ = c.Read(make([]byte, 1))
				for {
					if _, err := c.Read(make([]byte, 4096)); err != nil {
						return
					}
				}
			}()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port, from
}

// inner returns the handler that a configuration made under a name.
func inner(t *testing.T, tree *slogtree.Tree, name string) slog.Handler {
	t.Helper()
	b := stateOf(tree).handlers[name]
	if b == nil {
		t.Fatalf("no handler %s", name)
	}
	return b.inner
}

// Handlers that did not change stay open: the same file at the same offset, the same connection.
func TestUnchangedStaysOpen(t *testing.T) {
	port, from := peer(t)
	file := filepath.Join(t.TempDir(), "app.log")
	document := func(level string, more m) m {
		hs := m{
			"file": m{"class": "file", "filename": file, "mode": "w", "formatter": "f", "filters": []string{"all"}},
			"net":  m{"class": "socket", "host": "127.0.0.1", "port": port, "level": level},
		}
		for name, h := range more {
			hs[name] = h
		}
		return m{
			"version": 1, "formatters": m{"f": m{"format": "%(levelname)s %(message)s"}}, "filters": m{"all": m{"name": ""}},
			"handlers": hs, "root": m{"level": level, "handlers": []string{"file", "net"}},
		}
	}
	tree := newTree(t)
	apply(t, tree, document("INFO", nil))
	tree.Root().Warn("one")
	flush(t, tree)
	before := []slog.Handler{inner(t, tree, "file"), inner(t, tree, "net")}
	first := <-from
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// A changed level, another handler, other names of loggers.
	r := apply(t, tree, document("WARNING", m{"more": m{"class": "null"}}))
	for _, h := range r.Handlers {
		if want := map[string]string{"file": "keep", "net": "wrap", "more": "open"}[h.Name]; h.Action != want {
			t.Errorf("%s: %s, want %s", h.Name, h.Action, want)
		}
	}
	tree.Root().Info("no")
	tree.Root().Warn("two")
	flush(t, tree)
	for i, name := range []string{"file", "net"} {
		if !same(before[i], inner(t, tree, name)) {
			t.Errorf("%s was made anew", name)
		}
	}
	now, err := os.Stat(file)
	if err != nil || !os.SameFile(info, now) {
		t.Errorf("another file: %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "WARNING one\nWARNING two\n" {
		t.Errorf("the file has %q, %v", text, err)
	}
	select {
	case second := <-from:
		t.Errorf("a second connection, from port %d after %d", second, first)
	default:
	}
	if stats := before[1].(*netsink.Handler).Stats(); stats.Sent != 2 {
		t.Errorf("%+v", stats)
	}
	// The control: other options make another one.
	apply(t, tree, document("WARNING", m{"net": m{"class": "socket", "host": "127.0.0.1", "port": port, "max_wait": "2s"}}))
	if same(before[1], inner(t, tree, "net")) {
		t.Error("changed options have changed nothing")
	}
	tree.Root().Warn("three")
	flush(t, tree)
	if second := <-from; second == first {
		t.Error("the same port")
	}
}

func flush(t *testing.T, tree *slogtree.Tree) {
	t.Helper()
	for _, h := range tree.Root().Handlers() {
		if err := handlers.Flush(h); err != nil {
			t.Error(err)
		}
	}
}

// A document that was applied already changes nothing, and makes no handler.
func TestUnchangedDocument(t *testing.T) {
	dir := t.TempDir()
	tree := newTree(t)
	document := fifty(dir, 9)
	document["loggers"] = m{"a.b": m{"level": "INFO", "filters": []string{"f"}}, "c": m{"propagate": false}, "plain": m{"propagate": true}}
	document["filters"] = m{"f": m{"name": "a"}}
	made := 0
	reg := DefaultRegistry()
	for _, k := range reg.Kinds() {
		if open := k.Handler; open != nil {
			k.Handler = func(a *Args) (slog.Handler, error) {
				made++
				return open(a)
			}
			reg.Add(k)
		}
	}
	for i := range 3 {
		c := parse(t, document, Options{Registry: reg})
		r, err := c.Apply(t.Context(), tree)
		if err != nil {
			t.Fatal(err)
		}
		if made != 50 || r.Empty() != (i > 0) {
			t.Errorf("round %d: %d handlers were made, and %s", i, made, r)
		}
	}
}

// A file that the old and the new configuration write has every record.
func TestChangedFile(t *testing.T) {
	for _, kind := range []string{"file", "rotating_file"} {
		file := filepath.Join(t.TempDir(), "app.log")
		tree := newTree(t)
		for i := range 10 {
			apply(t, tree, m{
				"version": 1, "formatters": m{"f": m{"format": fmt.Sprintf("%d %%(message)s", i)}},
				"handlers": m{"h": m{"class": kind, "filename": file, "formatter": "f"}}, "root": m{"handlers": []string{"h"}},
			})
			tree.Root().Info("x")
		}
		text, err := os.ReadFile(file)
		if lines := strings.Split(string(text), "\n"); err != nil || len(lines) != 11 || lines[0] != "0 x" || lines[9] != "9 x" {
			t.Errorf("%s: %q, %v", kind, text, err)
		}
	}
}

// A memory that goes away passes on what it holds, also to a target that stays, and which is not
// closed with it.
func TestMemoryGoes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	tree := newTree(t)
	hs := m{"file": m{"class": "file", "filename": file}, "memory": m{"class": "memory", "capacity": 100, "target": "file"}}
	apply(t, tree, m{"version": 1, "handlers": hs, "root": m{"level": "INFO", "handlers": []string{"memory"}}})
	tree.Root().Info("held")
	delete(hs, "memory")
	apply(t, tree, m{"version": 1, "handlers": hs, "root": m{"handlers": []string{"file"}}})
	tree.Root().Info("direct")
	if text, err := os.ReadFile(file); err != nil || string(text) != "held\ndirect\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// What a program has attached elsewhere is not closed.
func TestAttachedElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	tree := newTree(t)
	apply(t, tree, m{"version": 1, "handlers": m{"file": m{"class": "file", "filename": file}}, "root": m{"handlers": []string{"file"}}})
	own := tree.Get("own")
	own.AddHandler(tree.Root().Handlers()[0])
	r := apply(t, tree, m{"version": suiteVersion, "root": m{"level": "INFO"}})
	if !slices.ContainsFunc(r.Handlers, func(h HandlerChange) bool { return h.Name == "file" && h.Action == "close" }) {
		t.Errorf("%+v", r)
	}
	own.Info("x")
	if text, err := os.ReadFile(file); err != nil || string(text) != "x\n" {
		t.Errorf("%q, %v", text, err)
	}
	// Once it is attached nowhere, the next Apply closes it.
	h := own.Handlers()[0]
	if _, err := own.RemoveHandler(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	apply(t, tree, m{"version": 1})
	if err := h.Handle(t.Context(), slog.Record{}); err == nil {
		t.Error("the file is still open")
	}
}

// Code that runs inside a handler can't wait for itself.
func TestApplyCancelled(t *testing.T) {
	tree := newTree(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := parse(t, m{"version": 1, "root": m{"level": "ERROR"}}, Options{})
	if _, err := c.Apply(ctx, tree); err != nil {
		t.Fatal(err)
	}
	st := stateOf(tree)
	st.lock <- struct{}{}
	if _, err := c.Apply(ctx, tree); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-st.lock
}
