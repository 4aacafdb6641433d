package handlers

import "log/slog"

// cloneDepth bounds how deep groups are cloned; one could hold itself.
const cloneDepth = 64

// cloneAttrs returns a copy of attrs that shares no slice with it, not even
// a group's. LogValuers stay as they are.
func cloneAttrs(attrs []slog.Attr) []slog.Attr { return cloneTo(attrs, cloneDepth) }

func cloneTo(attrs []slog.Attr, depth int) []slog.Attr {
	cloned := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		if a.Value.Kind() == slog.KindGroup && depth > 0 {
			a.Value = slog.GroupValue(cloneTo(a.Value.Group(), depth-1)...)
		}
		cloned[i] = a
	}
	return cloned
}

// settle returns a record that shares nothing with r that a caller could
// change, with its LogValuers resolved.
func settle(r slog.Record) slog.Record {
	settled := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		settled.AddAttrs(settleOne(a, cloneDepth))
		return true
	})
	return settled
}

func settleAll(attrs []slog.Attr) []slog.Attr { return settleTo(attrs, cloneDepth) }

func settleTo(attrs []slog.Attr, depth int) []slog.Attr {
	settled := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		settled[i] = settleOne(a, depth)
	}
	return settled
}

func settleOne(a slog.Attr, depth int) slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() == slog.KindGroup && depth > 0 {
		a.Value = slog.GroupValue(settleTo(a.Value.Group(), depth-1)...)
	}
	return a
}
