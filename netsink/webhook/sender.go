package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A sender is what all Handlers derived from one share.
type sender struct {
	o       Options
	url     *url.URL
	client  *http.Client
	queue   *queue
	secrets []string
	told    uint64                // dropped records that OnError knows of
	trouble atomic.Pointer[error] // what the last request failed with

	ctx    context.Context // of requests
	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended

	finished sync.Once
	result   error         // of Close, once closed is
	closed   chan struct{} // when the goroutine is at its end, or Close does not wait for it any longer
}

func startSender(u *url.URL, o Options) *sender {
	s := &sender{o: o, url: u, client: newClient(o.Client), secrets: secrets(u, o.Header), ended: make(chan struct{}), closed: make(chan struct{})}
	s.queue = newQueue(&s.o)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

func (s *sender) put(text []byte) error { return s.queue.put(text) }

// run sends batches until the queue is closed and empty, or the context has ended.
func (s *sender) run() {
	defer s.finish()
	defer close(s.ended)
	for batch := s.queue.take(); batch != nil && s.ctx.Err() == nil; batch = s.queue.take() {
		s.send(batch)
		s.tellDropped()
	}
	if s.o.Client == nil { // else the connections may be others' too
		s.client.CloseIdleConnections()
	}
}

// send sends a batch until the server has taken or refused it, in halves if it is too large
// for the server. If the context ends first it stays in the queue.
func (s *sender) send(batch []line) {
	pause := s.o.RetryMin
	for attempt := 1; s.ctx.Err() == nil; attempt++ {
		err := s.post(batch)
		s.queue.request(err == nil)
		if err == nil {
			s.queue.done(len(batch), true)
			return
		}
		s.trouble.Store(&err)
		s.tell(err)
		var a *answerError
		switch refused := errors.As(err, &a) && !a.again(); {
		case refused && a.status == http.StatusRequestEntityTooLarge && len(batch) > 1:
			s.send(batch[:len(batch)/2])
			s.send(batch[len(batch)/2:])
			return
		case refused, attempt == s.o.MaxAttempts:
			s.queue.done(len(batch), false)
			return
		}
		wait := pause - time.Duration(rand.Int64N(int64(pause)/5+1))
		if a != nil {
			wait = max(wait, min(a.retryAfter, s.o.RetryAfterMax))
		}
		s.rest(wait)
		pause = min(2*pause, s.o.RetryMax)
	}
}

// rest waits, but not beyond a Close that comes: then there is one more attempt at once.
func (s *sender) rest(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	before, changed := s.queue.isClosed()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-timer.C:
			return
		case <-changed:
		}
		var closed bool
		if closed, changed = s.queue.isClosed(); closed && !before {
			return
		}
	}
}

// tellDropped tells how many records were dropped since it last did.
func (s *sender) tellDropped() {
	if d := s.queue.stats().Dropped; d > s.told {
		s.tell(fmt.Errorf("%d records dropped", d-s.told))
		s.told = d
	}
}

// tell tells OnError. A panic in it must not end the program.
func (s *sender) tell(err error) {
	if s.o.OnError == nil {
		return
	}
	defer func() { _ = recover() }()
	s.o.OnError(fmt.Errorf("webhook: %s: %w", origin(s.url), err))
}

func (s *sender) flush() error {
	before := s.queue.stats().Dropped
	seq := s.queue.hurry()
	timer := time.NewTimer(s.o.CloseTimeout)
	defer timer.Stop()
	for {
		passed, changed := s.queue.passed(seq)
		if passed {
			return s.lost(s.queue.stats().Dropped - before)
		}
		select {
		case <-changed:
		case <-timer.C:
			return fmt.Errorf("webhook: %s: not all was sent within %v", origin(s.url), s.o.CloseTimeout)
		}
	}
}

// lost returns an error if n records, which is not 0, were dropped, with what the last request failed with.
func (s *sender) lost(n uint64) error {
	trouble := s.trouble.Load()
	switch {
	case n == 0:
		return nil
	case trouble == nil:
		return fmt.Errorf("webhook: %s: %d records dropped", origin(s.url), n)
	}
	return fmt.Errorf("webhook: %s: %d records dropped: %w", origin(s.url), n, *trouble)
}

// grace is how long Close waits for the goroutine when its context has ended: enough for
// that to count what it was at. It may be in OnError, or in a connection that hears of no
// context, and then goes on without Close.
const grace = 100 * time.Millisecond

// close ends the goroutine.
func (s *sender) close(ctx context.Context) error {
	if !s.queue.end() {
		select {
		case <-s.closed:
			return s.result
		default:
		}
		select {
		case <-s.closed:
			return s.result
		case <-ctx.Done():
			return fmt.Errorf("webhook: %s: Close has not ended: %w", origin(s.url), context.Cause(ctx))
		}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.o.CloseTimeout)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, s.giveUp)
	defer stop()
	<-s.closed
	return s.result
}

// giveUp ends what is under way.
func (s *sender) giveUp() {
	s.cancel()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.ended:
	case <-timer.C:
	}
	s.finish()
}

// finish drops what is left, and has Close return. OnError may have ended the goroutine: then nobody sends any more.
func (s *sender) finish() {
	s.cancel()
	s.queue.end()
	s.queue.abandon()
	s.finished.Do(func() {
		s.result = s.lost(s.queue.droppedSinceEnd())
		close(s.closed)
	})
}
