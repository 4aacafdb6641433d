package handlers

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// stdLog writes what slog's default handler writes, but not through the log
// package. A record whose time is zero gets none; control characters in the
// message are escaped, so that it stays on one line.
type stdLog struct {
	original slog.Handler // knows the level of slog.SetLogLoggerLevel
	sink     *sink
	flags    int
	prefix   string
	format   formatters.Formatter // message, attrs
}

// unknownBound stands for bound attrs that could not be read.
const unknownBound = `!handlers="what was bound to slog's default handler is lost: this Go release keeps it elsewhere"`

func newStdLog(h slog.Handler) *stdLog {
	w, flags := stdLogOutput()
	text, groups, ok := boundToDefault(h)
	if !ok {
		text = unknownBound
	}
	return &stdLog{
		original: h,
		sink:     &sink{w: w, name: describeWriter(w)},
		flags:    flags,
		prefix:   log.Prefix(),
		format:   stdLogFormat(text, groups),
	}
}

// stdLogOutput returns where and how the log package writes. After
// slog.SetDefault, or log.SetOutput with a [Writer], it writes to slog, whose handler
// may be the one to come.
func stdLogOutput() (io.Writer, int) {
	w, flags := logWriter(), log.Flags()
	if w != nil && fmt.Sprintf("%T", w) != "*slog.handlerWriter" && !leadsToSlog(w) {
		return w, flags
	}
	if flags == 0 { // SetDefault's doing
		flags = log.LstdFlags
	}
	return os.Stderr, flags
}

// logWait is how long logWriter waits. Only a program that adopts slog's
// default handler while it handles what log.Print was given waits so long.
const logWait = time.Second

// logWriter returns log.Writer(), or nil if the log package does not let go of
// the lock that guards it: it is held while slog handles what log.Print was
// given, and then this goroutine may be the one that holds it.
func logWriter() io.Writer {
	got := make(chan io.Writer, 1)
	go func() { got <- log.Writer() }() // ends when the lock is free
	select {
	case w := <-got:
		return w
	case <-time.After(logWait):
		return nil
	}
}

// stdLogFormat returns a format for the message, text, and the attrs to come.
func stdLogFormat(text string, groups []string) formatters.Formatter {
	format := "%(message)s"
	if text != "" {
		format += " " + strings.ReplaceAll(text, "%", "%%")
	}
	f := formatters.Must(formatters.Percent(format, nil))
	for _, g := range groups {
		f = f.WithGroup(g)
	}
	return f
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *stdLog) AddsContextAttrs() {}

func (h *stdLog) String() string { return "slog's default(" + h.sink.name + ")" }

func (h *stdLog) Enabled(ctx context.Context, l slog.Level) bool { return h.original.Enabled(ctx, l) }

func (h *stdLog) Handle(ctx context.Context, r slog.Record) error {
	buf := getBuffer()
	defer putBuffer(buf)
	b := h.appendHeader(*buf, r.Time, r.PC)
	b = append(append(b, r.Level.String()...), ' ')
	b = h.format.Append(b, contextattrs.Attrs(ctx), r)
	*buf = append(b, '\n')
	return h.sink.write(*buf)
}

// NeedsSource reports whether log's flags ask for the file.
func (h *stdLog) NeedsSource() bool { return h.flags&(log.Lshortfile|log.Llongfile) != 0 }

func (h *stdLog) with(f formatters.Formatter) *stdLog {
	c := *h
	c.format = f
	return &c
}

func (h *stdLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.format.WithAttrs(attrs))
}

func (h *stdLog) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.format.WithGroup(name))
}

// WithLoggerName changes nothing that shows: slog's default handler has no place
// for a name.
func (h *stdLog) WithLoggerName(key, name string) slog.Handler {
	return h.with(h.format.WithLoggerName(key, name))
}

// appendHeader appends what the flags of the log package ask for.
func (h *stdLog) appendHeader(b []byte, t time.Time, pc uintptr) []byte {
	if h.flags&log.Lmsgprefix == 0 {
		b = append(b, h.prefix...)
	}
	if !t.IsZero() {
		b = h.appendTime(b, t)
	}
	if h.flags&(log.Lshortfile|log.Llongfile) != 0 {
		b = h.appendFile(b, pc)
	}
	if h.flags&log.Lmsgprefix != 0 {
		b = append(b, h.prefix...)
	}
	return b
}

func (h *stdLog) appendTime(b []byte, t time.Time) []byte {
	if h.flags&log.LUTC != 0 {
		t = t.UTC()
	} else {
		t = t.Local()
	}
	if h.flags&log.Ldate != 0 {
		b = t.AppendFormat(b, "2006/01/02 ")
	}
	switch {
	case h.flags&log.Lmicroseconds != 0:
		b = t.AppendFormat(b, "15:04:05.000000 ")
	case h.flags&log.Ltime != 0:
		b = t.AppendFormat(b, "15:04:05 ")
	}
	return b
}

func (h *stdLog) appendFile(b []byte, pc uintptr) []byte {
	file, line := "???", 0
	if pc != 0 {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		file, line = f.File, f.Line
	}
	if h.flags&log.Lshortfile != 0 {
		file = file[strings.LastIndexByte(file, '/')+1:]
	}
	b = append(append(b, file...), ':')
	return append(strconv.AppendInt(b, int64(line), 10), ": "...)
}
