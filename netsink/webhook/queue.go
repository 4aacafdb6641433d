package webhook

import (
	"fmt"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// Stats tell what a Handler and all that share its buffer have done. In is always Out + Dropped +
// Held.
type Stats struct {
	In      uint64 // records that Handle took or dropped
	Out     uint64 // that the server has taken
	Dropped uint64 // for want of room, refused by the server, given up, or left when Close ran out of time
	Held    uint64 // in the buffer, or being sent
	Bytes   int    // their text's length
	Batches uint64 // requests that the server has taken
	Failed  uint64 // requests that failed or were refused
	Refused uint64 // records that came after Close, in none of the above
}

// A line is a record's text.
type line struct {
	text []byte
	seq  uint64 // from 1, in the order in which they came
	at   time.Time
}

// A queue holds lines until the server has taken them.
type queue struct {
	o *Options

	mu      sync.Mutex
	waiting []line // oldest first
	sending []line // older than those
	bytes   int    // of both
	seq     uint64
	urgent  uint64 // lines up to this number do not wait for others
	closed  bool
	lost    uint64        // what had been dropped when it was closed
	dry     time.Time     // when there last ceased to be room; zero if there is
	changed chan struct{} // closed and replaced when somebody waiting should look again
	counts  Stats
}

func newQueue(o *Options) *queue { return &queue{o: o, changed: make(chan struct{})} }

// change wakes up who waits. The caller holds mu.
func (q *queue) change() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// put appends a line, or drops one.
func (q *queue) put(text []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		q.counts.Refused++
		return netsink.ErrClosed
	}
	if len(text) > q.o.BufferBytes {
		q.counts.Dropped++
		return fmt.Errorf("a record of %d bytes is larger than the buffer: %w", len(text), netsink.ErrFull)
	}
	if !q.makeRoom(len(text)) {
		q.counts.Dropped++
		if q.closed {
			return netsink.ErrClosed
		}
		return netsink.ErrFull
	}
	q.seq++
	q.waiting = append(q.waiting, line{text, q.seq, time.Now()})
	q.bytes += len(text)
	if len(q.waiting) == 1 || q.full() {
		q.change()
	}
	return nil
}

// full reports whether a batch is. The caller holds mu.
func (q *queue) full() bool {
	return len(q.waiting) >= q.o.BatchRecords || q.bytes >= q.o.BatchBytes
}

// makeRoom reports whether there is room for n bytes more, after waiting or dropping if that
// is what is wanted. The caller holds mu.
func (q *queue) makeRoom(n int) bool {
	for q.bytes+n > q.o.BufferBytes && !q.closed {
		switch q.o.Overflow {
		case netsink.DropNew:
			return false
		case netsink.DropOld:
			if size(q.sending)+n > q.o.BufferBytes {
				return false // dropping would be in vain
			}
			q.drop(q.waiting[:1])
			q.waiting[0] = line{} // lets go of its text
			q.waiting = q.waiting[1:]
		default:
			if !q.wait() {
				return false
			}
		}
	}
	q.dry = time.Time{}
	return !q.closed
}

func size(lines []line) (bytes int) {
	for _, l := range lines {
		bytes += len(l.text)
	}
	return bytes
}

// wait waits for a change, and reports whether time is left. The caller holds mu,
// which is free meanwhile.
func (q *queue) wait() bool {
	if q.dry.IsZero() {
		q.dry = time.Now()
	}
	left := time.Until(q.dry.Add(q.o.MaxWait))
	if left <= 0 {
		return false
	}
	changed := q.changed
	q.mu.Unlock()
	timer := time.NewTimer(left)
	select {
	case <-changed:
	case <-timer.C:
	}
	timer.Stop()
	q.mu.Lock()
	return true
}

// drop counts lines as dropped. The caller holds mu.
func (q *queue) drop(lines []line) {
	q.counts.Dropped += uint64(len(lines))
	q.bytes -= size(lines)
}

// take waits for a batch that is due, and returns it; nil when the queue is closed and empty.
func (q *queue) take() []line {
	for {
		batch, changed, pause := q.due()
		if batch != nil || changed == nil {
			return batch
		}
		timer := time.NewTimer(pause)
		select {
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// forever is longer than any interval.
const forever = time.Hour * 24 * 365

// due returns a batch if one is due, else what to wait for; nothing if there will be none.
func (q *queue) due() (batch []line, changed chan struct{}, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		if q.closed {
			return nil, nil, 0
		}
		return nil, q.changed, forever
	}
	left := time.Until(q.waiting[0].at.Add(q.o.Interval))
	if left > 0 && !q.closed && !q.full() && q.waiting[0].seq > q.urgent {
		return nil, q.changed, left
	}
	n, size := 0, 0
	for n < len(q.waiting) && n < q.o.BatchRecords && (n == 0 || size+len(q.waiting[n].text) <= q.o.BatchBytes) {
		size += len(q.waiting[n].text)
		n++
	}
	q.sending = append([]line(nil), q.waiting[:n]...)
	clear(q.waiting[:n])
	if q.waiting = q.waiting[n:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	return q.sending, nil, 0
}

// done counts n lines, the first that are being sent, as taken or dropped, unless Abandon
// has.
func (q *queue) done(n int, taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = min(n, len(q.sending))
	if !taken {
		q.drop(q.sending[:n])
	} else {
		q.counts.Out += uint64(n)
		q.bytes -= size(q.sending[:n])
	}
	q.sending = q.sending[n:]
	q.change()
}

// Abandon drops all there is.
func (q *queue) Abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.drop(q.sending)
	q.drop(q.waiting)
	q.sending, q.waiting = nil, nil
	q.change()
}

// request counts a request.
func (q *queue) request(taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if taken {
		q.counts.Batches++
	} else {
		q.counts.Failed++
	}
}

// End has Handle refuse records, and reports whether it was the first to do so.
func (q *queue) End() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	q.lost = q.counts.Dropped
	q.change()
	return true
}

// Dropped returns how many records were dropped, in all and since End.
func (q *queue) Dropped() (all, sinceEnd uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.counts.Dropped, q.counts.Dropped - q.lost
}

// Ended reports whether Close has come, and what to wait for if not.
func (q *queue) Ended() (bool, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed, q.changed
}

// Hurry has what is there now be sent at once, and returns the number of the newest line.
func (q *queue) Hurry() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.urgent = q.seq
	q.change()
	return q.seq
}

// Passed reports whether no line up to number seq is held, and what to wait for if one is.
func (q *queue) Passed(seq uint64) (bool, <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	oldest := q.seq + 1
	if len(q.waiting) > 0 {
		oldest = q.waiting[0].seq
	}
	if len(q.sending) > 0 {
		oldest = q.sending[0].seq
	}
	return oldest > seq, q.changed
}

func (q *queue) stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.counts
	s.Held = uint64(len(q.waiting) + len(q.sending))
	s.Bytes = q.bytes
	s.In = s.Out + s.Dropped + s.Held // all are counted under the lock
	return s
}
