package slogtree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/slogsuite/slogsuite/handlers"
)

// detached are handlers that were taken out and must be closed once no
// record is in them.
type detached []target

func (d detached) holds(id slog.Handler) bool {
	return slices.ContainsFunc(d, func(t target) bool { return same(t.id, id) })
}

// busy reports whether e is an effective that records still use although it
// is retired, and holds one of d.
func (d detached) busy(e *effective) bool {
	return e.retired() && slices.ContainsFunc(d, func(t target) bool { return e.holds(t.id) })
}

// split returns those of d that no record is in, and the others.
func (d detached) split(f *flight) (idle, busy detached) {
	for _, t := range d {
		if one := (detached{t}); f.any(one.busy) {
			busy = append(busy, t)
		} else {
			idle = append(idle, t)
		}
	}
	return idle, busy
}

// close flushes and closes all of d, what several of them wrap only once.
func (d detached) close(ctx context.Context) error {
	if len(d) == 0 {
		return nil
	}
	hs := make([]slog.Handler, len(d))
	for i, t := range d {
		hs[i] = t.h
	}
	all := handlers.NewFanout(hs...)
	if err := errors.Join(handlers.Flush(all), handlers.Close(ctx, all)); err != nil {
		return fmt.Errorf("slogtree: close: %w", err)
	}
	return nil
}

// without returns those of d that are not in others.
func without(d, others detached) detached {
	return slices.DeleteFunc(slices.Clone(d), func(t target) bool { return others.holds(t.id) })
}
