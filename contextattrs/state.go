package contextattrs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
)

type contextKey struct{}

// A carrier is a context with a state. All that this package keeps in a
// context is in one value, so that a record pays for one look-up.
type carrier struct {
	context.Context
	state
}

// A state is never changed once its carrier is made, but for what it remembers.
type state struct {
	attrs    []slog.Attr // nothing is ever appended in place
	late     *Collector
	level    slog.Level // if leveled
	leveled  bool
	hidden   bool // late attrs are: somebody has added them
	within   *within
	combined atomic.Pointer[combined]
}

// A within says whose function runs with a context.
type within struct {
	dynamic *dynamic
	outer   *within
}

// has reports whether d's function is among them.
func (w *within) has(d *dynamic) bool {
	for ; w != nil; w = w.outer {
		if w.dynamic == d {
			return true
		}
	}
	return false
}

// Combined is what a state's attrs and some late attrs are together.
type combined struct {
	late *[]slog.Attr
	all  []slog.Attr
}

// Value returns the state to this package, and to others what the parent has.
func (c *carrier) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return &c.state
	}
	return c.Context.Value(key)
}

// String says what %v prints of a context made from this one.
func (c *carrier) String() string { return fmt.Sprintf("%v.With(%d attrs)", c.Context, len(c.attrs)) }

// stateOf returns what ctx carries, nil for nothing.
func stateOf(ctx context.Context) *state {
	if ctx == nil {
		return nil
	}
	s, _ := ctx.Value(contextKey{}).(*state)
	return s
}

// room returns a copy of the attrs of s, which may be nil, and room for n more.
func (s *state) room(n int) []slog.Attr {
	if s == nil {
		return make([]slog.Attr, 0, n)
	}
	return append(make([]slog.Attr, 0, len(s.attrs)+n), s.attrs...)
}

// with returns a context made from ctx, whose state s is, with all of attrs.
// Nobody else holds them, and those that s has not are not resolved yet.
func (s *state) with(ctx context.Context, attrs []slog.Attr) context.Context {
	first := 0
	if s != nil {
		first = len(s.attrs)
	}
	kept := first + len(settle(attrs[first:]))
	if kept == first {
		return ctx
	}
	c := s.derive(ctx)
	c.attrs = slices.Clip(attrs[:kept])
	return c
}

// derive returns a new context with the state of ctx, to be completed.
func derive(ctx context.Context) *carrier { return stateOf(ctx).derive(ctx) }

// derive is derive of a context whose state s is, nil for none.
func (s *state) derive(ctx context.Context) *carrier {
	if ctx == nil {
		ctx = context.Background()
	}
	c := &carrier{Context: ctx}
	if s != nil {
		c.attrs, c.late, c.hidden, c.within = s.attrs, s.late, s.hidden, s.within
		c.level, c.leveled = s.level, s.leveled
	}
	return c
}

// withLate returns the attrs and those of the collector, made anew only when
// there are others.
func (s *state) withLate() []slog.Attr {
	late := s.late.list.Load()
	if late == nil {
		return s.attrs
	}
	if c := s.combined.Load(); c != nil && c.late == late {
		return c.all
	}
	all := slices.Clip(slices.Concat(s.attrs, *late))
	s.combined.Store(&combined{late, all})
	return all
}

// without hides the attrs of ctx.
func without(ctx context.Context) context.Context {
	c := derive(ctx)
	c.attrs, c.hidden = nil, true
	return c
}

// Detach returns a context for work that goes on when the request is over: it
// is never cancelled and has no deadline, as that of [context.WithoutCancel], and
// carries the attrs, the override of [WithLevel] and the other values of ctx. It
// has no collector, since who made that may have logged already: [Add] reports
// false there. Late attrs that are shown stay as they are now. A nil ctx is
// [context.Background].
func Detach(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	detached := context.WithoutCancel(ctx)
	if stateOf(ctx) == nil {
		return detached
	}
	c := derive(detached)
	c.attrs, c.late, c.hidden = Attrs(ctx), nil, false
	return c
}
