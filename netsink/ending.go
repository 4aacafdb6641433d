package netsink

import (
	"errors"
	"io"
	"net"
	"time"
)

// end ends the connection, after whole frames, and reports whether the peer has
// read all of them, as far as that can be known. It takes no longer than bound.
//
// We close our side, the peer reads to the end, and closes. One of package receiver that is about to end says
// that it has read all, and is not believed without that. Another program's word is its closing: if it is
// the first to close, nothing is known; if it is the second, all was read, or it failed at that very moment.
func (c *conn) end(bound time.Duration) (confirmed bool) {
	defer c.close()
	if c.gone == nil {
		return c.datagram
	}
	select {
	case <-c.gone:
		return false
	default:
	}
	deadline := time.Now().Add(bound)
	_ = c.SetWriteDeadline(deadline)
	if closeWrite(c.Conn) != nil {
		return false
	}
	err := c.waitGone(bound)
	switch {
	case err == nil:
		return false
	case c.isEnding():
		return c.ended
	case c.isTLS() && err == io.ErrUnexpectedEOF: // some peers close what is under TLS only
		return known(c.drains(deadline))
	}
	return err == io.EOF && known(c.drainsUnder(deadline))
}

// known reports whether err is nil, or says that there is no way to ask.
func known(err error) bool { return err == nil || err == errors.ErrUnsupported }

// errInDoubt is why it is not known whether all was read.
var errInDoubt = errors.New("in doubt")

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
