package netsink

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// maxPiece is how much is written by TLS at once: a record of its own. A write that timed out
// can't be continued there, so a peer that takes anything must be seen to.
const maxPiece = 16 << 10

// A conn is a connection to a receiver. A goroutine reads from it, and ignores what it reads, until
// the peer closes it or it breaks; that is how the end is noticed. Its memory is one small buffer.
// All other methods are the sender's.
type conn struct {
	net.Conn                 // TLS, if there is
	under    net.Conn        // what is under TLS, else Conn
	raw      syscall.RawConn // of under; nil if it has none
	datagram bool
	made     time.Time
	window   window
	stop     func() bool // keeps the end of the context from closing it

	gone chan struct{} // closed when the reader has ended; nil without one
	read chan struct{} // receives when it has read something
	err  error         // why it ended: io.EOF if the peer closed in order
}

// newConn returns a conn that is closed when ctx ends.
func newConn(ctx context.Context, c net.Conn, datagram bool, o *Options) *conn {
	k := &conn{Conn: c, under: c, datagram: datagram, made: time.Now(), window: window{max: int64(o.Window)}}
	if t, ok := c.(*tls.Conn); ok {
		k.under = t.NetConn()
	}
	if s, ok := k.under.(syscall.Conn); ok {
		k.raw, _ = s.SyscallConn()
	}
	k.stop = context.AfterFunc(ctx, func() { k.under.Close() })
	if !datagram && !o.deaf {
		k.gone, k.read = make(chan struct{}), make(chan struct{}, 1)
		go k.readAll()
	}
	return k
}

// maxEmptyReads bounds how often a reader may return neither bytes nor an error.
const maxEmptyReads = 100

func (c *conn) readAll() {
	defer close(c.gone)
	var buf [4 << 10]byte
	for empty := 0; empty < maxEmptyReads; empty++ {
		n, err := c.Conn.Read(buf[:])
		if err != nil {
			c.err = err
			return
		}
		if n > 0 {
			empty = 0
		}
		select {
		case c.read <- struct{}{}:
		default:
		}
	}
	c.err = io.ErrNoProgress
}

// isTLS reports whether there is TLS between Conn and under.
func (c *conn) isTLS() bool { return c.Conn != c.under }

// What a peer has sent is read as soon as the reader has its turn. If there is more and more of
// it, it is not read to the end before something is sent again.
const (
	maxTurn  = time.Second
	maxReads = 64
)

// ended returns why the connection is of no use any longer: [io.EOF] if the peer has closed it in
// order; nil if it is of use, as far as what has arrived shows. The reader may not
// have had its turn yet, so the system is asked too.
func (c *conn) ended() error {
	if c.gone == nil {
		return nil
	}
	select {
	case <-c.gone:
		return c.err
	default:
	}
	if c.raw == nil || !somethingArrived(c.raw) {
		return nil
	}
	return c.waitRead()
}

// waitRead waits until all that has arrived was read: the end may be behind it.
func (c *conn) waitRead() error {
	timer := time.NewTimer(maxTurn)
	defer timer.Stop()
	for range maxReads {
		select {
		case <-c.gone:
			return c.err
		case <-timer.C:
			return nil
		case <-c.read:
			if !somethingArrived(c.raw) {
				return nil
			}
		}
	}
	return nil
}

// waitGone waits for the reader's end. The error is nil if it did not end.
func (c *conn) waitGone(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.gone:
		return c.err
	case <-timer.C:
		return nil
	}
}

// write writes p, and returns how much of it was written. As long as the peer takes
// anything within the timeout, it goes on.
func (c *conn) write(p []byte, timeout time.Duration) (n int, err error) {
	for n < len(p) {
		piece := p[n:]
		if c.isTLS() {
			piece = piece[:min(len(piece), maxPiece)]
		}
		if err := c.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return n, err
		}
		k, err := c.Conn.Write(piece)
		k = min(max(k, 0), len(piece))
		n += k
		slow := k > 0 && !c.isTLS() && errors.Is(err, os.ErrDeadlineExceeded)
		switch {
		case err != nil && !slow:
			return n, err
		case err == nil && k < len(piece):
			return n, io.ErrShortWrite
		}
	}
	return n, nil
}

// close closes the connection and waits for the reader to end.
func (c *conn) close() {
	c.stop()
	c.under.Close()
	if c.gone != nil {
		<-c.gone
	}
}

// whole returns how many of p's first n bytes are whole frames, and how many frames those are.
func whole(p []byte, n int) (bytes, frames int) {
	for {
		l := frame.Len(p[bytes:n])
		if l == 0 || l > n-bytes {
			return bytes, frames
		}
		bytes += l
		frames++
	}
}
