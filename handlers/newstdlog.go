package handlers

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"runtime"
	"strings"
)

// NewStdLog returns a logger of the standard log package whose lines are
// records for h, with this level; nil is INFO. Each Print is one record, whatever line
// breaks are in it, since what a stranger has put into a text must not become
// a record of its own. The record names the caller of Print as its source, if h
// needs it. The logger has no prefix and no flags: what SetFlags and SetPrefix
// ask for stands in the message. It panics if h is nil.
//
// It is [slog.NewLogLogger], which names no source unless a flag asks for the
// file, and then prints that too. In a tree use Logger.NewStdLog. To have log.Print
// itself go to h, [slog.SetDefault] is the way, or log.SetOutput with this
// logger's Writer; a handler must not call log.Print then, which would wait for itself.
func NewStdLog(h slog.Handler, level slog.Leveler) *log.Logger {
	mustHave("NewStdLog", h)
	if level == nil {
		level = slog.LevelInfo
	}
	h = Adopt(h)
	return log.New(&stdWriter{h, level, NeedsSource(h)}, "", 0)
}

// A stdWriter makes one record of each Write.
type stdWriter struct {
	h      slog.Handler
	level  slog.Leveler
	source bool
}

func (w *stdWriter) Write(p []byte) (int, error) {
	level := w.level.Level()
	var pc uintptr
	if w.source && enabled(context.Background(), w.h, level) {
		pc = callerOfLog()
	}
	return len(p), logLine(w.h, level, string(bytes.TrimSuffix(p, []byte{'\n'})), pc)
}

// callerOfLog returns where the log package was called, 0 if it wasn't.
func callerOfLog() uintptr {
	var pcs [12]uintptr
	n := runtime.Callers(3, pcs[:]) // skip Callers, this function, and Write
	inLog := false
	for _, pc := range pcs[:n] {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		switch {
		case strings.HasPrefix(frame.Function, "log."):
			inLog = true
		case inLog:
			return pc
		}
	}
	return 0
}

// leadsToSlog reports whether what is written to w becomes records. A handler
// that writes what it gets to such a writer would get it again.
func leadsToSlog(w any) bool {
	switch w.(type) {
	case *Writer, *stdWriter:
		return true
	}
	return false
}

// WritesTo returns the handler that gets what h writes, as lines, nil unless
// h writes to a [Writer] or to that of [NewStdLog]. A tree refuses such a handler if that leads
// back to it.
func (h *Stream) WritesTo() slog.Handler {
	switch w := h.sink.w.(type) {
	case *Writer:
		return w.h
	case *stdWriter:
		return w.h
	}
	return nil
}
