package netsink

import (
	"errors"
	"io"
	"time"
)

// probe is a frame with nothing in it. It is sent to a peer that has closed its side: one that still
// reads takes it, and from a host where nobody reads any longer comes a reset. The end of the
// stream alone would not tell: the kernel of a dead process takes that as well.
var probe = make([]byte, 4)

// end ends the connection, after whole frames, and reports whether the peer has
// read all of them, as far as that can be known. It takes no longer than bound.
//
// If we are first, the peer reads to the end of what we sent, and closes. If the peer is
// first, it is one that is about to end and reads what has been sent, until we close; or it
// has closed altogether.
func (c *conn) end(bound time.Duration) (confirmed bool) {
	defer c.close()
	if c.gone == nil {
		return c.datagram
	}
	deadline := time.Now().Add(bound)
	_ = c.SetWriteDeadline(deadline)
	select {
	case <-c.gone:
		return c.err == io.EOF && c.endSecond(deadline)
	default:
		return c.endFirst(bound)
	}
}

func (c *conn) endFirst(bound time.Duration) bool {
	if closeWrite(c.Conn) != nil {
		return false
	}
	err := c.waitGone(bound)
	// Some peers close what is under TLS only.
	return err == io.EOF || c.isTLS() && err == io.ErrUnexpectedEOF
}

func (c *conn) endSecond(deadline time.Time) bool {
	if c.raw == nil {
		return false
	}
	if c.isTLS() {
		return closeWrite(c.Conn) == nil && c.underEnds(deadline) && c.drains(deadline)
	}
	if _, err := c.Conn.Write(probe); err != nil {
		return false
	}
	return closeWrite(c.Conn) == nil && c.drains(deadline)
}

// underEnds waits for the peer to close what is under TLS. It does that when it has read
// the end of ours, or it did before; then what drains waits for does not come.
func (c *conn) underEnds(deadline time.Time) bool {
	_ = c.under.SetReadDeadline(deadline)
	_, err := c.under.Read(make([]byte, 1))
	return err == io.EOF
}

// drains waits until the peer's system, and with a socket of unix the peer, has taken all.
func (c *conn) drains(deadline time.Time) bool {
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 20*time.Millisecond) {
		n, err := unsent(c.raw)
		if err != nil || n == 0 {
			return err == nil
		}
		if !time.Now().Add(pause).Before(deadline) {
			return false
		}
		time.Sleep(pause)
	}
}

func closeWrite(c any) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return errors.ErrUnsupported
}
