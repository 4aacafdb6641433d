package handlers

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// A Stream writes records to an [io.Writer], as text made by a
// [formatters.Formatter]. It is logging.StreamHandler of CPython.
//
// A record is one call of Write, made under a lock that the Stream shares with
// everything derived from it, so lines never mix. Formatting happens outside
// the lock; a LogValuer may log to the same Stream, the writer may not.
//
// If Write fails midway, the rest of that record is written before the next
// one, so that the records after a full disk or the like are whole again. A
// record of which nothing was written is not tried again: Handle's error is all
// that remains of it.
//
// Use [NewStream]; the zero value is not usable.
type Stream struct {
	sink   *sink
	format formatters.Formatter
	level  slog.Leveler // nil for all
	plain  bool         // made without a formatter
}

// NewStream returns a Stream that writes records at or above level to w. A nil f
// means [formatters.Percent] with "%(message)s", a nil level all levels. A
// [slog.LevelVar] changes the level at any time. It panics if w is nil. A
// [ConcurrentWriter] is called without a lock.
//
// A Formatter with a method WithTerminal, such as [formatters.Console], is told
// whether w is a terminal: an [os.File] that is one, or any writer whose
// method Fd() uintptr or SyscallConn leads to one.
func NewStream(w io.Writer, f formatters.Formatter, level slog.Leveler) *Stream {
	if w == nil {
		panic("handlers: NewStream: the writer is nil")
	}
	w, unlocked := seenThrough(w)
	h := newStream(w, describeWriter(w), forWriter(f, w), level)
	h.sink.unlocked = unlocked
	return h
}

func newStream(w io.Writer, name string, f formatters.Formatter, level slog.Leveler) *Stream {
	plain := f == nil
	if plain {
		f = formatters.Must(formatters.Percent("%(message)s", nil))
	}
	return &Stream{sink: &sink{w: w, name: name}, format: f, level: level, plain: plain}
}

// WithDefaultFormatter returns h, or if h was made without a formatter and
// nothing was derived from it yet, a Stream that is like h but writes through
// f. It is what logging.basicConfig does to handlers without a formatter.
func (h *Stream) WithDefaultFormatter(f formatters.Formatter) slog.Handler {
	if !h.plain {
		return h
	}
	return h.with(forWriter(f, h.sink.w))
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Stream) AddsContextAttrs() {}

// String describes h, as in "Stream(stderr) level INFO".
func (h *Stream) String() string { return withLevel("Stream("+h.sink.name+")", h.level) }

// SetTerminator sets what ends each record, "\n" at first, for h and
// everything that shares its writer. It is StreamHandler.terminator of CPython.
func (h *Stream) SetTerminator(s string) { h.sink.terminator.Store(&s) }

// Enabled reports whether l is at or above the Stream's level.
func (h *Stream) Enabled(_ context.Context, l slog.Level) bool {
	return h.level == nil || l >= h.level.Level()
}

// Handle writes r. It returns the writer's error, with the Stream's name.
func (h *Stream) Handle(ctx context.Context, r slog.Record) error {
	buf := getBuffer()
	*buf = formatters.AppendRecord(h.format, *buf, contextattrs.Attrs(ctx), &r)
	*buf = append(*buf, h.sink.end()...)
	err := h.sink.write(*buf)
	putBuffer(buf) // not deferred: a panic, which is rare, costs a buffer and no more
	return err
}

// Formatter returns the formatter, with all that was bound to h.
func (h *Stream) Formatter() formatters.Formatter { return h.format }

// WriteRendered writes line and the terminator, see [Renderer].
func (h *Stream) WriteRendered(_ context.Context, _ slog.Level, line []byte) error {
	return h.sink.write(append(line, h.sink.end()...))
}

// NeedsSource reports whether the formatter prints where records were made.
func (h *Stream) NeedsSource() bool { return formatNeedsSource(h.format) }

// WithAttrs returns a Stream that writes attrs with each record.
func (h *Stream) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.format.WithAttrs(attrs))
}

// WithGroup returns a Stream that qualifies later attrs by name.
func (h *Stream) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.format.WithGroup(name))
}

// WithLoggerName returns a Stream whose formatter knows the logger's name.
func (h *Stream) WithLoggerName(key, name string) slog.Handler {
	return h.with(h.format.WithLoggerName(key, name))
}

func (h *Stream) with(f formatters.Formatter) *Stream {
	return &Stream{sink: h.sink, format: f, level: h.level}
}

// Flush writes what an error has left of a record, and calls the writer's
// method Flush() error if it has one.
func (h *Stream) Flush() error { return h.sink.flush() }

// Close is Flush. It does not close the writer, and the Stream goes on working,
// as CPython's StreamHandler does.
func (h *Stream) Close() error { return h.Flush() }

// sink is the writer and what all Streams derived from one share.
type sink struct {
	w          io.Writer
	name       string
	terminator atomic.Pointer[string] // nil is "\n"
	unlocked   bool                   // w is a ConcurrentWriter

	// What processors take from each other, in a cache line of its own: reading
	// the rest must not take it too.
	_    [64]byte
	mu   sync.Mutex
	rest []byte // of the record that the last Write cut short
	_    [64]byte
}

func (s *sink) end() string {
	if t := s.terminator.Load(); t != nil {
		return *t
	}
	return "\n"
}

// write writes the whole record p by one Write.
func (s *sink) write(p []byte) error {
	if s.unlocked {
		n, err := s.w.Write(p)
		_, err = s.shortened(n, len(p), err)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) > 0 {
		if err := s.writeRest(); err != nil {
			return err
		}
	}
	n, err := s.w.Write(p)
	if err == nil && n == len(p) {
		return nil
	}
	n, err = s.shortened(n, len(p), err)
	if 0 < n && n < len(p) {
		s.rest = append([]byte(nil), p[n:]...)
	}
	return err
}

// writeRest completes a record that was cut short. The caller holds mu.
func (s *sink) writeRest() error {
	if len(s.rest) == 0 {
		return nil
	}
	n, err := s.w.Write(s.rest)
	n, err = s.shortened(n, len(s.rest), err)
	if s.rest = s.rest[n:]; len(s.rest) == 0 {
		s.rest = nil
	}
	return err
}

// shortened returns what a Write of so many bytes returned, made right for writers
// that break their contract, too.
func (s *sink) shortened(n, of int, err error) (int, error) {
	n = min(max(n, 0), of)
	if err == nil && n < of {
		err = io.ErrShortWrite
	}
	return n, s.wrap(err)
}

func (s *sink) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.writeRest(); err != nil {
		return err
	}
	if f, ok := s.w.(interface{ Flush() error }); ok {
		return s.wrap(f.Flush())
	}
	return nil
}

func (s *sink) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("handlers: %s: %w", s.name, err)
}

// maxPooled is the capacity above which a buffer is left to the garbage
// collector, so that one huge record does not pin its size for ever.
const maxPooled = 64 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func getBuffer() *[]byte { return buffers.Get().(*[]byte) }

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
