package handlers

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// A Recover passes records on, and returns what the next handler panics with as a
// [*PanicError], so that a bug in a handler does not end the program that logs.
//
// If Enabled panics, the handler is enabled, for Handle to meet the panic again. If
// WithAttrs, WithGroup or WithLoggerName do, records go on without what was to be
// bound, and each comes with the panic as an error. There is no OnError: what fails is what
// Handle returns, and a tree reports it to its own.
//
// It is what CPython's Handler.handleError does. Under a tree it is not needed: that,
// and NewFanout's handler, do the same. Use [NewRecover]; the zero value is not usable.
type Recover struct {
	next  slog.Handler
	lost  error // what binding panicked with: something is missing in next
	count *recoverCounters
}

// RecoverStats tell what a [Recover] and all derived from it have done. While nobody
// logs, In is Out + Panicked, and Held is 0.
type RecoverStats struct {
	In       uint64 // records that Handle was called with
	Out      uint64 // that the next handler is done with, whatever it returned
	Panicked uint64 // that it panicked with
	Held     uint64 // that are in it
	Unbound  uint64 // calls of WithAttrs, WithGroup and WithLoggerName that panicked
}

type recoverCounters struct{ in, out, panicked, inside, unbound atomic.Uint64 }

// NewRecover returns a Recover that passes records on to next. It panics if next is nil.
func NewRecover(next slog.Handler) *Recover {
	mustHave("NewRecover", next)
	return &Recover{next: Adopt(next), count: &recoverCounters{}}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Recover) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *Recover) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *Recover) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Recover(Stream(stderr))".
func (h *Recover) String() string { return "Recover(" + describe(h.next) + ")" }

// Stats returns the counts so far.
func (h *Recover) Stats() RecoverStats {
	c := h.count
	return RecoverStats{
		In: c.in.Load(), Out: c.out.Load(), Panicked: c.panicked.Load(), Held: c.inside.Load(), Unbound: c.unbound.Load(),
	}
}

// Enabled asks the wrapped handler. If that panics, it is enabled.
func (h *Recover) Enabled(ctx context.Context, l slog.Level) bool { return enabled(ctx, h.next, l) }

// Handle passes r on. A panic is the error that it returns.
func (h *Recover) Handle(ctx context.Context, r slog.Record) (err error) {
	c := h.count
	c.in.Add(1)
	c.inside.Add(1)
	var panicked error
	defer func() { // the handler may end the goroutine
		if panicked != nil {
			c.panicked.Add(1)
		} else {
			c.out.Add(1)
		}
		c.inside.Add(^uint64(0))
		err = joined(h.lost, joined(err, panicked))
	}()
	defer recoverTo(&panicked)
	return h.next.Handle(ctx, r)
}

// derive returns a Recover of what next becomes.
func (h *Recover) derive(become func(slog.Handler) slog.Handler) (derived *Recover) {
	derived = &Recover{next: h.next, lost: h.lost, count: h.count}
	var err error
	defer func() {
		if err != nil {
			h.count.unbound.Add(1)
			derived.lost = joined(h.lost, err)
		}
	}()
	defer recoverTo(&err)
	derived.next = become(h.next)
	return derived
}

// WithAttrs returns a Recover that adds attrs to records.
func (h *Recover) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup returns a Recover that qualifies later attrs.
func (h *Recover) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

// WithLoggerName returns a Recover whose wrapped handler knows the logger's name.
func (h *Recover) WithLoggerName(key, name string) slog.Handler {
	return h.derive(func(next slog.Handler) slog.Handler { return BindName(next, key, name) })
}
