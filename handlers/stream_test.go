package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

func TestStream(t *testing.T) {
	var buf bytes.Buffer
	h := handlers.NewStream(&buf, percent("%(levelname)s:%(name)s:%(message)s"), slog.LevelWarn)
	log := slog.New(h.WithLoggerName("logger", "a.b"))
	log.Info("not seen")
	log.Warn("seen", "k", "v")
	slog.New(h).WithGroup("g").ErrorContext(contextattrs.With(context.Background(), "req", 7), "both", "k", "v")
	diff(t, "WARNING:a.b:seen k=v\nERROR:root:both req=7 g.k=v\n", buf.String())
}

func TestStreamDefaults(t *testing.T) {
	var buf bytes.Buffer
	h := handlers.NewStream(&buf, nil, nil)
	if !h.Enabled(context.Background(), formatters.LevelNotSet) {
		t.Error("a nil level is not all levels")
	}
	slog.New(h).Debug("hello")
	diff(t, "hello\n", buf.String())
	wantPanic(t, "NewStream: the writer is nil", func() { handlers.NewStream(nil, nil, nil) })
}

func TestStreamTerminator(t *testing.T) {
	var buf bytes.Buffer
	h := handlers.NewStream(&buf, nil, nil)
	derived := h.WithGroup("g")
	h.SetTerminator("|")
	handle(t, derived, record(slog.LevelInfo, "a"))
	h.SetTerminator("")
	handle(t, h, record(slog.LevelInfo, "b"))
	derived.(*handlers.Stream).SetTerminator("\r\n")
	handle(t, h, record(slog.LevelInfo, "c"))
	diff(t, "a|bc\r\n", buf.String())
}

func TestStreamLevelVar(t *testing.T) {
	var level slog.LevelVar
	h := handlers.NewStream(io.Discard, nil, &level)
	level.Set(slog.LevelError)
	if s := h.String(); s != "Stream(io.discard) level ERROR" {
		t.Errorf("String() = %q", s)
	}
}

type namedWriter struct {
	io.Writer
	name string
}

func (w namedWriter) Name() string { return w.name }

func TestStreamString(t *testing.T) {
	for _, c := range []struct {
		w     io.Writer
		level slog.Leveler
		want  string
	}{
		{os.Stderr, slog.LevelInfo, "Stream(stderr) level INFO"},
		{os.Stdout, nil, "Stream(stdout)"},
		{&bytes.Buffer{}, formatters.LevelCritical, "Stream(*bytes.Buffer) level CRITICAL"},
		{namedWriter{nil, "wire"}, slog.LevelInfo + 1, "Stream(wire) level INFO+1"},
		{namedWriter{nil, "a\nb\x1b"}, nil, `Stream("a\nb\x1b")`},
	} {
		if got := handlers.NewStream(c.w, nil, c.level).String(); got != c.want {
			t.Errorf("String() = %q, want %q", got, c.want)
		}
	}
}

// countingWriter counts its calls of Write.
type countingWriter struct {
	bytes.Buffer
	writes int
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.writes++
	return w.Buffer.Write(p)
}

// TestStreamWritesOnce logs from many goroutines, through derived loggers, to a
// writer that is not safe for that.
func TestStreamWritesOnce(t *testing.T) {
	var w countingWriter
	h := handlers.NewStream(&w, nil, nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				slog.New(h).With("i", i).Info(strings.Repeat(fmt.Sprint(i), 1+i*50))
			}
		})
	}
	wg.Wait()
	if w.writes != 800 {
		t.Errorf("%d calls of Write for 800 records", w.writes)
	}
	for line := range strings.Lines(w.String()) {
		i := int(line[0] - '0')
		if want := fmt.Sprintf("%s i=%d\n", strings.Repeat(line[:1], 1+i*50), i); line != want {
			t.Fatalf("line %q", line)
		}
	}
}

// TestStreamLogsWhileFormatting has a LogValuer log to the stream it is written to.
func TestStreamLogsWhileFormatting(t *testing.T) {
	var buf bytes.Buffer
	log := slog.New(handlers.NewStream(&buf, nil, nil))
	log.Info("outer", "v", valuer(func() slog.Value {
		log.Info("inner")
		return slog.IntValue(1)
	}))
	diff(t, "inner\nouter v=1\n", buf.String())
}

type valuer func() slog.Value

func (f valuer) LogValue() slog.Value { return f() }

// scripted is a writer that takes as many bytes as it is told to, call by
// call, and fails if that is not all. Later it takes all.
type scripted struct {
	bytes.Buffer
	takes []int
	err   error
	flush error
}

func (w *scripted) Write(p []byte) (int, error) {
	if len(w.takes) == 0 {
		return w.Buffer.Write(p)
	}
	n := min(w.takes[0], len(p))
	w.takes = w.takes[1:]
	w.Buffer.Write(p[:n])
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}

func (w *scripted) Flush() error { return w.flush }

func TestStreamErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes []int
		fails []bool // of the records one to four
		want  string
	}{
		{"all well", nil, []bool{false, false, false, false}, "one\ntwo\nthree\nfour\n"},
		{"nothing written", []int{0}, []bool{true, false, false, false}, "two\nthree\nfour\n"},
		{"cut short", []int{2}, []bool{true, false, false, false}, "one\ntwo\nthree\nfour\n"},
		{"terminator missing", []int{9, 3}, []bool{false, true, false, false}, "one\ntwo\nthree\nfour\n"},
		{"still full", []int{1, 0, 0}, []bool{true, true, true, false}, "one\nfour\n"},
		{"bit by bit", []int{1, 1, 1, 1, 2}, []bool{true, true, true, true}, "one\nfo"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &scripted{takes: c.takes, err: errTest}
			h := handlers.NewStream(w, nil, nil)
			for i, msg := range []string{"one", "two", "three", "four"} {
				err := h.Handle(context.Background(), record(slog.LevelInfo, msg))
				if (err != nil) != c.fails[i] {
					t.Errorf("%s: error %v", msg, err)
				}
				if err != nil && (!errors.Is(err, errTest) || err.Error() != "handlers: *handlers_test.scripted: no luck") {
					t.Errorf("%s: error %q", msg, err)
				}
			}
			diff(t, c.want, w.String())
		})
	}
}

// liar is a writer that breaks the contract of io.Writer.
type liar struct{ n int }

func (w liar) Write([]byte) (int, error) { return w.n, nil }

func TestStreamOutlivesBadWriters(t *testing.T) {
	for n, want := range map[int]error{-1: io.ErrShortWrite, 0: io.ErrShortWrite, 2: io.ErrShortWrite, 4: nil, 99: nil} {
		h := handlers.NewStream(liar{n}, nil, nil)
		for range 3 {
			if err := h.Handle(context.Background(), record(slog.LevelInfo, "one")); !errors.Is(err, want) {
				t.Errorf("a writer that says %d: %v", n, err)
				break
			}
			if n == 2 { // its rest, "e\n", is what it takes
				break
			}
		}
	}
}

func TestStreamFlush(t *testing.T) {
	w := &scripted{takes: []int{1, 1}, err: errTest}
	h := handlers.NewStream(w, nil, nil)
	_ = h.Handle(context.Background(), record(slog.LevelInfo, "one"))
	if err := h.Flush(); !errors.Is(err, errTest) {
		t.Errorf("Flush of a full writer: %v", err)
	}
	if err := h.Flush(); err != nil {
		t.Error(err)
	}
	diff(t, "one\n", w.String())
	w.flush = errTest
	if err := h.Flush(); !errors.Is(err, errTest) {
		t.Errorf("Flush did not flush the writer: %v", err)
	}
	if err := h.Close(); !errors.Is(err, errTest) {
		t.Errorf("Close did not flush the writer: %v", err)
	}
	handle(t, h, record(slog.LevelInfo, "after"))
	diff(t, "one\nafter\n", w.String())
}

// FuzzStreamTearing has a writer that fails at random points. Whatever happens, what
// is written are whole records in order, of the last perhaps only a beginning, and
// each record that Handle returned no error for is there.
func FuzzStreamTearing(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, seed uint64, n int) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		w := &scripted{err: errTest}
		for range min(max(n, 0), 1000) {
			w.takes = append(w.takes, rnd.IntN(30)*rnd.IntN(2))
		}
		h := handlers.NewStream(w, nil, nil)
		var all, sure []string
		for i := range min(max(n, 0), 1000) {
			msg := fmt.Sprintf("%d-%s", i, strings.Repeat("x", rnd.IntN(20)))
			all = append(all, msg)
			if h.Handle(context.Background(), record(slog.LevelInfo, msg)) == nil {
				sure = append(sure, msg)
			}
		}
		lines := strings.Split(w.String(), "\n")
		last := lines[len(lines)-1]
		whole := lines[:len(lines)-1]
		for _, line := range whole {
			i := slices.Index(all, line)
			if i < 0 {
				t.Fatalf("a torn line %q, or one out of order, in\n%s", line, w.String())
			}
			all = all[i+1:]
		}
		if !slices.ContainsFunc(append(all, ""), func(msg string) bool { return strings.HasPrefix(msg, last) }) {
			t.Errorf("the last line %q begins no later record", last)
		}
		for _, msg := range sure {
			if !slices.Contains(whole, msg) {
				t.Errorf("record %q is lost without an error", msg)
			}
		}
	})
}
