package spool

import (
	"fmt"
	"slices"
	"time"
)

// A waiter is a Put that waits for room.
type waiter struct {
	frame []byte
	done  chan error // receives once, unless the waiter gives up
}

// mayWait reports whether there is time left to wait for room. It begins to run when somebody finds
// that there is none.
func (s *Spool) mayWait() bool {
	now := time.Now()
	if s.until.IsZero() {
		s.until = now.Add(s.maxWait)
	}
	return now.Before(s.until)
}

// wait waits for room, behind those that wait already. It unlocks.
func (s *Spool) wait(p []byte, name string) error {
	w := &waiter{frame: p, done: make(chan error, 1)}
	s.waiting = append(s.waiting, w)
	timer := time.NewTimer(time.Until(s.until))
	s.unlockAndTell(false, s.wakes())
	defer timer.Stop()
	select {
	case err := <-w.done:
		return err
	case <-timer.C:
		return s.giveUp(w, name)
	}
}

func (s *Spool) giveUp(w *waiter, name string) error {
	s.mu.Lock()
	i := slices.Index(s.waiting, w)
	if i < 0 {
		s.mu.Unlock()
		return <-w.done
	}
	s.waiting = slices.Delete(s.waiting, i, i+1)
	s.unlockAndTell(s.drop(name), s.wakes())
	return ErrFull
}

// admit lets in who waits, in order, as far as there is room.
func (s *Spool) admit() {
	n := 0
	for n < len(s.waiting) && s.fits(len(s.waiting[n].frame)) {
		s.append(s.waiting[n].frame)
		s.waiting[n].done <- nil
		n++
	}
	s.waiting = slices.Delete(s.waiting, 0, n)
}

// A flush waits until so many frames, the oldest of all that were put in, have left the queue.
type flush struct {
	upTo uint64
	done chan struct{}
}

// Flush has the sender send at once what is in the queue. done is closed when all of it was
// sent or dropped; cancel is to be called if nobody waits for that any longer.
func (s *Spool) Flush() (done <-chan struct{}, cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &flush{upTo: s.appended, done: make(chan struct{})}
	s.flushing = append(s.flushing, f)
	s.flushed()
	if s.wakes() {
		s.wake()
	}
	return f.done, func() { s.cancel(f) }
}

func (s *Spool) cancel(f *flush) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushing = slices.DeleteFunc(s.flushing, func(g *flush) bool { return g == f })
}

// flushed tells those who wait for frames to leave.
func (s *Spool) flushed() {
	if len(s.flushing) == 0 {
		return
	}
	s.flushing = slices.DeleteFunc(s.flushing, func(f *flush) bool {
		if s.oldest() < f.upTo {
			return false
		}
		close(f.done)
		return true
	})
}

// oldest returns the number of the oldest frame that is left.
func (s *Spool) oldest() uint64 {
	for _, c := range []*chunk{s.taken, s.head} {
		if c != nil && c.at < len(c.buf) {
			return c.first
		}
	}
	return s.appended
}

// Close has Put return [ErrClosed], also where it waits. What is in the queue may still be sent.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, w := range s.waiting {
		s.counts.Put++
		s.counts.Dropped++
		w.done <- ErrClosed
	}
	s.waiting = nil
	s.wake()
}

// DropAll drops what is left in the queue, and returns how many frames that were, with those
// that are missing already and whose gaps were not told of.
func (s *Spool) DropAll() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.queued()
	untold := s.lost.N
	if s.taken != nil {
		untold += s.taken.gap.N
	}
	for c := s.head; c != nil; c = c.next {
		untold += c.gap.N
	}
	s.counts.Dropped += n
	s.counts.QueuedBytes = 0
	s.head, s.tail, s.taken, s.size, s.lost = nil, nil, nil, 0, Gap{}
	s.flushed()
	return n + untold
}

// String is for tests that fail.
func (s *Spool) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%d of %d bytes, %d frames, %d wait", s.size, s.max, s.queued(), len(s.waiting))
}
