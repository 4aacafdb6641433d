package config

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/slogtree"
)

const (
	smallINI  = "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n[logger_root]\nlevel=ERROR\nhandlers=\n"
	smallJSON = `{"version": 1, "root": {"level": "ERROR"}}`
	smallYAML = "# levels\nroot:\n  level: ERROR\nversion: 1\n"
)

// A file is read by its extension, else by its text.
func TestLoad(t *testing.T) {
	for name, text := range map[string]string{
		"a.conf": smallINI, "a.ini": smallINI, "a.CFG": smallINI, "a.json": smallJSON, "a.yaml": smallYAML, "a.yml": smallYAML, "b.yaml": smallJSON,
		"ini": smallINI, "ini.txt": "; levels\n\n" + smallINI, "json": "\n " + smallJSON, "yaml": smallYAML, "quoted": "\"version\" : 1\nroot: {level: ERROR}\n", "marked": "---\n" + smallYAML,
	} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, text)
		c, err := Load(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tree := slogtree.New(slogtree.Options{})
		if _, err := c.Apply(t.Context(), tree); err != nil || tree.Root().Level() != slog.LevelError {
			t.Errorf("%s: %v, the root's level is %v", name, err, tree.Root().Level())
		}
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ text, want string }{
		"a.conf":  {smallJSON, "a.conf:1: "},
		"a.json":  {"{", "a.json:1:"},
		"text":    {"hello\n", `text: the extension "" is none of .conf, .ini, .cfg, .json, .yaml, .yml, and the text is neither INI, nor JSON, nor YAML with a key "version"`},
		"a.txt":   {"\n", `a.txt: the extension ".txt" is none of .conf, .ini, .cfg, .json, .yaml, .yml, and the file is empty`},
		"b.conf":  {"", "b.conf: the file is empty"},
		"big.ini": {strings.Repeat("#", maxFile+1), "big.ini: the file has more than 4194304 bytes"},
	} {
		path := filepath.Join(dir, name)
		write(t, path, test.text)
		_, err := Load(path)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(strings.TrimPrefix(err.Error(), dir+string(os.PathSeparator)), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if _, err := Load(filepath.Join(dir, "none.ini")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a directory can be loaded")
	}
	if _, err := (Options{Filename: "mine"}).Load(filepath.Join(dir, "b.conf")); err == nil || err.Error() != "mine: the file is empty" {
		t.Error(err)
	}
}

// SLOG_CONFIG names a file.
func TestFromEnv(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(Env, "")
	tree := slogtree.New(slogtree.Options{})
	if r, err := FromEnv(t.Context(), tree); r != nil || err != nil {
		t.Errorf("without %s: %v, %v", Env, r, err)
	}
	t.Setenv(Env, filepath.Join(dir, "none.json"))
	if _, err := FromEnv(t.Context(), tree); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "SLOG_CONFIG: ") {
		t.Error(err)
	}
	t.Setenv(Env, filepath.Join(dir, "app.json"))
	write(t, filepath.Join(dir, "app.json"), smallJSON)
	if r, err := FromEnv(t.Context(), tree); err != nil || r.Empty() || tree.Root().Level() != slog.LevelError {
		t.Errorf("%v, %v, %v", r, err, tree.Root().Level())
	}
	write(t, filepath.Join(dir, "app.json"), `{"version": 1, "root": {"level": "LOUD"}}`)
	var e *Error
	if _, err := FromEnv(t.Context(), tree); !errors.As(err, &e) {
		t.Error(err)
	}
}

// In the default tree a rule of SLOG_LEVELS decides whatever the file says.
func TestFromEnvAndLevels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.json")
	write(t, path, `{"version": 1, "root": {"level": "ERROR"}, "loggers": {"app": {"level": "CRITICAL"}, "app.db": {"level": "WARNING"}}}`)
	out, err := child(t, "levels", "SLOG_LEVELS=app=debug", Env+"="+path).Output()
	if want := "root ERROR\napp DEBUG\napp.db WARN\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// Watch applies a file and its changes. A bad one is told and keeps the tree as it was.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.json")
	tree := slogtree.New(slogtree.Options{})
	if _, err := Watch(t.Context(), path, tree, WatchOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	write(t, path, `{"version": 2}`)
	var e *Error
	if _, err := Watch(t.Context(), path, tree, WatchOptions{}); !errors.As(err, &e) {
		t.Error(err)
	}
	write(t, path, smallJSON)
	type told struct {
		*Report
		error
	}
	tells := make(chan told, 10)
	stop, err := Watch(t.Context(), path, tree, WatchOptions{
		Delay: time.Millisecond, Interval: 100 * time.Millisecond,
		OnReload: func(r *Report, err error) { tells <- told{r, err} },
	})
	must(t, err)
	defer stop()
	level := func(want slog.Level) {
		t.Helper()
		if got := tree.Root().Level(); got != want {
			t.Errorf("the root's level is %v, want %v", got, want)
		}
	}
	level(slog.LevelError)
	replaceWith(t, path, `{"version": 1, "root": {"level": "DEBUG"}}`)
	if got := <-tells; got.error != nil || got.Report.Empty() {
		t.Errorf("told %v", got)
	}
	level(slog.LevelDebug)
	replaceWith(t, path, `{"version": 1, "root": {"level": "LOUD"}}`)
	if got := <-tells; !errors.As(got.error, &e) || got.Report != nil {
		t.Errorf("told %v", got)
	}
	must(t, os.Remove(path))
	if got := <-tells; !errors.Is(got.error, fs.ErrNotExist) {
		t.Errorf("told %v", got)
	}
	level(slog.LevelDebug)
	replaceWith(t, path, smallJSON)
	if got := <-tells; got.error != nil {
		t.Errorf("told %v", got)
	}
	level(slog.LevelError)
	stop()
	replaceWith(t, path, `{"version": 1, "root": {"level": "DEBUG"}}`)
	select {
	case got := <-tells:
		t.Errorf("told %v after stop", got)
	default:
	}
	level(slog.LevelError)
}

// replaceWith replaces a file in one step.
func replaceWith(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+"~", text)
	must(t, os.Rename(path+"~", path))
}

// Without OnReload errors go to OnError, and without that to os.Stderr.
func TestWatchTells(t *testing.T) {
	var heard []error
	w := newWatch("f", nil, WatchOptions{Options: Options{OnError: func(err error) { heard = append(heard, err) }}})
	bad := errors.New("bad")
	w.apply = func(context.Context, []byte) (*Report, error) { return nil, bad }
	w.look = func() (seen, error) { return seen{data: []byte("x")}, nil }
	w.check(t.Context())
	if len(heard) != 1 || heard[0] != bad {
		t.Errorf("heard %v", heard)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	must(t, err)
	was := os.Stderr
	os.Stderr = out
	w.OnError, w.last = nil, seen{}
	w.check(t.Context())
	os.Stderr = was
	must(t, out.Close())
	if text, _ := os.ReadFile(out.Name()); !bytes.Equal(text, []byte("config: f was not applied: bad\n")) {
		t.Errorf("stderr has %q", text)
	}
}
