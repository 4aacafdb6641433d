package contextattrs

import "log/slog"

// A LogValuer may return a group that holds itself. These bound what resolve
// makes of it; maxNodes counts the members of groups.
const (
	maxDepth = 32
	maxNodes = 1 << 16
	cutMark  = "!group nested without end"
)

// resolve returns a with every LogValuer in it resolved. It shares no group's
// slice with a.
func resolve(a slog.Attr, depth int, budget *int) slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() != slog.KindGroup {
		return a
	}
	members := a.Value.Group()
	if *budget -= len(members); depth == 0 || *budget < 0 {
		a.Value = slog.StringValue(cutMark)
		return a
	}
	resolved := make([]slog.Attr, len(members))
	for i, m := range members {
		resolved[i] = resolve(m, depth-1, budget)
	}
	a.Value = slog.GroupValue(resolved...)
	return a
}

// resolveAll is resolve for each of attrs, in a slice of its own.
func resolveAll(attrs []slog.Attr) []slog.Attr {
	resolved := make([]slog.Attr, len(attrs))
	budget := maxNodes
	for i, a := range attrs {
		resolved[i] = resolve(a, maxDepth, &budget)
	}
	return resolved
}
