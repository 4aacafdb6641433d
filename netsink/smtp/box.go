package smtp

import (
	"strings"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// Stats tell what a Handler and all that share its mails have done. In is always Out + Dropped + Held.
type Stats struct {
	In      uint64 // records given to Handle
	Out     uint64 // that are in mails which the server has taken
	Dropped uint64 // that a mail had no room for, or whose mail was given up
	Held    uint64 // that wait to be sent
	Mails   uint64 // that the server has taken
	Failed  uint64 // attempts to send one that failed
	Refused uint64 // records that came after Close, in none of the above
}

// A digest is a mail in the making.
type digest struct {
	lines []string
	bytes int
	more  uint64 // records that there was no room for
	first time.Time
}

// A box holds the mail that is being filled and the one that is being sent.
type box struct {
	o *Options

	mu      sync.Mutex
	filling digest
	sending *digest
	begun   uint64 // mails, that being filled not included
	ended   uint64 // mails that are sent or given up
	urgent  bool   // the one being filled goes at once
	notBy   time.Time
	closed  bool
	lost    uint64        // what had been dropped when it was closed
	changed chan struct{} // closed and replaced when somebody waiting should look again
	counts  Stats
}

func newBox(o *Options) *box { return &box{o: o, changed: make(chan struct{})} }

// change wakes up who waits. The caller holds mu.
func (b *box) change() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// put adds a line to the mail, or counts it there.
func (b *box) put(line string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.counts.Refused++
		return netsink.ErrClosed
	}
	d := &b.filling
	if d.first.IsZero() {
		d.first = time.Now()
		b.change()
	}
	// A mail has one record at least, cut if need be.
	if room := b.o.MaxBytes - d.bytes; len(d.lines) == b.o.MaxRecords || len(line) > room && len(d.lines) > 0 {
		d.more++
		b.counts.Dropped++
		return nil
	} else if len(line) > room {
		line = strings.ToValidUTF8(line[:room], "") + "..."
	}
	d.lines = append(d.lines, line)
	d.bytes += len(line)
	return nil
}

// take waits for a mail that is due, and returns it; nil when the box is closed and empty.
func (b *box) take() *digest {
	for {
		d, changed, pause := b.due()
		if d != nil || changed == nil {
			return d
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
const forever = 365 * 24 * time.Hour

// due returns the mail if it is due, else what to wait for; nothing if there will be none.
func (b *box) due() (d *digest, changed chan struct{}, pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.filling.first.IsZero() {
		if b.closed {
			return nil, nil, 0
		}
		return nil, b.changed, forever
	}
	at := b.filling.first.Add(b.o.Interval)
	if b.notBy.After(at) {
		at = b.notBy
	}
	if left := time.Until(at); left > 0 && !b.urgent && !b.closed {
		return nil, b.changed, left
	}
	full := b.filling
	b.sending, b.filling, b.urgent = &full, digest{}, false
	b.begun++
	return b.sending, nil, 0
}

// done counts the mail that was being sent, unless Abandon has.
func (b *box) done(taken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sending == nil {
		return
	}
	b.count(b.sending, taken)
	b.sending = nil
	b.ended++
	b.notBy = time.Now().Add(b.o.Pause)
	b.change()
}

// count counts the records of a mail. The caller holds mu.
func (b *box) count(d *digest, taken bool) {
	if n := uint64(len(d.lines)); taken {
		b.counts.Out += n
		b.counts.Mails++
	} else {
		b.counts.Dropped += n
	}
}

// Abandon drops all there is.
func (b *box) Abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sending != nil {
		b.count(b.sending, false)
	}
	b.count(&b.filling, false)
	b.sending, b.filling = nil, digest{}
	b.ended = b.begun + 1
	b.change()
}

func (b *box) failed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counts.Failed++
}

// End has Handle refuse records, and reports whether it was the first to do so.
func (b *box) End() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.closed = true
	b.lost = b.counts.Dropped
	b.change()
	return true
}

// Dropped returns how many records were dropped, in all and since End.
func (b *box) Dropped() (all, sinceEnd uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts.Dropped, b.counts.Dropped - b.lost
}

// Ended reports whether Close has come, and what to wait for if not.
func (b *box) Ended() (bool, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed, b.changed
}

// Hurry has what is there be sent at once, and returns the number of the last mail with it.
func (b *box) Hurry() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.filling.first.IsZero() {
		return b.begun
	}
	b.urgent = true
	b.change()
	return b.begun + 1
}

// Passed reports whether the mail with this number is sent or given up, and what to
// wait for if not.
func (b *box) Passed(mail uint64) (bool, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended >= mail, b.changed
}

func (b *box) stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.counts
	s.Held = uint64(len(b.filling.lines))
	if b.sending != nil {
		s.Held += uint64(len(b.sending.lines))
	}
	s.In = s.Out + s.Dropped + s.Held // all are counted under the lock
	return s
}
