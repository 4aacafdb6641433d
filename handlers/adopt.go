package handlers

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// Adopt returns h as this module's wrappers and trees hold it.
//
// A handler with the mark AddsContextAttrs(), as every one of this module has
// it, comes back unchanged. Any other is wrapped by [contextattrs.NewHandler],
// so that it shows the attrs of a record's context.
//
// The handler that slog has at first is replaced, by one that writes the
// same lines to log.Writer() with log's flags and prefix of this moment. The
// original writes through the log package, which holds a lock while slog's
// default logger handles what log.Print was given: a program that wraps
// it and calls [slog.SetDefault] would wait for itself for ever
// (golang/go#62424). Adopt returns nil for nil.
func Adopt(h slog.Handler) slog.Handler {
	if h == nil {
		return nil
	}
	if _, ok := h.(marked); ok {
		return h
	}
	if isDefault(h) {
		return newStdLog(h)
	}
	return contextattrs.NewHandler(h)
}
