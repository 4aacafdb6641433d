// Package contextattrs carries attrs in a [context.Context], such as the id
// of a request, so that every record logged with that context shows them.
//
// [With] adds attrs to a context. The handlers of this module show them by
// themselves; [NewHandler] teaches any other handler to. They stand at top
// level whatever groups a logger has open. [Dynamic] makes attrs anew for
// each record, [Add] gives late ones to whoever began the request,
// [WithLevel] lets one request log more or less than others, and [Detach] is
// for work that goes on when the request is over.
//
// In CPython this is the job of logging.LoggerAdapter or of a filter that
// reads a contextvars.ContextVar.
package contextattrs

import (
	"context"
	"log/slog"
	"slices"
)

// With returns a context that carries the attrs of ctx and after them those of
// args, which are converted as [slog.Logger.With] does: a lone value without a
// key gets the key !BADKEY. Without args it returns ctx. A nil ctx is
// [context.Background].
//
// A [slog.LogValuer] is resolved here, once, so that what it says at this
// moment reaches records logged later, even by goroutines that outlive the
// request. Nesting that never ends is cut off, see [Resolve].
//
// With may be called from several goroutines at once. Contexts made from one
// parent share nothing that can change.
func With(ctx context.Context, args ...any) context.Context {
	var r slog.Record
	r.Add(args...) // slog's rules of pairing
	s := stateOf(ctx)
	all := s.room(r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		all = append(all, a)
		return true
	})
	return s.with(ctx, all)
}

// WithAttrs is [With] for attrs, and takes less time, as [slog.Logger.LogAttrs]
// does. It keeps a copy of attrs.
func WithAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	s := stateOf(ctx)
	return s.with(ctx, append(s.room(len(attrs)), attrs...))
}

// Attrs returns the attrs that ctx carries, oldest first, nil if none, and
// after them late ones that are shown, see [CollectorOptions]. The caller must
// not change them. It allocates nothing, unless late attrs have come since.
func Attrs(ctx context.Context) []slog.Attr {
	s := stateOf(ctx)
	switch {
	case s == nil:
		return nil
	case s.late == nil || !s.late.shown || s.hidden:
		return s.attrs
	}
	return s.withLate()
}

// argsToAttrs leaves the rules of pairing to slog.Record.
func argsToAttrs(args []any) []slog.Attr {
	var r slog.Record
	r.Add(args...)
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return settle(attrs)
}

// settle resolves attrs in place, and drops what no handler may show: empty
// attrs and empty groups.
func settle(attrs []slog.Attr) []slog.Attr {
	if !slices.ContainsFunc(attrs, unsettled) {
		return attrs
	}
	copy(attrs, Resolve(attrs, nil))
	return slices.DeleteFunc(attrs, elided)
}

// unsettled reports whether a copy of the attr could share something with it, or
// the attr be empty.
func unsettled(a slog.Attr) bool {
	k := a.Value.Kind()
	return k == slog.KindLogValuer || k == slog.KindGroup || a.Key == ""
}

func elided(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindGroup:
		return len(a.Value.Group()) == 0
	case slog.KindAny:
		return a.Key == "" && a.Value.Any() == nil
	}
	return false
}
