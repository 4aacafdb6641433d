// Package worker has what handlers have in common that send records in a goroutine of their
// own: pauses that Close cuts short, bounds for Flush and Close, and what is told of
// records dropped.
package worker

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A Store holds what is to be sent. Its methods may be called from several goroutines at once. The channels
// that it returns are closed when it is time to ask again.
type Store interface {
	// End has the store take nothing more, and reports whether it was the first call.
	End() bool

	// Abandon drops all that is held.
	Abandon()

	// Dropped returns how many records were dropped, in all and since the first End.
	Dropped() (all, sinceEnd uint64)

	// Ended reports whether End was called.
	Ended() (ended bool, changed <-chan struct{})

	// Hurry has what is held be sent at once, and returns what Passed is to be asked.
	Hurry() uint64

	// Passed reports whether all up to n was sent or dropped.
	Passed(n uint64) (passed bool, changed <-chan struct{})
}

// Grace is how long Close waits for the goroutine when its context has ended: enough for
// that to count what it was at. It may be in OnError, or in a connection that hears of no
// context, and then goes on without Close.
const Grace = 100 * time.Millisecond

// A Worker is the goroutine that sends, as those see it who wait for it. Use New.
type Worker struct {
	name    string // what errors begin with
	store   Store
	timeout time.Duration
	onError func(error) // may be nil

	ctx    context.Context // of what is sent
	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended

	trouble  atomic.Pointer[error] // what failed last
	finished sync.Once
	result   error         // of Close, once closed is
	closed   chan struct{} // when the goroutine is at its end, or Close does not wait for it any longer
}

// New returns a Worker whose errors begin with name. Timeout bounds Flush, and Close if its context has no
// deadline.
func New(name string, s Store, timeout time.Duration, onError func(error)) *Worker {
	w := &Worker{name: name, store: s, timeout: timeout, onError: onError, ended: make(chan struct{}), closed: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// Go runs the goroutine. Run has to return when the store has ended and is empty, or the
// context has ended.
func (w *Worker) Go(run func()) {
	go func() {
		defer w.finish()
		defer close(w.ended)
		run()
	}()
}

// Context ends when Close has given up.
func (w *Worker) Context() context.Context { return w.ctx }

// Rest waits, but not beyond a Close that comes: then there is one more attempt at once.
func (w *Worker) Rest(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	before, changed := w.store.Ended()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-timer.C:
			return
		case <-changed:
		}
		var ended bool
		if ended, changed = w.store.Ended(); ended && !before {
			return
		}
	}
}

// Failed tells of an attempt that has failed. It is what Flush and Close give as the reason if records are dropped.
func (w *Worker) Failed(err error) {
	w.trouble.Store(&err)
	w.Tell(err)
}

// Tell tells OnError. A panic in it must not end the program.
func (w *Worker) Tell(err error) {
	if w.onError == nil {
		return
	}
	defer func() { _ = recover() }()
	w.onError(fmt.Errorf("%s: %w", w.name, err))
}

// Flush has what is held be sent, and waits for that. The error says how many records were dropped meanwhile.
func (w *Worker) Flush() error {
	before, _ := w.store.Dropped()
	n := w.store.Hurry()
	timer := time.NewTimer(w.timeout)
	defer timer.Stop()
	for {
		passed, changed := w.store.Passed(n)
		if passed {
			now, _ := w.store.Dropped()
			return w.lost(now - before)
		}
		select {
		case <-changed:
		case <-timer.C:
			return fmt.Errorf("%s: not all was sent within %v", w.name, w.timeout)
		}
	}
}

// Close ends the goroutine, after it has sent what is held, or drops that when ctx ends. A later call waits for
// the first.
func (w *Worker) Close(ctx context.Context) error {
	if !w.store.End() {
		select {
		case <-w.closed:
			return w.result
		default:
		}
		select {
		case <-w.closed:
			return w.result
		case <-ctx.Done():
			return fmt.Errorf("%s: Close has not ended: %w", w.name, context.Cause(ctx))
		}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.timeout)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, w.giveUp)
	defer stop()
	<-w.closed
	return w.result
}

// giveUp ends what is under way.
func (w *Worker) giveUp() {
	w.cancel()
	timer := time.NewTimer(Grace)
	defer timer.Stop()
	select {
	case <-w.ended:
	case <-timer.C:
	}
	w.finish()
}

// finish drops what is left, and has Close return. OnError may have ended the goroutine: then nobody sends any more.
func (w *Worker) finish() {
	w.cancel()
	w.store.End()
	w.store.Abandon()
	w.finished.Do(func() {
		_, n := w.store.Dropped()
		w.result = w.lost(n)
		close(w.closed)
	})
}

// lost returns an error if n records, which is not 0, were dropped, with what failed last.
func (w *Worker) lost(n uint64) error {
	trouble := w.trouble.Load()
	switch {
	case n == 0:
		return nil
	case trouble == nil:
		return fmt.Errorf("%s: %d records dropped", w.name, n)
	}
	return fmt.Errorf("%s: %d records dropped: %w", w.name, n, *trouble)
}
