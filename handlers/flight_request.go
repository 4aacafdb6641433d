package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// flightCost is what a record that is kept counts for beside its text.
const flightCost = 300

// flight is what is kept of a request.
//
// At most one goroutine shows records at a time, and holds no lock while it does;
// those that come meanwhile are left to it, so that their order is kept.
type flight struct {
	core  *flightCore
	start time.Time
	room  *flightRoom

	mu        sync.Mutex
	records   []queued // oldest first
	discarded uint64   // that were older
	showing   bool     // a goroutine shows records
	open      bool     // there was a reason to: what comes now passes at once
	ended     bool
}

// flightRoom is what a flight takes of the recorder's room. It outlives the flight, to
// give that back.
type flightRoom struct {
	core    *flightCore
	bytes   int
	records uint64
}

func newFlight(c *flightCore) *flight {
	f := &flight{core: c, start: time.Now(), room: &flightRoom{core: c}}
	runtime.AddCleanup(f, (*flightRoom).forget, f.room)
	return f
}

// forget gives the room of all records back, when the flight is gone that kept them: they
// are not to be seen.
func (r *flightRoom) forget() {
	r.core.unseen.Add(r.records)
	r.core.held.Add(-r.records)
	r.core.bytes.Add(-int64(r.bytes))
	r.bytes, r.records = 0, 0
}

// take takes room for a record, or gives it back. It says nothing of what becomes of it.
func (r *flightRoom) take(records, bytes int) {
	r.records += uint64(records)
	r.bytes += bytes
	r.core.held.Add(uint64(records))
	r.core.bytes.Add(int64(bytes))
}

// wants reports whether f has a use for records that are to be kept back.
func (f *flight) wants() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.ended
}

// add keeps r, or passes it on after what is kept if there is a reason to.
func (f *flight) add(ctx context.Context, next slog.Handler, r slog.Record, low, severe bool) error {
	c := f.core
	size, settled := survey(&r)
	if !settled {
		r = settle(r) // not under the lock: a LogValuer may log
		size = sizeOfRecord(&r)
	}
	f.mu.Lock()
	switch {
	case f.ended && low:
		f.mu.Unlock()
		c.unseen.Add(1)
		return nil
	case f.ended, f.open && !f.showing, !low && !f.kept():
		f.opens()
		f.mu.Unlock()
		return c.pass(ctx, next, r)
	}
	f.keep(queued{next: next, ctx: context.WithoutCancel(contextattrs.Freeze(ctx)), r: r.Clone(), size: size + flightCost})
	if !severe || f.showing {
		f.mu.Unlock()
		return nil
	}
	return f.show()
}

// kept reports whether there is anything to show. The caller holds mu.
func (f *flight) kept() bool { return len(f.records) > 0 || f.discarded > 0 || f.showing }

// keep makes room for a record, and keeps it. The caller holds mu.
func (f *flight) keep(e queued) {
	for len(f.records) > 0 && (len(f.records) >= f.core.o.Records || f.core.bytes.Load()+int64(e.size) > int64(f.core.o.Bytes)) {
		f.room.take(-1, -f.records[0].size)
		f.records[0] = queued{}
		f.records = f.records[1:]
		f.discard()
	}
	if f.core.bytes.Load()+int64(e.size) > int64(f.core.o.Bytes) && e.r.Level < f.core.o.Trigger.Level() {
		f.discard()
		return
	}
	f.records = append(f.records, e)
	f.room.take(1, e.size)
}

func (f *flight) discard() {
	f.discarded++
	f.core.dropped.Add(1)
}

// opens notes that the request is worth a look. The caller holds mu.
func (f *flight) opens() {
	if !f.open && !f.ended {
		f.core.shown.Add(1)
		f.open = true
	}
}

// maxRounds bounds how often show looks for what has come while it was at work, so that
// a target that logs for each record it gets does not keep it for ever.
const maxRounds = 10

// show hands all that is kept to the target. The caller holds mu, show unlocks it.
func (f *flight) show() error {
	f.showing = true
	f.opens()
	var errs []error
	for round := 0; round < maxRounds && (len(f.records) > 0 || f.discarded > 0); round++ {
		records, discarded := f.records, f.discarded
		f.records, f.discarded = nil, 0
		f.mu.Unlock()
		errs = append(errs, f.showAll(records, discarded)...)
		f.mu.Lock()
	}
	rest := f.records
	f.records, f.showing = nil, false
	f.mu.Unlock()
	return errors.Join(append(errs, f.showAll(rest, 0)...)...)
}

// showAll hands records to the target, whatever it does with each of them.
func (f *flight) showAll(records []queued, discarded uint64) (errs []error) {
	done, inTarget, ended := 0, false, false
	defer func() { // the target may end the goroutine, with the marker too: what is left is shown by another
		if ended {
			return
		}
		f.core.tell(errTargetEnded)
		if inTarget {
			f.core.failed.Add(1)
			f.passed(&records[done])
			done++
		}
		go f.showRest(records[done:])
	}()
	if discarded > 0 && len(records) > 0 {
		if err := f.core.mark(discarded, records[0].r.Time); err != nil {
			errs = append(errs, err)
		}
	}
	for ; done < len(records); done++ {
		e := &records[done]
		inTarget = true
		err := e.deliver(e.ctx)
		inTarget = false
		if err != nil {
			f.core.failed.Add(1)
			errs = append(errs, err)
		}
		f.passed(e)
	}
	ended = true
	return errs
}

// showRest goes on where a target has ended the goroutine.
func (f *flight) showRest(records []queued) {
	for _, err := range f.showAll(records, 0) {
		f.core.tell(err)
	}
	f.mu.Lock()
	if err := f.show(); err != nil { // what has come meanwhile; it unlocks
		f.core.tell(err)
	}
}

var errTargetEnded = errors.New("the target ended the goroutine")

// tell is for errors that no Handle returns.
func (c *flightCore) tell(err error) {
	c.trouble.tell(fmt.Errorf("handlers: flight recorder: %w", err))
}

// passed counts a record that the target is done with.
func (f *flight) passed(e *queued) {
	f.mu.Lock()
	f.room.take(-1, -e.size)
	f.mu.Unlock()
	f.core.out.Add(1)
	*e = queued{}
}

// end ends the request.
func (f *flight) end() error {
	f.mu.Lock()
	if f.ended {
		f.mu.Unlock()
		return nil
	}
	slow := f.core.o.Slow > 0 && time.Since(f.start) >= f.core.o.Slow
	if slow && f.kept() && !f.showing {
		f.opens()
		f.ended = true
		return f.show() // which unlocks
	}
	if f.ended = true; !f.showing { // whoever shows records sees to the rest
		f.forget()
	}
	f.mu.Unlock()
	return nil
}

// forget drops what is kept. Records that are in the target still take room: they give
// it back when it is done with them. The caller holds mu.
func (f *flight) forget() {
	for _, e := range f.records {
		f.room.take(-1, -e.size)
		f.core.unseen.Add(1)
	}
	f.records = nil
}
