package configserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Why a connection is cut.
var (
	errEnding  = errors.New("the server is ending")
	errCrowded = errors.New("there were too many connections, and it was the oldest that was still sending")
)

// After its last word a server reads on for a moment: to close a connection with something unread
// in it resets it, and the peer loses what it was sent.
const (
	lingerTime = time.Second
	lingerMax  = 16 << 20 // bytes
)

// One that is cut may have sent all by then: it is read for so long.
const (
	endTime   = 200 * time.Millisecond // when Serve ends, and for each where there is a crowd, from its beginning
	crowdTime = 10 * time.Millisecond
)

// A conn is a connection with one document.
type conn struct {
	*server
	nc    net.Conn // with TLS, where there is
	raw   net.Conn
	peer  string
	since time.Time

	mu      sync.Mutex
	reading bool      // else it is waiting for its turn, applied, or answered
	reason  error     // why it was cut
	until   time.Time // when reading ends at the latest, once it was cut
}

func newConn(s *server, nc net.Conn) *conn {
	c := &conn{server: s, nc: nc, raw: nc, since: time.Now(), reading: true}
	if s.TLS != nil {
		c.nc = tls.Server(nc, s.TLS)
	}
	return c
}

// cut has the connection end soon, unless its document is being applied. It returns whether
// it ends.
func (c *conn) cut(reason error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil {
		return true
	}
	if !c.reading && reason == errCrowded {
		return false
	}
	c.reason = reason
	c.limit(reason)
	if c.reading {
		_ = c.raw.SetReadDeadline(c.until) // if it has none, the peer's end of the connection is its end
	}
	return true
}

// limit bounds what is read after a cut. The caller holds mu.
func (c *conn) limit(reason error) {
	c.until = time.Now().Add(endTime)
	if reason == errCrowded {
		c.until = time.Now().Add(max(crowdTime, endTime-time.Since(c.since)))
	}
}

// readUntil bounds reads.
func (c *conn) readUntil(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason != nil && c.until.Before(t) {
		t = c.until
	}
	_ = c.raw.SetReadDeadline(t) // as above
}

// received notes that nothing more is read, and returns why the connection was cut. Who has sent a whole
// document in time is not one too many.
func (c *conn) received(whole bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = false
	if whole && c.reason == errCrowded {
		c.reason = nil
		c.changed() // another has to go
	}
	return c.reason
}

// run takes the document, applies it and answers.
func (c *conn) run(applying context.Context) {
	defer c.raw.Close()
	ctx, cancel := context.WithDeadline(applying, c.since.Add(c.Timeout))
	defer cancel()
	r, ok := c.serve(ctx)
	if ok {
		c.reply(r)
		c.linger()
	}
}

// serve returns the reply, or false if nobody has said anything.
func (c *conn) serve(ctx context.Context) (r Reply, ok bool) {
	frame, err := c.receive(ctx)
	if errors.Is(err, errNothing) {
		return r, false
	}
	if err != nil {
		return c.refuse(nil, err), true
	}
	document, err := c.open(frame)
	if err == nil {
		r, err = c.take(ctx, document)
	}
	if err != nil {
		r = c.refuse(frame, err)
		c.tellProgram(r)
	}
	return r, true
}

// receive returns what the peer has sent, once all of it is there.
func (c *conn) receive(ctx context.Context) (frame []byte, err error) {
	if c.peer, err = c.guard.peer(c.raw); err != nil {
		return nil, err
	}
	header, last := c.since.Add(min(c.HeaderTimeout, c.Timeout)), c.since.Add(c.Timeout)
	c.readUntil(header)
	_ = c.raw.SetWriteDeadline(header) // of the handshake; if it has none, the peer's end is its end
	if err = c.handshake(ctx); err == nil {
		frame, err = frameReader{r: c.nc, max: c.MaxBytes, deadline: c.readUntil, header: header, body: c.BodyTimeout, last: last}.read()
	}
	reason := c.received(err == nil)
	switch {
	case err == nil || errors.Is(err, errNothing):
		if err == nil {
			err = reason
		}
		return frame, err
	case reason != nil:
		return nil, fmt.Errorf("%w: %w", reason, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fmt.Errorf("it took too long: %w", err)
	}
	return nil, err
}

// handshake has the peer prove who it is, where it has to.
func (c *conn) handshake(ctx context.Context) error {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return nil
	}
	if err := t.HandshakeContext(ctx); err != nil {
		return err
	}
	subject, err := c.guard.proved(t.ConnectionState())
	if subject != "" {
		c.peer += fmt.Sprintf(" (%s)", subject)
	}
	return err
}

// take applies a document, when its turn is, and tells everybody but the peer.
func (c *conn) take(ctx context.Context, document []byte) (Reply, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return Reply{}, errors.New("its turn did not come in time")
	}
	defer func() { <-c.turn }()
	if err := c.ending(); err != nil {
		return Reply{}, err
	}
	r := safely(func() Reply { return c.apply(ctx, document) })
	switch {
	case r.Unknown:
		c.audit.unknown(c.peer, document, r)
	case !r.Applied:
		return r, r.Err()
	default:
		c.audit.applied(c.peer, document, r)
	}
	c.tellProgram(r)
	return r, nil
}

// ending returns why nothing is to be applied any more.
func (c *conn) ending() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

// open returns the document in a frame, if its sender may send it.
func (c *conn) open(frame []byte) ([]byte, error) {
	document := frame
	if c.HMAC != nil {
		e, err := c.HMAC.open(frame)
		if err == nil {
			err = c.nonces.admit(e, c.now())
		}
		if err != nil {
			return nil, err
		}
		document = e.document
	}
	return verify(c.Verify, document)
}

// refuse has the audit tell why nothing was changed, and returns the reply that says so.
func (c *conn) refuse(frame []byte, err error) Reply {
	c.audit.refused(c.peer, frame, err)
	return refusal(err)
}

// tellProgram calls OnDocument.
func (c *conn) tellProgram(r Reply) {
	if c.OnDocument == nil {
		return
	}
	c.telling.Lock()
	defer c.telling.Unlock()
	defer func() {
		if p := recover(); p != nil {
			c.audit.trouble(fmt.Errorf("configserver: Options.OnDocument: panic: %v", p))
		}
	}()
	c.OnDocument(r)
}

// reply sends a reply to whoever reads it. Python's client has closed by then, and that is no
// error: the audit tells what was done.
func (c *conn) reply(r Reply) {
	if t, ok := c.nc.(*tls.Conn); ok && !t.ConnectionState().HandshakeComplete {
		return // it would begin another
	}
	_ = c.raw.SetWriteDeadline(time.Now().Add(lingerTime)) // as above
	_, _ = c.nc.Write(r.line())
}

// linger says that nothing more is sent, and reads until the peer closes, but not long.
func (c *conn) linger() {
	if w, ok := c.nc.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite() // it may be closed already
	}
	if w, ok := c.raw.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
	}
	c.lingers()
	c.readUntil(time.Now().Add(lingerTime))
	_, _ = io.CopyN(io.Discard, c.raw, lingerMax)
}

// lingers notes that c reads again, and may be cut.
func (c *conn) lingers() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = true
	if c.reason != nil {
		c.limit(c.reason)
	}
}
