package formatters

import (
	"log/slog"
	"strconv"
)

// appendAll appends a pair for each attr of the context and of a record, which
// stands in the groups of the prefix. It stops and returns false at a LogValuer.
func appendAll(dst, prefix []byte, ctxAttrs []slog.Attr, r *slog.Record) (_ []byte, ok bool) {
	ok = true
	for i := range ctxAttrs {
		if dst, ok = appendPair(dst, nil, &ctxAttrs[i]); !ok {
			return dst, false
		}
	}
	r.Attrs(func(a slog.Attr) bool {
		dst, ok = appendPair(dst, prefix, &a)
		return ok
	})
	return dst, ok
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
	w.dst, w.prefix = dst, append(w.prefix, prefix...)
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
