package handlertest

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// step is one call of WithAttrs or WithGroup.
type step struct {
	attrs []slog.Attr
	group string // if not empty, the step is a group
}

// nest returns what a record with the attrs own holds, logged after steps.
func nest(steps []step, own []slog.Attr) []slog.Attr {
	if len(steps) == 0 {
		return own
	}
	inner := nest(steps[1:], own)
	if g := steps[0].group; g != "" {
		return []slog.Attr{{Key: g, Value: slog.GroupValue(inner...)}}
	}
	return append(append([]slog.Attr(nil), steps[0].attrs...), inner...)
}

// toMap returns attrs as a map, groups as maps in it, by slog's rules: values
// are resolved, empty attrs and groups left out, groups without a key
// inlined. Of equal keys the last wins. It is bounded as [contextattrs.Resolve] is.
func toMap(attrs []slog.Attr) map[string]any {
	m := map[string]any{}
	addTo(m, contextattrs.Resolve(attrs, nil))
	return m
}

func addTo(m map[string]any, attrs []slog.Attr) {
	for _, a := range attrs {
		v := a.Value
		switch {
		case a.Equal(slog.Attr{}):
		case v.Kind() != slog.KindGroup:
			m[a.Key] = v.Any()
		case a.Key == "":
			addTo(m, v.Group())
		default:
			addGroup(m, a.Key, v.Group())
		}
	}
}

// addGroup adds to a group that is there already.
func addGroup(m map[string]any, key string, members []slog.Attr) {
	sub, ok := m[key].(map[string]any)
	if !ok {
		sub = map[string]any{}
	}
	if addTo(sub, members); len(sub) > 0 {
		m[key] = sub
	}
}

// recordAttrs returns the attrs of r in a new slice.
func recordAttrs(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}
