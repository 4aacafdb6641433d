// Package spool keeps frames for one goroutine that sends them. Any number of goroutines
// put frames in, in bounded memory and for a bounded time.
package spool

import (
	"errors"
	"math"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// A Policy says what becomes of a frame for which there is no room.
type Policy int

const (
	Block   Policy = iota // wait for a bounded time, then DropNew until there is room
	DropNew               // drop it
	DropOld               // drop the oldest ones that nobody is sending
)

// What Put returns when the frame was dropped.
var (
	ErrFull   = errors.New("the buffer is full")
	ErrClosed = errors.New("closed")
)

// A Gap tells that frames are missing in one place.
type Gap struct {
	N    uint64    // how many, 0 is no gap
	At   time.Time // when the last one was dropped
	Name string    // of who put in the first one, or the frame that it had to make room for
}

func (g *Gap) add(n uint64, at time.Time, name string) {
	if g.N == 0 {
		g.Name = name
	}
	g.N += n
	g.At = at
}

// merge adds a gap that is in the same place, and before g.
func (g *Gap) merge(before Gap) {
	if before.N == 0 {
		return
	}
	if g.N > 0 {
		before.At = g.At
	}
	before.N += g.N
	*g = before
}

// Counts are of frames. Put is always Sent + Dropped + Queued.
type Counts struct{ Put, Sent, Dropped, Queued, QueuedBytes uint64 }

// chunkLen is how much is handed to the sender at once, where the whole is large enough.
const chunkLen = 64 << 10

// A Spool is a queue of frames. Its memory is what was put in and not sent, in chunks, and
// no more than one chunk beyond the bound. [New] makes one.
//
// Put, Flush, Close and Counts may be called from any goroutine; all other methods are
// the sender's.
type Spool struct {
	max     int
	chunk   int // the usual capacity of one
	policy  Policy
	maxWait time.Duration
	onDrop  func()
	ready   chan struct{}
	pool    sync.Pool // of *chunk

	mu       sync.Mutex
	head     *chunk    // the oldest
	tail     *chunk    // takes what is put in
	taken    *chunk    // with the sender
	size     int       // all frames, and what is left empty at the chunks' ends
	wakeAt   int       // the size at which the sender wants to be woken
	counts   Counts    // without Queued
	appended uint64    // frames that were put in
	lost     Gap       // behind the last frame
	until    time.Time // when waiting for room ends; zero while there is room
	waiting  []*waiter
	flushing []*flush
	closed   bool
}

// A chunk holds whole frames.
type chunk struct {
	gap   Gap    // before its first frame
	first uint64 // number of its oldest frame, of all that were put in
	buf   []byte // never grows
	at    int    // what was sent or dropped
	void  int    // the capacity that stays empty
	next  *chunk
}

// New returns a Spool for so many bytes. Each frame must fit. With Block, Put waits for up to
// maxWait. onDrop is called, without a lock, when the first frame of a gap is dropped.
func New(max int, policy Policy, maxWait time.Duration, onDrop func()) *Spool {
	return &Spool{
		max: max, chunk: min(chunkLen, max/4), policy: policy, maxWait: maxWait, onDrop: onDrop,
		ready: make(chan struct{}, 1), wakeAt: math.MaxInt,
	}
}

// Put copies a frame into the queue. The name is that of the gap if it is dropped.
func (s *Spool) Put(p []byte, name string) error {
	s.mu.Lock()
	if s.closed || len(s.waiting) > 0 || !s.fits(len(p)) {
		return s.putSlowly(p, name)
	}
	s.append(p)
	wake := s.wakes()
	s.mu.Unlock()
	if wake {
		s.wake()
	}
	return nil
}

// fits reports whether there is room for n bytes.
func (s *Spool) fits(n int) bool {
	if s.tail != nil && s.lost.N == 0 && n <= s.tail.room() || s.tail == nil {
		return s.size+n <= s.max
	}
	return s.size+s.tail.room()+n <= s.max
}

func (c *chunk) room() int { return cap(c.buf) - len(c.buf) }

// rest is what was neither sent nor dropped.
func (c *chunk) rest() []byte { return c.buf[c.at:] }

// append adds a frame that fits.
func (s *Spool) append(p []byte) {
	if s.tail == nil || s.lost.N > 0 || len(p) > s.tail.room() {
		s.grow(len(p))
	}
	s.tail.buf = append(s.tail.buf, p...)
	s.appended++
	s.size += len(p)
	s.counts.Put++
	s.counts.QueuedBytes += uint64(len(p))
	if !s.until.IsZero() {
		s.until = time.Time{}
	}
}

// grow begins a chunk.
func (s *Spool) grow(n int) {
	c := s.newChunk(n)
	c.first = s.appended
	c.gap, s.lost = s.lost, Gap{}
	if s.tail == nil {
		s.head = c
	} else {
		s.tail.void = s.tail.room()
		s.size += s.tail.void
		s.tail.next = c
	}
	s.tail = c
}

func (s *Spool) newChunk(n int) *chunk {
	if n > s.chunk {
		return &chunk{buf: make([]byte, 0, n)}
	}
	if c, ok := s.pool.Get().(*chunk); ok {
		return c
	}
	return &chunk{buf: make([]byte, 0, s.chunk)}
}

// release gives a chunk back whose frames are gone.
func (s *Spool) release(c *chunk) {
	s.size -= c.void
	if cap(c.buf) == s.chunk {
		*c = chunk{buf: c.buf[:0]}
		s.pool.Put(c)
	}
}

// drop counts a frame that is not put in.
func (s *Spool) drop(name string) (first bool) {
	first = s.lost.N == 0
	s.counts.Put++
	s.counts.Dropped++
	s.lost.add(1, time.Now(), name)
	return first
}

// putSlowly is Put where something is in the way. It unlocks.
func (s *Spool) putSlowly(p []byte, name string) error {
	switch {
	case s.closed:
		s.counts.Put++
		s.counts.Dropped++
		s.mu.Unlock()
		return ErrClosed
	case s.policy == Block && s.mayWait():
		return s.wait(p, name)
	case s.policy == DropOld:
		if dropped, ok := s.makeRoom(len(p), name); ok {
			s.append(p)
			s.unlockAndTell(dropped, s.wakes())
			return nil
		}
	}
	s.unlockAndTell(s.drop(name), s.wakes())
	return ErrFull
}

func (s *Spool) unlockAndTell(dropped, wake bool) {
	s.mu.Unlock()
	if dropped && s.onDrop != nil {
		s.onDrop()
	}
	if wake {
		s.wake()
	}
}

// makeRoom drops the oldest frames until n bytes fit. It reports whether it began a gap,
// and whether they fit.
func (s *Spool) makeRoom(n int, name string) (first, ok bool) {
	defer s.flushed()
	now := time.Now()
	for !s.fits(n) {
		c := s.head
		if c == nil {
			return first, false
		}
		first = first || c.gap.N == 0
		s.dropOldest(c, now, name)
	}
	return first, true
}

// dropOldest drops the first frame of the first chunk.
func (s *Spool) dropOldest(c *chunk, now time.Time, name string) {
	if n := frame.Len(c.rest()); n > 0 {
		c.at += n
		s.size -= n
		s.counts.QueuedBytes -= uint64(n)
		s.counts.Dropped++
		c.first++
		c.gap.add(1, now, name)
	}
	if c.at < len(c.buf) {
		return
	}
	s.head = c.next
	if s.head == nil {
		s.tail = nil
	}
	s.gapAtHead().merge(c.gap)
	s.release(c)
}

// gapAtHead returns the gap before the first frame that is not taken.
func (s *Spool) gapAtHead() *Gap {
	if s.head == nil {
		return &s.lost
	}
	return &s.head.gap
}

// Counts returns what was done so far, all at one moment.
func (s *Spool) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Queued = s.queued()
	return c
}

func (s *Spool) queued() uint64 { return s.counts.Put - s.counts.Sent - s.counts.Dropped }
