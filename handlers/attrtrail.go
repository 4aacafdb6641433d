package handlers

import (
	"context"
	"log/slog"
	"strings"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// attrTrail is what With and WithGroup have bound, newest first: a linked list
// that is never changed. Nil is nothing.
type attrTrail struct {
	parent *attrTrail
	attrs  []slog.Attr // this step, unless it is a group
	group  string
}

// has reports whether a record has an attr, whose key is dotted if it is in a group: as
// its own, bound to the handler, or of the context.
func (t *attrTrail) has(ctx context.Context, r *slog.Record, want slog.Attr) bool {
	for _, a := range contextattrs.Attrs(ctx) {
		if holds(a, want.Key, want.Value) {
			return true
		}
	}
	var open []string // outermost last
	for s := t; s != nil; s = s.parent {
		if s.group != "" {
			open = append(open, s.group)
		}
	}
	if key, ok := within(want.Key, open); ok && recordHolds(r, key, want.Value) {
		return true
	}
	for s := t; s != nil; s = s.parent {
		if s.group != "" {
			open = open[1:]
			continue
		}
		key, ok := within(want.Key, open)
		for _, a := range s.attrs {
			if ok && holds(a, key, want.Value) {
				return true
			}
		}
	}
	return false
}

// within returns what is left of a dotted key inside open groups, outermost last.
func within(key string, open []string) (rest string, ok bool) {
	for i := len(open) - 1; i >= 0; i-- {
		if key, ok = strings.CutPrefix(key, open[i]+"."); !ok {
			return "", false
		}
	}
	return key, true
}

func recordHolds(r *slog.Record, key string, want slog.Value) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = holds(a, key, want)
		return !found
	})
	return found
}

// holds reports whether a is, or has in it, an attr with the key and value. It resolves
// the LogValuers that it meets on the way.
func holds(a slog.Attr, key string, want slog.Value) bool {
	return heldIn(a, key, want, maxAttrDepth)
}

// maxAttrDepth bounds how deep a key is looked for: a group may be in itself.
const maxAttrDepth = 64

func heldIn(a slog.Attr, key string, want slog.Value, depth int) bool {
	rest, inside := key, a.Key == ""
	if !inside {
		if a.Key == key {
			return isAny(want) || equalValues(a.Value.Resolve(), want)
		}
		if rest, inside = strings.CutPrefix(key, a.Key+"."); !inside {
			return false
		}
	}
	v := a.Value.Resolve()
	if v.Kind() != slog.KindGroup || depth == 0 {
		return false
	}
	for _, m := range v.Group() {
		if heldIn(m, rest, want, depth-1) {
			return true
		}
	}
	return false
}

func isAny(v slog.Value) bool { return v.Kind() == slog.KindAny && v.Any() == nil }

// equalValues reports whether a and b are equal, which values that can't be compared
// are not.
func equalValues(a, b slog.Value) (equal bool) {
	defer func() { _ = recover() }()
	return a.Equal(b.Resolve())
}
