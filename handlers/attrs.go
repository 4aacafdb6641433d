package handlers

import (
	"errors"
	"log/slog"
	"reflect"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// cloneAttrs returns a copy of attrs with LogValuers as they are.
func cloneAttrs(attrs []slog.Attr) []slog.Attr {
	return contextattrs.Resolve(attrs, func(slog.Value) bool { return true })
}

// ResolveAttrs is [contextattrs.Resolve], but what formatters.Exc and
// Origin.Attr carry stays as it is, for formatters to know it. It returns a copy
// of attrs with LogValuers resolved, fit for use later: nothing that the caller
// could still change is in it, but for what pointers point to.
func ResolveAttrs(attrs []slog.Attr) []slog.Attr { return contextattrs.Resolve(attrs, isSpecial) }

// settle returns a record that shares nothing with r that a caller could change,
// its LogValuers resolved.
func settle(r slog.Record) slog.Record {
	settled := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	if r.NumAttrs() == 0 {
		return settled
	}
	var room [8]slog.Attr
	attrs := room[:0]
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	settled.AddAttrs(ResolveAttrs(attrs)...)
	return settled
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
