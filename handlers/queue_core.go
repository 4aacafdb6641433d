package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// queued is a record that waits, and where it goes.
type queued struct {
	next slog.Handler
	ctx  context.Context
	r    slog.Record
	size int
	gap  uint64 // how many records before it were dropped
}

// queueCore is what all Queues derived from one share.
//
// Records wait in a ring. At most one goroutine feeds the target: it takes a few
// out at a time, its batch, under the lock, and hands them over without it. It folds
// what it has done into the counters when it takes the next batch; until then
// done tells how far it is. No code of others runs under the lock.
type queueCore struct {
	o       QueueOptions
	root    slog.Handler // gets the markers
	trouble trouble
	wake    chan struct{} // ends a nap of the feeder

	_  [64]byte // what callers take from each other must not share a cache line with the rest
	mu sync.Mutex

	ring   []*queued // grows up to o.Records
	head   int       // index of the oldest
	n      int       // how many there are
	free   []*queued // to be used again: the last first, which is in a processor's cache
	under  int       // how many are under way: the length of the batch
	bytes  int       // of those in the ring and the batch
	gap    uint64    // dropped since the newest in the ring came
	pushed uint64    // how many records have ever come into the ring

	in, out, dropped, refused uint64

	feeding bool // there is a goroutine that feeds
	napping bool // it sleeps
	marking bool // it hands over a marker that follows the last record
	closed  bool

	waiting  int           // callers that wait for room
	since    time.Time     // when the first of them began
	room     chan struct{} // closed when there is some; nil if nobody waits
	progress chan struct{} // closed when a batch is done; nil if nobody waits

	_ [64]byte

	// What the feeder changes while it holds no lock. Callers look at it only if there
	// is no room.
	batch     []*queued // under way
	claim     int       // how many to take next
	done      atomic.Int64
	failed    atomic.Uint64
	markers   atomic.Uint64
	abandoned atomic.Bool   // what is not in the target yet is to be dropped
	feeder    atomic.Uint64 // which goroutine it is
	inTarget  bool          // a record of the batch is
	telling   bool          // or OnError is told of one
	last      kept
}

const (
	queueRecords = 4096
	queueBytes   = 64 << 20
	firstRing    = 64
	maxBatch     = 128
)

func newQueueCore(root slog.Handler, o QueueOptions) *queueCore {
	if o.Records == 0 {
		o.Records = queueRecords
	}
	o.Records = max(o.Records, 2)
	if o.Bytes <= 0 {
		o.Bytes = queueBytes
	}
	c := &queueCore{o: o, root: root, trouble: trouble{fn: o.OnError}, wake: make(chan struct{}, 1), claim: 1}
	c.batch = make([]*queued, 0, min(maxBatch, max(1, o.Records/8)))
	return c
}

// put takes a record into the ring.
func (c *queueCore) put(ctx context.Context, next slog.Handler, r *slog.Record, size int) error {
	minor := c.o.DiscardBelow != nil && r.Level < c.o.DiscardBelow.Level() // it may log: not under the lock
	c.mu.Lock()
	if c.closed {
		c.refused++
		c.mu.Unlock()
		return fmt.Errorf("handlers: queue: %w", ErrClosed)
	}
	if held := c.n + c.under; held >= c.o.Records || c.bytes+size > c.o.Bytes || minor && held >= c.o.Records-c.o.Records/5 {
		if err := c.makeRoom(size, minor); err != nil {
			c.in++
			c.lose(1)
			c.rouse()
			return err
		}
	}
	c.push(ctx, next, r, size)
	c.rouse()
	return nil
}

// push takes a record into the ring, where there is room for it. The caller holds mu.
func (c *queueCore) push(ctx context.Context, next slog.Handler, r *slog.Record, size int) {
	if c.n == len(c.ring) {
		c.grow()
	}
	i := c.head + c.n
	if i >= len(c.ring) {
		i -= len(c.ring)
	}
	e := c.unused()
	c.ring[i] = e
	e.next, e.ctx, e.r, e.size, e.gap = next, ctx, r.Clone(), size, c.gap
	c.gap = 0
	c.n++
	c.bytes += size
	c.in++
	c.pushed++
}

func (c *queueCore) grow() {
	bigger := make([]*queued, min(max(firstRing, 2*len(c.ring)), c.o.Records))
	copied := copy(bigger, c.ring[c.head:])
	copy(bigger[copied:], c.ring[:c.head])
	c.ring, c.head = bigger, 0
}

// unused returns room for a record. There is never more than records were held at once.
// The caller holds mu.
func (c *queueCore) unused() *queued {
	if len(c.free) == 0 {
		for more := make([]queued, firstRing); len(more) > 0; more = more[1:] {
			c.free = append(c.free, &more[0])
		}
	}
	last := len(c.free) - 1
	e := c.free[last]
	c.free = c.free[:last]
	return e
}

// clear lets go of what e holds.
func (e *queued) clear() { *e = queued{size: e.size} }

// release keeps the room of a record, which has been cleared. The caller holds mu.
func (c *queueCore) release(e *queued) {
	c.bytes -= e.size
	c.free = append(c.free, e)
}

// pop takes the oldest record out of the ring. The caller holds mu.
func (c *queueCore) pop() *queued {
	e := c.ring[c.head]
	c.ring[c.head] = nil
	if c.head++; c.head == len(c.ring) {
		c.head = 0
	}
	c.n--
	return e
}

// rouse sees to it that somebody feeds the target. It starts a goroutine, or wakes the
// one there is if much has come while it slept; else that wakes by itself soon. The
// caller holds mu, rouse unlocks it.
func (c *queueCore) rouse() {
	switch {
	case !c.feeding:
		c.feeding = true
		c.mu.Unlock()
		go c.feed()
	case c.napping && c.n > c.o.Records/2:
		c.rouseNow()
	default:
		c.mu.Unlock()
	}
}

// rouseNow is rouse for who can't wait until the feeder wakes by itself.
func (c *queueCore) rouseNow() {
	if !c.feeding {
		c.rouse()
		return
	}
	napping := c.napping
	c.napping = false
	c.mu.Unlock()
	if napping {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// held returns how many records the target is not done with. The caller holds mu.
func (c *queueCore) held() int { return c.n + c.under - int(c.done.Load()) }

// fits reports whether there is room for a record. One that is too long for any room
// fits when it is alone. The caller holds mu.
func (c *queueCore) fits(size int) bool {
	held := c.held()
	return held == 0 || held < c.o.Records && c.bytes+size <= c.o.Bytes
}

// makeRoom makes room for a record, by what the options say, or returns why there is
// none. The caller holds mu, and does so again when it returns.
func (c *queueCore) makeRoom(size int, minor bool) error {
	if minor && c.held() >= c.o.Records-c.o.Records/5 {
		return errFull
	}
	switch c.o.Overflow {
	case DropOld:
		for range c.oldToDrop(size) {
			c.dropOldest()
		}
	case Block:
		if !c.fits(size) {
			return c.wait(size)
		}
	}
	if !c.fits(size) {
		return errFull
	}
	return nil
}

// oldToDrop returns how many of the oldest records have to go for one to have room: none
// if that would not do, or not without all else for one that is too long for any room.
// The caller holds mu.
func (c *queueCore) oldToDrop(size int) int {
	held, bytes := c.held(), c.bytes
	for n := range c.n {
		if held-n < c.o.Records && bytes+size <= c.o.Bytes {
			return n
		}
		bytes -= c.ring[(c.head+n)%len(c.ring)].size
	}
	if held-c.n < c.o.Records && bytes+size <= c.o.Bytes {
		return c.n
	}
	return 0
}

var errFull = fmt.Errorf("handlers: %w", ErrFull)

// lose counts dropped records, that are missing after the newest in the ring. Once Close
// has given up it is too late to tell the target. The caller holds mu.
func (c *queueCore) lose(n uint64) {
	c.dropped += n
	if !c.abandoned.Load() {
		c.gap += n
	}
}

// dropOldest drops the oldest record. What is missing is missing before the one that
// is the oldest then.
func (c *queueCore) dropOldest() {
	e := c.pop()
	if c.n > 0 {
		c.ring[c.head].gap += e.gap + 1
	} else {
		c.gap += e.gap + 1
	}
	c.dropped++
	e.clear()
	c.release(e)
}

// wait waits until there is room. The caller holds mu, and does so again when wait
// returns. It is slow to begin with, but callers wait only once in many records.
func (c *queueCore) wait(size int) error {
	if c.isFeeder() {
		return fmt.Errorf("%w: it comes from within the target, which would wait for itself", errFull)
	}
	if c.waiting++; c.waiting == 1 {
		c.since = time.Now()
	}
	defer func() { c.waiting-- }()
	var expired <-chan time.Time
	if c.o.MaxWait > 0 {
		t := time.NewTimer(c.o.MaxWait)
		defer t.Stop()
		expired = t.C
	}
	for !c.fits(size) {
		if c.room == nil {
			c.room = make(chan struct{})
		}
		room := c.room
		c.rouseNow() // which unlocks
		select {
		case <-room:
			c.mu.Lock()
		case <-expired:
			c.mu.Lock()
			if !c.fits(size) {
				return fmt.Errorf("%w: there was no room for %v", errFull, c.o.MaxWait)
			}
		}
		if c.abandoned.Load() {
			return fmt.Errorf("handlers: queue: %w, the record is dropped", ErrClosed)
		}
	}
	return nil
}

// isFeeder reports whether the goroutine that feeds the target is the caller.
func (c *queueCore) isFeeder() bool {
	id := c.feeder.Load()
	return id != 0 && id == goroutineID()
}

// goroutineID returns the number that stack traces have for the goroutine. It takes
// about a microsecond.
func goroutineID() uint64 {
	var room [64]byte
	text := room[:runtime.Stack(room[:], false)]
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	id, _ := strconv.ParseUint(string(fields[1]), 10, 64)
	return id
}

func (c *queueCore) stats() QueueStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := uint64(c.done.Load())
	return QueueStats{
		In: c.in, Out: c.out + done, Dropped: c.dropped, Held: uint64(c.n+c.under) - done,
		Failed: c.failed.Load(), Markers: c.markers.Load(), Refused: c.refused, Bytes: uint64(c.bytes),
	}
}

var errFromTarget = errors.New("handlers: queue: the target can't wait for itself")

// flush waits until what has come by now is done with.
func (c *queueCore) flush(ctx context.Context) error {
	if c.isFeeder() {
		return errFromTarget
	}
	c.mu.Lock()
	goal := c.pushed
	return c.await(ctx, func() bool {
		held := uint64(c.held())
		return c.pushed-held >= goal && (held > 0 || c.gap == 0 && !c.marking)
	})
}

// await waits until a condition holds that batches done may bring. The caller holds
// mu, await unlocks it.
func (c *queueCore) await(ctx context.Context, holds func() bool) error {
	for !holds() {
		if c.progress == nil {
			c.progress = make(chan struct{})
		}
		progress := c.progress
		c.rouseNow() // which unlocks
		select {
		case <-progress:
		case <-ctx.Done():
			c.mu.Lock()
			n := c.held()
			c.mu.Unlock()
			return fmt.Errorf("handlers: queue: %d records not passed on: %w", n, context.Cause(ctx))
		}
		c.mu.Lock()
	}
	c.mu.Unlock()
	return nil
}

func (c *queueCore) close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	if c.isFeeder() {
		c.mu.Unlock()
		return errFromTarget
	}
	if !c.feeding && c.held() == 0 && c.gap == 0 {
		c.mu.Unlock()
		return nil
	}
	err := c.await(ctx, func() bool { return !c.feeding })
	if err != nil {
		c.abandon()
	}
	return err
}

// abandon drops what is not in the target yet.
func (c *queueCore) abandon() {
	c.mu.Lock()
	c.abandoned.Store(true)
	for c.n > 0 {
		c.dropOldest()
	}
	c.gap = 0
	c.openRoom()
	if !c.feeding {
		c.mu.Unlock()
		return
	}
	c.rouseNow()
}
