package slogtree

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// flight accounts for the records in flight, so that a removal can wait until
// no record is in the handler that was removed.
//
// One counter that all goroutines add to would stop them from scaling at two
// processors. Instead each record takes a slot and announces there which
// effective it uses. A logger that one goroutine uses at a time has a home, the
// slot that it used first, which stays in that processor's cache. When two
// records of a logger meet there, the logger is crowded: from then on a
// sync.Pool remembers for each processor which slot it used last. That takes
// longer than a home, but no processor waits for another.
type flight struct {
	first slots
	last  atomic.Uint32 // where the search for a free slot goes on
	hints sync.Pool     // of *slot; whoever takes one must still claim it

	waiting atomic.Int32 // number of goroutines in wait
	mu      sync.Mutex
	left    chan struct{} // closed at the next departure; nil if nobody asked
}

// A home is nil before the first record, and then a slot or crowded.
type home = atomic.Pointer[slot]

var crowded = new(slot)

// A slot is empty or holds what one record in flight uses.
type slot struct {
	using atomic.Pointer[effective]
	_     [56]byte // a cache line of its own
}

// slots are never freed: there are as many as there ever were records in
// flight at one time, rounded up.
type slots struct {
	slot [64]slot
	next atomic.Pointer[slots]
}

// enter announces a record at n of a logger with the given home. It returns
// what the record must use, the slot to leave, and whether that came from hints.
func (f *flight) enter(n *node, at *home) (e *effective, s *slot, hinted bool) {
	if s := at.Load(); s != nil && s != crowded {
		e := n.published.Load()
		if faultYield {
			runtime.Gosched()
		}
		if s.using.CompareAndSwap(nil, e) {
			if f.confirm(n, e) {
				return e, s, false
			}
			f.clear(s)
		} else {
			at.Store(crowded)
		}
	}
	e, s = f.enterAnywhere(n)
	if at.Load() == nil {
		at.CompareAndSwap(nil, s)
	}
	return e, s, true
}

// enterAnywhere is enter without a home.
func (f *flight) enterAnywhere(n *node) (*effective, *slot) {
	s, _ := f.hints.Get().(*slot)
	for {
		e := n.published.Load()
		if faultYield {
			runtime.Gosched()
		}
		if s == nil || !s.using.CompareAndSwap(nil, e) {
			s = f.free()
			continue
		}
		if f.confirm(n, e) {
			return e, s
		}
		f.clear(s)
	}
}

// confirm reports whether e, which was announced, is still what n publishes. A
// removal that published before the announcement may have looked at the slots
// before it too, and not wait for this record.
func (f *flight) confirm(n *node, e *effective) bool {
	return faultNoRetry || n.published.Load() == e
}

// leave ends what enter began.
func (f *flight) leave(s *slot, hinted bool) {
	f.clear(s)
	if hinted {
		f.hints.Put(s)
	}
}

func (f *flight) clear(s *slot) {
	s.using.Store(nil)
	if f.waiting.Load() > 0 {
		f.wake()
	}
}

// free returns a slot that was empty when it looked. Successive calls begin
// at different places, so that processors find different slots.
func (f *flight) free() *slot {
	for part := &f.first; ; {
		start := f.last.Add(1)
		for i := range uint32(len(part.slot)) {
			if s := &part.slot[(start+i)%uint32(len(part.slot))]; s.using.Load() == nil {
				return s
			}
		}
		if part.next.Load() == nil {
			part.next.CompareAndSwap(nil, new(slots))
		}
		part = part.next.Load()
	}
}

// any reports whether busy holds for what any record in flight uses.
func (f *flight) any(busy func(*effective) bool) bool {
	for part := &f.first; part != nil; part = part.next.Load() {
		for i := range part.slot {
			if e := part.slot[i].using.Load(); e != nil && busy(e) {
				return true
			}
		}
	}
	return false
}

// wait returns nil once busy holds for no record in flight, and the ctx's
// error if that ends first.
func (f *flight) wait(ctx context.Context, busy func(*effective) bool) error {
	if ctx == nil {
		ctx = context.Background()
	}
	f.waiting.Add(1)
	defer f.waiting.Add(-1)
	for {
		left := f.departure()
		if !f.any(busy) {
			return nil
		}
		select {
		case <-left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// departure returns a channel that is closed when a record leaves.
func (f *flight) departure() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left == nil {
		f.left = make(chan struct{})
	}
	return f.left
}

func (f *flight) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left != nil {
		close(f.left)
		f.left = nil
	}
}
