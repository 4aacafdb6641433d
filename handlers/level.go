package handlers

import (
	"context"
	"log/slog"

	"github.com/slogsuite/slogsuite/formatters"
)

// level is a handler with a threshold.
type level struct {
	next slog.Handler
	min  slog.Leveler
}

// NewLevel returns a handler that passes to next the records at or above
// level that next is enabled for itself. It can't lower next's own threshold.
// A nil level lets all pass. A [slog.LevelVar] changes the threshold at any
// time, for loggers derived earlier too. NewLevel panics if next is nil.
//
// It is Handler.setLevel of CPython for handlers that lack a level.
func NewLevel(next slog.Handler, minimum slog.Leveler) slog.Handler {
	mustHave("NewLevel", next)
	if minimum == nil {
		minimum = formatters.LevelNotSet
	}
	return &level{next: Adopt(next), min: minimum}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *level) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *level) Unwrap() slog.Handler { return h.next }

// Transparent returns the wrapped handler: records pass unchanged.
func (h *level) Transparent() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *level) NeedsSource() bool { return NeedsSource(h.next) }

func (h *level) String() string {
	return "Level(" + formatters.LevelName(h.min.Level()) + ", " + describe(h.next) + ")"
}

func (h *level) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.min.Level() && h.next.Enabled(ctx, l)
}

func (h *level) Handle(ctx context.Context, r slog.Record) error { return h.next.Handle(ctx, r) }

func (h *level) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &level{next: h.next.WithAttrs(attrs), min: h.min}
}

func (h *level) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &level{next: h.next.WithGroup(name), min: h.min}
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *level) WithLoggerName(key, name string) slog.Handler {
	return &level{next: BindName(h.next, key, name), min: h.min}
}
