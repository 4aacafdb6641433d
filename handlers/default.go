package handlers

import (
	"fmt"
	"log/slog"
	"reflect"
)

// firstDefault is the handler that slog starts with, nothing bound to it.
var firstDefault = slog.Default().Handler()

// isDefault reports whether h is slog's default handler, with whatever bound to
// it. Its type has no name outside of slog.
func isDefault(h slog.Handler) bool { return fmt.Sprintf("%T", h) == "*slog.defaultHandler" }

// WrapsDefault reports whether h is a handler of somebody else that holds slog's
// default handler within, where [Adopt] can't replace it. It looks through the
// Unwrap methods of [Flush] and through fields that hold handlers or loggers;
// what is hidden otherwise, it does not find. It is false for the default
// handler itself and for handlers of this module, which have replaced it.
//
// No field of h may be changing meanwhile.
func WrapsDefault(h slog.Handler) bool {
	if h == nil || isDefault(h) {
		return false
	}
	s := search{left: maxNesting}
	return s.handler(h)
}

// search looks for the default handler, in a bounded number of places.
type search struct{ left int }

func (s *search) handler(h slog.Handler) bool {
	if s.left--; s.left < 0 || h == nil {
		return false
	}
	if isDefault(h) {
		return true
	}
	if _, ok := h.(marked); ok {
		return false
	}
	wrapped, _ := unwrap(h)
	for _, next := range wrapped {
		if s.handler(next) {
			return true
		}
	}
	return s.value(reflect.ValueOf(h))
}

var handlerType = reflect.TypeFor[slog.Handler]()

// value looks into what may not be turned into a slog.Handler again, since it
// comes from unexported fields. It follows nothing but handlers, loggers and
// containers of them: other fields are not for us to read.
func (s *search) value(v reflect.Value) bool {
	if s.left--; s.left < 0 || !v.IsValid() {
		return false
	}
	t := v.Type()
	if t.String() == "*slog.defaultHandler" {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return s.value(v.Elem())
	case reflect.Slice, reflect.Array:
		return s.elements(v)
	case reflect.Struct:
		return s.fields(v)
	}
	return false
}

func (s *search) elements(v reflect.Value) bool {
	for i := range v.Len() {
		if s.left < 0 {
			return false
		}
		if s.value(v.Index(i)) {
			return true
		}
	}
	return false
}

func (s *search) fields(v reflect.Value) bool {
	if reflect.PointerTo(v.Type()).Implements(markedType) {
		return false
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); holdsHandler(f.Type) && s.value(v.Field(i)) {
			return true
		}
	}
	return false
}

var (
	markedType = reflect.TypeFor[marked]()
	loggerType = reflect.TypeFor[slog.Logger]()
)

// holdsHandler reports whether t is a handler, a logger, or a pointer, slice or
// array of them.
func holdsHandler(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		if t.Implements(handlerType) {
			return true
		}
		t = t.Elem()
	}
	return t == loggerType || t.Implements(handlerType) || reflect.PointerTo(t).Implements(handlerType)
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
