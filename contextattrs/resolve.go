package contextattrs

import "log/slog"

// Bounds on what a copy takes. Attrs that a program has listed are copied
// however many they are; these are for groups that lead back to themselves.
const (
	maxNested  = 1000    // calls of LogValue, and members of groups, within what LogValue returned
	maxGroups  = 64      // how deep groups may nest
	maxMembers = 1 << 20 // of groups, if some stand in many places
	cutMark    = "!group nested without end"
)

// Resolve returns a copy of attrs with LogValuers resolved, for use later: no
// slice is shared with attrs, not even a group's. Values for which keep is
// true stay LogValuers; nil keeps none. It is for handlers that keep attrs, or
// give them to several others.
//
// What leads back to itself is cut off with a visible mark: a LogValuer that
// goes on returning groups of LogValuers, after about 1000 of them in all of
// attrs; a group that holds itself; and groups nested deeper than 64. Attrs
// that are just many are not cut.
func Resolve(attrs []slog.Attr, keep func(slog.Value) bool) []slog.Attr {
	r := resolver{keep: keep, nested: maxNested, members: maxMembers}
	return r.all(attrs, 0)
}

type resolver struct {
	keep    func(slog.Value) bool
	nested  int // what is left of maxNested
	members int // what is left of maxMembers
	open    [maxGroups]openGroup
	depth   int // how many of open are
}

// openGroup tells a group that is being copied from others.
type openGroup struct {
	first *slog.Attr
	n     int
}

// all copies attrs that stand within so many results of LogValue.
func (r *resolver) all(attrs []slog.Attr, within int) []slog.Attr {
	copies := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		copies[i] = slog.Attr{Key: a.Key, Value: r.value(a.Value, within)}
	}
	return copies
}

func (r *resolver) value(v slog.Value, within int) slog.Value {
	if v.Kind() == slog.KindLogValuer && (r.keep == nil || !r.keep(v)) {
		if within > 0 && !take(&r.nested, 1) {
			return slog.StringValue(cutMark)
		}
		v = v.Resolve()
		within++
	}
	if v.Kind() != slog.KindGroup {
		return v
	}
	return r.group(v.Group(), within)
}

func (r *resolver) group(members []slog.Attr, within int) slog.Value {
	if len(members) == 0 {
		return slog.GroupValue()
	}
	g := openGroup{&members[0], len(members)}
	if r.depth == maxGroups || r.isOpen(g) || !take(&r.members, g.n) || within > 1 && !take(&r.nested, g.n) {
		return slog.StringValue(cutMark)
	}
	r.open[r.depth] = g
	r.depth++
	copies := r.all(members, within)
	r.depth--
	return slog.GroupValue(copies...)
}

// isOpen reports whether g is within itself.
func (r *resolver) isOpen(g openGroup) bool {
	for _, o := range r.open[:r.depth] {
		if o == g {
			return true
		}
	}
	return false
}

// take takes n from what is left, if there is as much.
func take(left *int, n int) bool {
	if *left < n {
		return false
	}
	*left -= n
	return true
}
