package handlers

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/formatters"
)

// NeedsSource reports whether h wants to know where records were made. A
// logger may leave out the PC of a record that no handler needs it of, which
// saves a good part of a call's time; package slogtree does so. A handler says
// it by a method
//
//	NeedsSource() bool
//
// whose answer must not change, nor be another for what is derived from the
// handler. A wrapper returns what NeedsSource says of what it wraps. One that has
// no such method, or one that panics, is taken to need it.
func NeedsSource(h slog.Handler) (needs bool) {
	defer func() {
		if recover() != nil {
			needs = true
		}
	}()
	n, ok := h.(interface{ NeedsSource() bool })
	return !ok || n.NeedsSource()
}

// formatNeedsSource is NeedsSource for formatters, which have the same method.
func formatNeedsSource(f formatters.Formatter) bool {
	n, ok := f.(interface{ NeedsSource() bool })
	return !ok || n.NeedsSource()
}
