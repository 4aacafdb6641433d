package handlers

import (
	"fmt"
	"log/slog"
	"reflect"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// firstDefault is the handler that slog starts with, nothing bound to it.
var firstDefault = slog.Default().Handler()

// isDefault reports whether h is slog's default handler, with whatever bound to
// it. Its type has no name outside of slog.
func isDefault(h slog.Handler) bool { return fmt.Sprintf("%T", h) == "*slog.defaultHandler" }

// replaceable returns slog's default handler if h is it, or adds the context's
// attrs to it and does nothing else; nil if neither.
func replaceable(h slog.Handler) slog.Handler {
	if reflect.TypeOf(h) == contextType {
		h = h.(interface{ Unwrap() slog.Handler }).Unwrap()
	}
	if isDefault(h) {
		return h
	}
	return nil
}

var contextType = reflect.TypeOf(contextattrs.NewHandler(firstDefault))

// WrapsDefault reports whether h holds slog's default handler within a handler
// of somebody else, where [Adopt] can't replace it. It is false for what Adopt
// replaces: the default handler itself, and one that [contextattrs.NewHandler]
// has wrapped.
//
// It looks through the Unwrap methods of [Flush], those of this module's
// handlers too; through fields of type [slog.Handler] that a struct embeds; and
// into a [slog.MultiHandler]. A default handler held in any other way is not
// found.
func WrapsDefault(h slog.Handler) bool {
	if replaceable(h) != nil {
		return false
	}
	w := walker{seen: map[slog.Handler]bool{}}
	todo := []slog.Handler{h}
	for range 100 * maxNesting { // values that can't be compared may go round
		if len(todo) == 0 {
			return false
		}
		h, todo = todo[0], todo[1:]
		switch {
		case h == nil || !w.isNew(h):
			continue
		case isDefault(h) || multiHoldsDefault(h):
			return true
		}
		wrapped, _ := unwrap(h)
		todo = append(append(todo, wrapped...), embedded(h)...)
	}
	return false
}

// embedded returns the handlers that h, a struct or a pointer to one, embeds as
// a slog.Handler. It reads no other field: the handler's own lock may guard it.
func embedded(h slog.Handler) []slog.Handler {
	v := reflect.Indirect(reflect.ValueOf(h))
	if v.Kind() != reflect.Struct {
		return nil
	}
	var found []slog.Handler
	for _, f := range reflect.VisibleFields(v.Type()) {
		if !f.Anonymous || f.Type != handlerType {
			continue
		}
		field, err := v.FieldByIndexErr(f.Index)
		if err == nil && field.CanInterface() && !field.IsNil() {
			found = append(found, field.Interface().(slog.Handler))
		}
	}
	return found
}

var handlerType = reflect.TypeFor[slog.Handler]()

// multiHoldsDefault reports whether h is a MultiHandler, which never changes, and
// slog's default handler one of those in it. They can't be had, but for their type.
func multiHoldsDefault(h slog.Handler) bool {
	if _, ok := h.(*slog.MultiHandler); !ok {
		return false
	}
	in := reflect.Indirect(reflect.ValueOf(h)).FieldByName("multi")
	if in.Kind() != reflect.Slice {
		return false // this Go release keeps them elsewhere
	}
	for i := range in.Len() {
		if one := in.Index(i); one.Kind() == reflect.Interface && !one.IsNil() &&
			one.Elem().Type() == reflect.TypeOf(firstDefault) {
			return true
		}
	}
	return false
}

// boundToDefault returns what With and WithGroup have bound to slog's default
// handler, which only its unexported fields tell: the text of the attrs, and the
// names of all groups. It fails if a Go release has changed the fields.
func boundToDefault(h slog.Handler) (text string, groups []string, ok bool) {
	if h == firstDefault {
		return "", nil, true
	}
	v := reflect.Indirect(reflect.ValueOf(h))
	if v.Kind() != reflect.Struct {
		return "", nil, false
	}
	if v = reflect.Indirect(v.FieldByName("ch")); v.Kind() != reflect.Struct {
		return "", nil, false
	}
	attrs, names := v.FieldByName("preformattedAttrs"), v.FieldByName("groups")
	if !attrs.IsValid() || attrs.Type() != reflect.TypeFor[[]byte]() ||
		!names.IsValid() || names.Type() != reflect.TypeFor[[]string]() {
		return "", nil, false
	}
	for i := range names.Len() {
		groups = append(groups, names.Index(i).String())
	}
	return string(attrs.Bytes()), groups, true
}
