package formatters

import (
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// A lookup is what may follow the key of a {} field: [index], [key] or .name,
// where the name is an attribute that numbers have in Python.
type lookup struct {
	name  string // or the key
	index int    // -1 if it is a key
	attr  bool
}

// String returns the lookup as written.
func (k lookup) String() string {
	if k.attr {
		return "." + k.name
	}
	return "[" + k.name + "]"
}

// isNumberAttr reports whether Python's numbers have that attribute: all of
// them the first two, integers the others too.
func isNumberAttr(name string) bool {
	switch name {
	case "real", "imag", "numerator", "denominator":
		return true
	}
	return false
}

// misfit returns why no value of the kind has k.
func (k lookup) misfit(kind fieldKind) string {
	switch {
	case !k.attr && kind == textField && k.index >= 0:
		return "" // a character
	case k.attr && (kind == intField || kind == floatField && (k.name == "real" || k.name == "imag")):
		return ""
	}
	return "there is no " + k.String()
}

// in returns what k finds in v, or why there is nothing.
func (k lookup) in(v slog.Value) (_ slog.Value, bad string) {
	if v, bad = resolve(v); bad != "" {
		return v, bad
	}
	if k.attr {
		return k.attribute(v)
	}
	switch v.Kind() {
	case slog.KindString:
		return k.character(v.String())
	case slog.KindGroup:
		return k.member(v.Group())
	case slog.KindAny:
		return k.element(v.Any())
	}
	return v, k.nothing(v)
}

func (k lookup) nothing(v slog.Value) string { return "no " + k.String() + " in " + typeName(v) }

// attribute finds one of a number's attributes.
func (k lookup) attribute(v slog.Value) (_ slog.Value, bad string) {
	n, ok := toNumber(v)
	switch {
	case !ok || n.isFloat && k.name != "real" && k.name != "imag":
		return v, k.nothing(v)
	case k.name == "imag" && n.isFloat:
		return slog.Float64Value(0), ""
	case k.name == "imag":
		return slog.IntValue(0), ""
	case k.name == "denominator":
		return slog.IntValue(1), ""
	case v.Kind() == slog.KindBool:
		return slog.Uint64Value(n.mag), ""
	case v.Kind() == slog.KindDuration:
		return slog.Float64Value(n.f), ""
	}
	return v, ""
}

// character finds one of a text's characters.
func (k lookup) character(s string) (_ slog.Value, bad string) {
	if k.index < 0 {
		return slog.Value{}, "no " + k.String() + " in text"
	}
	for i := 0; i < len(s); k.index-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		if k.index == 0 {
			return slog.StringValue(s[i : i+size]), ""
		}
		i += size
	}
	return slog.Value{}, "index out of range"
}

// member finds an attr of a group: the last one of that key, as in a dict.
func (k lookup) member(attrs []slog.Attr) (_ slog.Value, bad string) {
	for i := len(attrs) - 1; i >= 0; i-- {
		if attrs[i].Key == k.name && k.index < 0 {
			return attrs[i].Value, ""
		}
	}
	return slog.Value{}, "MISSING"
}

// element finds an element of a slice, an array or a map.
func (k lookup) element(x any) (_ slog.Value, bad string) {
	if f, ok := x.(failure); ok {
		return slog.Value{}, string(f)
	}
	if attrs, ok := x.([]slog.Attr); ok && k.index < 0 {
		return k.member(attrs)
	}
	v := reflect.ValueOf(x)
	for range maxDepth {
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			break
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return k.character(v.String())
	case reflect.Map:
		v = k.entry(v)
		if !v.IsValid() {
			return slog.Value{}, "MISSING"
		}
	case reflect.Slice, reflect.Array:
		if k.index < 0 {
			return slog.Value{}, k.nothing(slog.AnyValue(x))
		}
		if k.index >= v.Len() {
			return slog.Value{}, "index out of range"
		}
		v = v.Index(k.index)
	default:
		return slog.Value{}, k.nothing(slog.AnyValue(x))
	}
	if !v.CanInterface() {
		return slog.Value{}, fmt.Sprintf("a %s can't be read", v.Type())
	}
	return slog.AnyValue(v.Interface()), ""
}

// entry finds the value of a map, or returns the zero Value. An index is a
// number among the keys, anything else a string.
func (k lookup) entry(m reflect.Value) reflect.Value {
	key := reflect.ValueOf(k.name)
	switch kind := m.Type().Key().Kind(); {
	case kind == reflect.Interface && k.index >= 0:
		return k.entryByNumber(m)
	case kind == reflect.Interface || kind == reflect.String && k.index < 0:
	case kind >= reflect.Int && kind <= reflect.Float64 && k.index >= 0:
		key = reflect.ValueOf(k.index)
		if key.Convert(m.Type().Key()).Convert(key.Type()).Interface() != any(k.index) {
			return reflect.Value{} // the type has no such number
		}
	default:
		return reflect.Value{}
	}
	if !key.CanConvert(m.Type().Key()) {
		return reflect.Value{}
	}
	return m.MapIndex(key.Convert(m.Type().Key()))
}

// entryByNumber looks at all keys, as they may be of any type of number.
func (k lookup) entryByNumber(m reflect.Value) reflect.Value {
	for it := m.MapRange(); it.Next(); {
		n, ok := toNumber(slog.AnyValue(it.Key().Interface()))
		if ok && n.big == nil && (n.isFloat && n.f == float64(k.index) || !n.isFloat && !n.neg && n.mag == uint64(k.index)) {
			return it.Value()
		}
	}
	return reflect.Value{}
}

// newIndex returns the lookup "[text]", where digits alone are an index.
func newIndex(text string) lookup {
	k := lookup{name: text, index: -1}
	digits := []byte(nil)
	for _, r := range text {
		d := digitValue(r)
		if d < 0 {
			return k
		}
		digits = append(digits, byte('0'+d))
	}
	if i, err := strconv.Atoi(string(digits)); err == nil {
		k.index = i
	}
	return k
}
