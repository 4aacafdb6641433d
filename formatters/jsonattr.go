package formatters

import (
	"encoding/json"
	"log/slog"
	"math"
	"strconv"
)

// A jsonWriter writes attrs as members of an object, each with a comma before
// it but for the first one.
type jsonWriter struct {
	controls bool
	open     byte      // what opens a group: '{' or a groupMark
	bound    *excValue // that of With, which stands elsewhere
	exc      *excValue // the last one seen
	origin   *Origin   // the last one seen

	depth    uint8  // of groups within the attr
	lvNested uint8  // depth of LogValue results in LogValue results
	calls    uint16 // of LogValue within the attr
	count    uint32 // of attrs within the attr
	start    int    // of the attr in the line
}

// attr writes an attr, and nothing for an empty one. It is flat, and decides
// only what to call: it is most of the time that a record with attrs takes.
func (w *jsonWriter) attr(dst []byte, a slog.Attr) []byte {
	switch a.Value.Kind() {
	case slog.KindString:
		return appendJSONString(w.key(dst, a.Key), a.Value.String(), w.controls)
	case slog.KindInt64:
		return appendDecimal(w.key(dst, a.Key), a.Value.Int64())
	case slog.KindUint64:
		return appendDigits(w.key(dst, a.Key), a.Value.Uint64())
	case slog.KindBool:
		return strconv.AppendBool(w.key(dst, a.Key), a.Value.Bool())
	case slog.KindDuration:
		return appendDecimal(w.key(dst, a.Key), int64(a.Value.Duration()))
	case slog.KindTime:
		return appendJSONTime(w.key(dst, a.Key), a.Value.Time())
	case slog.KindFloat64:
		return appendJSONFloat(w.key(dst, a.Key), a.Value.Float64())
	case slog.KindGroup:
		return w.group(dst, a.Key, a.Value.Group())
	case slog.KindLogValuer:
		return w.valuer(dst, a)
	}
	return w.any(dst, a.Key, a.Value.Any())
}

// key writes the name of a member. There is something in dst always.
func (w *jsonWriter) key(dst []byte, key string) []byte {
	if dst[len(dst)-1] != w.open {
		dst = append(dst, ',', '"')
	} else {
		dst = append(dst, '"')
	}
	return append(appendJSONText(dst, key, w.controls), '"', ':')
}

// valuer writes an attr whose value is a LogValuer.
func (w *jsonWriter) valuer(dst []byte, a slog.Attr) []byte {
	if w.depth == 0 && w.lvNested == 0 {
		w.calls = 0
		if exc, origin := special(a.Value, nil, nil); exc != nil || origin != nil {
			return w.special(dst, exc, origin)
		}
	}
	v, bad := w.resolve(a.Value)
	if bad != "" {
		return w.marker(dst, a.Key, bad)
	}
	w.lvNested++
	dst = w.attr(dst, slog.Attr{Key: a.Key, Value: v})
	w.lvNested--
	return dst
}

// special notes the error of an Exc or an Origin that stands in no group of
// its own. An error that was noted before is an attr.
func (w *jsonWriter) special(dst []byte, exc *excValue, origin *Origin) []byte {
	if origin != nil {
		w.origin = origin
		return dst
	}
	old := w.exc
	w.exc = exc
	if old == nil || old == exc || old == w.bound {
		return dst
	}
	return w.attr(dst, slog.Attr{Key: excKey, Value: slog.StringValue(old.message())})
}

// resolve is bounded over all of an attr, as attrWriter's is.
func (w *jsonWriter) resolve(v slog.Value) (slog.Value, string) {
	if w.lvNested >= maxDepth || w.calls >= maxLogValues {
		return slog.Value{}, "LogValue nested too deep"
	}
	if w.depth > 0 {
		w.calls++
	}
	return resolve(v)
}

// marker writes a member whose value is a marker.
func (w *jsonWriter) marker(dst []byte, key, reason string) []byte {
	return w.markerValue(w.key(dst, key), key, reason)
}

func (w *jsonWriter) markerValue(dst []byte, key, reason string) []byte {
	return appendJSONString(dst, string(appendMarker(nil, key, reason)), w.controls)
}

// group writes a group. One that holds nothing is left out, and one without a
// key is written in its parent's place.
func (w *jsonWriter) group(dst []byte, key string, attrs []slog.Attr) []byte {
	switch {
	case len(attrs) == 0:
		return dst
	case w.depth >= maxGroups:
		return w.marker(dst, key, "groups nested too deep")
	case key == "":
		return w.members(dst, key, attrs)
	}
	start := len(dst)
	dst = append(w.key(dst, key), w.open)
	inside := len(dst)
	if dst = w.members(dst, key, attrs); len(dst) == inside {
		return dst[:start]
	}
	return append(dst, '}')
}

// members writes the attrs of a group.
func (w *jsonWriter) members(dst []byte, key string, attrs []slog.Attr) []byte {
	if w.depth == 0 {
		w.calls, w.count, w.start = 0, 0, len(dst)
	}
	w.depth++
	for _, a := range attrs {
		if len(dst)-w.start > maxGroupText {
			w.count = max(w.count, maxGroupAttrs)
		}
		if w.count++; w.count > maxGroupAttrs {
			if w.count == maxGroupAttrs+1 {
				dst = w.marker(dst, key, "too many attrs")
			}
			break
		}
		dst = w.attr(dst, a)
	}
	w.depth--
	return dst
}

// any writes a value that is of no kind of slog's.
func (w *jsonWriter) any(dst []byte, key string, x any) []byte {
	switch x := x.(type) {
	case nil:
		if key == "" {
			return dst
		}
		return append(w.key(dst, key), "null"...)
	case failure:
		return w.marker(dst, key, string(x))
	case *slog.Source:
		if x == nil {
			return dst
		}
		return w.source(dst, key, x.Function, x.File, x.Line)
	}
	dst = w.key(dst, key)
	if err, ok := x.(error); ok {
		if _, ok := x.(json.Marshaler); !ok {
			return w.errorValue(dst, key, err)
		}
	}
	return w.marshal(dst, key, x)
}

// source writes where a record was made, without what is empty.
func (w *jsonWriter) source(dst []byte, key, function, file string, line int) []byte {
	return w.group(dst, key, sourceAttrs(function, file, line))
}

// sourceMembers is source without the key and the braces.
func (w *jsonWriter) sourceMembers(dst []byte, function, file string, line int) []byte {
	for _, a := range sourceAttrs(function, file, line) {
		dst = w.attr(dst, a)
	}
	return dst
}

func sourceAttrs(function, file string, line int) []slog.Attr {
	some := make([]slog.Attr, 0, 3)
	if function != "" {
		some = append(some, slog.String("function", function))
	}
	if file != "" {
		some = append(some, slog.String("file", file))
	}
	if line != 0 {
		some = append(some, slog.Int("line", line))
	}
	return some
}

// errorValue writes an error's message.
func (w *jsonWriter) errorValue(dst []byte, key string, err error) (out []byte) {
	start := len(dst)
	defer func() {
		if p := recover(); p != nil {
			out = w.panicValue(dst[:start], err, p)
		}
	}()
	return appendJSONString(dst, err.Error(), w.controls)
}

// panicValue writes what slog does for a method of x that panicked.
func (w *jsonWriter) panicValue(dst []byte, x, p any) []byte {
	if isNilPointer(x) {
		return append(dst, `"<nil>"`...)
	}
	return appendJSONString(dst, "!PANIC: "+safeSprint(p), w.controls)
}

// appendJSONFloat appends f as package encoding/json writes it, or the error
// that it returns, as slog does.
func appendJSONFloat(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case !(abs <= math.MaxFloat64):
		dst = append(dst, `"!ERROR:json: unsupported value: `...)
		return append(strconv.AppendFloat(dst, f, 'g', -1, 64), '"')
	case abs == 0 || abs >= 1e-6 && abs < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst = append(dst[:n-2], dst[n-1]) // e-09 is e-9
	}
	return dst
}
