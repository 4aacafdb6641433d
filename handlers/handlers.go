// Package handlers holds the building blocks of logging set-ups: handlers that
// write ([Stream], [File]) and handlers that wrap others: for what passes
// ([NewLevel], [NewFilter], [NewSample], [NewRateLimit], [NewDedup], [NewRedact]), where it
// goes ([NewFanout], [NewRouter], [NewFailover]), when ([Memory], [Queue],
// [FlightRecorder]), and what becomes of trouble ([NewRetry], [NewRecover]). Each works
// under a bare [slog.Logger]; package slogtree puts them at the nodes of a tree.
// CPython's NullHandler is [slog.DiscardHandler], and what captures records for a test is
// the Recorder of package handlertest.
//
// What they have in common:
//
//   - They are safe for use by several goroutines, and so is everything
//     derived from them by With. They keep copies of options.
//   - Handle does not ask for the level again: callers ask Enabled first, as
//     slog says.
//   - They show the attrs of the record's context (package contextattrs), at top
//     level. Wrappers teach this to what they wrap, by [Adopt].
//   - Unwrap returns what a handler wraps, so that [Flush] and [Close] find it.
//   - WithLoggerName tells a handler its logger's name, see [BindName].
//   - NeedsSource says whether a handler wants to know where records were made,
//     see [NeedsSource].
//   - String describes a handler in a few words: "Level(WARNING, Stream(stderr))".
package handlers

import "log/slog"

// named is implemented by handlers that want to know their logger's name.
type named interface {
	WithLoggerName(key, name string) slog.Handler
}

// mustHave panics if h is nil, as slog.New does: nothing else could be done
// with such a program.
func mustHave(what string, h slog.Handler) {
	if h == nil {
		panic("handlers: " + what + ": the handler is nil")
	}
}

// BindName returns h knowing that it writes for the logger called name. If h
// has a method
//
//	WithLoggerName(key, name string) slog.Handler
//
// that decides how. Else the name becomes an attr with the given key, or is
// left out if key is empty. It should be called before anything else is bound
// to h, so that the name stands at top level, and with what [Adopt] has
// returned, so that h does not get lost.
func BindName(h slog.Handler, key, name string) slog.Handler {
	if n, ok := h.(named); ok {
		return n.WithLoggerName(key, name)
	}
	if key == "" {
		return h
	}
	return h.WithAttrs([]slog.Attr{slog.String(key, name)})
}
