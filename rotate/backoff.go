package rotate

import "time"

const (
	firstPause = 100 * time.Millisecond // after a failure
	lastPause  = 10 * time.Second
	firstBusy  = 100 * time.Millisecond // after another process was at work
	lastBusy   = 5 * time.Second
)

// A backoff says when to try again what has failed. The zero value is at once.
type backoff struct {
	from  time.Time
	pause time.Duration
}

// holds reports whether it is too early. A clock that was set back does not make
// the wait longer.
func (b *backoff) holds(now time.Time) bool {
	passed := now.Sub(b.from)
	return b.pause > 0 && passed >= 0 && passed < b.pause
}

// failed notes a failure.
func (b *backoff) failed(now time.Time) {
	b.from, b.pause = now, min(max(2*b.pause, firstPause), lastPause)
}

// busy notes that another process was at work.
func (b *backoff) busy(now time.Time) {
	b.from, b.pause = now, min(max(2*b.pause, firstBusy), lastBusy)
}

// reset forgets the failures.
func (b *backoff) reset() { b.pause = 0 }
