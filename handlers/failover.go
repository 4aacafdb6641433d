package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FailoverOptions say how a [Failover] goes back to a handler that has failed. The zero
// value tries it again after a second, then after two, and so on up to a minute.
type FailoverOptions struct {
	// RetryMin is how long a handler that has failed is left alone; the pause doubles
	// with each failure, up to RetryMax. 0 is 1 second and 1 minute.
	RetryMin, RetryMax time.Duration

	// OnError is told what a handler returned or panicked with if another one has taken
	// the record, and so Handle returns nil. Of more than five errors in a second it is
	// told how many there were. Several goroutines may call it at once. It may log to the
	// Failover. Nil prints to os.Stderr.
	OnError func(error)
}

// A Failover gives each record to the first of its handlers that is well and
// enabled for it. One that returns an error or panics is left alone for a while, and
// the record goes to the next. When the pause is over, one record is tried with
// it again: so the Failover returns to the first handler by itself when that is well again.
// If all handlers that are well fail, the others are tried too.
//
// A record is taken by one handler, or Handle returns the errors of all of them.
// What a handler that fails has done with the record before is not known: if it wrote
// it and then returned an error, the record is there twice.
//
// A handler that blocks is not taken for one that fails: put a [Queue] before
// it. All handlers should have the same level; Enabled reports whether one is enabled.
//
// Use [NewFailover]; the zero value is not usable.
type Failover struct {
	core     *failoverCore
	handlers []slog.Handler
}

// failoverCore is what all Failovers derived from one share.
type failoverCore struct {
	o       FailoverOptions
	trouble trouble
	health  []health

	in, out, dropped, inside atomic.Uint64
}

// health is how one of the handlers does.
type health struct {
	ill atomic.Bool

	mu    sync.Mutex
	pause time.Duration // the last one
	until time.Time     // when it may be tried again

	taken, failed atomic.Uint64
}

// NewFailover returns a Failover over hs, the one to be preferred first. It panics if there
// is none, or one is nil.
func NewFailover(o FailoverOptions, hs ...slog.Handler) *Failover {
	if len(hs) == 0 {
		panic("handlers: NewFailover: there is no handler")
	}
	if o.RetryMin <= 0 {
		o.RetryMin = time.Second
	}
	if o.RetryMax <= 0 {
		o.RetryMax = time.Minute
	}
	o.RetryMax = max(o.RetryMax, o.RetryMin)
	adopted := make([]slog.Handler, len(hs))
	for i, h := range hs {
		mustHave("NewFailover: argument "+strconv.Itoa(i+2), h)
		adopted[i] = Adopt(h)
	}
	c := &failoverCore{o: o, trouble: trouble{fn: o.OnError}, health: make([]health, len(hs))}
	return &Failover{c, adopted}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Failover) AddsContextAttrs() {}

// Unwrap returns the handlers.
func (h *Failover) Unwrap() []slog.Handler { return slices.Clone(h.handlers) }

// NeedsSource reports whether one of the handlers does.
func (h *Failover) NeedsSource() bool { return slices.ContainsFunc(h.handlers, NeedsSource) }

// String describes h, as in "Failover(File(app.log), Stream(stderr))".
func (h *Failover) String() string {
	parts := make([]string, len(h.handlers))
	for i, one := range h.handlers {
		parts[i] = describe(one)
	}
	return "Failover(" + strings.Join(parts, ", ") + ")"
}

// Enabled reports whether one of the handlers is enabled.
func (h *Failover) Enabled(ctx context.Context, l slog.Level) bool {
	for _, one := range h.handlers {
		if enabled(ctx, one, l) {
			return true
		}
	}
	return false
}

// Handle gives r to one of the handlers.
func (h *Failover) Handle(ctx context.Context, r slog.Record) error {
	c := h.core
	c.in.Add(1)
	c.inside.Add(1)
	out := false
	defer func() { // a handler may end the goroutine
		if out {
			c.out.Add(1)
		} else {
			c.dropped.Add(1)
		}
		c.inside.Add(^uint64(0))
	}()
	taken, errs := h.give(ctx, r)
	if taken {
		c.tell(errs)
		errs = nil
	}
	out = len(errs) == 0 // without any, nobody is enabled for it, and would have taken it
	return errors.Join(errs...)
}

// give has one of the handlers take r: those that are well first.
func (h *Failover) give(ctx context.Context, r slog.Record) (taken bool, errs []error) {
	var ill []int
	for i := range h.handlers {
		may, probe := h.core.health[i].mayTry()
		if !may {
			ill = append(ill, i)
			continue
		}
		if taken, errs = h.try(ctx, i, probe, r, errs); taken {
			return true, errs
		}
	}
	for _, i := range ill {
		if taken, errs = h.try(ctx, i, false, r, errs); taken {
			return true, errs
		}
	}
	return false, errs
}

// try has handler i take r, and notes how it does.
func (h *Failover) try(ctx context.Context, i int, probe bool, r slog.Record, errs []error) (bool, []error) {
	one, health := h.handlers[i], &h.core.health[i]
	if !enabled(ctx, one, r.Level) {
		health.skip(probe)
		return false, errs
	}
	ended := true
	defer func() {
		if ended {
			health.fails(&h.core.o, probe)
		}
	}()
	err := handleOnce(ctx, one, r)
	ended = false
	if err != nil {
		health.fails(&h.core.o, probe)
		return false, append(errs, fmt.Errorf("handlers: failover: handler %d: %w", i+1, err))
	}
	health.works()
	return true, errs
}

// handleOnce calls Handle with a record of its own, and returns a panic as an error.
func handleOnce(ctx context.Context, h slog.Handler, r slog.Record) (err error) {
	defer recoverTo(&err)
	return h.Handle(ctx, r.Clone())
}

func (c *failoverCore) tell(errs []error) {
	for _, err := range errs {
		c.trouble.tell(err)
	}
}

// mayTry reports whether the handler may be tried: it is well, or it is time to try it,
// as a probe, which the caller alone may make.
func (h *health) mayTry() (may, probe bool) {
	if !h.ill.Load() {
		return true, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if !h.ill.Load() {
		return true, false
	}
	if now.Before(h.until) {
		return false, false
	}
	h.until = now.Add(h.pause) // for others, while the caller is at it
	return true, true
}

// skip takes back that the caller would probe: it has nothing for the handler.
func (h *health) skip(probe bool) {
	if !probe {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = time.Now()
}

func (h *health) works() {
	h.taken.Add(1)
	if !h.ill.Load() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ill.Store(false)
}

// fails begins a pause, the longer the more probes have failed. What fails while the
// handler is ill already, at the same time or for want of another, changes nothing.
func (h *health) fails(o *FailoverOptions, probe bool) {
	h.failed.Add(1)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.ill.Load():
		h.pause = o.RetryMin
	case probe:
		h.pause = min(2*h.pause, o.RetryMax)
	default:
		return
	}
	h.until = time.Now().Add(h.pause)
	h.ill.Store(true)
}

// derive returns a Failover of what each handler becomes.
func (h *Failover) derive(become func(slog.Handler) slog.Handler) *Failover {
	derived := make([]slog.Handler, len(h.handlers))
	for i, one := range h.handlers {
		derived[i] = become(one)
	}
	return &Failover{h.core, derived}
}

// WithAttrs returns a Failover that shares what is known of the handlers, and adds attrs
// to records.
func (h *Failover) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.derive(func(one slog.Handler) slog.Handler { return one.WithAttrs(cloneAttrs(attrs)) })
}

// WithGroup returns a Failover that shares what is known of the handlers, and qualifies
// later attrs.
func (h *Failover) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(func(one slog.Handler) slog.Handler { return one.WithGroup(name) })
}

// WithLoggerName returns a Failover whose handlers know the logger's name.
func (h *Failover) WithLoggerName(key, name string) slog.Handler {
	return h.derive(func(one slog.Handler) slog.Handler { return BindName(one, key, name) })
}

// FailoverStats tell what a [Failover] and all derived from it have done. While nobody
// logs, In is Out + Dropped + Held.
type FailoverStats struct {
	In       uint64            // records that Handle was called with
	Out      uint64            // that a handler has taken, or none is enabled for
	Dropped  uint64            // that none has taken
	Held     uint64            // that are in a handler
	Handlers []FailoverHandler // how each does, in their order
}

// FailoverHandler tells how one of the handlers of a [Failover] does.
type FailoverHandler struct {
	Taken, Failed uint64 // how many records it has taken, and failed with
	Well          bool   // it is not left alone
}

// Stats returns what h has done.
func (h *Failover) Stats() FailoverStats {
	c := h.core
	s := FailoverStats{In: c.in.Load(), Out: c.out.Load(), Dropped: c.dropped.Load(), Held: c.inside.Load()}
	for i := range c.health {
		one := &c.health[i]
		s.Handlers = append(s.Handlers, FailoverHandler{one.taken.Load(), one.failed.Load(), !one.ill.Load()})
	}
	return s
}
