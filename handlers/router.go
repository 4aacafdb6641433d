package handlers

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// A Route says which records go to a handler of a [Router]: those that meet all
// conditions that are set. Without any it takes all.
type Route struct {
	// To gets the records, if it is enabled for them.
	To slog.Handler

	// Level and Below are the lowest level, and the one that is too high.
	Level, Below slog.Leveler

	// Logger is a logger's name: its records match and those of the loggers below
	// it, as with [NameFilter]. A record of no known logger has the name "root".
	Logger string

	// Attr has a record match that has an attr of this key and value, as its
	// own, bound by With or of its context. A dotted key is one in a group. A value
	// of nil stands for any.
	Attr slog.Attr

	// Match decides for anything else. It sees the record's own attrs, as a [Filter]
	// does, and may be called from several goroutines at once. If it panics, the record
	// does not match, and Handle returns the panic as an error.
	Match func(ctx context.Context, logger string, r slog.Record) bool
}

// RouterOptions say what a [Router] does. With the zero value a record goes to
// the first route that matches.
type RouterOptions struct {
	// All has a record go to each route that matches, not to the first alone.
	All bool

	// Default gets the records that match no route. Nil drops them, and counts them.
	Default slog.Handler
}

// A Router gives records to handlers by what they are: their level, logger, attrs,
// or whatever a function says. The routes are asked in order.
//
// A record goes where its route leads: if the handler there is not enabled for it, it
// goes nowhere else. Handlers that are in several routes have to be one behind a wrapper
// each, if With is to reach them once. Errors and panics do not keep a record from other
// routes; Handle returns them joined. So there is no OnError: what fails is what Handle
// returns, and a tree reports it to its own.
//
// Use [NewRouter]; the zero value is not usable.
type Router struct {
	core   *routerCore
	to     []slog.Handler // of each route, then the default
	logger string
	bound  *attrTrail
}

// routerCore is what all Routers derived from one share.
type routerCore struct {
	o      RouterOptions
	routes []Route
	attrs  bool // a route asks for an attr

	in, out, dropped, inside atomic.Uint64
	taken                    []atomic.Uint64
}

// NewRouter returns a Router. It panics if a route leads to no handler.
func NewRouter(o RouterOptions, routes ...Route) *Router {
	c := &routerCore{o: o, routes: slices.Clone(routes), taken: make([]atomic.Uint64, len(routes)+1)}
	var to []slog.Handler
	for i, r := range c.routes {
		mustHave("NewRouter: route "+strconv.Itoa(i+1), r.To)
		to = append(to, Adopt(r.To))
		c.attrs = c.attrs || r.Attr.Key != ""
	}
	if o.Default != nil {
		to = append(to, Adopt(o.Default))
	}
	return &Router{core: c, to: to, logger: rootName}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Router) AddsContextAttrs() {}

// Unwrap returns the handlers of the routes, and the default.
func (h *Router) Unwrap() []slog.Handler { return slices.Clone(h.to) }

// String describes h, as in "Router(File(errors.log), Stream(stderr))".
func (h *Router) String() string {
	parts := make([]string, len(h.to))
	for i, one := range h.to {
		parts[i] = describe(one)
	}
	return "Router(" + strings.Join(parts, ", ") + ")"
}

// NeedsSource reports whether a handler does, or there is a function that may look at it.
func (h *Router) NeedsSource() bool {
	return slices.ContainsFunc(h.core.routes, func(r Route) bool { return r.Match != nil }) || slices.ContainsFunc(h.to, NeedsSource)
}

// Enabled reports whether a route that takes records of level l leads to a handler that
// is enabled.
func (h *Router) Enabled(ctx context.Context, l slog.Level) bool {
	for i, one := range h.to {
		if (i == len(h.core.routes) || h.core.routes[i].takes(l)) && enabled(ctx, one, l) {
			return true
		}
	}
	return false
}

func (r *Route) takes(l slog.Level) bool {
	return (r.Level == nil || l >= r.Level.Level()) && (r.Below == nil || l < r.Below.Level())
}

// Handle gives r to the handlers of the routes that it matches.
func (h *Router) Handle(ctx context.Context, r slog.Record) (err error) {
	c := h.core
	c.in.Add(1)
	c.inside.Add(1)
	n := 0
	defer func() { // a handler may end the goroutine
		c.inside.Add(^uint64(0))
		if n > 0 {
			c.out.Add(1)
		} else {
			c.dropped.Add(1)
		}
	}()
	first, more, trouble := h.choose(ctx, &r)
	switch {
	case first < 0:
		return trouble
	case len(more) == 0:
		n = 1
		return joined(trouble, handleRecovered(ctx, h.to[first], r))
	}
	n = 1 + len(more)
	return joined(trouble, h.dispatch(ctx, first, more, r))
}

// dispatch gives r to several handlers.
func (h *Router) dispatch(ctx context.Context, first int, more []int, r slog.Record) (err error) {
	to := []slog.Handler{h.to[first]}
	for _, i := range more {
		to = append(to, h.to[i])
	}
	var d Dispatch
	defer func() { err = d.End(ctx, &r, recover()) }()
	d.Run(ctx, to, nil, &r)
	return nil
}

func handleRecovered(ctx context.Context, h slog.Handler, r slog.Record) (err error) {
	defer recoverTo(&err)
	return h.Handle(ctx, r)
}

// choose returns which of the handlers r goes to, first -1 if to none.
func (h *Router) choose(ctx context.Context, r *slog.Record) (first int, more []int, trouble error) {
	c := h.core
	matched := false
	first = -1
	add := func(i int) {
		matched = true
		switch {
		case !enabled(ctx, h.to[i], r.Level):
			return
		case first < 0:
			first = i
		default:
			more = append(more, i)
		}
		c.taken[i].Add(1)
	}
	for i := range c.routes {
		matches, err := h.matches(ctx, &c.routes[i], r)
		trouble = joined(trouble, err)
		if matches {
			add(i)
		}
		if matches && !c.o.All {
			break
		}
	}
	if !matched && c.o.Default != nil {
		add(len(c.routes))
	}
	return first, more, trouble
}

// matches reports whether r meets a route's conditions.
func (h *Router) matches(ctx context.Context, route *Route, r *slog.Record) (ok bool, err error) {
	if !route.takes(r.Level) || !isBelow(h.logger, route.Logger) {
		return false, nil
	}
	if route.Attr.Key != "" && !h.bound.has(ctx, r, route.Attr) {
		return false, nil
	}
	if route.Match == nil {
		return true, nil
	}
	defer recoverTo(&err)
	return route.Match(ctx, h.logger, r.Clone()), nil
}

// isBelow reports whether a logger has a name or is below that one.
func isBelow(logger, name string) bool {
	rest, ok := strings.CutPrefix(logger, name)
	return ok && (name == "" || rest == "" || rest[0] == '.')
}

// derive returns a Router of what each handler becomes.
func (h *Router) derive(become func(slog.Handler) slog.Handler) *Router {
	derived := make([]slog.Handler, len(h.to))
	for i, one := range h.to {
		derived[i] = become(one)
	}
	return &Router{h.core, derived, h.logger, h.bound}
}

// WithAttrs returns a Router with the same routes that adds attrs to records.
func (h *Router) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	d := h.derive(func(one slog.Handler) slog.Handler { return one.WithAttrs(cloneAttrs(attrs)) })
	if h.core.attrs {
		d.bound = &attrTrail{parent: h.bound, attrs: ResolveAttrs(attrs)}
	}
	return d
}

// WithGroup returns a Router with the same routes that qualifies later attrs.
func (h *Router) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	d := h.derive(func(one slog.Handler) slog.Handler { return one.WithGroup(name) })
	if h.core.attrs {
		d.bound = &attrTrail{parent: h.bound, group: name}
	}
	return d
}

// WithLoggerName returns a Router with the same routes, whose handlers know the logger's
// name.
func (h *Router) WithLoggerName(key, name string) slog.Handler {
	d := h.derive(func(one slog.Handler) slog.Handler { return BindName(one, key, name) })
	if d.logger = name; name == "" {
		d.logger = rootName
	}
	return d
}

// RouterStats tell what a [Router] and all derived from it have done. While nobody logs,
// In is Out + Dropped + Held.
type RouterStats struct {
	In      uint64   // records that Handle was called with
	Out     uint64   // that some handler got
	Dropped uint64   // that none did
	Held    uint64   // that are in a handler
	Routes  []uint64 // how many each route's handler got
	Default uint64   // how many the default got
}

// Stats returns what h has done.
func (h *Router) Stats() RouterStats {
	c := h.core
	s := RouterStats{In: c.in.Load(), Out: c.out.Load(), Dropped: c.dropped.Load(), Held: c.inside.Load()}
	for i := range c.routes {
		s.Routes = append(s.Routes, c.taken[i].Load())
	}
	s.Default = c.taken[len(c.routes)].Load()
	return s
}
