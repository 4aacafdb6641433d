// Package expslog joins golang.org/x/exp/slog, which came before log/slog and
// which some programs still use, with log/slog. [ToExp] has an x/exp logger log
// to a handler of log/slog, such as one of this module or a logger of a tree;
// [FromExp] has a logger of log/slog, or a tree, log to a handler of x/exp.
//
//	expslog.SetDefault(expslog.New(bridge.ToExp(slogtree.Get("legacy").Handler())))
//
// Levels, attrs, groups, LogValuers, the source and the context get through
// as they are. A value may have a LogValue method of either package.
//
// There are no Stats and no OnError: a bridge holds and drops nothing, each record is with
// the other handler when Handle returns, and what that returns is what Handle returns.
package expslog

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	exp "golang.org/x/exp/slog"
)

// ToExp returns h as a handler of golang.org/x/exp/slog. What [FromExp] has
// returned, with nothing bound to it, comes back as it was. It panics if h is nil.
func ToExp(h slog.Handler) exp.Handler {
	if h == nil {
		panic("expslog: ToExp: the handler is nil")
	}
	if f, ok := h.(*fromExp); ok && len(f.groups) == 0 {
		return f.next
	}
	return &toExp{h}
}

// FromExp returns h as a handler of log/slog. What [ToExp] has returned, with
// nothing bound to it, comes back as it was. If h has methods Flush() error or
// Close, with or without a context, the returned handler's do what these do. It
// panics if h is nil.
func FromExp(h exp.Handler) slog.Handler {
	if h == nil {
		panic("expslog: FromExp: the handler is nil")
	}
	if t, ok := h.(*toExp); ok {
		return t.next
	}
	return &fromExp{next: h}
}

// toExp is a handler of x/exp over one of log/slog.
type toExp struct{ next slog.Handler }

// Unwrap returns the handler of log/slog.
func (h *toExp) Unwrap() slog.Handler { return h.next }

func (h *toExp) Enabled(ctx context.Context, l exp.Level) bool {
	return h.next.Enabled(ctx, slog.Level(l))
}

func (h *toExp) Handle(ctx context.Context, r exp.Record) error {
	c := newConverter()
	std := slog.NewRecord(r.Time, slog.Level(r.Level), r.Message, r.PC)
	r.Attrs(func(a exp.Attr) bool {
		std.AddAttrs(c.attrToStd(a))
		return true
	})
	return h.next.Handle(ctx, std)
}

func (h *toExp) WithAttrs(attrs []exp.Attr) exp.Handler {
	if len(attrs) == 0 {
		return h
	}
	c := newConverter()
	return &toExp{h.next.WithAttrs(c.toStd(attrs))}
}

func (h *toExp) WithGroup(name string) exp.Handler {
	if name == "" {
		return h
	}
	return &toExp{h.next.WithGroup(name)}
}

// fromExp is a handler of log/slog over one of x/exp. Handlers of that time show
// a group that was opened by WithGroup even if nothing is in it, so groups are
// opened once something is.
type fromExp struct {
	next   exp.Handler
	groups []string // still to be opened, outermost first; never appended to in place
}

// String names the type of the handler of x/exp.
func (h *fromExp) String() string { return fmt.Sprintf("FromExp(%T)", h.next) }

func (h *fromExp) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, exp.Level(l))
}

func (h *fromExp) Handle(ctx context.Context, r slog.Record) error {
	c := newConverter()
	old := exp.NewRecord(r.Time, exp.Level(r.Level), r.Message, r.PC)
	if len(h.groups) > 0 {
		old.AddAttrs(h.nest(&c, r)...)
		return h.next.Handle(ctx, old)
	}
	r.Attrs(func(a slog.Attr) bool {
		old.AddAttrs(c.attrToExp(a))
		return true
	})
	return h.next.Handle(ctx, old)
}

// nest returns r's attrs within the groups still to be opened, nothing if there are none.
func (h *fromExp) nest(c *converter, r slog.Record) []exp.Attr {
	attrs := make([]exp.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, c.attrToExp(a))
		return true
	})
	if len(attrs) == 0 {
		return nil
	}
	for _, name := range slices.Backward(h.groups) {
		attrs = []exp.Attr{{Key: name, Value: exp.GroupValue(attrs...)}}
	}
	return attrs
}

func (h *fromExp) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	next := h.next
	for _, name := range h.groups {
		next = next.WithGroup(name)
	}
	c := newConverter()
	return &fromExp{next: next.WithAttrs(c.toExp(attrs))}
}

func (h *fromExp) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &fromExp{h.next, append(slices.Clip(h.groups), name)}
}

// Flush calls the handler's method Flush, if it has one.
func (h *fromExp) Flush() error {
	if f, ok := h.next.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

// Close calls the handler's method Close, if it has one.
func (h *fromExp) Close(ctx context.Context) error {
	switch c := h.next.(type) {
	case interface{ Close(context.Context) error }:
		return c.Close(ctx)
	case interface{ Close() error }:
		return c.Close()
	}
	return nil
}
