package httpattrs

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// loggers remembers what it has made of the last logger.
type loggers struct{ last atomic.Pointer[adopted] }

// Adopted is a logger and one whose handler adds the attrs of contexts.
type adopted struct{ from, log *slog.Logger }

// of returns a logger like log, or like slog's default one, whose handler adds
// the attrs of contexts.
func (l *loggers) of(log *slog.Logger) *slog.Logger {
	if log == nil {
		log = slog.Default()
	}
	if a := l.last.Load(); a != nil && a.from == log {
		return a.log
	}
	a := &adopted{log, slog.New(contextattrs.NewHandler(log.Handler()))}
	l.last.Store(a)
	return a.log
}

// logPanic tells of a panic, from the function that was deferred.
func logPanic(ctx context.Context, log *slog.Logger, v any) {
	log.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("panic", incoming.Cut(fmt.Sprint(v), maxPanic)),
		slog.String("stack", incoming.Stack(maxStack)))
}
