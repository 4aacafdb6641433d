package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxRefusals is how often a mail is sent that the server refuses for good: what
// is wrong may be put right in that time.
const maxRefusals = 3

// A sender is what all Handlers derived from one share.
type sender struct {
	address  string
	o        Options
	envelope envelope
	box      *box

	ctx    context.Context // of the sending
	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended

	trouble atomic.Pointer[error] // what the last mail failed with, as OnError is told

	finished sync.Once
	result   error         // of Close, once closed is
	closed   chan struct{} // when the goroutine is at its end, or Close does not wait for it any longer
}

func startSender(address string, o Options, e envelope) *sender {
	s := &sender{address: address, o: o, envelope: e, ended: make(chan struct{}), closed: make(chan struct{})}
	s.box = newBox(&s.o)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

// run sends mails until the box is closed and empty, or the context has ended.
func (s *sender) run() {
	defer s.finish()
	defer close(s.ended)
	for d := s.box.take(); d != nil && s.ctx.Err() == nil; d = s.box.take() {
		s.send(d)
	}
}

// send sends a mail until the server has taken it or refused it for good. If the context
// ends first it stays in the box.
func (s *sender) send(d *digest) {
	if d.more > 0 {
		s.tell(fmt.Errorf("%d records dropped: the mail is full", d.more))
	}
	message := s.message(d)
	pause, refusals := s.o.RetryMin, 0
	for s.ctx.Err() == nil {
		err := s.submit(message)
		if err == nil {
			s.box.done(true)
			return
		}
		s.box.failed()
		err = s.safe(err)
		s.trouble.Store(&err)
		s.tell(err)
		var reply *textproto.Error
		if errors.As(err, &reply) && reply.Code/100 == 5 {
			refusals++
		}
		if refusals == maxRefusals {
			s.tell(fmt.Errorf("%d records dropped: the server does not take the mail", len(d.lines)))
			s.box.done(false)
			return
		}
		s.rest(pause)
		pause = min(2*pause, s.o.RetryMax)
	}
}

// rest waits, but not beyond a Close that comes: then there is one more attempt at once.
func (s *sender) rest(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	before, changed := s.box.isClosed()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-timer.C:
			return
		case <-changed:
		}
		var closed bool
		if closed, changed = s.box.isClosed(); closed && !before {
			return
		}
	}
}

// tell tells OnError. A panic in it must not end the program.
func (s *sender) tell(err error) {
	if s.o.OnError == nil {
		return
	}
	defer func() { _ = recover() }()
	s.o.OnError(fmt.Errorf("smtp: %s: %w", s.address, err))
}

// safe returns err, if that does not name the password.
func (s *sender) safe(err error) error {
	if s.o.Password != "" && strings.Contains(err.Error(), s.o.Password) {
		return errors.New("the mail can't be sent, with an error that names the password")
	}
	return err
}

func (s *sender) flush() error {
	mail := s.box.hurry()
	timer := time.NewTimer(s.o.CloseTimeout)
	defer timer.Stop()
	for {
		passed, changed := s.box.passed(mail)
		if passed {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return fmt.Errorf("smtp: %s: the mail was not sent within %v", s.address, s.o.CloseTimeout)
		}
	}
}

// grace is how long Close waits for the goroutine when its context has ended: enough for
// that to count what it was at. It may be in OnError, or in a connection that hears of no
// context, and then goes on without Close.
const grace = 100 * time.Millisecond

// close ends the goroutine.
func (s *sender) close(ctx context.Context) error {
	if !s.box.end() {
		select {
		case <-s.closed:
			return s.result
		default:
		}
		select {
		case <-s.closed:
			return s.result
		case <-ctx.Done():
			return fmt.Errorf("smtp: %s: Close has not ended: %w", s.address, context.Cause(ctx))
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
	s.box.end()
	s.box.abandon()
	s.finished.Do(func() {
		s.result = s.lost(s.box.droppedSinceEnd())
		close(s.closed)
	})
}

// lost returns an error if n records, which is not 0, were dropped, with what the last mail failed with.
func (s *sender) lost(n uint64) error {
	trouble := s.trouble.Load()
	switch {
	case n == 0:
		return nil
	case trouble == nil:
		return fmt.Errorf("smtp: %s: %d records dropped", s.address, n)
	}
	return fmt.Errorf("smtp: %s: %d records dropped: %w", s.address, n, *trouble)
}
