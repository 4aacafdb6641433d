package smtp

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/slogsuite/slogsuite/netsink/internal/worker"
)

// maxRefusals is how often a mail is sent that the server refuses for good: what
// is wrong may be put right in that time.
const maxRefusals = 3

// A sender is what all Handlers derived from one share.
type sender struct {
	*worker.Worker
	address  string
	o        Options
	envelope envelope
	box      *box
}

func startSender(address string, o Options, e envelope) *sender {
	s := &sender{address: address, o: o, envelope: e}
	s.box = newBox(&s.o)
	s.Worker = worker.New("smtp: "+address, s.box, o.CloseTimeout, o.OnError)
	s.Go(s.run)
	return s
}

// run sends mails until the box is closed and empty, or the context has ended.
func (s *sender) run() {
	for d := s.box.take(); d != nil && s.Context().Err() == nil; d = s.box.take() {
		s.send(d)
	}
}

// send sends a mail until the server has taken it or refused it for good. If the context
// ends first it stays in the box.
func (s *sender) send(d *digest) {
	if d.more > 0 {
		s.Tell(fmt.Errorf("%d records dropped: the mail is full", d.more))
	}
	message := s.message(d)
	pause, refusals := s.o.RetryMin, 0
	for s.Context().Err() == nil {
		err := s.submit(message)
		if err == nil {
			s.box.done(true)
			return
		}
		s.box.failed()
		s.Failed(s.safe(err))
		var reply *textproto.Error
		if errors.As(err, &reply) && reply.Code/100 == 5 {
			refusals++
		}
		if refusals == maxRefusals {
			s.Tell(fmt.Errorf("%d records dropped: the server does not take the mail", len(d.lines)))
			s.box.done(false)
			return
		}
		s.Rest(pause)
		pause = min(2*pause, s.o.RetryMax)
	}
}

// safe returns err, if that does not name the password.
func (s *sender) safe(err error) error {
	if s.o.Password != "" && strings.Contains(err.Error(), s.o.Password) {
		return errors.New("the mail can't be sent, with an error that names the password")
	}
	return err
}
