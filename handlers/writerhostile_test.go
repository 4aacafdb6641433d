package handlers_test

import (
	"context"
	"io"
	"log/slog"
	"maps"

	"github.com/slogsuite/slogsuite/handlers"
)

// lineWriter is a wrapper that makes a line of each record, for a Writer or a logger of
// package log that makes a record of each line.
type lineWriter struct {
	next  slog.Handler
	write func(line string) error
	close func() error
}

func (h *lineWriter) Unwrap() slog.Handler                           { return h.next }
func (h *lineWriter) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }
func (h *lineWriter) Handle(_ context.Context, r slog.Record) error  { return h.write(r.Message) }
func (h *lineWriter) WithAttrs([]slog.Attr) slog.Handler             { return h }
func (h *lineWriter) WithGroup(string) slog.Handler                  { return h }
func (h *lineWriter) Close() error                                   { return h.close() }

// notOfLines are the tests of what no line has.
var notOfLines = map[string]string{
	"keeps records":   "a line has no attrs and no context",
	"changes records": "a line has no attrs",
	"contexts":        "a line has no context",
}

func init() {
	hostileCases["Writer"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		w := handlers.NewWriter(next, slog.LevelError)
		return &lineWriter{next, func(line string) error { _, err := io.WriteString(w, line+"\n"); return err }, w.Close}
	}, without: notOfLines}

	alsoLocked := maps.Clone(notOfLines)
	alsoLocked["logs to itself"] = "package log holds its lock while it writes: NewStdLog says so"
	alsoLocked["blocks"] = "package log has others wait for its lock"
	hostileCases["NewStdLog"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		l := handlers.NewStdLog(next, slog.LevelError)
		return &lineWriter{next, func(line string) error { return l.Output(2, line) }, func() error { return nil }}
	}, without: alsoLocked}
}
