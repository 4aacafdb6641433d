package rotate

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A Handler writes records to a [File] of its own, as text made by a
// [formatters.Formatter]: RotatingFileHandler, TimedRotatingFileHandler and
// WatchedFileHandler of CPython. In all else it is a [handlers.Stream].
//
// Use [NewHandler]; the zero value is not usable. A Handler and all that was
// derived from it may be used by several goroutines.
type Handler struct {
	stream *handlers.Stream
	file   *File
	name   string // as it was given
	level  slog.Leveler
	plain  bool // made without a formatter, and nothing derived
}

// NewHandler opens the file called name, as [Open] does, and returns a Handler
// that writes records at or above level to it. A nil f means
// [formatters.Percent] with "%(message)s", a nil level all levels.
func NewHandler(name string, f formatters.Formatter, level slog.Leveler, o Options) (*Handler, error) {
	file, err := Open(name, o)
	if err != nil {
		return nil, err
	}
	h := &Handler{stream: handlers.NewStream(file, f, level), file: file, name: name, level: level, plain: f == nil}
	file.useFormat(h.stream.Formatter())
	return h, nil
}

// WithDefaultFormatter returns h or one like it, see
// [handlers.Stream.WithDefaultFormatter]. What tells of lost records has the new format then.
func (h *Handler) WithDefaultFormatter(f formatters.Formatter) slog.Handler {
	if !h.plain {
		return h
	}
	derived := h.with(h.stream.WithDefaultFormatter(f))
	h.file.useFormat(derived.Formatter())
	return derived
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Handler) AddsContextAttrs() {}

// File returns the file, for its Stats, Rotate and Reopen.
func (h *Handler) File() *File { return h.file }

// Reopen closes the file and opens what then has its name, see [File.Reopen].
func (h *Handler) Reopen() error { return h.file.Reopen() }

// Stats returns what the file has done, as File().Stats() does.
func (h *Handler) Stats() Stats { return h.file.Stats() }

// Name returns the absolute name of the file, see [File.Name].
func (h *Handler) Name() string { return h.file.Name() }

// String describes h, as in "rotate.Handler(app.log) level DEBUG".
func (h *Handler) String() string {
	s := "rotate.Handler(" + printable(h.name) + ")"
	if h.level != nil {
		s += " level " + formatters.LevelName(h.level.Level())
	}
	return s
}

// SetTerminator sets what ends each record, see [handlers.Stream.SetTerminator].
// By MaxBytes a record counts as if "\n" ended it, as in CPython. A record that ends in
// anything else can't be told from one that was cut short by the end of its process.
func (h *Handler) SetTerminator(s string) {
	h.stream.SetTerminator(s)
	h.file.useTerminator(s)
}

// Enabled reports whether l is at or above the Handler's level.
func (h *Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.stream.Enabled(ctx, l) }

// Handle writes r. After Close it returns an error that wraps [os.ErrClosed].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.handled(r.Level, h.stream.Handle(ctx, r))
}

// Formatter returns the formatter, with all that was bound to h.
func (h *Handler) Formatter() formatters.Formatter { return h.stream.Formatter() }

// WriteRendered writes line and the terminator, see [handlers.Renderer].
func (h *Handler) WriteRendered(ctx context.Context, level slog.Level, line []byte) error {
	return h.handled(level, h.stream.WriteRendered(ctx, level, line))
}

// handled flushes after a record of Options.FlushLevel. The file's errors name the
// file; the stream's words before that add nothing.
func (h *Handler) handled(level slog.Level, err error) error {
	if err != nil {
		return orElse(errors.Unwrap(err), err)
	}
	if h.file.o.Durability == Buffered && level >= h.file.o.FlushLevel.Level() {
		return h.file.Flush()
	}
	return nil
}

// NeedsSource reports whether the formatter prints where records were made.
func (h *Handler) NeedsSource() bool { return h.stream.NeedsSource() }

// WithAttrs returns a Handler that writes attrs with each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.stream.WithAttrs(attrs))
}

// WithGroup returns a Handler that qualifies later attrs by name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.stream.WithGroup(name))
}

// WithLoggerName returns a Handler whose formatter knows the logger's name.
func (h *Handler) WithLoggerName(key, name string) slog.Handler {
	return h.with(h.stream.WithLoggerName(key, name))
}

// with returns a Handler over what was derived from the stream, a Stream too.
func (h *Handler) with(derived slog.Handler) *Handler {
	return &Handler{stream: derived.(*handlers.Stream), file: h.file, name: h.name, level: h.level}
}

// Flush is [File.Flush].
func (h *Handler) Flush() error { return h.file.Flush() }

// Close closes the file, for everything derived from h too, see [File.Close].
func (h *Handler) Close() error { return h.file.Close() }

// useFormat has the marker written as a record in the handler's format, unless
// Options.Marker says otherwise.
func (f *File) useFormat(format formatters.Formatter) {
	defer f.unlock(f.lock())
	f.format = format
}

// useTerminator has records measured that end in s.
func (f *File) useTerminator(s string) {
	defer f.unlock(f.lock())
	f.terminator, f.more = s, 1-utf8.RuneCountInString(s)
}

// printable quotes a name that could forge or break a line.
func printable(name string) string {
	for _, r := range name {
		if !strconv.IsPrint(r) {
			return strconv.Quote(name)
		}
	}
	return name
}
