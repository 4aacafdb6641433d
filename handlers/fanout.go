package handlers

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// fanout is several handlers in one.
type fanout struct {
	handlers []slog.Handler
	sharing  *Sharing
}

func newFanout(hs []slog.Handler) *fanout { return &fanout{hs, Share(hs)} }

// NewFanout returns a handler that gives each record to all of hs, in order,
// that are enabled for its level. An error or panic of one does not keep the
// record from the others; Handle returns all errors joined. Each handler gets
// its own copy of a record and of bound attrs, so that none can change what
// another sees. Without handlers it is disabled. It panics if one is nil.
//
// It is what a logger with several handlers is in CPython.
func NewFanout(hs ...slog.Handler) slog.Handler {
	adopted := make([]slog.Handler, len(hs))
	for i, h := range hs {
		mustHave("NewFanout: argument "+strconv.Itoa(i+1), h)
		adopted[i] = Adopt(h)
	}
	return newFanout(adopted)
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *fanout) AddsContextAttrs() {}

// Unwrap returns the handlers.
func (h *fanout) Unwrap() []slog.Handler { return append([]slog.Handler(nil), h.handlers...) }

func (h *fanout) String() string {
	parts := make([]string, len(h.handlers))
	for i, one := range h.handlers {
		parts[i] = describe(one)
	}
	return "Fanout(" + strings.Join(parts, ", ") + ")"
}

func (h *fanout) Enabled(ctx context.Context, l slog.Level) bool {
	for _, one := range h.handlers {
		if enabled(ctx, one, l) {
			return true
		}
	}
	return false
}

// enabled takes a panicking handler for enabled, so that Handle meets the panic
// again and can report it.
func enabled(ctx context.Context, h slog.Handler, l slog.Level) (ok bool) {
	ok = true
	defer func() { _ = recover() }()
	return h.Enabled(ctx, l)
}

func (h *fanout) Handle(ctx context.Context, r slog.Record) (err error) {
	var d Dispatch
	defer func() { err = d.End(ctx, &r, recover()) }()
	d.Run(ctx, h.handlers, h.sharing, &r)
	return nil
}

// NeedsSource reports whether one of the handlers does.
func (h *fanout) NeedsSource() bool { return slices.ContainsFunc(h.handlers, NeedsSource) }

// derive returns a fanout of what each handler becomes.
func (h *fanout) derive(become func(slog.Handler) slog.Handler) slog.Handler {
	derived := make([]slog.Handler, len(h.handlers))
	for i, one := range h.handlers {
		derived[i] = become(one)
	}
	return newFanout(derived)
}

func (h *fanout) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.derive(func(one slog.Handler) slog.Handler { return one.WithAttrs(cloneAttrs(attrs)) })
}

func (h *fanout) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(func(one slog.Handler) slog.Handler { return one.WithGroup(name) })
}

// WithLoggerName tells each handler the logger's name.
func (h *fanout) WithLoggerName(key, name string) slog.Handler {
	return h.derive(func(one slog.Handler) slog.Handler { return BindName(one, key, name) })
}
