package handlers

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// Adopt returns h as this module's wrappers and trees hold it.
//
// A handler with a mark of its own, AddsContextAttrs(), as every one of this
// module has it, comes back unchanged. Any other is wrapped by
// [contextattrs.NewHandler], so that it shows the attrs of a record's context,
// and so that a wrapper of somebody else which embeds [slog.Handler] does not
// get lost when attrs, groups or the logger's name are bound to it.
//
// The handler that slog has at first is replaced, also where
// contextattrs.NewHandler has wrapped it, by one that writes the same lines to
// log.Writer() with log's flags and prefix of this moment. The original writes
// through the log package, which holds a lock while slog's default logger
// handles what log.Print was given: a program that wraps it and calls
// [slog.SetDefault] would wait for itself for ever (golang/go#62424). Inside
// other wrappers it can't be replaced, see [WrapsDefault]. Adopt returns nil for
// nil.
func Adopt(h slog.Handler) slog.Handler {
	if h == nil {
		return nil
	}
	if def := replaceable(h); def != nil {
		return newStdLog(def)
	}
	return contextattrs.NewHandler(h)
}
