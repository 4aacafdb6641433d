package handlers_test

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

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

func newFile(t *testing.T, name string, o handlers.FileOptions) *handlers.File {
	t.Helper()
	f, err := handlers.NewFile(name, nil, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func wantFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	diff(t, want, string(got))
}

func writeFile(t *testing.T, name, text string, perm fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
}

func TestFileAppendsOrTruncates(t *testing.T) {
	for _, o := range []handlers.FileOptions{{}, {Truncate: true}, {Delay: true}, {Delay: true, Truncate: true}} {
		name := filepath.Join(t.TempDir(), "app.log")
		writeFile(t, name, "old\n", 0o600)
		f := newFile(t, name, o)
		early := "old\n"
		if o.Truncate && !o.Delay {
			early = ""
		}
		wantFile(t, name, early)
		handle(t, f.WithAttrs([]slog.Attr{slog.Int("a", 1)}), record(slog.LevelInfo, "new"))
		late := "old\nnew a=1\n"
		if o.Truncate {
			late = "new a=1\n"
		}
		wantFile(t, name, late)
	}
}

// TestFileAlwaysAppends has somebody else write to the file, and truncate it.
func TestFileAlwaysAppends(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	a, b := newFile(t, name, handlers.FileOptions{Truncate: true}), newFile(t, name, handlers.FileOptions{})
	handle(t, a, record(slog.LevelInfo, "a1"))
	handle(t, b, record(slog.LevelInfo, "b1"))
	handle(t, a, record(slog.LevelInfo, "a2"))
	wantFile(t, name, "a1\nb1\na2\n")
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	handle(t, a, record(slog.LevelInfo, "a3"))
	wantFile(t, name, "a3\n")
}

func TestFileMakesParentsAndPerm(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a", "b", "app.log")
	newFile(t, name, handlers.FileOptions{Perm: 0o600})
	info, err := os.Stat(name)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("a new file: %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	newFile(t, name, handlers.FileOptions{Perm: 0o600, Truncate: true})
	if info, err = os.Stat(name); err != nil || info.Mode() != 0o640 {
		t.Errorf("a file that exists: %v, %v", info.Mode(), err)
	}
}

func TestFileDelay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	name := filepath.Join(dir, "app.log")
	f := newFile(t, name, handlers.FileOptions{Delay: true})
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first record: %v", err)
	}
	if err := f.Flush(); err != nil {
		t.Error(err)
	}

	writeFile(t, dir, "a file where the directory should be", 0o600)
	err := f.Handle(context.Background(), record(slog.LevelInfo, "lost"))
	if err == nil || !strings.Contains(err.Error(), name) && !strings.Contains(err.Error(), dir) {
		t.Errorf("Handle: %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	handle(t, f, record(slog.LevelInfo, "kept"))
	wantFile(t, name, "kept\n")
}

func TestFileClose(t *testing.T) {
	for _, o := range []handlers.FileOptions{{}, {Delay: true}} {
		name := filepath.Join(t.TempDir(), "app.log")
		f := newFile(t, name, o)
		derived := f.WithGroup("g")
		if !o.Delay {
			handle(t, derived, record(slog.LevelInfo, "one"))
		}
		for range 2 {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
		for _, h := range []slog.Handler{f, derived} {
			err := h.Handle(context.Background(), record(slog.LevelInfo, "two"))
			if !errors.Is(err, os.ErrClosed) || !strings.Contains(err.Error(), name) {
				t.Errorf("Handle after Close: %v", err)
			}
		}
		if _, err := os.Stat(name); o.Delay && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file closed before its first record: %v", err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	writeFile(t, plain, "", 0o600)
	below := filepath.Join(plain, "app.log")
	for _, c := range []struct {
		name string
		o    handlers.FileOptions
		want string
	}{
		{"", handlers.FileOptions{}, `handlers: file "": the name is empty`},
		{"a\x00b", handlers.FileOptions{}, `handlers: file "a\x00b": the name holds a NUL character`},
		{dir, handlers.FileOptions{}, `handlers: file "` + dir + `": is a directory`},
		{dir, handlers.FileOptions{Delay: true}, `handlers: file "` + dir + `": is a directory`},
		{below, handlers.FileOptions{}, `handlers: file "` + below + `": `},
		{filepath.Join(dir, "x"), handlers.FileOptions{Perm: fs.ModeSetuid | 0o600}, `FileOptions.Perm`},
		{filepath.Join(dir, "x"), handlers.FileOptions{Perm: 0o1600}, `FileOptions.Perm 0o1600 has other bits than permissions`},
	} {
		f, err := handlers.NewFile(c.name, nil, nil, c.o)
		if f != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewFile(%q, %+v) = %v, %v; want an error with %q", c.name, c.o, f, err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("a file was made before its options were checked")
	}
}

func TestFileName(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	f := newFile(t, "logs/app.log", handlers.FileOptions{Delay: true})
	if s := f.String(); s != "File(logs/app.log)" {
		t.Errorf("String() = %q", s)
	}
	t.Chdir(t.TempDir())
	handle(t, f, record(slog.LevelInfo, "m"))
	if want := filepath.Join(dir, "logs", "app.log"); f.Name() != want {
		t.Errorf("Name() = %q, want %q", f.Name(), want)
	}
	wantFile(t, f.Name(), "m\n")
}

func TestFileIsAStream(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	f, err := handlers.NewFile(name, percent("%(name)s %(message)s"), slog.LevelWarn, handlers.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.SetTerminator("|")
	log := slog.New(f.WithLoggerName("logger", "a.b"))
	log.Info("no")
	log.WithGroup("").With().WithGroup("g").Warn("yes", "k", "v")
	wantFile(t, name, "a.b yes g.k=v|")
	if s := f.String(); s != "File("+name+") level WARNING" {
		t.Errorf("String() = %q", s)
	}
}

// TestFileFull writes to a device that is always full.
func TestFileFull(t *testing.T) {
	f, err := handlers.NewFile("/dev/full", nil, nil, handlers.FileOptions{})
	if err != nil {
		t.Skipf("there is no /dev/full: %v", err)
	}
	defer f.Close()
	err = f.Handle(context.Background(), record(slog.LevelInfo, "m"))
	if err == nil || !strings.HasPrefix(err.Error(), "handlers: /dev/full: ") {
		t.Errorf("Handle: %v", err)
	}
}

func TestWithDefaultFormatter(t *testing.T) {
	var out bytes.Buffer
	own, other := formatters.Must(formatters.Percent("own %(message)s", nil)), formatters.Must(formatters.Percent("other %(message)s", nil))
	for _, f := range []formatters.Formatter{nil, own} {
		h := handlers.NewStream(&out, f, nil)
		for _, h := range []slog.Handler{h.WithDefaultFormatter(other), h} {
			slog.New(h).Info("m")
		}
	}
	if got, want := out.String(), "other m\nm\nown m\nown m\n"; got != want {
		t.Errorf("streams wrote %q, want %q", got, want)
	}
	name := filepath.Join(t.TempDir(), "app.log")
	h, err := handlers.NewFile(name, nil, nil, handlers.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	slog.New(h.WithDefaultFormatter(other).(*handlers.File).WithDefaultFormatter(own)).Info("m")
	if got, err := os.ReadFile(name); err != nil || string(got) != "other m\n" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}
