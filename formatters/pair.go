package formatters

import (
	"log/slog"
	"slices"
	"strconv"
)

// A shortTail is the attrs of one record on the short way: it notes the error and
// the Origin among them, which are no attrs.
type shortTail struct {
	exc    *excValue
	origin *Origin
	at     int    // where the error would stand if it were an attr
	prefix []byte // of its key then
}

// special reports whether there was an error or an Origin.
func (t *shortTail) special() bool { return t.exc != nil || t.origin != nil }

// append appends a pair for each attr of the context and of a record, which
// stands in the groups of the prefix.
func (t *shortTail) append(dst, prefix []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	for i := range ctxAttrs {
		ok := false
		if dst, ok = appendPair(dst, nil, &ctxAttrs[i]); !ok {
			dst = t.valuer(dst, nil, &ctxAttrs[i])
		}
	}
	r.Attrs(func(a slog.Attr) bool {
		ok := false
		if dst, ok = appendPair(dst, prefix, &a); !ok {
			dst = t.valuer(dst, prefix, &a)
		}
		return true
	})
	return dst
}

// valuer appends the pair of a LogValuer, or notes what is special. Of several
// errors the last counts, and those before it are attrs.
func (t *shortTail) valuer(dst, prefix []byte, a *slog.Attr) []byte {
	exc, origin := special(a.Value, nil, nil)
	switch {
	case origin != nil:
		t.origin = origin
	case exc == nil:
		return appendPairs(dst, prefix, a)
	case exc != t.exc:
		if t.exc != nil {
			dst = slices.Insert(dst, t.at, appendPairs(nil, t.prefix, &slog.Attr{Key: excKey, Value: slog.StringValue(t.exc.message())})...)
		}
		t.exc, t.at, t.prefix = exc, len(dst), prefix
	}
	return dst
}

// appendPair appends " key=value" as slog's TextHandler does, with the prefix
// of the open groups; of a group it does so for each member. It returns false for
// a LogValuer. It is flat, and decides only what to call: it is most of the time
// that a record with attrs takes.
func appendPair(dst, prefix []byte, a *slog.Attr) (_ []byte, ok bool) {
	switch a.Value.Kind() {
	case slog.KindString:
		return appendQuoted(appendTailKey(dst, prefix, a.Key), a.Value.String()), true
	case slog.KindInt64:
		return appendDecimal(appendTailKey(dst, prefix, a.Key), a.Value.Int64()), true
	case slog.KindUint64:
		return appendDigits(appendTailKey(dst, prefix, a.Key), a.Value.Uint64()), true
	case slog.KindFloat64:
		return strconv.AppendFloat(appendTailKey(dst, prefix, a.Key), a.Value.Float64(), 'g', -1, 64), true
	case slog.KindBool:
		return strconv.AppendBool(appendTailKey(dst, prefix, a.Key), a.Value.Bool()), true
	case slog.KindDuration:
		return appendDuration(appendTailKey(dst, prefix, a.Key), a.Value.Duration()), true
	case slog.KindTime:
		return appendStamp(appendTailKey(dst, prefix, a.Key), a.Value.Time()), true
	case slog.KindGroup:
		return appendPairs(dst, prefix, a), true
	case slog.KindLogValuer:
		return dst, false
	}
	return appendAnyPair(dst, prefix, a.Key, a.Value.Any()), true
}

// appendPairs appends the pairs of a group.
func appendPairs(dst, prefix []byte, a *slog.Attr) []byte {
	w := getAttrWriter()
	defer w.release()
	w.dst, w.prefix, w.start = dst, append(w.prefix, prefix...), len(dst)
	w.attr(*a)
	return w.dst
}

// appendAnyPair appends a pair, but for an empty attr and an empty source.
func appendAnyPair(dst, prefix []byte, key string, x any) []byte {
	switch source, ok := x.(*slog.Source); {
	case x == nil && key == "":
		return dst
	case ok && (source == nil || *source == slog.Source{}):
		return dst
	}
	dst = appendTailKey(dst, prefix, key)
	start := len(dst)
	dst, bad := appendTailAny(dst, x)
	if bad != "" {
		return appendTailMarker(dst[:start], key, bad)
	}
	return dst
}
