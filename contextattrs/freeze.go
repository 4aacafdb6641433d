package contextattrs

import "context"

// Freeze returns a context that goes on carrying the attrs that ctx carries now, for
// handlers that keep a record for later: late attrs that come afterwards do not show on
// it. If none can come it returns ctx, and allocates nothing.
func Freeze(ctx context.Context) context.Context {
	s := stateOf(ctx)
	if s == nil || s.late == nil || !s.late.shown || s.hidden {
		return ctx
	}
	return Replace(ctx, s.withLate())
}
