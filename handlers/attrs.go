package handlers

import (
	"errors"
	"log/slog"
	"reflect"

	"github.com/slogsuite/slogsuite/formatters"
)

// Groups may hold themselves. These bound what a copy of one takes; what lies
// deeper is cut off with a visible mark. maxNodes counts groups.
const (
	maxDepth = 32
	maxNodes = 1 << 16
	cutMark  = "!group nested without end"
)

// copier copies attrs so that the copies share no slice with what they were
// made from, not even a group's.
type copier struct {
	resolve bool // LogValuers, which else stay as they are
	budget  int
}

// cloneAttrs returns a copy of attrs with LogValuers as they are.
func cloneAttrs(attrs []slog.Attr) []slog.Attr {
	c := copier{budget: maxNodes}
	return c.all(attrs, maxDepth)
}

// ResolveAttrs returns a copy of attrs with LogValuers resolved, fit for use
// later: nothing that the caller could still change is in it, but for what
// pointers point to. It is for handlers that keep attrs or give them to several
// others, each of which owns what it is given. What formatters.Exc and
// Origin.Attr carry stays as it is, for formatters to know it. Groups that hold
// themselves are cut off with a visible mark.
func ResolveAttrs(attrs []slog.Attr) []slog.Attr {
	c := copier{resolve: true, budget: maxNodes}
	return c.all(attrs, maxDepth)
}

// settle returns a record that shares nothing with r that a caller could change,
// its LogValuers resolved.
func settle(r slog.Record) slog.Record {
	settled := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	c := copier{resolve: true, budget: maxNodes}
	r.Attrs(func(a slog.Attr) bool {
		settled.AddAttrs(c.one(a, maxDepth))
		return true
	})
	return settled
}

func (c *copier) all(attrs []slog.Attr, depth int) []slog.Attr {
	copies := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		copies[i] = c.one(a, depth)
	}
	return copies
}

func (c *copier) one(a slog.Attr, depth int) slog.Attr {
	if c.resolve && !isSpecial(a.Value) {
		a.Value = a.Value.Resolve()
	}
	if a.Value.Kind() != slog.KindGroup {
		return a
	}
	if c.budget--; c.budget < 0 || depth == 0 {
		a.Value = slog.StringValue(cutMark)
		return a
	}
	a.Value = slog.GroupValue(c.all(a.Value.Group(), depth-1)...)
	return a
}

var excType = reflect.TypeOf(formatters.Exc(errors.New("")).Value.Any())

// isSpecial reports whether v is one of the values that formatters know by
// their type: resolved they would be attrs like any other.
func isSpecial(v slog.Value) bool {
	if v.Kind() != slog.KindLogValuer {
		return false
	}
	if _, ok := v.Any().(*formatters.Origin); ok {
		return true
	}
	return reflect.TypeOf(v.Any()) == excType
}
