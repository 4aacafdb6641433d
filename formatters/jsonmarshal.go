package formatters

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
)

// A jsonEncoder is an encoder of encoding/json that writes to out.
type jsonEncoder struct {
	*json.Encoder
	out []byte
}

func (e *jsonEncoder) Write(p []byte) (int, error) {
	e.out = append(e.out, p...)
	return len(p), nil
}

var jsonEncoders = sync.Pool{New: func() any {
	e := new(jsonEncoder)
	e.Encoder = json.NewEncoder(e)
	e.SetEscapeHTML(false)
	return e
}}

// marshal writes x as encoding/json does, or the error as slog does.
func (w *jsonWriter) marshal(dst []byte, key string, x any) (out []byte) {
	start := len(dst)
	defer func() {
		if p := recover(); p != nil {
			out = w.panicValue(dst[:start], x, p)
		}
	}()
	if reason := jsonTooDeep(x); reason != "" {
		return w.markerValue(dst, key, reason)
	}
	e := jsonEncoders.Get().(*jsonEncoder)
	e.out = dst
	err := e.Encode(x)
	dst, e.out = e.out, nil
	jsonEncoders.Put(e) // not deferred: one that panicked is not used again
	if err != nil {
		return appendJSONString(dst[:start], "!ERROR:"+safeSprint(err), w.controls)
	}
	dst = mendJSON(dst[:len(dst)-1], start, w.controls) // without the final newline
	if nesting(dst[start:]) > maxJSONDepth {
		return w.markerValue(dst[:start], key, "nested too deep")
	}
	return dst
}

// Bounds on a value that encoding/json writes. Readers bound the depth as
// well: encoding/json and Python read 1,000 levels, and few programs many more.
const (
	maxJSONDepth = 512
	maxJSONNodes = 1 << 20
)

// nesting returns how deep objects and arrays in text nest.
func nesting(text []byte) int {
	if len(text) < maxJSONDepth {
		return 0
	}
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b == '"':
			quoted = !quoted
		case b == '\\':
			i++
		case quoted:
		case b == '{' || b == '[':
			depth++
			most = max(most, depth)
		case b == '}' || b == ']':
			depth--
		}
	}
	return most
}

// jsonTooDeep returns why encoding/json would not come to an end with x, or not
// soon: it follows whatever leads back to itself, a thousand levels
// deep, and what is shared as often as it comes by.
func jsonTooDeep(x any) (reason string) {
	v := reflect.ValueOf(x)
	if !v.IsValid() || jsonIsFlat(v.Type()) {
		return ""
	}
	nodes := maxJSONNodes
	switch tooDeep := jsonNestsTooDeep(v, maxJSONDepth, &nodes); {
	case tooDeep && nodes == 0:
		return "too many values"
	case tooDeep:
		return "nested too deep"
	}
	return ""
}

func jsonNestsTooDeep(v reflect.Value, depth int, nodes *int) bool {
	if depth == 0 || *nodes == 0 {
		return true
	}
	*nodes--
	if !v.IsValid() || jsonIsFlat(v.Type()) || v.CanAddr() && marshalsJSON(reflect.PointerTo(v.Type())) {
		return false // what a method guards with a lock is its own
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return jsonNestsTooDeep(v.Elem(), depth-1, nodes)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if jsonNestsTooDeep(it.Value(), depth-1, nodes) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if jsonNestsTooDeep(v.Index(i), depth-1, nodes) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if jsonShows(v.Type().Field(i)) && jsonNestsTooDeep(v.Field(i), depth-1, nodes) {
				return true
			}
		}
	}
	return false
}

// jsonShows reports whether encoding/json looks at a field.
func jsonShows(f reflect.StructField) bool {
	return (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-"
}

// flatTypes holds what jsonIsFlat found, of as many types as the program has.
var flatTypes sync.Map // reflect.Type to bool

// jsonIsFlat reports whether values of type t nest a few levels at most,
// as far as encoding/json looks into them itself.
func jsonIsFlat(t reflect.Type) bool {
	if flat, ok := flatTypes.Load(t); ok {
		return flat.(bool)
	}
	const levels = 6
	flat := typeIsFlat(t, levels)
	flatTypes.Store(t, flat)
	return flat
}

var (
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
)

func marshalsJSON(t reflect.Type) bool {
	return t.Implements(jsonMarshalerType) || t.Implements(textMarshalerType)
}

func typeIsFlat(t reflect.Type, levels int) bool {
	switch {
	case levels == 0:
		return false
	case t.Kind() == reflect.Interface:
		return false // whatever its methods, the value may have more
	case marshalsJSON(t):
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array:
		return typeIsFlat(t.Elem(), levels-1)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); jsonShows(f) && !typeIsFlat(f.Type, levels-1) {
				return false
			}
		}
	}
	return true
}
