package configserver

import (
	"fmt"
	"sync"
	"time"
)

// maxNonces is how many documents may come within a window: each is remembered.
const maxNonces = 10_000

// nonces remember what has come, so that it is taken once.
type nonces struct {
	window time.Duration

	mu    sync.Mutex
	seen  map[nonce]int64 // when it was sent, in milliseconds
	floor int64           // what was sent before may be forgotten already
}

// newNonces returns a memory that begins now: what was sent before may have come to one before it.
func newNonces(window time.Duration, now time.Time) *nonces {
	return &nonces{window: window, seen: map[nonce]int64{}, floor: now.UnixMilli()}
}

// admit remembers e, or returns why it is not taken.
func (s *nonces) admit(e envelope, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := time.UnixMilli(e.milli)
	switch off := now.Sub(sent); {
	case off > s.window:
		return fmt.Errorf("it has expired: it was sent at %s, and here it is %s, more than %v later", stamp(sent), stamp(now), s.window)
	case -off > s.window:
		return fmt.Errorf("it is from the future: it was sent at %s, and here it is %s, more than %v earlier", stamp(sent), stamp(now), s.window)
	case e.milli < s.floor:
		return fmt.Errorf("it was sent at %s, and what was sent before %s this server can't tell from a replay", stamp(sent), stamp(time.UnixMilli(s.floor)))
	}
	if _, ok := s.seen[e.nonce]; ok {
		return fmt.Errorf("it is a replay: its nonce %x has come before", e.nonce)
	}
	s.forget(now)
	if len(s.seen) >= maxNonces {
		return fmt.Errorf("%d documents have come within %v, and no more are taken", len(s.seen), s.window)
	}
	s.seen[e.nonce] = e.milli
	return nil
}

// forget forgets what has expired, and never takes again what was sent before, even if the
// clock is set back.
func (s *nonces) forget(now time.Time) {
	expired := now.Add(-s.window).UnixMilli()
	for n, sent := range s.seen {
		if sent < expired {
			delete(s.seen, n)
		}
	}
	s.floor = max(s.floor, expired)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
