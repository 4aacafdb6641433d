package netsink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
	"github.com/slogsuite/slogsuite/netsink/internal/spool"
)

// A sender is what all Handlers derived from one share: the buffer, the connection, and the
// goroutine that sends. That one ends at close.
type sender struct {
	network, address string
	o                Options
	marker           *logrecord.Encoder
	spool            *spool.Spool
	report           reporter
	errFull          error // of put
	errClosed        error
	errDown          error // of refuse

	// The goroutine's.
	conn    *conn         // nil if there is none
	dialed  chan struct{} // closed when the last attempt has ended
	backoff backoff
	sent    uint64 // records
	rests   int    // since something was sent
	hurried bool   // close has cut a pause short

	ctx     context.Context // its end ends everything
	abort   context.CancelFunc
	closing chan struct{} // closed when nothing more comes
	ended   chan struct{} // closed when the goroutine has ended
	once    sync.Once
	result  error // of close, once ended

	markers, connects, unconfirmed, refused atomic.Uint64
	connected, down                         atomic.Bool // down: the last attempt has failed
}

func startSender(network, address string, o Options, e *logrecord.Encoder) *sender {
	s := &sender{
		network: network, address: address, o: o, marker: e, rests: maxRests,
		report:  reporter{fn: o.OnError},
		backoff: backoff{min: o.RetryMin, max: o.RetryMax, factor: o.RetryFactor},
		closing: make(chan struct{}), ended: make(chan struct{}),
	}
	s.errFull, s.errClosed, s.errDown = s.wrap(ErrFull), s.wrap(ErrClosed), s.wrap(ErrDown)
	s.spool = spool.New(o.BufferBytes, spool.Policy(o.Overflow), o.MaxWait, s.dropping)
	s.ctx, s.abort = context.WithCancel(context.Background())
	go s.run()
	return s
}

// String describes the sender, as in "Socket(tcp 127.0.0.1:9020)".
func (s *sender) String() string {
	kind := "Socket"
	if isDatagram(s.network) {
		kind = "Datagram"
	}
	return fmt.Sprintf("%s(%s %s)", kind, s.network, s.address)
}

// refuse returns the error for a record that is not to wait for a connection, nil if it may. The
// buffer is not empty then, so the goroutine goes on trying.
func (s *sender) refuse() error {
	if !s.o.FailDown || !s.down.Load() {
		return nil
	}
	s.refused.Add(1)
	return s.errDown
}

func (s *sender) put(p []byte, name string) error {
	switch s.spool.Put(p, name) {
	case nil:
		return nil
	case spool.ErrClosed:
		return s.errClosed
	}
	return s.errFull
}

func (s *sender) wrap(err error) error { return fmt.Errorf("netsink: %s: %w", s, err) }

func (s *sender) tell(err error) { s.report.add(s.wrap(err)) }

// dropping tells that records begin to be dropped.
func (s *sender) dropping() { s.tell(errors.New("the buffer is full, records are being dropped")) }

// run sends until close.
func (s *sender) run() {
	defer close(s.ended)
	for s.await() && s.connect() {
		s.send()
	}
	s.finish()
}

// await waits for something to send. It reports false at the end.
func (s *sender) await() bool {
	for !s.spool.Await(1) {
		if s.rests < maxRests && s.o.FlushInterval == 0 {
			s.rest()
			continue
		}
		select {
		case <-s.spool.Ready():
		case <-s.gone():
			s.lose(s.conn.known())
		case <-s.closing:
			return s.spool.Await(1)
		}
	}
	s.rests = 0
	return s.linger()
}

// gone returns what is closed when the connection is of no use any longer.
func (s *sender) gone() <-chan struct{} {
	if s.conn == nil {
		return nil
	}
	return s.conn.over
}

// To wake a goroutine costs the caller of Handle more than all the rest of it. So after something was
// sent the sender looks by itself whether there is more, for some time, and only then
// has itself woken.
const (
	oneRest  = time.Millisecond
	maxRests = 20
)

func (s *sender) rest() {
	s.rests++
	if s.spool.Await(s.o.BufferBytes / 4) {
		return
	}
	timer := time.NewTimer(oneRest)
	defer timer.Stop()
	select {
	case <-s.spool.Ready():
	case <-timer.C:
	case <-s.gone():
	case <-s.closing:
	}
}

// linger waits for more to send with what there is.
func (s *sender) linger() bool {
	if s.o.FlushInterval > 0 && !s.spool.Await(min(batchLen, s.o.BufferBytes/4)) {
		timer := time.NewTimer(s.o.FlushInterval)
		defer timer.Stop()
		select {
		case <-s.spool.Ready():
		case <-timer.C:
		case <-s.closing:
		}
	}
	return true
}

// batchLen is what is worth a write of its own.
const batchLen = 32 << 10

// connect makes a connection if there is none that is of use. It reports false at the end.
func (s *sender) connect() bool {
	for s.ctx.Err() == nil {
		if s.conn != nil {
			err := s.conn.check()
			if err == nil {
				return true
			}
			s.lose(err)
		}
		if !s.pause() {
			return false
		}
		c, err := s.dial(s.ctx)
		if err != nil {
			s.backoff.failed()
			s.down.Store(true)
			s.tell(err)
			continue
		}
		s.conn = newConn(s.ctx, c, isDatagram(s.network), &s.o)
		s.connects.Add(1)
		s.connected.Store(true)
		s.down.Store(false)
	}
	return false
}

// pause waits until the next connection may be tried. When nothing more comes, that
// is once at once.
func (s *sender) pause() bool {
	left := s.backoff.left()
	if left <= 0 {
		return true
	}
	closing := s.closing
	if s.hurried {
		closing = nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-closing:
		s.hurried = true
		s.backoff.pause = 0
	case <-s.ctx.Done():
		return false
	}
	return true
}

// send sends the oldest records.
func (s *sender) send() {
	gap, p := s.spool.Take()
	if gap.N > 0 {
		if !s.sendMarker(gap) {
			return
		}
	}
	if len(p) == 0 {
		return
	}
	if s.conn.datagram {
		s.sendDatagrams(p)
		return
	}
	n, err := s.conn.write(p, s.o.WriteTimeout)
	bytes, records := whole(p, n)
	s.count(bytes, records)
	if err != nil {
		s.spool.Untake()
		s.lose(err)
	}
}

// count notes that records were sent.
func (s *sender) count(bytes, records int) {
	first := s.sent + 1
	s.sent += uint64(records)
	s.spool.Done(bytes, records)
	if !s.conn.datagram { // of one nothing is ever known
		s.conn.window.add(bytes, first, s.sent)
	}
}

// sendMarker sends a record that tells that others are missing.
func (s *sender) sendMarker(gap spool.Gap) bool {
	p := s.markerFor(gap)
	if _, err := s.conn.write(p, s.o.WriteTimeout); err != nil {
		s.spool.Untake()
		s.lose(err)
		return false
	}
	s.spool.Told()
	s.markers.Add(1)
	s.tell(dropped(gap.N))
	return true
}

func dropped(n uint64) error { return fmt.Errorf("%d records dropped", n) }

func (s *sender) markerFor(gap spool.Gap) []byte {
	e := s.marker
	if gap.Name != "" {
		e = e.WithLoggerName(gap.Name)
	}
	r := slog.NewRecord(gap.At, slog.LevelWarn, dropped(gap.N).Error(), 0)
	p := e.Append(frame.Begin(nil), nil, &r)
	frame.End(p, 0)
	return p
}

// lose ends the connection, which is of no use any longer because of err, and tells what may be
// lost with it.
func (s *sender) lose(err error) {
	c := s.conn
	s.conn = nil
	s.connected.Store(false)
	confirmed := false
	if err == errEnding {
		confirmed = c.end(s.o.CloseTimeout)
	} else {
		c.close()
	}
	if confirmed && c.window.bytes > 0 {
		s.backoff.reset() // it was of use
	} else {
		s.backoff.ended(c.made)
	}
	if confirmed {
		return
	}
	if err == io.EOF {
		err = fmt.Errorf("the peer has closed it: %w", err)
	}
	if u := s.unconfirmedOf(c, err); u != nil {
		err = u
	}
	s.tell(err)
}

// unconfirmedOf counts what may be lost with c, and returns the error that tells it, nil if there is
// nothing.
func (s *sender) unconfirmedOf(c *conn, err error) error {
	first, last, n := c.window.records()
	if n == 0 {
		return nil
	}
	s.unconfirmed.Add(n)
	return &UnconfirmedError{First: first, Last: last, Err: err}
}

func (s *sender) flush() error {
	done, cancel := s.spool.Flush()
	defer cancel()
	timer := time.NewTimer(s.o.CloseTimeout)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("netsink: %s: flush: %d records were not sent within %v", s, s.spool.Counts().Queued, s.o.CloseTimeout)
	}
}

func (s *sender) close(ctx context.Context) error {
	first := false
	s.once.Do(func() {
		first = true
		s.spool.Close()
		close(s.closing)
	})
	if !first {
		return s.awaitClose(ctx)
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.o.CloseTimeout)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, s.abort)
	defer stop()
	<-s.ended
	return s.result
}

// awaitClose waits for the close that is under way.
func (s *sender) awaitClose(ctx context.Context) error {
	select {
	case <-s.ended:
		return s.result
	case <-ctx.Done():
		return fmt.Errorf("netsink: %s: close: another is under way: %w", s, ctx.Err())
	}
}

// finish ends the goroutine's work: all was sent, or there is no time left.
func (s *sender) finish() {
	s.down.Store(false) // it is closed, from now on
	var errs []error
	if n := s.spool.DropAll(); n > 0 {
		errs = append(errs, dropped(n))
	}
	if s.conn != nil {
		errs = append(errs, s.finishConn())
	}
	s.abort()
	if err := errors.Join(errs...); err != nil {
		s.result = fmt.Errorf("netsink: %s: close: %w", s, err)
		s.report.add(s.result)
	}
}

// untilAborted is a bound that the end of close's context comes before.
const untilAborted = 24 * time.Hour

func (s *sender) finishConn() error {
	c := s.conn
	s.conn = nil
	s.connected.Store(false)
	if c.end(untilAborted) {
		return nil
	}
	return s.unconfirmedOf(c, errors.New("closed by us"))
}

func (s *sender) stats() Stats {
	n := s.spool.Counts()
	return Stats{
		Records: n.Put, Sent: n.Sent, Dropped: n.Dropped, Queued: n.Queued, QueuedBytes: n.QueuedBytes,
		Unconfirmed: s.unconfirmed.Load(), Markers: s.markers.Load(), Refused: s.refused.Load(), Connects: s.connects.Load(),
		Errors: s.report.count.Load(), Connected: s.connected.Load(),
	}
}
