package spool

import (
	"math"
	"time"
)

// Await reports whether n bytes are there, or anything that cannot wait for more: a gap at the
// end, something that is to be flushed, somebody who waits for room, or the last before the end. If not, [Spool.Ready] receives
// when they are.
func (s *Spool) Await(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeAt = n
	if s.due() {
		s.wakeAt = math.MaxInt
		return true
	}
	return false
}

// due reports whether there is what the sender awaits.
func (s *Spool) due() bool {
	if s.head == nil {
		return s.lost.N > 0
	}
	return s.size >= s.wakeAt || s.closed || len(s.flushing) > 0 || len(s.waiting) > 0
}

// wakes reports whether the sender has to be woken. It is once for each Await.
func (s *Spool) wakes() bool {
	if s.wakeAt == math.MaxInt || !s.due() {
		return false
	}
	s.wakeAt = math.MaxInt
	return true
}

func (s *Spool) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Ready receives when what the sender awaits may be there.
func (s *Spool) Ready() <-chan struct{} { return s.ready }

// Take returns the oldest frames, and the gap before them. They remain in the queue until
// Done, nobody drops them until Untake, and both are empty if there is nothing.
func (s *Spool) Take() (Gap, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		s.taken = s.takeHead()
	}
	if s.taken == nil {
		return Gap{}, nil
	}
	return s.taken.gap, s.taken.rest()
}

func (s *Spool) takeHead() *chunk {
	c := s.head
	switch {
	case c != nil:
		if s.head = c.next; s.head == nil {
			s.tail = nil
		}
		c.next = nil
	case s.lost.N > 0:
		c = &chunk{gap: s.lost}
		s.lost = Gap{}
	}
	return c
}

// Untake puts what is left of the frames that were taken at the head of the queue again.
func (s *Spool) Untake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.taken
	s.taken = nil
	switch {
	case c == nil:
	case c.at == len(c.buf):
		s.gapAtHead().merge(c.gap)
		s.release(c)
	default:
		c.next = s.head
		s.head = c
		if s.tail == nil {
			s.tail = c
		}
	}
}

// Told forgets the gap that was taken.
func (s *Spool) Told() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken.gap = Gap{}
	s.finishTaken()
}

// Done tells that the first bytes of what was taken, so many frames, were sent.
func (s *Spool) Done(bytes, frames int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Sent += uint64(frames)
	s.leave(bytes, frames)
}

// Failed tells that the first frame of what was taken, of so many bytes, cannot be sent
// at all.
func (s *Spool) Failed(bytes int, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Dropped++
	s.taken.gap.add(1, time.Now(), name)
	s.leave(bytes, 1)
}

func (s *Spool) leave(bytes, frames int) {
	s.taken.first += uint64(frames)
	s.taken.at += bytes
	s.size -= bytes
	s.counts.QueuedBytes -= uint64(bytes)
	s.finishTaken()
	s.admit()
	s.flushed()
}

// finishTaken lets go of a chunk that has nothing left.
func (s *Spool) finishTaken() {
	if c := s.taken; c.at == len(c.buf) {
		s.taken = nil
		s.gapAtHead().merge(c.gap)
		s.release(c)
	}
}
