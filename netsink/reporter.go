package netsink

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxWaiting bounds the errors that wait for OnError.
const maxWaiting = 64

// A reporter counts errors and tells a function of them, one after another, in a goroutine that
// lasts as long as there is something to tell.
type reporter struct {
	fn    func(error)
	count atomic.Uint64

	mu    sync.Mutex
	queue []error
	busy  bool
	quiet time.Time // until when addSeldom adds nothing
}

// addSeldom is add for what may come with every record: most of it is only counted.
func (r *reporter) addSeldom(err error, every time.Duration) {
	if now := time.Now(); now.Before(r.quiet) {
		r.count.Add(1)
		return
	} else {
		r.quiet = now.Add(every)
	}
	r.add(err)
}

func (r *reporter) add(err error) {
	r.count.Add(1)
	if r.fn == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.enqueue(err)
	if !r.busy {
		r.busy = true
		go r.deliver()
	}
}

// enqueue adds err, if there is room. One that tells which records may be lost takes the place of
// the last that does not. The caller holds mu.
func (r *reporter) enqueue(err error) {
	if len(r.queue) < maxWaiting {
		r.queue = append(r.queue, err)
		return
	}
	if !isUnconfirmed(err) {
		return
	}
	for i, waiting := range slices.Backward(r.queue) {
		if !isUnconfirmed(waiting) {
			r.queue = append(slices.Delete(r.queue, i, i+1), err)
			return
		}
	}
}

func isUnconfirmed(err error) bool { return errors.As(err, new(*UnconfirmedError)) }

func (r *reporter) deliver() {
	for {
		err, ok := r.next()
		if !ok {
			return
		}
		r.call(err)
	}
}

func (r *reporter) next() (error, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.queue, r.busy = nil, false
		return nil, false
	}
	err := r.queue[0]
	r.queue = r.queue[1:]
	return err, true
}

// call ends a panic of OnError: logging must not end the program.
func (r *reporter) call(err error) {
	defer func() { _ = recover() }()
	r.fn(err)
}
