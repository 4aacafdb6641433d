package rotate_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/rotate"
)

func percentFormat(format string) formatters.Formatter {
	return formatters.Must(formatters.Percent(format, nil))
}

// openHandler returns a Handler over a file of its own, and a function that returns what is
// in the file.
func openHandler(t *testing.T, f formatters.Formatter, l slog.Leveler, o rotate.Options) (*rotate.Handler, func() string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "app.log")
	h, err := rotate.NewHandler(name, f, l, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, func() string { return fileText(t, name) }
}

func fileText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	return string(text)
}

func recordOf(l slog.Level, msg string) slog.Record {
	return slog.NewRecord(time.Unix(0, 0), l, msg, 0)
}

func handleAll(t *testing.T, h slog.Handler, l slog.Level, msgs ...string) {
	t.Helper()
	for _, msg := range msgs {
		if err := h.Handle(t.Context(), recordOf(l, msg)); err != nil {
			t.Error(err)
		}
	}
}

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
	}
}

// handlerKinds are the ways in which a Handler writes.
func handlerKinds(t *testing.T) map[string]rotate.Options {
	kinds := map[string]rotate.Options{
		"Direct":   {},
		"Buffered": {Durability: rotate.Buffered, BufferBytes: 300},
		"Durable":  {Durability: rotate.Durable},
		"Watch":    {Watch: true, Delay: true},
	}
	if runtime.GOOS == "windows" {
		return kinds
	}
	kinds["Shared"] = rotate.Options{Shared: true}
	kinds["Shared and Buffered"] = rotate.Options{Shared: true, Durability: rotate.Buffered, BufferBytes: 300}
	kinds["Shared with Python's lock"] = rotate.Options{Shared: true, Lock: rotate.LockConcurrentLogHandler}
	return kinds
}

// TestHandlerConforms rotates meanwhile, so that the records are in several files.
func TestHandlerConforms(t *testing.T) {
	for name, o := range handlerKinds(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.MaxBytes, o.Upward = 2000, true
			leveled := func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
				h, _ := openHandler(t, formatters.JSON(nil), l, o)
				return h, func() []map[string]any {
					if err := h.Flush(); err != nil {
						t.Error(err)
					}
					maps, err := handlertest.ParseJSON(allTexts(t, h.Name()))
					if err != nil {
						t.Error(err)
					}
					return maps
				}
			}
			open := func(t *testing.T) (slog.Handler, func() []map[string]any) { return leveled(t, nil) }
			handlertest.Run(t, open, handlertest.Leveled(leveled))
		})
	}
}

// allTexts returns the texts of the backups that were numbered upward, and of the file.
func allTexts(t *testing.T, name string) []byte {
	var all []byte
	for i := 1; ; i++ {
		text, err := os.ReadFile(name + "." + strconv.Itoa(i))
		if errors.Is(err, fs.ErrNotExist) {
			return append(all, fileText(t, name)...)
		}
		if err != nil {
			t.Error(err)
		}
		all = append(all, text...)
	}
}

// rendersOf counts the records that a formatter renders; its key is that of the one in it.
type rendersOf struct {
	formatters.Formatter
	n *atomic.Int64
}

func (f rendersOf) WithAttrs(attrs []slog.Attr) formatters.Formatter {
	return rendersOf{f.Formatter.WithAttrs(attrs), f.n}
}

func (f rendersOf) WithGroup(name string) formatters.Formatter {
	return rendersOf{f.Formatter.WithGroup(name), f.n}
}

func (f rendersOf) WithLoggerName(key, name string) formatters.Formatter {
	return rendersOf{f.Formatter.WithLoggerName(key, name), f.n}
}

func (f rendersOf) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	f.n.Add(1)
	return f.Formatter.Append(dst, ctxAttrs, r)
}

// TestHandlerSharesRenderings has a Handler and a Stream of one format beside each other.
func TestHandlerSharesRenderings(t *testing.T) {
	var n atomic.Int64
	var out strings.Builder
	format := func() formatters.Formatter { return rendersOf{percentFormat("%(name)s %(message)s"), &n} }
	o := rotate.Options{Durability: rotate.Buffered, FlushInterval: time.Hour}
	file, text := openHandler(t, format(), slog.LevelInfo, o)
	other, otherText := openHandler(t, format(), nil, rotate.Options{})
	other.SetTerminator("|")
	all := handlers.NewFanout(handlers.NewStream(&out, format(), nil), handlers.NewLevel(file, slog.LevelInfo), other)
	log := slog.New(handlers.BindName(all, "logger", "a.b")).With("k", 1).WithGroup("g")
	log.InfoContext(contextattrs.With(t.Context(), "c", 2), "m", "x", 3)
	if got := n.Load(); got != 1 {
		t.Errorf("%d renderings of a record for three destinations of one format", got)
	}
	const line = "a.b m k=1 c=2 g.x=3"
	wantText(t, "the stream", out.String(), line+"\n")
	wantText(t, "the other file", otherText(), line+"|")
	wantText(t, "the buffered file", text(), "")
	log.Error("e") // its rendering is shared, and flushed none the less
	wantText(t, "the buffered file", text(), line+"\na.b e k=1\n")
	if got := n.Load(); got != 2 {
		t.Errorf("%d renderings of two records", got)
	}
}

func TestHandlerFlushLevel(t *testing.T) {
	level := new(slog.LevelVar)
	level.Set(slog.LevelWarn)
	for _, c := range []struct {
		of         slog.Leveler
		kept, last slog.Level
	}{
		{nil, slog.LevelError - 1, slog.LevelError},
		{level, slog.LevelWarn - 1, slog.LevelWarn},
		{slog.LevelDebug, slog.LevelDebug - 1, slog.LevelDebug},
	} {
		h, text := openHandler(t, nil, nil, rotate.Options{Durability: rotate.Buffered, FlushInterval: time.Hour, FlushLevel: c.of})
		derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)})
		handleAll(t, derived, c.kept, "one", "two")
		wantText(t, "below the level", text(), "")
		handleAll(t, derived, c.last, "three")
		wantText(t, "at the level", text(), "one a=1\ntwo a=1\nthree a=1\n")
		handleAll(t, h, c.kept, "four")
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		wantText(t, "flushed", text(), "one a=1\ntwo a=1\nthree a=1\nfour\n")
		handleAll(t, h, c.kept, "five")
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		wantText(t, "closed", text(), "one a=1\ntwo a=1\nthree a=1\nfour\nfive\n")
	}
}

func TestHandlerFlushInterval(t *testing.T) {
	for _, o := range []rotate.Options{{}, {FlushInterval: 3 * time.Second}, {Shared: runtime.GOOS != "windows"}} {
		synctest.Test(t, func(t *testing.T) {
			o.Durability = rotate.Buffered
			h, text := openHandler(t, nil, nil, o)
			every := max(o.FlushInterval, time.Second)
			for _, want := range []string{"m\n", "m\nm\n"} {
				before := text()
				handleAll(t, h, slog.LevelInfo, "m")
				time.Sleep(every - 1)
				synctest.Wait()
				wantText(t, "before the interval's end", text(), before)
				time.Sleep(time.Nanosecond)
				synctest.Wait()
				wantText(t, "after it", text(), want)
				time.Sleep(every / 2) // the next interval begins with the next record
			}
			h.Close() // ends the timers, inside the bubble
		})
	}
}

func TestHandlerIsAStream(t *testing.T) {
	t.Chdir(t.TempDir())
	h, err := rotate.NewHandler("logs/app.log", percentFormat("%(name)s %(message)s"), slog.LevelWarn, rotate.Options{Delay: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	h.SetTerminator("|")
	log := slog.New(h.WithLoggerName("logger", "a.b"))
	log.Info("no")
	log.WithGroup("").With().WithGroup("g").Warn("yes", "k", "v")
	wantText(t, "the file", fileText(t, h.Name()), "a.b yes g.k=v|")
	derived := log.With("k", 1).Handler().(*rotate.Handler)
	for _, h := range []*rotate.Handler{h, derived} {
		wantText(t, "String", h.String(), "rotate.Handler(logs/app.log) level WARNING")
	}
	if abs, _ := filepath.Abs("logs/app.log"); h.Name() != abs || derived.File() != h.File() || h.File().Name() != abs {
		t.Errorf("Name() = %q, want %q", h.Name(), abs)
	}
}

func TestHandlerNamesArePrintable(t *testing.T) {
	h, err := rotate.NewHandler("a\nb.log", nil, nil, rotate.Options{Delay: true})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	wantText(t, "String", h.String(), `rotate.Handler("a\nb.log")`)
	if s := h.File().String(); strings.Contains(s, "\n") {
		t.Errorf("File().String() = %q", s)
	}
}

func TestHandlerNeedsSource(t *testing.T) {
	for format, want := range map[string]bool{"%(message)s": false, "%(lineno)d %(message)s": true} {
		h, _ := openHandler(t, percentFormat(format), nil, rotate.Options{})
		for _, h := range []slog.Handler{h, h.WithGroup("g"), handlers.NewLevel(h, nil)} {
			if got := handlers.NeedsSource(h); got != want {
				t.Errorf("%s: NeedsSource is %t", format, got)
			}
		}
	}
}

// A record counts in characters, as if a line break ended it.
func TestHandlerMaxBytes(t *testing.T) {
	for _, c := range []struct {
		terminator, first, second string
		rotates                   bool
	}{
		{"\n", "ab", "123456", true}, // 3 bytes, and 7 are 10
		{"\n", "ab", "12345", false},
		{"\n", "ab", "éééééé", true},
		{"\n", "ab", "ééééé", false},
		{"\n", "日本", "12", true}, // 7 bytes are in the file
		{"\n", "日本", "1", false},
		{"", "ab", "1234567", true}, // 2 bytes, and 8
		{"", "ab", "123456", false},
		{"--\n", "ab", "1234", true}, // 5 bytes, and 5
		{"--\n", "ab", "123", false},
		{"→", "ab", "1234", true},
		{"→", "ab", "123", false},
		{"\n", "a record that is longer than the limit", "x", true},
	} {
		h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 10, BackupCount: 1})
		h.SetTerminator(c.terminator)
		handleAll(t, h, slog.LevelInfo, c.first, c.second)
		if n := h.File().Stats().Rotations; (n == 1) != c.rotates || n > 1 {
			t.Errorf("%+v: %d rotations", c, n)
		}
		want := c.first + c.terminator + c.second + c.terminator
		wantText(t, "both files", fileText(t, h.Name()+".1")+text(), want)
	}
}

func TestHandlerClose(t *testing.T) {
	for kind, o := range handlerKinds(t) {
		h, text := openHandler(t, nil, nil, o)
		derived := h.WithGroup("g")
		handleAll(t, derived, slog.LevelInfo, "one")
		if err := handlers.Close(t.Context(), handlers.NewFanout(derived, h)); err != nil {
			t.Error(kind, err)
		}
		if err := h.Close(); err != nil {
			t.Error(kind, err)
		}
		for _, h := range []slog.Handler{h, derived} {
			err := h.Handle(t.Context(), recordOf(slog.LevelError, "two"))
			if !errors.Is(err, os.ErrClosed) || !strings.Contains(err.Error(), "app.log") {
				t.Errorf("%s: Handle after Close: %v", kind, err)
			}
		}
		if err := h.Flush(); err != nil {
			t.Error(kind, err)
		}
		if s := h.File().Stats(); s.Records != 1 || s.Lost != 2 {
			t.Errorf("%s: %+v", kind, s)
		}
		wantText(t, kind, text(), "one\n")
	}
}

func TestNewHandlerErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		o    rotate.Options
		want []string
	}{
		{"", rotate.Options{}, []string{`rotate: file "": the name is empty`}},
		{dir, rotate.Options{}, []string{`rotate: file "` + dir + `": is a directory`}},
		{"a\x00b", rotate.Options{MaxBytes: -1, BackupCount: -2}, []string{`"a\x00b": `, "NUL", "MaxBytes is negative: -1", "BackupCount is negative: -2"}},
		{filepath.Join(dir, "x"), rotate.Options{Durability: 7}, []string{"Options.Durability is unknown"}},
	} {
		h, err := rotate.NewHandler(c.name, nil, nil, c.o)
		if h != nil || err == nil {
			t.Errorf("NewHandler(%q, %+v) = %v, %v", c.name, c.o, h, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("NewHandler(%q, %+v): %v; want %q in it", c.name, c.o, err, want)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
		t.Error("a file was made before its options were checked")
	}
}

func TestHandlerWithDefaultFormatter(t *testing.T) {
	own, other := percentFormat("own %(message)s"), percentFormat("other %(message)s")
	for _, f := range []formatters.Formatter{nil, own} {
		h, text := openHandler(t, f, nil, rotate.Options{})
		for _, h := range []slog.Handler{h.WithDefaultFormatter(other), h, h.WithDefaultFormatter(other).(*rotate.Handler).WithDefaultFormatter(own)} {
			slog.New(h).Info("m")
		}
		want := "other m\nm\nother m\n"
		if f != nil {
			want = "own m\nown m\nown m\n"
		}
		wantText(t, "the file", text(), want)
	}
}

// A file is no terminal, whatever the program's own streams are.
func TestHandlerWritesNoColours(t *testing.T) {
	for _, f := range []formatters.Formatter{nil, formatters.Console(nil)} {
		h, text := openHandler(t, f, nil, rotate.Options{})
		handleAll(t, h.WithDefaultFormatter(formatters.Console(nil)), slog.LevelError, "m")
		if got := text(); !strings.Contains(got, "ERROR") || strings.Contains(got, "\x1b") {
			t.Errorf("wrote %q", got)
		}
	}
}
