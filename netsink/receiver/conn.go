package receiver

import (
	"bytes"
	"cmp"
	"container/list"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// quiet is how long a peer may say nothing, once Serve is to end, before its connection
// is closed. Python's never close theirs.
const quiet = 200 * time.Millisecond

// resend is how long it takes at least since a peer has said something: what TCP has lost on the way comes again
// after 200 milliseconds or 600, and a peer's machine may be busy.
const resend = time.Second

// A conn is a connection. Its goroutine, run, ends with it; drain and evict are called from
// others.
type conn struct {
	feed
	serving *serving
	nc      net.Conn
	raw     net.Conn // nc, or what TLS runs over
	frames  *frame.Reader
	offset  int64     // of the frame that comes next
	began   time.Time // when the frame that comes next was there in part; zero if it is not
	spoken  bool      // a record has come

	alive  context.Context // until it is evicted or closed
	cancel context.CancelFunc
	out    atomic.Bool   // evicted
	heard  atomic.Int64  // when something has come, in nanoseconds since 1970
	place  *list.Element // among the silent; guarded by state.mu

	mu     sync.Mutex // guards when a Read ends
	shakes bool       // the handshake is not over
	part   bool       // a frame is there in part
	limit  time.Time  // of the Read, zero for none
	until  time.Time  // of draining, zero if it has not begun
	known  bool       // the first frame has come
	marked bool       // it had the mark, so the peer wants to be told
	told   bool       // that the end comes
}

func newConn(v *serving, nc net.Conn) *conn {
	keepAlive(nc)
	c := &conn{serving: v, nc: nc, raw: nc}
	c.feed = feed{state: v.state, ctx: v.ctx, decoder: v.newDecoder(), peer: peerName(nc)}
	if v.tls != nil {
		c.nc = tls.Server(nc, v.tls)
		c.shakes = true
	}
	c.alive, c.cancel = context.WithCancel(v.ctx)
	c.frames = frame.NewReader(c, v.maxFrame)
	c.frames.UseBudget(c)
	return c
}

// keepAlive has the system notice that a peer's machine is gone.
func keepAlive(nc net.Conn) {
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true}) // else the connection fails at once
	}
}

// peerName returns what tells the peer from others. Those of unix sockets have no names.
func peerName(nc net.Conn) string {
	name := ""
	if a := nc.RemoteAddr(); a != nil {
		name = a.String()
	}
	if a := nc.LocalAddr(); (name == "" || name == "@") && a != nil {
		name = "of " + a.String()
	}
	return cmp.Or(name, "unknown")
}

// run serves the connection.
func (c *conn) run() {
	defer c.serving.end(c)
	defer c.close()
	defer func() {
		if v := recover(); v != nil { // a mistake of ours
			c.tell(panicked(v))
		}
	}()
	if c.handshake() {
		c.receive()
	}
}

func (c *conn) close() {
	c.frames.Release()
	c.nc.Close()
	c.cancel()
}

// tell tells that the connection is closed, and why.
func (c *conn) tell(why error) {
	c.report.tell(&Error{Peer: c.peer, Offset: c.offset, Err: why})
}

// handshake does that of TLS.
func (c *conn) handshake() bool {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(c.alive, c.settings.handshake)
	defer cancel()
	err := t.HandshakeContext(ctx)
	if draining := c.shaken(); err == nil || draining {
		return err == nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		c.timeouts.Add(1)
	}
	c.report.tell(&Error{Peer: c.peer, Offset: -1, Err: fmt.Errorf("TLS handshake: %w", err)})
	return false
}

// shaken notes that the handshake is over, and reports whether draining has begun.
func (c *conn) shaken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shakes = false
	return !c.until.IsZero()
}

// receive takes frames until the connection ends.
func (c *conn) receive() {
	for {
		p, err := c.frames.Next()
		if err != nil && c.isIdle(err) {
			continue
		}
		if err != nil {
			c.ended(err)
			return
		}
		c.began = time.Time{}
		if !c.spoken {
			c.know(p)
		}
		if err := c.take(p); err != nil {
			c.tell(err)
			return
		}
		c.offset += int64(frame.HeaderLen + len(p))
		if !c.spoken {
			c.spoken = true
			c.spoke(c)
		}
	}
}

// isIdle reports whether nothing has come for IdleTimeout. Then it tells so, and the
// peer, and what that has sent meanwhile can still be read.
func (c *conn) isIdle(err error) bool {
	if !isTimeout(err) || c.frames.Buffered() > 0 || !c.draining().IsZero() {
		return false
	}
	c.timeouts.Add(1)
	c.tell(fmt.Errorf("no record came within %v", c.settings.idle))
	c.drain(time.Now().Add(c.settings.drain))
	return true
}

// ended tells why the connection ended, if it did not end well.
func (c *conn) ended(err error) {
	part := c.frames.Buffered() > 0
	tooLong := (*frame.TooLongError)(nil)
	switch {
	case err == io.EOF:
		if c.marked && !c.draining().IsZero() {
			c.say(frame.Ended)
		}
		return
	case errors.As(err, &tooLong), err == frame.ErrShortHeader, err == frame.ErrShortBody:
		c.tally.refused.Add(1)
	case c.out.Load():
		err = errors.New("closed to make room for another connection, as no record had come yet")
	case !c.draining().IsZero() && isTimeout(err):
		if err = c.drained(part); err == nil {
			return
		}
	case isTimeout(err):
		c.timeouts.Add(1)
		c.tally.refused.Add(1)
		err = fmt.Errorf("the rest of a frame did not come within %v", c.settings.frame)
	case part:
		c.tally.refused.Add(1)
	}
	c.tell(err)
}

// drained returns what was lost at the end of draining, if anything.
func (c *conn) drained(part bool) error {
	switch {
	case part:
		c.tally.refused.Add(1)
		return errors.New("the connection was to end, and the rest of a frame did not come")
	case time.Now().Before(c.draining()):
		return nil
	}
	return fmt.Errorf("the connection was to end, and the peer had not closed after %v: what it has sent since is lost", c.settings.drain)
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}

// Read is for the frame.Reader: it reads what comes in time.
func (c *conn) Read(p []byte) (int, error) {
	if err := c.arm(); err != nil && !errors.Is(err, io.ErrClosedPipe) { // a pipe whose other end is closed says so here
		return 0, err
	}
	n, err := c.nc.Read(p)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// arm sets when the next Read ends if nothing comes.
func (c *conn) arm() error {
	limit, part := time.Time{}, c.frames.Buffered() > 0
	switch {
	case part:
		if c.began.IsZero() {
			c.began = time.Now()
		}
		limit = c.began.Add(c.settings.frame)
	case c.settings.idle > 0:
		limit = time.Now().Add(c.settings.idle)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if limit.IsZero() && c.limit.IsZero() && c.until.IsZero() {
		return nil
	}
	c.part, c.limit = part, limit
	return c.nc.SetReadDeadline(c.sooner())
}

// sooner returns limit, or what draining makes of it. The caller holds mu.
func (c *conn) sooner() time.Time {
	if c.until.IsZero() {
		return c.limit
	}
	until := c.until
	calm := time.Now().Add(quiet)
	if again := time.Unix(0, c.heard.Load()).Add(resend); again.After(calm) {
		calm = again
	}
	if !c.part && calm.Before(until) {
		until = calm
	}
	if !c.limit.IsZero() && c.limit.Before(until) {
		return c.limit
	}
	return until
}

// draining returns when draining is over, zero if it has not begun.
func (c *conn) draining() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until
}

// lateHandshake is how long a handshake may still take when draining begins. The client's side of one of TLS 1.3 is over before
// ours, and records follow at once.
const lateHandshake = time.Second

// drain has the connection end, and tells the peer.
func (c *conn) drain(until time.Time) {
	c.mu.Lock()
	if c.until.IsZero() || until.Before(c.until) {
		c.until = until
	}
	if c.shakes {
		late := time.Now().Add(lateHandshake)
		if c.until.Before(late) {
			late = c.until
		}
		_ = c.raw.SetReadDeadline(late) // else the Read fails of itself
		c.mu.Unlock()
		return
	}
	_ = c.nc.SetReadDeadline(c.sooner()) // as above
	c.mu.Unlock()
	c.tellEnding()
}

// know looks whether the first frame has the mark. How to tell the peer of the end is not known before.
func (c *conn) know(p []byte) {
	c.mu.Lock()
	c.known, c.marked = true, bytes.HasSuffix(p, []byte(frame.Mark))
	c.mu.Unlock()
	c.tellEnding()
}

// tellEnding tells the peer once that what it sends from now on may not be read, if that is so.
func (c *conn) tellEnding() {
	c.mu.Lock()
	due, marked := c.known && !c.until.IsZero() && !c.told, c.marked
	c.told = c.told || due
	c.mu.Unlock()
	switch {
	case !due:
		return
	case marked:
		c.say(frame.Ending)
		return
	}
	if w, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite() // else the peer is gone
	}
}

// sayWithin bounds how long a peer that never reads may hold up the end.
const sayWithin = 100 * time.Millisecond

// say sends a byte. If it does not go, the peer takes what it has sent for unconfirmed.
func (c *conn) say(what byte) {
	_ = c.nc.SetWriteDeadline(time.Now().Add(sayWithin))
	_, _ = c.nc.Write([]byte{what})
}

// evict ends the connection at once.
func (c *conn) evict() {
	c.out.Store(true)
	c.cancel()
	c.raw.Close()
}

// Take waits until a long frame may be read. It is for the frame.Reader.
func (c *conn) Take(n int64) error {
	if err := c.inFlight.Acquire(c.alive, min(n, c.maxInFlight)); err != nil {
		return err
	}
	c.began = time.Now() // the peer had to wait for us
	return nil
}

// Give ends what Take began.
func (c *conn) Give(n int64) { c.inFlight.Release(min(n, c.maxInFlight)) }
