package contextattrs

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
)

// handler adds the context's attrs to records on their way to next.
//
// A record whose context carries none goes to next as it is, so that next's
// own pre-formatting works. For one whose context carries some while groups
// are open, next is of no use: its groups would swallow them. Such a record
// goes to base, which has no group open, with the groups that we kept put
// around the record's own attrs.
//
// A wrapper that gets lost when something is bound to it has no next to speak
// of: all its records go to base, which stays as it was given to us.
type handler struct {
	next    slog.Handler // bound to everything, unless carries
	base    slog.Handler // bound to what came before groups
	groups  []group      // outermost first; never appended to in place
	carries bool         // next is lost: all records go to base
}

// group is an open group and the attrs bound while it was the innermost. The
// first may have no name: its attrs stand at top level.
type group struct {
	name  string
	attrs []slog.Attr
}

// NewHandler returns a handler that gives next, with each record, the attrs
// that the record's context carries. They come first among the record's attrs,
// at top level even if groups are open.
//
// A handler that has a method AddsContextAttrs() of its own, not from one that
// it embeds, adds them itself: it is returned unchanged. Every handler of this
// module is one. Beneath the returned handler the context seems to carry no
// attrs, so that nobody adds them again.
//
// The methods WithAttrs and WithGroup of next should return next's own type.
// A wrapper that embeds [slog.Handler] and does not write them drops itself
// there: what it is for, such as hiding passwords, would not happen any more.
// What comes back with another type is therefore not used. Then next stays
// as it is, and gets with each record what was bound. That takes more time, but
// next sees all attrs.
//
// The returned handler has these methods beside those of [slog.Handler]:
// WithLoggerName(key, name string) slog.Handler gives next the logger's name
// by the method of the same name, else as an attr unless key is empty; Unwrap
// returns next; String describes next; WithoutContextAttrs() slog.Handler
// returns what a record without such attrs may go to directly; NeedsSource() bool
// says what next's own method of that name says, else true. NewHandler panics if
// next is nil.
func NewHandler(next slog.Handler) slog.Handler {
	if next == nil {
		panic("contextattrs: NewHandler: the handler is nil")
	}
	if isMarked(next) {
		return next
	}
	return &handler{next: next, base: next}
}

type marked interface{ AddsContextAttrs() }

// isMarked reports whether h has the mark, and not because of a handler
// embedded in it: with the mark it may have got that one's WithAttrs too.
func isMarked(h slog.Handler) bool { return Owns[marked](h) }

// Owns reports whether h has the methods of the interface M, and not from a
// handler embedded in it, whose Handle it may have overridden.
func Owns[M any](h slog.Handler) bool {
	if _, ok := h.(M); !ok {
		return false
	}
	method := reflect.TypeFor[M]()
	t := reflect.TypeOf(h)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return true
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && (f.Type.Implements(method) || reflect.PointerTo(f.Type).Implements(method)) {
			return false
		}
	}
	return true
}

// needer is implemented by handlers that say whether they need the source.
type needer interface{ NeedsSource() bool }

// NeedsSource forwards what next itself says, and is true if it says nothing.
func (h *handler) NeedsSource() bool { return !Owns[needer](h.next) || h.next.(needer).NeedsSource() }

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

// WithoutContextAttrs returns the handler to which a record whose context
// carries no attrs may go directly, for callers that pass many records on.
func (h *handler) WithoutContextAttrs() slog.Handler {
	if h.carries {
		return h
	}
	return h.next
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	attrs := Attrs(ctx)
	if len(attrs) == 0 && !h.carries {
		return h.next.Handle(ctx, r)
	}
	if len(attrs) > 0 {
		ctx = h.beneath(ctx)
	}
	merged := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	merged.AddAttrs(attrs...)
	h.addOwn(&merged, &r)
	return h.base.Handle(ctx, merged)
}

// beneath returns a context without attrs, so that nobody adds them again. The
// standard library's handlers would not.
func (h *handler) beneath(ctx context.Context) context.Context {
	switch h.base.(type) {
	case *slog.TextHandler, *slog.JSONHandler:
		return ctx
	}
	return without(ctx)
}

// addOwn adds r's own attrs to merged, in the open groups.
func (h *handler) addOwn(merged, r *slog.Record) {
	if len(h.groups) == 0 {
		var few [5]slog.Attr // what most records have at most
		merged.AddAttrs(appendAttrs(few[:0], r)...)
		return
	}
	own := appendAttrs(nil, r)
	for _, g := range slices.Backward(h.groups) {
		own = slices.Concat(g.attrs, own)
		if g.name != "" {
			own = []slog.Attr{{Key: g.name, Value: slog.GroupValue(own...)}}
		}
	}
	merged.AddAttrs(own...)
}

func appendAttrs(attrs []slog.Attr, r *slog.Record) []slog.Attr {
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	if len(h.groups) == 0 {
		if next := h.next.WithAttrs(attrs); sameType(next, h.next) {
			return &handler{next: next, base: next}
		}
		return &handler{next: h.next, base: h.base, groups: []group{{attrs: Resolve(attrs, nil)}}, carries: true}
	}
	// Resolved once, or next and base could show two values of one LogValuer.
	kept := Resolve(attrs, nil)
	groups := slices.Clone(h.groups)
	last := &groups[len(groups)-1]
	last.attrs = slices.Concat(last.attrs, kept)
	return h.with(groups, func(next slog.Handler) slog.Handler { return next.WithAttrs(Resolve(kept, nil)) })
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	groups := append(slices.Clip(h.groups), group{name: name})
	return h.with(groups, func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

// with returns a handler with these groups and the same base.
func (h *handler) with(groups []group, bind func(slog.Handler) slog.Handler) *handler {
	if !h.carries {
		if next := bind(h.next); sameType(next, h.next) {
			return &handler{next: next, base: h.base, groups: groups}
		}
	}
	return &handler{next: h.base, base: h.base, groups: groups, carries: true}
}

// WithLoggerName returns a handler that knows the logger's name.
func (h *handler) WithLoggerName(key, name string) slog.Handler {
	base := bindName(h.base, key, name)
	var named slog.Handler = &handler{next: base, base: base}
	if !sameType(base, h.base) {
		named = &handler{next: h.base, base: h.base}
		if key != "" {
			named = named.WithAttrs([]slog.Attr{slog.String(key, name)})
		}
	}
	// An attr must not land in a group that is open by now.
	for _, g := range h.groups {
		named = named.WithGroup(g.name).WithAttrs(Resolve(g.attrs, nil))
	}
	return named
}

// sameType reports whether a and b are of one type, or of one and a pointer to
// it: methods of a value may be called through a pointer, and return a value.
func sameType(a, b slog.Handler) bool { return typeOf(a) == typeOf(b) }

func typeOf(h slog.Handler) reflect.Type {
	t := reflect.TypeOf(h)
	if t != nil && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
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
