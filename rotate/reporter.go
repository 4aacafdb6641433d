package rotate

import (
	"sync"
	"sync/atomic"
)

// maxWaiting bounds the errors that wait for OnError.
const maxWaiting = 64

// A reporter counts errors, and tells a function of them, one after another, while
// its File is not locked.
type reporter struct {
	fn      func(error)
	count   atomic.Uint64
	waiting atomic.Bool // something is queued

	mu    sync.Mutex
	queue []error
	busy  bool
}

func (r *reporter) add(err error) {
	r.count.Add(1)
	if r.fn == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) < maxWaiting {
		r.queue = append(r.queue, err)
		r.waiting.Store(true)
	}
}

// deliver calls the function for what is queued. While a call is under way, be it
// further up this very stack, that one goes on with the rest.
func (r *reporter) deliver() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy {
		return
	}
	r.busy = true
	defer func() { r.busy = false }()
	for len(r.queue) > 0 {
		err := r.queue[0]
		r.queue = r.queue[1:]
		r.call(err)
	}
	r.queue = nil
	r.waiting.Store(false)
}

// call calls the function without the lock. A panic of OnError ends here: logging
// must not end the program.
func (r *reporter) call(err error) {
	r.mu.Unlock()
	defer r.mu.Lock()
	defer func() { _ = recover() }()
	r.fn(err)
}
