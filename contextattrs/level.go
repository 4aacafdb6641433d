package contextattrs

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// overridden says whether the process ever made an override. Until then no
// record pays for a look-up.
var overridden atomic.Bool

// WithLevel returns a context whose records the loggers of package slogtree
// let through from level on, whatever levels they have: lower to see all of one
// request, higher to see less of it. [math.MinInt], which is slogtree.LevelNotSet,
// lets everything through. The last override counts. Loggers that are disabled, and
// levels that Tree.Disable turned off, stay off; levels of handlers are asked as
// ever. A nil ctx is [context.Background].
//
// Of the methods of a logger, those without a context know of no override.
//
// CPython has no such thing; the nearest is a filter that reads a
// contextvars.ContextVar on loggers that let everything through.
func WithLevel(ctx context.Context, level slog.Level) context.Context {
	overridden.Store(true)
	c := derive(ctx)
	c.level, c.leveled = level, true
	return c
}

// Overridden reports whether [WithLevel] was ever called in this process. As long
// as it was not, who asks this first needs no look-up in the record's context.
func Overridden() bool { return overridden.Load() }

// Level returns the override that ctx carries, and whether it carries one.
func Level(ctx context.Context) (slog.Level, bool) {
	if s := stateOf(ctx); s != nil {
		return s.level, s.leveled
	}
	return 0, false
}
