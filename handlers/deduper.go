package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// A repetition is a record that others repeat, or the last that did.
type repetition struct {
	ctx  context.Context
	next slog.Handler
	r    slog.Record
}

// A dedupEntry is what is remembered of a record.
type dedupEntry struct {
	key   string
	first repetition
	last  time.Time // of the record that came last
	held  uint64    // repetitions nobody was told of
	until time.Time // when the interval ends
}

// A deduper is what all Dedups derived from one share. No lock is held while the
// next handler is at work.
type deduper struct {
	o       DedupOptions
	trouble trouble

	mu      sync.Mutex
	entries map[string]*dedupEntry
	order   []*dedupEntry // oldest interval first; no more than Keys
	timer   *time.Timer   // nil unless something is held
	ended   bool
	counts  DedupStats
}

func newDeduper(o DedupOptions) *deduper {
	o.Keys = max(o.Keys, 1)
	return &deduper{o: o, trouble: trouble{fn: o.OnError}, entries: map[string]*dedupEntry{}}
}

// passed counts a record that is not compared.
func (d *deduper) passed() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.In++
	d.counts.Out++
}

// add reports whether the record with this key is a repetition, and returns the
// entry that it had to forget, if there were repetitions to tell of.
func (d *deduper) add(key []byte, m repetition) (repeated bool, evicted *dedupEntry) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.In++
	e := d.entries[string(key)]
	if e != nil && (e.held > 0 || now.Before(e.until)) && !d.ended {
		e.held++
		e.last = m.r.Time
		d.counts.Held++
		d.start(e.until.Sub(now))
		return true, nil
	}
	d.counts.Out++
	switch {
	case d.ended:
		return false, nil
	case e != nil: // its interval has ended, and nothing came in it
		d.remove(e)
	case len(d.order) == d.o.Keys:
		if evicted = d.order[0]; evicted.held == 0 {
			evicted = nil
		}
		d.remove(d.order[0])
	}
	e = &dedupEntry{key: string(key), first: m, until: now.Add(d.o.Interval)}
	d.entries[e.key] = e
	d.order = append(d.order, e)
	return false, evicted
}

// remove forgets e. The caller holds mu.
func (d *deduper) remove(e *dedupEntry) {
	delete(d.entries, e.key)
	for i, one := range d.order {
		if one == e {
			d.order = append(d.order[:i], d.order[i+1:]...)
			return
		}
	}
}

// start sees to it that somebody looks when an interval has ended. The caller holds mu.
func (d *deduper) start(after time.Duration) {
	if d.timer == nil && !d.ended {
		d.timer = time.AfterFunc(max(after, time.Millisecond), d.tick)
	}
}

// end stops the timer for good.
func (d *deduper) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// tick tells of the repetitions whose interval has ended.
func (d *deduper) tick() {
	now := time.Now()
	d.mu.Lock()
	due := d.due(func(e *dedupEntry) bool { return !now.Before(e.until) })
	d.mu.Unlock()
	defer d.again(now)
	if err := d.tell(due); err != nil {
		d.trouble.tell(fmt.Errorf("handlers: dedup: %w", err))
	}
}

// again starts the timer anew, if anything is held.
func (d *deduper) again(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer = nil
	var next *dedupEntry
	for _, e := range d.order {
		if e.held > 0 && (next == nil || e.until.Before(next.until)) {
			next = e
		}
	}
	if next != nil {
		d.start(next.until.Sub(now))
	}
}

// A telling is a record that says how often another was repeated.
type telling struct {
	e    *dedupEntry
	last time.Time
	n    uint64
}

// due takes the repetitions of the entries for which is is true, and has a new interval
// begin for them. The caller holds mu.
func (d *deduper) due(is func(*dedupEntry) bool) []telling {
	var due []telling
	var begun []*dedupEntry
	others := d.order[:0]
	for _, e := range d.order {
		if e.held == 0 || !is(e) {
			others = append(others, e)
			continue
		}
		due = append(due, telling{e, e.last, e.held})
		begun = append(begun, e)
		e.held = 0
		e.until = time.Now().Add(d.o.Interval)
	}
	d.order = append(others, begun...)
	return due
}

// tellAll tells of all repetitions. What has been told of is forgotten: a record like
// it is the first of its kind again.
func (d *deduper) tellAll() error {
	d.mu.Lock()
	due := d.due(func(*dedupEntry) bool { return true })
	d.mu.Unlock()
	err := d.tell(due)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range slices.Clone(d.order) {
		if e.held == 0 {
			d.remove(e)
		}
	}
	return err
}

// tell writes what is due.
func (d *deduper) tell(due []telling) error {
	var errs []error
	defer func() { // if the next handler has ended the goroutine, the rest is held again
		for _, t := range due {
			_ = d.settle(t, errEnded)
		}
	}()
	for len(due) > 0 {
		t := due[0]
		due = due[1:] // write settles it
		errs = append(errs, d.write(t))
	}
	return errors.Join(errs...)
}

// errEnded stands for a next handler that ends the goroutine, as in a test.
var errEnded = errors.New("the next handler ended the goroutine")

// write gives the record that tells of the repetitions to the next handler.
func (d *deduper) write(t telling) (err error) {
	err = errEnded
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		err = d.settle(t, err)
	}()
	err = t.e.first.tell(t.n, t.last)
	return err
}

// settle counts what has been told. What the next handler does not take is held again,
// unless the record is forgotten.
func (d *deduper) settle(t telling, err error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		d.counts.Markers++
	case d.entries[t.e.key] == t.e:
		t.e.held += t.n
		if t.e.last.Before(t.last) {
			t.e.last = t.last
		}
		return err
	default:
		d.counts.Lost += t.n
		err = fmt.Errorf("a record that was repeated %d times could not be told: %w", t.n, err)
	}
	d.counts.Held -= t.n
	d.counts.Dropped += t.n
	return err
}

// tell writes that m was repeated.
func (m repetition) tell(n uint64, last time.Time) error {
	times := "times"
	if n == 1 {
		times = "time"
	}
	r := slog.NewRecord(last, m.r.Level, fmt.Sprintf("repeated %d %s: %s", n, times, m.r.Message), m.r.PC)
	m.r.Attrs(func(a slog.Attr) bool {
		r.AddAttrs(a)
		return true
	})
	return m.next.Handle(contextattrs.WithAttrs(m.ctx, slog.Uint64(repeatedKey, n)), r)
}

func (d *deduper) stats() DedupStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}
