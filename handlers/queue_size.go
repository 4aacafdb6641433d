package handlers

import "log/slog"

// attrCost is what a value counts for beside its text.
const attrCost = 16

// survey returns what r counts for, and whether it can be kept as it is: it
// has nothing to resolve, and shares nothing that the caller could change. If not,
// the size is of no use: groups may lead back to themselves.
func survey(r *slog.Record) (size int, settled bool) {
	size, settled = len(r.Message)+attrCost, true
	r.Attrs(func(a slog.Attr) bool {
		size += len(a.Key) + attrCost
		switch a.Value.Kind() {
		case slog.KindString:
			size += len(a.Value.String())
		case slog.KindGroup, slog.KindLogValuer:
			settled = false
		case slog.KindAny:
			size += sizeOf(a.Value)
		}
		return settled
	})
	return size, settled
}

// sizeOfRecord returns what a record counts for that settle has made.
func sizeOfRecord(r *slog.Record) int {
	size := len(r.Message) + attrCost
	r.Attrs(func(a slog.Attr) bool {
		size += len(a.Key) + attrCost + sizeOf(a.Value)
		return true
	})
	return size
}

// sizeOf returns what the text of v counts for. It looks at no LogValuers.
func sizeOf(v slog.Value) int {
	switch v.Kind() {
	case slog.KindString:
		return len(v.String())
	case slog.KindGroup:
		size := 0
		for _, a := range v.Group() {
			size += len(a.Key) + attrCost + sizeOf(a.Value)
		}
		return size
	case slog.KindAny:
		if b, ok := v.Any().([]byte); ok {
			return len(b)
		}
	}
	return 0
}
