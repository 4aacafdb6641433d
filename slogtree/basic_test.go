package slogtree

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestBasic(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	var out lockedBuffer
	closeBasic, err := tree.basic(BasicOptions{Stream: &out, Level: slog.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Debug("one", "k", 1)
	again, err := tree.basic(BasicOptions{Format: "%(nonsense", Level: slog.LevelError}) // not even looked at
	if err != nil {
		t.Fatal(err)
	}
	if err := again(t.Context()); err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Debug("two")
	for range 2 {
		if err := closeBasic(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tree.Get("a").Debug("after")
	if got, want := string(out.Bytes()), "DEBUG:a:one k=1\nDEBUG:a:two\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}

func TestBasicFile(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	name := filepath.Join(t.TempDir(), "new", "app.log")
	for _, c := range []struct{ mode, want string }{{"", "INFO:root:m\n"}, {"a", "INFO:root:m\nINFO:root:m\n"}, {"w", "INFO:root:m\n"}} {
		closeBasic, err := tree.basic(BasicOptions{Filename: name, FileMode: c.mode})
		if err != nil {
			t.Fatal(err)
		}
		tree.Root().Info("m")
		if err := closeBasic(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != c.want {
			t.Errorf("mode %q: the file holds %q, %v; want %q", c.mode, got, err, c.want)
		}
	}
}

func TestBasicFormat(t *testing.T) {
	tree := New(Options{})
	var out lockedBuffer
	_, err := tree.basic(BasicOptions{
		Stream: &out, Style: "%", Format: "%(asctime)s|%(message)s", DateFmt: "%Y",
		Options: formatters.Options{Strict: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("m", "k", 1)
	if got := string(out.Bytes()); len(got) != len("2006|m\n") || !strings.HasSuffix(got, "|m\n") {
		t.Errorf("wrote %q", got)
	}
}

func TestBasicStyles(t *testing.T) {
	for style, formats := range map[string][2]string{
		"%": {"", "<%(name)s> %(message)s"},
		"{": {"", "<{name}> {message}"},
		"$": {"", "<$name> $message"},
	} {
		for i, want := range []string{"INFO:a:m k=1\n", "<a> m k=1\n"} {
			tree := New(Options{})
			var out lockedBuffer
			if _, err := tree.basic(BasicOptions{Stream: &out, Style: style, Format: formats[i]}); err != nil {
				t.Fatal(err)
			}
			tree.Get("a").Info("m", "k", 1)
			if got := string(out.Bytes()); got != want {
				t.Errorf("style %s, format %q: wrote %q, want %q", style, formats[i], got, want)
			}
		}
	}
}

func TestBasicFormatter(t *testing.T) {
	tree := New(Options{})
	var out lockedBuffer
	f := formatters.JSON(&formatters.Options{Fields: []string{"levelname", "name", "message"}})
	if _, err := tree.basic(BasicOptions{Stream: &out, Formatter: f}); err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("m", "k", 1)
	if got := string(out.Bytes()); got != `{"levelname":"INFO","name":"a","message":"m","k":1}`+"\n" {
		t.Errorf("wrote %q", got)
	}
}

func TestBasicForce(t *testing.T) {
	tree := New(Options{})
	var order []string
	old := &closing{name: "old", order: &order}
	kept := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(old)
	tree.Root().AddHandler(kept)
	next := handlertest.NewRecorder(nil)
	closeBasic, err := tree.basic(BasicOptions{Handlers: []slog.Handler{kept, next, next}, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("m")
	wantMessages(t, kept, "m")
	wantMessages(t, next, "m")
	if got := strings.Join(order, ", "); got != "old flushed, old closed" {
		t.Errorf("the old handler: %s", got)
	}
	if err := closeBasic(t.Context()); err != nil || len(tree.Root().Handlers()) != 0 {
		t.Errorf("close returned %v and left %d handlers", err, len(tree.Root().Handlers()))
	}
}

func TestBasicErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "app.log")
	for name, c := range map[string]struct {
		options BasicOptions
		want    []string
	}{
		"stream and file":   {BasicOptions{Stream: os.Stderr, Filename: file}, []string{"exclude"}},
		"handlers and file": {BasicOptions{Handlers: []slog.Handler{}, Filename: file}, []string{"exclude"}},
		"format":            {BasicOptions{Filename: file, Format: "%(message)s %(lineno"}, []string{"lineno"}},
		"style":             {BasicOptions{Filename: file, Style: "?"}, []string{`"?"`}},
		"brace format":      {BasicOptions{Filename: file, Style: "{", Format: "{message} {lineno"}, []string{"column 11"}},
		"formatter":         {BasicOptions{Filename: file, Formatter: formatters.JSON(nil), Style: "%"}, []string{"Formatter excludes"}},
		"Go layout":         {BasicOptions{Filename: file, DateFmt: "2006-01-02"}, []string{`"2006-01-02"`, "%Y-%m-%d"}},
		"other style":       {BasicOptions{Filename: file, Style: "$", Format: "%(message)s"}, []string{"${message}"}},
		"mode":              {BasicOptions{Filename: file, FileMode: "x"}, []string{`"x"`}},
		"nil handler":       {BasicOptions{Handlers: []slog.Handler{nil}}, []string{"Handlers[0]"}},
		"all at once":       {BasicOptions{Filename: file, Style: "?", FileMode: "x"}, []string{`"?"`, `"x"`}},
		"no such directory": {BasicOptions{Filename: filepath.Join(file, "below", "a.log")}, []string{"below"}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "no such directory" {
				if err := os.WriteFile(file, nil, 0o666); err != nil {
					t.Fatal(err)
				}
				defer os.Remove(file)
			}
			tree := New(Options{})
			old := handlers.NewStream(&lockedBuffer{}, nil, nil)
			tree.Root().AddHandler(old)
			c.options.Force, c.options.Level = true, slog.LevelError
			_, err := tree.basic(c.options)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error %q lacks %s", err, want)
				}
			}
			if hs := tree.Root().Handlers(); len(hs) != 1 || hs[0] != old || tree.Root().Level() != slog.LevelInfo {
				t.Error("something changed all the same")
			}
			if _, err := os.Stat(file); err == nil && name != "no such directory" {
				t.Error("a file was made all the same")
			}
		})
	}
}

// TestBasicFormatsHandlers gives a format to handlers that have none.
func TestBasicFormatsHandlers(t *testing.T) {
	tree := New(Options{})
	var bare, formatted lockedBuffer
	own := formatters.Must(formatters.Percent("own %(message)s", nil))
	h := handlers.NewStream(&bare, nil, slog.LevelInfo)
	closeBasic, err := tree.basic(BasicOptions{
		Format:   "%(levelname)s %(message)s",
		Handlers: []slog.Handler{h, handlers.NewStream(&formatted, own, nil)},
	})
	if err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("m")
	if got := string(bare.Bytes()) + string(formatted.Bytes()); got != "INFO m\nown m\n" {
		t.Errorf("wrote %q", got)
	}
	if tree.Root().Handlers()[0] != slog.Handler(h) {
		t.Error("the handler lost its identity")
	}
	if err := closeBasic(t.Context()); err != nil || len(tree.Root().Handlers()) != 0 {
		t.Errorf("close returned %v and left %d handlers", err, len(tree.Root().Handlers()))
	}
}
