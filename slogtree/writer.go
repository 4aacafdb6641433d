package slogtree

import (
	"context"
	"io"
	"log"
	"log/slog"

	"github.com/slogsuite/slogsuite/handlers"
)

// Writer returns a writer that makes a record of each line written to it, with
// this level; nil is INFO. It is for the output of other programs:
//
//	cmd.Stderr = slogtree.Get("tool").Writer(slog.LevelWarn)
//
// A line of more than 64 KiB becomes several records; what has no end is kept until
// Close. The writer may be used by several goroutines. Handlers' errors go to OnError
// and do not end the writing; after Close it is an error. See [handlers.Writer].
func (l *Logger) Writer(level slog.Leveler) io.WriteCloser {
	return handlers.NewWriter(reported{l.handler}, level)
}

// NewStdLog returns a logger of the standard log package each of whose Prints is a
// record of l, with this level; nil is INFO. The record's source is the caller of
// Print. It is for packages that want a *log.Logger, such as http.Server.ErrorLog.
// Handlers' errors go to OnError. See [handlers.NewStdLog].
func (l *Logger) NewStdLog(level slog.Leveler) *log.Logger {
	return handlers.NewStdLog(reported{l.handler}, level)
}

// reported is a handler of a tree, for callers who need not know of errors, since
// OnError has been told.
type reported struct{ h *handler }

func (r reported) AddsContextAttrs()    {}
func (r reported) Unwrap() slog.Handler { return r.h }

func (r reported) Enabled(ctx context.Context, l slog.Level) bool { return r.h.Enabled(ctx, l) }

func (r reported) Handle(ctx context.Context, rec slog.Record) error {
	_ = r.h.Handle(ctx, rec)
	return nil
}

func (r reported) WithAttrs(attrs []slog.Attr) slog.Handler {
	return reported{r.h.WithAttrs(attrs).(*handler)}
}

func (r reported) WithGroup(name string) slog.Handler {
	return reported{r.h.WithGroup(name).(*handler)}
}
