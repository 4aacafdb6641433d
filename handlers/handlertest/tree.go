package handlertest

import "log/slog"

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

// mapper makes maps of attrs. It bounds what LogValuers can make of it, which
// may return groups that hold themselves.
type mapper struct{ budget int }

const (
	maxDepth = 32
	maxNodes = 1 << 16
	cutMark  = "!group nested without end"
)

// toMap returns attrs as a map, groups as maps in it, by slog's rules: values
// are resolved, empty attrs and groups left out, groups without a key
// inlined. Of equal keys the last wins.
func toMap(attrs []slog.Attr) map[string]any {
	m := mapper{maxNodes}
	result := map[string]any{}
	m.add(result, attrs, maxDepth)
	return result
}

func (m *mapper) add(to map[string]any, attrs []slog.Attr, depth int) {
	for _, a := range attrs {
		m.addOne(to, a, depth)
	}
}

func (m *mapper) addOne(to map[string]any, a slog.Attr, depth int) {
	v := a.Value.Resolve()
	if a.Key == "" && v.Equal(slog.Value{}) {
		return
	}
	if v.Kind() != slog.KindGroup {
		to[a.Key] = v.Any()
		return
	}
	if m.budget--; m.budget < 0 || depth == 0 {
		to[a.Key] = cutMark
		return
	}
	if a.Key == "" {
		m.add(to, v.Group(), depth-1)
		return
	}
	sub, ok := to[a.Key].(map[string]any)
	if !ok {
		sub = map[string]any{}
	}
	if m.add(sub, v.Group(), depth-1); len(sub) > 0 {
		to[a.Key] = sub
	}
}

// settle returns a copy of attrs that shares nothing a caller could change, with
// every LogValuer resolved.
func settle(attrs []slog.Attr) []slog.Attr {
	budget := maxNodes
	return settleTo(attrs, maxDepth, &budget)
}

func settleTo(attrs []slog.Attr, depth int, budget *int) []slog.Attr {
	settled := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		if a.Value.Kind() == slog.KindGroup {
			if *budget--; *budget < 0 || depth == 0 {
				a.Value = slog.StringValue(cutMark)
			} else {
				a.Value = slog.GroupValue(settleTo(a.Value.Group(), depth-1, budget)...)
			}
		}
		settled = append(settled, a)
	}
	return settled
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
