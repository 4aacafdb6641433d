package slogtree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

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

// split returns those that no record is in, and the others. What shares a handler with one of the others is
// with them: closing a wrapper may write to what it wraps. Both are in the order of d.
func (d detachment) split(f *flight) (idle, busy detachment) {
	waits := make([]bool, len(d.targets))
	var waiting targets
	for i, t := range d.targets {
		if waits[i] = f.any(detachment{targets{t}, d.version, d.from, d.alone}.busy); waits[i] {
			waiting = append(waiting, t)
		}
	}
	for again := len(waiting) > 0; again; {
		again = false
		for i, t := range d.targets {
			if !waits[i] && waiting.share(t) {
				waits[i], again = true, true
				waiting = append(waiting, t)
			}
		}
	}
	idle, busy = detachment{nil, d.version, d.from, d.alone}, detachment{nil, d.version, d.from, d.alone}
	for i, t := range d.targets {
		to := &idle
		if waits[i] {
			to = &busy
		}
		to.targets = append(to.targets, t)
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
	if err := errors.Join(flush(ctx, all), handlers.Close(ctx, all)); err != nil {
		return fmt.Errorf("slogtree: close: %w", err)
	}
	return nil
}

// flushGrace is how long a Flush may take beyond the end of the context: enough for a disk, not for a peer that
// does not answer.
const flushGrace = 100 * time.Millisecond

// flush is handlers.Flush, which has no context, within ctx. If it takes longer, it goes on by itself, and
// Close comes meanwhile.
func flush(ctx context.Context, h slog.Handler) error {
	if ctx.Done() == nil {
		return handlers.Flush(h)
	}
	err := errors.New("a Flush ended its goroutine")
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = handlers.Flush(h)
	}()
	select {
	case <-done:
		return err
	case <-ctx.Done():
	}
	timer := time.NewTimer(flushGrace)
	defer timer.Stop()
	select {
	case <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("a Flush has not ended: %w", context.Cause(ctx))
	}
}
