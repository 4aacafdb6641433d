package handlers

import (
	"context"
	"log/slog"
)

// recovering is a handler whose panics are errors.
type recovering struct {
	next slog.Handler
	lost error // what binding panicked with: something is missing in next
}

// NewRecover returns a handler that passes records to next, and returns what next panics
// with as a [*PanicError], so that a bug in a handler does not end the program that logs.
//
// If Enabled panics, the handler is enabled, for Handle to meet the panic again. If
// WithAttrs, WithGroup or WithLoggerName do, records go to next without what was to be
// bound, and each comes with the panic as an error. NewRecover panics if next is nil.
//
// It is what CPython's Handler.handleError does. Under a tree it is not needed: that,
// and NewFanout's handler, do the same.
func NewRecover(next slog.Handler) slog.Handler {
	mustHave("NewRecover", next)
	return &recovering{next: Adopt(next)}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *recovering) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *recovering) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *recovering) NeedsSource() bool { return NeedsSource(h.next) }

func (h *recovering) String() string { return "Recover(" + describe(h.next) + ")" }

func (h *recovering) Enabled(ctx context.Context, l slog.Level) bool { return enabled(ctx, h.next, l) }

func (h *recovering) Handle(ctx context.Context, r slog.Record) (err error) {
	defer func() { err = joined(h.lost, err) }()
	defer recoverTo(&err)
	return h.next.Handle(ctx, r)
}

// derive returns a recovering of what next becomes.
func (h *recovering) derive(become func(slog.Handler) slog.Handler) (derived *recovering) {
	derived = &recovering{next: h.next, lost: h.lost}
	var err error
	defer func() {
		if err != nil {
			derived.lost = joined(h.lost, err)
		}
	}()
	defer recoverTo(&err)
	derived.next = become(h.next)
	return derived
}

func (h *recovering) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

func (h *recovering) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *recovering) WithLoggerName(key, name string) slog.Handler {
	return h.derive(func(next slog.Handler) slog.Handler { return BindName(next, key, name) })
}
