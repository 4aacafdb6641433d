package formatters

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// named is Python's everyday format.
const named = "%(asctime)s %(name)s %(levelname)s %(message)s"

// nowhereWriter is not io.Discard, which some code treats as a special case.
type nowhereWriter struct{}

func (nowhereWriter) Write(p []byte) (int, error) { return len(p), nil }

var benchBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// streamHandler does what handlers.Stream does: a pooled buffer, and one
// Write under a mutex.
type streamHandler struct {
	mu *sync.Mutex
	w  io.Writer
	f  Formatter
}

func newStreamHandler(w io.Writer, f Formatter) *streamHandler {
	return &streamHandler{new(sync.Mutex), w, f}
}

func (h *streamHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (h *streamHandler) Handle(_ context.Context, r slog.Record) error {
	p := benchBuffers.Get().(*[]byte)
	b := append(h.f.Append((*p)[:0], nil, r), '\n')
	h.mu.Lock()
	_, err := h.w.Write(b)
	h.mu.Unlock()
	*p = b
	benchBuffers.Put(p)
	return err
}

func (h *streamHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &streamHandler{h.mu, h.w, h.f.WithAttrs(attrs)}
}

func (h *streamHandler) WithGroup(name string) slog.Handler {
	return &streamHandler{h.mu, h.w, h.f.WithGroup(name)}
}

// leastHandler is the yardstick: the least work that gives the line of the
// named format. It takes no lock, escapes nothing, and knows one format.
type leastHandler struct {
	w    io.Writer
	name string
}

type leastSecond struct {
	unix int64
	text string
}

var leastCache atomic.Pointer[leastSecond]

func (h *leastHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (h *leastHandler) Handle(_ context.Context, r slog.Record) error {
	s := leastCache.Load()
	if s == nil || s.unix != r.Time.Unix() {
		s = &leastSecond{r.Time.Unix(), r.Time.UTC().Format("2006-01-02 15:04:05")}
		leastCache.Store(s)
	}
	p := benchBuffers.Get().(*[]byte)
	ms := r.Time.Nanosecond() / 1e6
	b := append((*p)[:0], s.text...)
	b = append(b, ',', '0'+byte(ms/100), '0'+byte(ms/10%10), '0'+byte(ms%10), ' ')
	b = append(b, h.name...)
	switch r.Level {
	case slog.LevelInfo:
		b = append(b, " INFO "...)
	default:
		b = append(append(append(b, ' '), r.Level.String()...), ' ')
	}
	b = append(append(b, r.Message...), '\n')
	_, err := h.w.Write(b)
	*p = b
	benchBuffers.Put(p)
	return err
}

func (h *leastHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *leastHandler) WithGroup(string) slog.Handler      { return h }

const benchMessage = "request served in good time, nothing to add"

func namedFormatter() Formatter {
	return Must(Percent(named, nil)).WithLoggerName("", "part0.part1.part2.part3")
}

func BenchmarkNamed(b *testing.B) {
	for _, bench := range []struct {
		name string
		h    slog.Handler
	}{
		{"least", &leastHandler{nowhereWriter{}, "part0.part1.part2.part3"}},
		{"percent", newStreamHandler(nowhereWriter{}, namedFormatter())},
	} {
		b.Run(bench.name, func(b *testing.B) {
			log := slog.New(bench.h)
			b.ReportAllocs()
			for b.Loop() {
				log.Info(benchMessage)
			}
		})
	}
}

// BenchmarkAppend leaves slog out.
func BenchmarkAppend(b *testing.B) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, benchMessage, 0)
	least := &leastHandler{nowhereWriter{}, "part0.part1.part2.part3"}
	b.Run("least", func(b *testing.B) {
		for b.Loop() {
			_ = least.Handle(context.Background(), r)
		}
	})
	b.Run("percent", func(b *testing.B) {
		f := namedFormatter()
		buf := make([]byte, 0, 1024)
		b.ReportAllocs()
		for b.Loop() {
			buf = f.Append(buf[:0], nil, r)
		}
	})
	b.Run("stream", func(b *testing.B) {
		h := newStreamHandler(nowhereWriter{}, namedFormatter())
		for b.Loop() {
			_ = h.Handle(context.Background(), r)
		}
	})
}

// The shapes of records whose formatting must not allocate.
var (
	errBench   = errors.New("no route to host")
	fiveAttrs  = []slog.Attr{slog.String("path", "/a/b"), slog.Int("status", 200), slog.Duration("took", 1500*time.Microsecond), slog.Time("since", testTime), slog.Any("cause", errBench)}
	tenContext = []slog.Attr{
		slog.String("service", "orders"), slog.String("version", "1.42.0"), slog.String("host", "node-17"), slog.String("zone", "eu west"),
		slog.Int("pid", 4711), slog.String("tenant", "acme"), slog.Bool("sampled", true), slog.Duration("budget", 250*time.Millisecond),
		slog.Float64("ratio", 0.5), slog.Time("start", testTime),
	}
)

var shapes = []struct {
	name   string
	format string
	with   []slog.Attr
	attrs  []slog.Attr
}{
	{"message", named, nil, nil},
	{"five attrs", named, nil, fiveAttrs},
	{"ten with and two", named, tenContext, fiveAttrs[:2]},
	{"attrs in fields", "%(path)-20s %(status)05d %(took).3f %(cause)s %(message)s %(since)s", nil, fiveAttrs},
	{"all fields", "%(created)f %(msecs)03d %(relativeCreated)d %(process)d %(thread)d %(threadName)s %(processName)s %(levelno)d %(taskName)s", nil, nil},
	{"site", "%(pathname)s %(filename)s:%(lineno)d %(funcName)s %(module)s %(message)s", nil, nil},
	{"own date", "%(asctime)s %(message)-60s|%(levelname)8s", nil, nil},
	{"unsafe text", "%(message).20s|%(levelname)s", nil, []slog.Attr{slog.String("k", "a b\n")}},
}

func BenchmarkShapes(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			log := slog.New(newStreamHandler(nowhereWriter{}, Must(Percent(s.format, nil)).WithAttrs(s.with)))
			b.ReportAllocs()
			for b.Loop() {
				log.LogAttrs(context.Background(), slog.LevelInfo, benchMessage, s.attrs...)
			}
		})
	}
}

// BenchmarkJSON measures JSON's Append for the shapes alone.
func BenchmarkJSON(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			f := JSON(nil).WithAttrs(s.with)
			r := newRecord(slog.LevelInfo, benchMessage)
			r.Time = time.Now()
			r.AddAttrs(s.attrs...)
			buf := make([]byte, 0, 1024)
			b.ReportAllocs()
			for b.Loop() {
				buf = f.Append(buf[:0], nil, r)
			}
		})
	}
}
