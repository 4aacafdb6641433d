package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"
)

const (
	queueNap  = time.Millisecond // how long the feeder sleeps when there is nothing
	queueNaps = 20               // and how often, before it ends

	// A batch should take the target from a tenth of a millisecond to one: so long
	// do callers wait until they learn of room.
	shortBatch = 100 * time.Microsecond
	longBatch  = time.Millisecond
)

// feed hands records to the target until there have been none for a while. If the
// target ends the goroutine, another one goes on.
func (c *queueCore) feed() {
	ended := false
	defer func() {
		if !ended {
			defer func() { go c.feed() }() // whatever OnError does
			c.interrupted()
		}
	}()
	c.feeder.Store(goroutineID())
	var f feeding
	for f.start = time.Now(); !ended; {
		c.deliver()
		ended = c.next(&f)
	}
}

// feeding is what the goroutine that feeds remembers.
type feeding struct {
	start time.Time // of the batch
	naps  int       // since the last record
	timer *time.Timer
}

// next makes a batch of what has come, or waits a little for something to come. It
// reports whether the goroutine is to end.
func (c *queueCore) next(f *feeding) (end bool) {
	now := time.Now()
	c.mu.Lock()
	c.fold(now.Sub(f.start))
	switch {
	case c.take(now):
		c.mu.Unlock()
		f.naps, f.start = 0, now
	case c.gap > 0:
		c.markTrailing() // which unlocks
	case c.waiting == 0 && (c.closed || f.naps >= queueNaps):
		c.feeder.Store(0)
		c.feeding = false
		c.last = kept{} // a request may hold much
		c.makeProgress()
		c.mu.Unlock()
		return true
	default:
		c.makeProgress()
		c.napping = true
		c.mu.Unlock()
		f.naps++
		f.nap(c)
	}
	return false
}

// nap sleeps until somebody wakes the feeder, or for a little while.
func (f *feeding) nap(c *queueCore) {
	if f.timer == nil {
		f.timer = time.NewTimer(queueNap)
	} else {
		f.timer.Reset(queueNap)
	}
	select {
	case <-f.timer.C:
	case <-c.wake:
	}
	c.mu.Lock()
	c.napping = false
	c.mu.Unlock()
}

// fold counts the batch, which is done, and adapts the size of the next one to how long
// it took. The caller holds mu.
func (c *queueCore) fold(took time.Duration) {
	if c.under == 0 {
		return
	}
	for _, e := range c.batch {
		c.release(e)
	}
	done := int(c.done.Load())
	c.out += uint64(done)
	c.dropped += uint64(c.under - done) // those abandoned
	c.batch, c.under = c.batch[:0], 0
	c.done.Store(0)
	switch {
	case took > longBatch:
		c.claim = max(1, c.claim/4)
	case took < shortBatch:
		c.claim = min(cap(c.batch), 2*c.claim)
	}
	c.makeProgress()
}

// take makes the oldest records the batch, and tells callers of room once that is
// worth it: half of the queue, or what there is after a millisecond. It reports whether
// there were any. The caller holds mu.
func (c *queueCore) take(now time.Time) bool {
	for len(c.batch) < c.claim && c.n > 0 {
		c.batch = append(c.batch, c.pop())
	}
	c.under = len(c.batch)
	if c.room != nil && (c.n+c.under <= c.o.Records/2 || now.Sub(c.since) >= longBatch) {
		c.openRoom()
		c.since = now
	}
	return c.under > 0
}

// openRoom wakes the callers that wait for room. The caller holds mu.
func (c *queueCore) openRoom() {
	if c.room != nil {
		close(c.room)
		c.room = nil
	}
}

// makeProgress wakes who waits for batches. The caller holds mu.
func (c *queueCore) makeProgress() {
	if c.progress != nil {
		close(c.progress)
		c.progress = nil
	}
}

// deliver hands the rest of the batch to the target.
func (c *queueCore) deliver() {
	for _, e := range c.batch[c.done.Load():] {
		if c.abandoned.Load() {
			e.clear()
			continue
		}
		if e.gap > 0 {
			gap := e.gap
			e.gap = 0 // also if the target ends the goroutine with it
			c.mark(gap, e.r.Time)
		}
		c.inTarget = true
		err := e.deliver(c.last.context(e.ctx))
		c.inTarget = false
		if err != nil {
			c.fail(err)
		}
		e.clear() // here, where no caller waits for it
		c.done.Add(1)
	}
}

// fail counts a record of the batch that the target has failed with.
func (c *queueCore) fail(err error) {
	c.failed.Add(1)
	c.telling = true
	c.trouble.tell(err)
	c.telling = false
}

// interrupted puts right what was going on when the target, or OnError, ended the
// goroutine.
func (c *queueCore) interrupted() {
	if c.inTarget || c.telling {
		c.batch[c.done.Load()].clear()
		defer c.done.Add(1)
	}
	inTarget := c.inTarget
	c.inTarget, c.telling = false, false
	if inTarget {
		c.failed.Add(1)
		c.trouble.tell(errors.New("handlers: queue: the target ended the goroutine"))
	}
}

func (e *queued) deliver(ctx context.Context) (err error) {
	defer recoverTo(&err)
	return e.next.Handle(ctx, e.r)
}

// markTrailing hands over a marker for the records that were dropped since the last one
// that is done with. The caller holds mu, markTrailing unlocks it.
func (c *queueCore) markTrailing() {
	gap := c.gap
	c.gap, c.marking = 0, true
	c.mu.Unlock()
	defer func() { // the target may end the goroutine
		c.mu.Lock()
		c.marking = false
		c.mu.Unlock()
	}()
	c.mark(gap, time.Now())
}

// mark tells the target that records are missing.
func (c *queueCore) mark(n uint64, at time.Time) {
	r := slog.NewRecord(at, slog.LevelWarn, fmt.Sprintf("%d records dropped", n), 0)
	if !enabled(context.Background(), c.root, r.Level) {
		return
	}
	c.markers.Add(1)
	m := queued{next: c.root, r: r}
	if err := m.deliver(context.Background()); err != nil {
		c.trouble.tell(err)
	}
}

// kept is a context and what it is without its end. Records of one request often come
// one after another.
type kept struct{ from, to context.Context }

// context returns ctx without its end.
func (k *kept) context(ctx context.Context) context.Context {
	if ctx == nil || ctx == context.Background() {
		return context.Background()
	}
	if reflect.TypeOf(ctx).Kind() != reflect.Pointer { // others may not be comparable
		return context.WithoutCancel(ctx)
	}
	if ctx != k.from {
		k.from, k.to = ctx, context.WithoutCancel(ctx)
	}
	return k.to
}
