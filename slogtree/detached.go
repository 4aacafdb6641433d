package slogtree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/slogsuite/slogsuite/handlers"
)

// targets are attached handlers, or handlers that were.
type targets []target

// holds reports whether id is among them.
func (ts targets) holds(id slog.Handler) bool {
	return slices.ContainsFunc(ts, func(t target) bool { return same(t.id, id) })
}

// share reports whether t and one of ts are, or wrap, the same handler.
func (ts targets) share(t target) bool {
	all := t.all()
	return slices.ContainsFunc(ts, func(other target) bool {
		return slices.ContainsFunc(other.all(), func(b slog.Handler) bool {
			return slices.ContainsFunc(all, func(a slog.Handler) bool { return same(a, b) })
		})
	})
}

// all returns what t is and wraps, as it was given and as it was adopted.
func (t target) all() []slog.Handler {
	return slices.AppendSeq(slices.Collect(handlers.All(t.id)), handlers.All(t.h))
}

// A detachment is handlers that were taken out, to be closed once the records
// that were in them at that time have left. Records of other loggers, and of a
// later configuration, which may hold one of them again, do not count.
type detachment struct {
	targets
	version uint64 // of the tree's configuration before
	from    *entry // the logger that held them, nil for any
	alone   bool   // what they wrap is not closed with them
}

// busy reports whether e belongs to a record that the detachment waits for.
func (d detachment) busy(e *effective) bool {
	return e.version <= d.version && e.retired() && e.node.entry.below(d.from) && slices.ContainsFunc(d.targets, func(t target) bool { return e.holds(t.id) })
}

// split returns those that no record is in, and the others. What shares a
// handler with one that a record is in is with the others.
func (d detachment) split(f *flight) (idle, busy detachment) {
	idle, busy = detachment{nil, d.version, d.from, d.alone}, detachment{nil, d.version, d.from, d.alone}
	var free targets
	for _, t := range d.targets {
		if one := (detachment{targets{t}, d.version, d.from, d.alone}); f.any(one.busy) {
			busy.targets = append(busy.targets, t)
		} else {
			free = append(free, t)
		}
	}
	inUse := busy.targets
	for _, t := range free {
		if inUse.share(t) {
			busy.targets = append(busy.targets, t)
		} else {
			idle.targets = append(idle.targets, t)
		}
	}
	return idle, busy
}

// close flushes and closes all, what several of them wrap only once.
func (d detachment) close(ctx context.Context) error {
	if len(d.targets) == 0 {
		return nil
	}
	hs := make([]slog.Handler, len(d.targets))
	for i, t := range d.targets {
		hs[i] = t.h
		if d.alone {
			hs[i] = alone{t.id} // t.h may wrap it
		}
	}
	all := handlers.NewFanout(hs...)
	if err := errors.Join(handlers.Flush(all), handlers.Close(ctx, all)); err != nil {
		return fmt.Errorf("slogtree: close: %w", err)
	}
	return nil
}
