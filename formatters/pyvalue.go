package formatters

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// timeText is how times are written, in fields and in the tail: as slog's
// handlers do.
const timeText = "2006-01-02T15:04:05.000Z07:00"

// A pyWriter writes Go values as Python's str and repr would.
//
// nil and nil pointers are None, slices lists, arrays tuples, maps and groups
// dicts, []byte bytes. A value with a text of its own (error, TextMarshaler,
// Stringer, time, duration) is that text, quoted within containers and by
// repr. Other structs are as fmt's %+v has them.
type pyWriter struct {
	dst   []byte
	nodes int  // elements still allowed
	limit int  // bytes of dst beyond which there are no more elements; 0 is none
	full  bool // the limit was met
}

// appendPyStr appends str(v), or returns why it can't.
func appendPyStr(dst []byte, v slog.Value) (_ []byte, reason string) {
	if v.Kind() == slog.KindString {
		return append(dst, v.String()...), ""
	}
	w := pyWriter{dst: dst, nodes: maxNodes}
	reason = w.value(v, false, 0)
	return w.dst, reason
}

// appendPyRepr appends repr(v), or returns why it can't.
func appendPyRepr(dst []byte, v slog.Value) (_ []byte, reason string) {
	w := pyWriter{dst: dst, nodes: maxNodes}
	reason = w.value(v, true, 0)
	return w.dst, reason
}

// AppendText appends v as text, as a field %(key)s without escapes prints it. What can't be printed, such
// as a value whose method panics, is a mark that names key. Of containers, texts and bytes about 16 MiB are taken
// into the text; behind that a mark tells how many bytes of a text are missing.
func AppendText(dst []byte, key string, v slog.Value) []byte {
	start := len(dst)
	w := pyWriter{dst: dst, nodes: maxNodes, limit: start + maxGroupText}
	if reason := w.value(v, false, 0); reason != "" {
		return appendMarker(dst[:start], key, reason)
	}
	return w.dst
}

// text writes s, quoted if repr is set.
func (w *pyWriter) text(s string, repr bool) {
	keep := w.room(len(s))
	for keep < len(s) && keep > 0 && !utf8.RuneStart(s[keep]) {
		keep--
	}
	if repr {
		w.dst = appendRepr(w.dst, s[:keep], false)
	} else {
		w.dst = append(w.dst, s[:keep]...)
	}
	w.missing(len(s) - keep)
}

func (w *pyWriter) bytes(b []byte) {
	keep := w.room(len(b))
	w.dst = appendBytesRepr(w.dst, b[:keep])
	w.missing(len(b) - keep)
}

// room returns how many of n bytes may be written.
func (w *pyWriter) room(n int) int {
	if w.limit == 0 {
		return n
	}
	return min(n, max(w.limit-len(w.dst), 0))
}

// missing tells of n bytes that were not written.
func (w *pyWriter) missing(n int) {
	if n > 0 {
		w.dst = fmt.Appendf(w.dst, "... (%d bytes missing)", n)
	}
}

func (w *pyWriter) bool(b bool) {
	if b {
		w.dst = append(w.dst, "True"...)
	} else {
		w.dst = append(w.dst, "False"...)
	}
}

// time and duration see to plain text without an allocation.
func (w *pyWriter) time(t time.Time, repr bool) {
	if repr {
		w.text(t.Format(timeText), repr)
	} else {
		w.dst = appendStamp(w.dst, t)
	}
}

func (w *pyWriter) duration(d time.Duration, repr bool) {
	if repr {
		w.text(d.String(), repr)
	} else {
		w.dst = append(w.dst, d.String()...)
	}
}

// value writes v. The reason that it returns is for the outermost value; an
// inner one becomes a marker where it stands.
func (w *pyWriter) value(v slog.Value, repr bool, depth int) (reason string) {
	if v, reason = resolve(v); reason != "" {
		return reason
	}
	switch v.Kind() {
	case slog.KindString:
		w.text(v.String(), repr)
	case slog.KindInt64:
		w.dst = strconv.AppendInt(w.dst, v.Int64(), 10)
	case slog.KindUint64:
		w.dst = strconv.AppendUint(w.dst, v.Uint64(), 10)
	case slog.KindFloat64:
		w.dst = appendFloatRepr(w.dst, v.Float64())
	case slog.KindBool:
		w.bool(v.Bool())
	case slog.KindDuration:
		w.duration(v.Duration(), repr)
	case slog.KindTime:
		w.time(v.Time(), repr)
	case slog.KindGroup:
		w.group(v.Group(), depth)
	default:
		return w.any(v.Any(), repr, depth)
	}
	return ""
}

func (w *pyWriter) any(x any, repr bool, depth int) (reason string) {
	switch x := x.(type) {
	case nil:
		w.dst = append(w.dst, "None"...)
		return ""
	case failure:
		return string(x)
	case slog.Value:
		return w.value(x, repr, depth)
	case []slog.Attr:
		w.group(x, depth)
		return ""
	case *big.Int:
		if x != nil {
			w.dst = x.Append(w.dst, 10)
			return ""
		}
	case time.Time:
		return w.value(slog.TimeValue(x), repr, depth)
	case PythonText:
		w.dst, reason = appendPython(w.dst, x, repr)
		return reason
	case slog.LogValuer:
		return w.value(slog.AnyValue(x), repr, depth)
	}
	text, kind := methodText(x, false)
	switch kind {
	case hasText:
		w.text(text, repr)
	case nilText:
		w.dst = append(w.dst, "None"...)
	case badText:
		return text
	default:
		if _, ok := x.(fmt.Formatter); ok { // which may hide what is in x
			return w.formatted(x, repr)
		}
		return w.byKind(reflect.ValueOf(x), repr, depth)
	}
	return ""
}

// formatted writes x as fmt's %+v has it.
func (w *pyWriter) formatted(x any, repr bool) (reason string) {
	text, bad := sprintf("%+v", x)
	if bad == "" {
		w.text(text, repr)
	}
	return bad
}

// element writes one element of a container.
func (w *pyWriter) element(v reflect.Value, depth int) {
	w.inner(w.reflected(v, true, depth))
}

// inner writes a marker for an element that could not be written.
func (w *pyWriter) inner(reason string) {
	if reason != "" {
		w.dst = appendMarker(w.dst, "v", reason)
	}
}

// reflected writes v by its methods if it has any, else by its kind.
func (w *pyWriter) reflected(v reflect.Value, repr bool, depth int) (reason string) {
	if v.IsValid() && v.CanInterface() && v.Type().NumMethod() > 0 && v.Kind() != reflect.Interface {
		return w.any(v.Interface(), repr, depth)
	}
	return w.byKind(v, repr, depth)
}

// byKind writes v by its kind.
func (w *pyWriter) byKind(v reflect.Value, repr bool, depth int) (reason string) {
	switch v.Kind() {
	case reflect.String:
		w.text(v.String(), repr)
	case reflect.Bool:
		w.bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.dst = strconv.AppendInt(w.dst, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		w.dst = strconv.AppendUint(w.dst, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		w.dst = appendFloatRepr(w.dst, v.Float())
	case reflect.Interface, reflect.Pointer:
		return w.pointed(v, repr, depth)
	case reflect.Slice, reflect.Array, reflect.Map:
		w.container(v, depth)
	default:
		return w.other(v)
	}
	return ""
}

func (w *pyWriter) pointed(v reflect.Value, repr bool, depth int) (reason string) {
	if v.IsNil() {
		w.dst = append(w.dst, "None"...)
		return ""
	}
	if depth >= maxDepth {
		w.dst = append(w.dst, "..."...)
		return ""
	}
	if v.Kind() == reflect.Interface && v.CanInterface() {
		return w.any(v.Interface(), repr, depth)
	}
	return w.reflected(v.Elem(), repr, depth+1)
}

func (w *pyWriter) container(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Map:
		w.dict(v, depth)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			w.bytes(v.Bytes())
			return
		}
		w.list('[', v, depth)
		w.dst = append(w.dst, ']')
	default:
		w.list('(', v, depth)
		if v.Len() == 1 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(w.dst, ')')
	}
}

// more writes what separates element i from those before it, and reports
// whether the bounds allow it. What they cut off shows as "...".
func (w *pyWriter) more(i, depth int) bool {
	if i > 0 {
		w.dst = append(w.dst, ", "...)
	}
	w.nodes--
	w.full = w.full || w.limit > 0 && len(w.dst) > w.limit
	if depth < maxDepth && w.nodes >= 0 && !w.full {
		return true
	}
	w.dst = append(w.dst, "..."...)
	return false
}

func (w *pyWriter) list(open byte, v reflect.Value, depth int) {
	w.dst = append(w.dst, open)
	for i := range v.Len() {
		if !w.more(i, depth) {
			return
		}
		w.element(v.Index(i), depth+1)
	}
}

func (w *pyWriter) dict(v reflect.Value, depth int) {
	w.dst = append(w.dst, '{')
	if v.Len() > 0 && (depth >= maxDepth || w.nodes <= 0) { // not worth sorting
		w.dst = append(w.dst, "...}"...)
		return
	}
	for i, key := range sortedKeys(v) {
		if !w.more(i, depth) {
			break
		}
		w.element(key, depth+1)
		w.dst = append(w.dst, ": "...)
		w.element(v.MapIndex(key), depth+1)
	}
	w.dst = append(w.dst, '}')
}

func (w *pyWriter) group(attrs []slog.Attr, depth int) {
	w.dst = append(w.dst, '{')
	for i, a := range attrs {
		if !w.more(i, depth) {
			break
		}
		w.text(a.Key, true)
		w.dst = append(w.dst, ": "...)
		w.inner(w.value(a.Value, true, depth+1))
	}
	w.dst = append(w.dst, '}')
}

// other writes structs and what Python has no like of.
func (w *pyWriter) other(v reflect.Value) (reason string) {
	if !v.IsValid() {
		w.dst = append(w.dst, "None"...)
		return ""
	}
	if !v.CanInterface() {
		w.dst = fmt.Appendf(w.dst, "<%s>", v.Type())
		return ""
	}
	text, bad := sprintf("%+v", v.Interface())
	w.text(text, false)
	return bad
}

// sortedKeys returns v's keys: numbers in order, then all others by their text.
func sortedKeys(v reflect.Value) []reflect.Value {
	type sortable struct {
		key    reflect.Value
		number float64
		text   string
	}
	keys := make([]sortable, 0, v.Len())
	for _, k := range v.MapKeys() {
		s := sortable{key: k}
		for k.Kind() == reflect.Interface {
			k = k.Elem()
		}
		switch {
		case k.IsValid() && k.CanInt():
			s.number = float64(k.Int())
		case k.IsValid() && k.CanUint():
			s.number = float64(k.Uint())
		case k.IsValid() && k.CanFloat():
			s.number = k.Float()
		case k.Kind() == reflect.String:
			s.text = k.String()
		default:
			w := pyWriter{nodes: maxDepth}
			w.element(k, maxDepth-1)
			s.text = string(w.dst)
		}
		keys = append(keys, s)
	}
	slices.SortFunc(keys, func(a, b sortable) int {
		return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.number, b.number))
	})
	out := make([]reflect.Value, len(keys))
	for i, s := range keys {
		out[i] = s.key
	}
	return out
}
