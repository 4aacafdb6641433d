package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxWriterLine is how much a [Writer] keeps of a line that has not ended.
const maxWriterLine = 64 << 10

// A Writer is an io.WriteCloser that makes a record of each line written to it: for
// the output of other programs, and for packages that want to write their log to
// something. Its records have no source.
//
// A line ends with "\n" or "\r\n", which are not in the message. All else is,
// zero bytes and escape sequences too: formatters escape them. Empty lines are
// records with an empty message. What has no end yet waits for it, and for Close at
// last. A line of more than 64 KiB becomes several records, cut between characters.
//
// It may be used by several goroutines: the lines of one Write stay whole, and a line
// that one goroutine has begun is continued by whoever writes next. No lock is
// held while the handler works, so a handler may write to the Writer that feeds
// it; a Stream over it, with others between, comes to no end.
//
// It is the class LoggerWriter that Python's users write for sys.stdout. Use
// [NewWriter], or in a tree Logger.Writer; the zero value is not usable.
type Writer struct {
	h     slog.Handler
	level slog.Leveler

	mu      sync.Mutex
	pending []byte // of the line that has not ended
	closed  bool
}

// NewWriter returns a Writer whose records go to h, with this level; nil is
// INFO. It panics if h is nil.
func NewWriter(h slog.Handler, level slog.Leveler) *Writer {
	mustHave("NewWriter", h)
	if level == nil {
		level = slog.LevelInfo
	}
	return &Writer{h: Adopt(h), level: level}
}

// Write makes records of the lines that p ends. It takes all of p: an error is
// that of the handler, joined for all the lines. After Close it takes nothing, and
// the error is [ErrClosed].
func (w *Writer) Write(p []byte) (int, error) {
	lines, ok := w.split(p)
	if !ok {
		return 0, fmt.Errorf("handlers: Writer: %w", ErrClosed)
	}
	return len(p), w.log(lines)
}

// Close makes a record of what has no end yet. It does not close the handler. A
// second Close does nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	rest := w.pending
	w.pending, w.closed = nil, true
	w.mu.Unlock()
	if len(rest) == 0 {
		return nil
	}
	return w.log([]string{string(rest)})
}

// split returns the lines that p ends.
func (w *Writer) split(p []byte) (lines []string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, false
	}
	for len(p) > 0 {
		room := min(maxWriterLine, len(p)) // bounds what is copied at once
		line, _, ended := bytes.Cut(p[:room], []byte{'\n'})
		p = p[len(line):]
		w.pending = append(w.pending, line...)
		for len(w.pending) > maxWriterLine+1 || len(w.pending) > maxWriterLine && w.pending[maxWriterLine] != '\r' {
			lines = append(lines, w.cut())
		}
		if ended {
			p = p[1:]
			lines = append(lines, strings.TrimSuffix(string(w.pending), "\r"))
			w.pending = w.pending[:0]
		}
	}
	if cap(w.pending) > maxPooled && len(w.pending) == 0 {
		w.pending = nil
	}
	return lines, true
}

// cut takes a first part off a line that is too long.
func (w *Writer) cut() string {
	n := maxWriterLine
	for i := n; i > n-utf8.UTFMax; i-- {
		if utf8.RuneStart(w.pending[i]) {
			n = i
			break
		}
	}
	first := string(w.pending[:n])
	w.pending = append(w.pending[:0], w.pending[n:]...)
	return first
}

// log gives the lines to the handler, all of them whatever it does.
func (w *Writer) log(lines []string) error {
	var errs []error
	for _, line := range lines {
		errs = append(errs, logLine(w.h, w.level.Level(), line, 0))
	}
	return errors.Join(errs...)
}

// logLine gives a record to h, if it is enabled. A panic is an error.
func logLine(h slog.Handler, level slog.Level, msg string, pc uintptr) (err error) {
	defer recoverTo(&err)
	ctx := context.Background()
	if !h.Enabled(ctx, level) {
		return nil
	}
	return h.Handle(ctx, slog.NewRecord(time.Now(), level, msg, pc))
}
