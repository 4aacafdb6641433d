package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

var _ io.WriteCloser = (*handlers.Writer)(nil)

// TestWriter writes one text in pieces of every length: the lines are the same.
func TestWriter(t *testing.T) {
	const text = "one\ntwo\r\n\n\r\nthree\rfour\r\r\nzero \x00 \x1b[31m\nlast"
	want := []string{"one", "two", "", "", "three\rfour\r", "zero \x00 \x1b[31m", "last"}
	for size := 1; size <= len(text); size++ {
		rec := handlertest.NewRecorder(nil)
		w := handlers.NewWriter(rec, slog.LevelWarn)
		for piece := range slices.Chunk([]byte(text), size) {
			if n, err := w.Write(piece); n != len(piece) || err != nil {
				t.Fatalf("Write: %d, %v", n, err)
			}
		}
		if got := rec.Messages(); !slices.Equal(got, want[:6]) {
			t.Errorf("in pieces of %d, before Close: %q", size, got)
		}
		for range 2 {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}
		if got := rec.Messages(); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d: %q", size, got)
		}
		if e := rec.Records()[0]; e.Level != slog.LevelWarn || e.Time.IsZero() || e.PC != 0 {
			t.Errorf("%+v", e)
		}
		if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, handlers.ErrClosed) {
			t.Errorf("Write after Close: %d, %v", n, err)
		}
	}
}

// TestWriterLongLines has lines around the bound, in pieces: nothing is lost, no
// character cut, no record too long.
func TestWriterLongLines(t *testing.T) {
	const bound = 64 << 10
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{bound - 1, bound, bound + 1, 2 * bound, 3*bound + 7} {
		for _, fill := range []string{"x", "é", "€", "😀", "\x80"} {
			for _, end := range []string{"\n", "\r\n", ""} {
				line := strings.Repeat(fill, n/len(fill)) + strings.Repeat("y", n%len(fill))
				rec := handlertest.NewRecorder(nil)
				w := handlers.NewWriter(rec, nil)
				for rest := []byte("a\n" + line + end); len(rest) > 0; {
					k := min(len(rest), 1+rng.IntN(3*bound))
					if _, err := w.Write(rest[:k]); err != nil {
						t.Fatal(err)
					}
					rest = rest[k:]
				}
				_ = w.Close()
				got := rec.Messages()[1:]
				if strings.Join(got, "") != line {
					t.Errorf("%d bytes of %q, ended by %q: not what was written", n, fill, end)
				}
				if least := (n + bound - 1) / bound; len(got) < least || len(got) > least+1 {
					t.Errorf("%d bytes of %q, ended by %q: %d records", n, fill, end, len(got))
				}
				for _, m := range got {
					if len(m) > bound || len(m) == 0 || fill != "\x80" && !utf8.ValidString(m) {
						t.Errorf("%d bytes of %q, ended by %q: a record of %d bytes", n, fill, end, len(m))
					}
				}
			}
		}
	}
}

// TestWriterConcurrently has goroutines write whole lines: all stay whole.
func TestWriterConcurrently(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	w := handlers.NewWriter(rec, nil)
	want := map[string]int{}
	var wg sync.WaitGroup
	for g := range 8 {
		for i := range 200 {
			for j := range 3 {
				want[fmt.Sprintf("%d %d %d", g, i, j)]++
			}
		}
		wg.Go(func() {
			for i := range 200 {
				fmt.Fprintf(w, "%d %d 0\n%d %d 1\n%d %d 2\n", g, i, g, i, g, i)
			}
		})
	}
	wg.Wait()
	_ = w.Close()
	for _, m := range rec.Messages() {
		want[m]--
	}
	for m, n := range want {
		if n != 0 {
			t.Errorf("%q: %d", m, n)
		}
	}
}

// TestWriterTrouble has the handler fail, panic, and write to the Writer.
func TestWriterTrouble(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var w *handlers.Writer
	w = handlers.NewWriter(&hook{enabled: func(l slog.Level) bool { return l >= slog.LevelInfo }, handle: func(ctx context.Context, r slog.Record) error {
		switch r.Message {
		case "fail":
			return errTest
		case "panic":
			panic("hostile")
		case "echo":
			fmt.Fprint(w, "echoed\n")
		}
		return rec.Handle(ctx, r)
	}}, nil)
	n, err := w.Write([]byte("fail\npanic\necho\nend\n"))
	var p *handlers.PanicError
	if n != 20 || !errors.Is(err, errTest) || !errors.As(err, &p) {
		t.Errorf("%d, %v", n, err)
	}
	if got := rec.Messages(); !slices.Equal(got, []string{"echoed", "echo", "end"}) {
		t.Errorf("%q", got)
	}
	var level slog.LevelVar
	level.Set(slog.LevelDebug)
	w2 := handlers.NewWriter(handlertest.NewRecorder(slog.LevelInfo), &level)
	if n, err := w2.Write([]byte("x\n")); n != 2 || err != nil {
		t.Errorf("below the level: %d, %v", n, err)
	}
}

func TestWriterOfAProgram(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	w := handlers.NewWriter(rec, nil)
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriterChild$")
	cmd.Env = append(os.Environ(), "WRITER_CHILD=1")
	cmd.Stdout = w
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if got := rec.Messages(); len(got) != 10_001 || got[9999] != "line 9999" || got[10_000] != "no end" {
		t.Errorf("%d lines", len(got))
	}
}

func TestWriterChild(t *testing.T) {
	if os.Getenv("WRITER_CHILD") == "" {
		t.Skip("it is the other program of TestWriterOfAProgram")
	}
	for i := range 10_000 {
		fmt.Printf("line %d\n", i)
	}
	fmt.Print("no end")
	os.Exit(0)
}

// TestNewStdLog calls the log package in every way, and has the source be here.
func TestNewStdLog(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	l := handlers.NewStdLog(rec, slog.LevelWarn)
	line := func() int { _, _, n, _ := runtime.Caller(1); return n }
	first := line() + 1
	l.Print("a\nb\n")
	l.Printf("n=%d", 1)
	l.Println("c", "d")
	_ = l.Output(1, "e")
	func() { defer func() { _ = recover() }(); l.Panic("f") }()
	if got := rec.Messages(); !slices.Equal(got, []string{"a\nb", "n=1", "c d", "e", "f"}) {
		t.Errorf("%q", got)
	}
	for i, e := range rec.Records() {
		f, _ := runtime.CallersFrames([]uintptr{e.PC}).Next()
		if path.Base(f.File) != "writer_test.go" || f.Line != first+i || e.Level != slog.LevelWarn {
			t.Errorf("record %d: %v %s:%d, want line %d", i, e.Level, f.File, f.Line, first+i)
		}
	}
	// No source is looked for that nobody prints.
	var pc uintptr
	quiet := &hook{handle: func(_ context.Context, r slog.Record) error { pc = r.PC; return nil }}
	handlers.NewStdLog(handlers.NewLevel(sourceless{quiet}, nil), nil).Print("x")
	if pc != 0 {
		t.Error("a source that nobody needs")
	}
}

type sourceless struct{ *hook }

func (sourceless) NeedsSource() bool { return false }
func (sourceless) AddsContextAttrs() {}

// TestAdoptDoesNotWriteToItself has log.SetOutput lead to slog: what slog's default
// handler writes must not come there again.
func TestAdoptDoesNotWriteToItself(t *testing.T) {
	old, flags := log.Writer(), log.Flags()
	defer func() { log.SetOutput(old); log.SetFlags(flags) }()
	n := 0
	count := &hook{handle: func(context.Context, slog.Record) error { n++; return nil }}
	for _, w := range []io.Writer{handlers.NewWriter(count, nil), handlers.NewStdLog(count, nil).Writer()} {
		log.SetOutput(w)
		h := handlers.Adopt(slog.Default().Handler())
		if got := fmt.Sprint(h); got != "slog's default(stderr)" {
			t.Errorf("it writes to %s", got)
		}
		log.Print("x")
	}
	if n != 2 {
		t.Errorf("control: %d records", n)
	}
}

func ExampleNewWriter() {
	h := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil)), nil)
	w := handlers.NewWriter(h, slog.LevelWarn)
	io.Copy(w, strings.NewReader("first line\r\nsecond \x1b[31mline\nno end"))
	w.Close()
	// Output:
	// WARNING first line
	// WARNING second \x1b[31mline
	// WARNING no end
}

func ExampleNewStdLog() {
	h := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(funcName)s: %(message)s", nil)), nil)
	handlers.NewStdLog(h, slog.LevelError).Printf("http: TLS handshake error from %s", "192.0.2.1")
	// Output:
	// ERROR ExampleNewStdLog: http: TLS handshake error from 192.0.2.1
}

func FuzzWriter(f *testing.F) {
	f.Add([]byte("a\r\nb\n\nc"), 1)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		rec := handlertest.NewRecorder(nil)
		w := handlers.NewWriter(rec, nil)
		for piece := range slices.Chunk(text, max(size, 1)) {
			_, _ = w.Write(piece)
		}
		_ = w.Close()
		var want []string
		for line := range bytes.Lines(text) {
			ended := bytes.HasSuffix(line, []byte{'\n'})
			if line = bytes.TrimSuffix(line, []byte{'\n'}); ended {
				line = bytes.TrimSuffix(line, []byte{'\r'})
			}
			want = append(want, string(line))
		}
		if got := rec.Messages(); len(text) <= 64<<10 && !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	w := handlers.NewWriter(slog.DiscardHandler, nil)
	line := []byte("one line of another program\n")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(line)
	}
}
