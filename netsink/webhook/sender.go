package webhook

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/worker"
)

// A sender is what all Handlers derived from one share.
type sender struct {
	*worker.Worker
	o       Options
	url     *url.URL
	client  *http.Client
	queue   *queue
	secrets []string
	told    uint64 // dropped records that OnError knows of
}

func startSender(u *url.URL, o Options) *sender {
	s := &sender{o: o, url: u, client: newClient(o.Client), secrets: secrets(u, o.Header)}
	s.queue = newQueue(&s.o)
	s.Worker = worker.New("webhook: "+origin(u), s.queue, o.CloseTimeout, o.OnError)
	s.Go(s.run)
	return s
}

func (s *sender) put(text []byte) error { return s.queue.put(text) }

// run sends batches until the queue is closed and empty, or the context has ended.
func (s *sender) run() {
	for batch := s.queue.take(); batch != nil && s.Context().Err() == nil; batch = s.queue.take() {
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
	for attempt := 1; s.Context().Err() == nil; attempt++ {
		err := s.post(batch)
		s.queue.request(err == nil)
		if err == nil {
			s.queue.done(len(batch), true)
			return
		}
		s.Failed(err)
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
		s.Rest(wait)
		pause = min(2*pause, s.o.RetryMax)
	}
}

// tellDropped tells how many records were dropped since it last did.
func (s *sender) tellDropped() {
	if d, _ := s.queue.Dropped(); d > s.told {
		s.Tell(fmt.Errorf("%d records dropped", d-s.told))
		s.told = d
	}
}
