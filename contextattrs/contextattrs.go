// Package contextattrs carries attrs in a [context.Context], such as the id
// of a request, so that every record logged with that context shows them.
//
// [With] adds attrs to a context. The handlers of this module show them by
// themselves; [NewHandler] teaches any other handler to. They stand at top
// level whatever groups a logger has open.
//
// In CPython this is the job of logging.LoggerAdapter or of a filter that
// reads a contextvars.ContextVar.
package contextattrs

import (
	"context"
	"log/slog"
	"slices"
)

type contextKey struct{}

// With returns a context that carries the attrs of ctx and after them those of
// args, which are converted as [slog.Logger.With] does: a lone value without a
// key gets the key !BADKEY. Without args it returns ctx.
//
// A [slog.LogValuer] is resolved here, once, so that what it says at this
// moment reaches records logged later, even by goroutines that outlive the
// request. Nesting that never ends is cut off, see [Resolve].
//
// With may be called from several goroutines at once. Contexts made from one
// parent share nothing that can change.
func With(ctx context.Context, args ...any) context.Context {
	added := argsToAttrs(args)
	if len(added) == 0 {
		return ctx
	}
	old := Attrs(ctx)
	all := make([]slog.Attr, 0, len(old)+len(added))
	all = append(append(all, old...), added...)
	return context.WithValue(ctx, contextKey{}, all)
}

// Attrs returns the attrs that ctx carries, oldest first, nil if none. The
// caller must not change them. It allocates nothing.
func Attrs(ctx context.Context) []slog.Attr {
	if ctx == nil {
		return nil
	}
	attrs, _ := ctx.Value(contextKey{}).([]slog.Attr)
	return attrs
}

// without hides the attrs of ctx.
func without(ctx context.Context) context.Context {
	return context.WithValue(ctx, contextKey{}, []slog.Attr(nil))
}

// argsToAttrs leaves the rules of pairing to slog.Record. It drops what no
// handler may show: empty attrs and empty groups.
func argsToAttrs(args []any) []slog.Attr {
	var r slog.Record
	r.Add(args...)
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return slices.DeleteFunc(Resolve(attrs, nil), elided)
}

func elided(a slog.Attr) bool {
	return a.Equal(slog.Attr{}) || a.Value.Kind() == slog.KindGroup && len(a.Value.Group()) == 0
}
