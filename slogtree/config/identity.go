package config

import (
	"log/slog"
	"reflect"
	"slices"
	"unicode"

	"github.com/slogsuite/slogsuite/handlers"
)

// same reports whether a and b are one handler. Those that == can't compare are never the same.
func same(a, b slog.Handler) bool {
	return a != nil && b != nil && reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

func isComparable(v any) bool { return reflect.ValueOf(v).Comparable() }

// sameFilter is same for filters.
func sameFilter(a, b handlers.Filter) bool {
	return a != nil && b != nil && reflect.TypeOf(a) == reflect.TypeOf(b) && isComparable(a) && a == b
}

func holdsFilter(fs []handlers.Filter, f handlers.Filter) bool {
	return slices.ContainsFunc(fs, func(g handlers.Filter) bool { return sameFilter(f, g) })
}

// madeFilter reports whether a configuration made f.
func (s *state) madeFilter(f handlers.Filter) bool { return s.filterDef(f) != nil }

// filterDef returns the definition of a filter that a configuration made.
func (s *state) filterDef(f handlers.Filter) *definition {
	for _, b := range s.filters {
		if sameFilter(b.filter, f) {
			return b.def
		}
	}
	for _, b := range s.spent {
		if sameFilter(b.filter, f) {
			return b.def
		}
	}
	return nil
}

func isPrint(r rune) bool { return unicode.IsPrint(r) }
