package contextattrs

import (
	"context"
	"log/slog"
	"slices"
)

// Replace returns a context that carries attrs in the place of those of ctx, for
// handlers that change what a context carries on its way to their target. The
// attrs are not copied: the caller must not change them any more.
func Replace(ctx context.Context, attrs []slog.Attr) context.Context {
	c := derive(ctx)
	c.attrs, c.hidden = slices.Clip(attrs), true // late attrs are among them
	return c
}
