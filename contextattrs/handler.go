package contextattrs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
)

// handler adds the context's attrs to records on their way to next.
//
// A record whose context carries none goes to next as it is, so that next's
// own pre-formatting works. For one whose context carries some while groups
// are open, next is of no use: its groups would swallow them. Such a record
// goes to base, which has no group open, with the groups that we kept put
// around the record's own attrs.
type handler struct {
	next   slog.Handler // bound to everything
	base   slog.Handler // bound to what came before the first group
	groups []group      // open groups, outermost first; never appended to in place
}

// group is an open group and the attrs bound while it was the innermost.
type group struct {
	name  string
	attrs []slog.Attr
}

// NewHandler returns a handler that gives next, with each record, the attrs
// that the record's context carries. They come first among the record's attrs,
// at top level even if groups are open.
//
// A handler that has a method AddsContextAttrs() adds them itself: it is
// returned unchanged. Every handler of this module is one. Beneath the
// returned handler the context seems to carry no attrs, so that nobody adds
// them again.
//
// The returned handler has these methods beside those of [slog.Handler]:
// WithLoggerName(key, name string) slog.Handler gives next the logger's name
// by the method of the same name, else as an attr unless key is empty; Unwrap
// returns next; String describes next. NewHandler panics if next is nil.
func NewHandler(next slog.Handler) slog.Handler {
	if next == nil {
		panic("contextattrs: NewHandler: the handler is nil")
	}
	if _, ok := next.(interface{ AddsContextAttrs() }); ok {
		return next
	}
	return &handler{next: next, base: next}
}

// AddsContextAttrs marks h as a handler that needs no other to do so.
func (h *handler) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *handler) Unwrap() slog.Handler { return h.next }

// String describes the wrapped handler.
func (h *handler) String() string {
	if s, ok := h.next.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", h.next)
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	attrs := Attrs(ctx)
	if len(attrs) == 0 {
		return h.next.Handle(ctx, r)
	}
	return h.base.Handle(without(ctx), h.merge(attrs, r))
}

// merge returns a record like r with attrs before its own, which it puts into
// the open groups.
func (h *handler) merge(attrs []slog.Attr, r slog.Record) slog.Record {
	merged := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	merged.AddAttrs(attrs...)
	if len(h.groups) == 0 {
		r.Attrs(func(a slog.Attr) bool {
			merged.AddAttrs(a)
			return true
		})
		return merged
	}
	own := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		own = append(own, a)
		return true
	})
	for _, g := range slices.Backward(h.groups) {
		members := slices.Concat(g.attrs, own)
		own = []slog.Attr{{Key: g.name, Value: slog.GroupValue(members...)}}
	}
	merged.AddAttrs(own...)
	return merged
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	if len(h.groups) == 0 {
		next := h.next.WithAttrs(attrs)
		return &handler{next: next, base: next}
	}
	// Resolved once, or next and base could show two values of one LogValuer.
	kept := resolveAll(attrs)
	groups := slices.Clone(h.groups)
	last := &groups[len(groups)-1]
	last.attrs = slices.Concat(last.attrs, kept)
	return &handler{next: h.next.WithAttrs(resolveAll(kept)), base: h.base, groups: groups}
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	groups := append(slices.Clip(h.groups), group{name: name})
	return &handler{next: h.next.WithGroup(name), base: h.base, groups: groups}
}

// WithLoggerName returns a handler that knows the logger's name.
func (h *handler) WithLoggerName(key, name string) slog.Handler {
	base := bindName(h.base, key, name)
	next := base
	// An attr must not land in a group that is open by now.
	for _, g := range h.groups {
		next = next.WithGroup(g.name)
		if len(g.attrs) > 0 {
			next = next.WithAttrs(resolveAll(g.attrs))
		}
	}
	return &handler{next: next, base: base, groups: h.groups}
}

// bindName is handlers.BindName, which this package must not import.
func bindName(h slog.Handler, key, name string) slog.Handler {
	if n, ok := h.(interface {
		WithLoggerName(key, name string) slog.Handler
	}); ok {
		return n.WithLoggerName(key, name)
	}
	if key == "" {
		return h
	}
	return h.WithAttrs([]slog.Attr{slog.String(key, name)})
}
