package netsink

import (
	"math/rand/v2"
	"time"
)

// jitter is the part of a pause that chance may take off.
const jitter = 0.2

// A backoff is the pauses between connections that fail.
type backoff struct {
	min, max time.Duration
	factor   float64
	pause    time.Duration // the last one, without jitter; 0 if nothing has failed
	until    time.Time     // when it ends
}

// failed begins a pause, longer than the one before.
func (b *backoff) failed() {
	next := float64(b.pause) * b.factor
	b.pause = b.max
	if next < float64(b.max) {
		b.pause = max(b.min, time.Duration(next))
	}
	b.until = time.Now().Add(b.pause - time.Duration(rand.Float64()*jitter*float64(b.pause)))
}

// ended begins a pause if a connection that has broken had not lived as long as the pause
// before it: a peer that takes connections only to close them must not be stormed.
func (b *backoff) ended(made time.Time) {
	if time.Since(made) >= max(b.min, b.pause) {
		b.reset()
		return
	}
	b.failed()
}

// reset forgets the failures.
func (b *backoff) reset() { b.pause = 0 }

// left is how long the pause still takes.
func (b *backoff) left() time.Duration {
	if b.pause == 0 {
		return 0
	}
	return time.Until(b.until)
}
