package netsink

import (
	"errors"
	"io"
	"net"
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
		return c.err == io.EOF && c.endSecond(deadline) == nil
	default:
		err := c.endFirst(deadline)
		return err == nil || err == errors.ErrUnsupported // then the peer's end is all that tells
	}
}

// errInDoubt is why it is not known whether all was read.
var errInDoubt = errors.New("in doubt")

// endFirst returns nil if all was read.
func (c *conn) endFirst(deadline time.Time) error {
	if err := closeWrite(c.Conn); err != nil {
		return err
	}
	switch err := c.waitGone(time.Until(deadline)); {
	case c.isTLS() && err == io.ErrUnexpectedEOF: // some peers close what is under TLS only
		return c.drains(deadline)
	case err != io.EOF:
		return errInDoubt
	}
	return c.drainsUnder(deadline)
}

// endSecond returns nil if all was read.
func (c *conn) endSecond(deadline time.Time) error {
	if !c.isTLS() {
		if _, err := c.Conn.Write(probe); err != nil {
			return err
		}
	}
	if err := closeWrite(c.Conn); err != nil {
		return err
	}
	return c.drainsUnder(deadline)
}

// drainsUnder is drains, after the end of what is under TLS, if there is TLS.
func (c *conn) drainsUnder(deadline time.Time) error {
	if c.isTLS() {
		if err := c.underEnds(deadline); err != nil {
			return err
		}
	}
	return c.drains(deadline)
}

// underEnds waits for the peer to close what is under TLS. It does that when it has read
// the end of ours, or it did before; then what drains waits for does not come.
func (c *conn) underEnds(deadline time.Time) error {
	_ = c.under.SetReadDeadline(deadline)
	if _, err := c.under.Read(make([]byte, 1)); err != io.EOF {
		return errInDoubt
	}
	return nil
}

// drains waits until the peer's system, and with a socket of unix the peer, has taken all.
func (c *conn) drains(deadline time.Time) error {
	if c.raw == nil {
		return errors.ErrUnsupported
	}
	for pause := 100 * time.Microsecond; ; pause = min(2*pause, 20*time.Millisecond) {
		n, err := unsent(c.raw)
		if err != nil || n == 0 {
			return err
		}
		if !time.Now().Add(pause).Before(deadline) {
			return errInDoubt
		}
		time.Sleep(pause)
	}
}

// closeWrite ends what we send, for the peer to see.
func closeWrite(c net.Conn) error {
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		return h.CloseWrite()
	}
	return errInDoubt
}
