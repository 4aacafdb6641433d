package formatters

import (
	"encoding"
	"fmt"
	"log/slog"
	"reflect"
)

// Bounds on values that nest, so that none that contains itself fills a line.
const (
	maxDepth = 16      // of containers in a container
	maxNodes = 1 << 14 // elements of one value, at all depths
)

// resolve returns what v's LogValue methods lead to, or why that failed. It
// is slog's Value.Resolve, with a lower bound and a reason of one line.
func resolve(v slog.Value) (_ slog.Value, reason string) {
	if v.Kind() != slog.KindLogValuer {
		return v, ""
	}
	for range maxDepth {
		v, reason = callLogValue(v.LogValuer())
		if reason != "" || v.Kind() != slog.KindLogValuer {
			return v, reason
		}
	}
	return slog.Value{}, "LogValue returns LogValuers without end"
}

func callLogValue(lv slog.LogValuer) (v slog.Value, reason string) {
	defer func() {
		if p := recover(); p != nil {
			v, reason = slog.Value{}, panicReason(lv, "LogValue", p)
		}
	}()
	return lv.LogValue(), ""
}

// panicReason tells of a panic p in a method of x. It is "" for a nil
// pointer, which is then rendered as nil.
func panicReason(x any, method string, p any) string {
	if isNilPointer(x) {
		return ""
	}
	return "PANIC in " + method + ": " + safeSprint(p)
}

// safeSprint is fmt.Sprint for a value that may be anything.
func safeSprint(x any) string {
	text, bad := sprintf("%v", x)
	if bad != "" {
		return bad
	}
	return text
}

// sprintf is fmt.Sprintf for a value that may be anything, or returns why
// that fails: fmt catches panics, but not those of values that panic when
// the value of their panic is printed.
func sprintf(verb string, x any) (text, bad string) {
	defer func() {
		if recover() != nil {
			text, bad = "", fmt.Sprintf("PANIC in fmt: a %T can't be printed", x)
		}
	}()
	if tooDeep(x) {
		return "", "nested too deep"
	}
	return fmt.Sprintf(verb, x), ""
}

func isNilPointer(x any) bool {
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// A textKind tells what methodText found.
type textKind uint8

const (
	noText  textKind = iota // no method that gives text
	nilText                 // a nil pointer whose method can't stand that
	hasText
	badText // the text is the reason why there is none
)

// methodText returns the text that x gives of itself by Error, MarshalText or
// String, in that order, or, for the tail, MarshalText first, as slog has it.
func methodText(x any, marshalFirst bool) (text string, kind textKind) {
	method := ""
	defer func() {
		if p := recover(); p != nil {
			text, kind = panicReason(x, method, p), badText
			if text == "" {
				kind = nilText
			}
		}
	}()
	err, isError := x.(error)
	if m, ok := x.(encoding.TextMarshaler); ok && (marshalFirst || !isError) {
		method = "MarshalText"
		return marshalText(m)
	}
	if isError {
		method = "Error"
		return err.Error(), hasText
	}
	if s, ok := x.(fmt.Stringer); ok {
		method = "String"
		return s.String(), hasText
	}
	return "", noText
}

func marshalText(m encoding.TextMarshaler) (string, textKind) {
	text, err := m.MarshalText()
	if err != nil {
		return "MarshalText: " + err.Error(), badText
	}
	return string(text), hasText
}

// tooDeep reports whether fmt would not come to an end with x, or not soon:
// fmt follows maps, slices and interfaces that lead back to themselves.
func tooDeep(x any) bool {
	v := reflect.ValueOf(x)
	if v.IsValid() && printsItself(v.Type()) {
		return false
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem() // fmt follows the outermost pointer only
	}
	nodes := 16 * maxNodes
	return nestsTooDeep(v, 4*maxDepth, &nodes)
}

func nestsTooDeep(v reflect.Value, depth int, nodes *int) bool {
	if depth == 0 || *nodes == 0 {
		return true
	}
	*nodes--
	if v.IsValid() && v.CanInterface() && printsItself(v.Type()) {
		return false
	}
	switch v.Kind() {
	case reflect.Interface:
		return nestsTooDeep(v.Elem(), depth, nodes)
	case reflect.Map:
		return mapTooDeep(v, depth-1, nodes)
	case reflect.Slice, reflect.Array:
		if isFlat(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if nestsTooDeep(v.Index(i), depth-1, nodes) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if nestsTooDeep(v.Field(i), depth-1, nodes) {
				return true
			}
		}
	}
	return false
}

var (
	formatterType  = reflect.TypeFor[fmt.Formatter]()
	errorInterface = reflect.TypeFor[error]()
	stringerType   = reflect.TypeFor[fmt.Stringer]()
)

// printsItself reports whether fmt asks a method of t and looks no further. What
// is in there may be guarded by a lock that the method takes.
func printsItself(t reflect.Type) bool {
	return t.NumMethod() > 0 && t.Kind() != reflect.Interface && (t.Implements(formatterType) || t.Implements(errorInterface) || t.Implements(stringerType))
}

func mapTooDeep(v reflect.Value, depth int, nodes *int) bool {
	if isFlat(v.Type().Key().Kind()) && isFlat(v.Type().Elem().Kind()) {
		return false
	}
	for it := v.MapRange(); it.Next(); {
		if nestsTooDeep(it.Key(), depth, nodes) || nestsTooDeep(it.Value(), depth, nodes) {
			return true
		}
	}
	return false
}

// isFlat reports whether values of the kind hold no others that fmt follows.
func isFlat(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
		return false
	}
	return true
}
