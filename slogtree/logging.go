package slogtree

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// Debug logs at slog.LevelDebug, as [slog.Logger.Debug] does.
func (l *Logger) Debug(msg string, args ...any) {
	if l.lets(slog.LevelDebug) {
		l.log(context.Background(), 0, slog.LevelDebug, msg, args, nil)
	}
}

// DebugContext is Debug with a context.
func (l *Logger) DebugContext(ctx context.Context, msg string, args ...any) {
	if l.node.lets(ctx, slog.LevelDebug) {
		l.log(ctx, 0, slog.LevelDebug, msg, args, nil)
	}
}

// Info logs at slog.LevelInfo, as [slog.Logger.Info] does.
func (l *Logger) Info(msg string, args ...any) {
	if l.lets(slog.LevelInfo) {
		l.log(context.Background(), 0, slog.LevelInfo, msg, args, nil)
	}
}

// InfoContext is Info with a context.
func (l *Logger) InfoContext(ctx context.Context, msg string, args ...any) {
	if l.node.lets(ctx, slog.LevelInfo) {
		l.log(ctx, 0, slog.LevelInfo, msg, args, nil)
	}
}

// Warn logs at slog.LevelWarn, as [slog.Logger.Warn] does.
func (l *Logger) Warn(msg string, args ...any) {
	if l.lets(slog.LevelWarn) {
		l.log(context.Background(), 0, slog.LevelWarn, msg, args, nil)
	}
}

// WarnContext is Warn with a context.
func (l *Logger) WarnContext(ctx context.Context, msg string, args ...any) {
	if l.node.lets(ctx, slog.LevelWarn) {
		l.log(ctx, 0, slog.LevelWarn, msg, args, nil)
	}
}

// Error logs at slog.LevelError, as [slog.Logger.Error] does.
func (l *Logger) Error(msg string, args ...any) {
	if l.lets(slog.LevelError) {
		l.log(context.Background(), 0, slog.LevelError, msg, args, nil)
	}
}

// ErrorContext is Error with a context.
func (l *Logger) ErrorContext(ctx context.Context, msg string, args ...any) {
	if l.node.lets(ctx, slog.LevelError) {
		l.log(ctx, 0, slog.LevelError, msg, args, nil)
	}
}

// Critical logs at LevelCritical. It mirrors Logger.critical.
func (l *Logger) Critical(msg string, args ...any) {
	if l.lets(LevelCritical) {
		l.log(context.Background(), 0, LevelCritical, msg, args, nil)
	}
}

// CriticalContext is Critical with a context.
func (l *Logger) CriticalContext(ctx context.Context, msg string, args ...any) {
	if l.node.lets(ctx, LevelCritical) {
		l.log(ctx, 0, LevelCritical, msg, args, nil)
	}
}

// Log logs at level, as [slog.Logger.Log] does.
func (l *Logger) Log(ctx context.Context, level slog.Level, msg string, args ...any) {
	if l.node.lets(ctx, level) {
		l.log(ctx, 0, level, msg, args, nil)
	}
}

// LogAttrs logs at level, as [slog.Logger.LogAttrs] does: with attrs it is
// the form that takes the least time.
func (l *Logger) LogAttrs(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
	if l.node.lets(ctx, level) {
		l.log(ctx, 0, level, msg, nil, attrs)
	}
}

// LogDepth logs as Log does, for a helper that logs on behalf
// of its caller: depth is the number of frames between the one to name as the
// source and the call of LogDepth. At 0 and below it is the caller of LogDepth;
// beyond the stack, the record has no source.
func (l *Logger) LogDepth(ctx context.Context, depth int, level slog.Level, msg string, args ...any) {
	if l.node.lets(ctx, level) {
		l.log(ctx, depth, level, msg, args, nil)
	}
}

// Exception logs at slog.LevelError, with err's chain, and its stack if it
// has one, after the message. It mirrors Logger.exception, and prints for a
// nil err what that prints when there is no exception, "NoneType: None". At
// other levels, give a call the attr [formatters.Exc].
func (l *Logger) Exception(err error, msg string, args ...any) {
	if l.lets(slog.LevelError) {
		l.log(context.Background(), 0, slog.LevelError, msg, args, []slog.Attr{formatters.Exc(err)})
	}
}

// ExceptionContext is Exception with a context.
func (l *Logger) ExceptionContext(ctx context.Context, err error, msg string, args ...any) {
	if l.node.lets(ctx, slog.LevelError) {
		l.log(ctx, 0, slog.LevelError, msg, args, []slog.Attr{formatters.Exc(err)})
	}
}

// maxDepth is more than there can be frames.
const maxDepth = 1 << 30

// lets is Enabled of l's handler, for a record without a context.
func (l *Logger) lets(level slog.Level) bool { return int64(level) >= l.node.threshold.Load() }

// log is called by the methods that users call, and by nothing else: it counts
// the frames between. It decides by one effective whether the source is looked
// up and who gets the record.
func (l *Logger) log(ctx context.Context, depth int, level slog.Level, msg string, args []any, attrs []slog.Attr) {
	if ctx == nil {
		ctx = context.Background()
	}
	var d delivery
	d.enter(l.handler, l.node)
	if !faultNoLevel && !d.effective.lets(ctx, level) {
		_ = d.settle()
		return
	}
	var pcs [1]uintptr
	if d.effective.source {
		runtime.Callers(3+min(max(depth, 0), maxDepth), pcs[:]) // skip Callers, this function, and the method that called it
	}
	r := slog.NewRecord(time.Now(), level, msg, pcs[0])
	r.Add(args...)
	r.AddAttrs(attrs...)
	defer func() { _ = d.end(ctx, &r, recover()) }() // OnError is told
	d.deliver(ctx, &r)
}
