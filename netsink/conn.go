package netsink

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
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
	fresh    bool        // nothing was sent yet, and the first frame gets the mark
	longest  int         // a frame with the mark
	stop     func() bool // keeps the end of the context from closing it

	over   chan struct{} // closed when the peer is about to end, or the reader has ended; nil without one
	gone   chan struct{} // closed when the reader has ended
	read   chan struct{} // receives when it has read something
	err    error         // why it ended: io.EOF if the peer closed in order
	heard  int           // how many bytes of the peer's the reader has read
	ending atomic.Bool   // heard is, or was, 1
	ended  bool          // the last of them said that the peer has read all
}

// errEnding is why a connection is of no use whose peer has said that it is about to end.
var errEnding = errors.New("the peer is about to end")

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
		k.over, k.gone, k.read = make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
		k.fresh, k.longest = true, frame.HeaderLen+o.MaxRecordBytes
		go k.readAll()
	}
	return k
}

// maxEmptyReads bounds how often a reader may return neither bytes nor an error.
const maxEmptyReads = 100

func (c *conn) readAll() {
	defer close(c.gone)
	defer c.finish()
	var buf [4 << 10]byte
	for empty := 0; empty < maxEmptyReads; empty++ {
		n, err := c.Conn.Read(buf[:])
		c.hear(buf[:n])
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

// hear understands what package receiver says. A peer that says anything else first is another
// program.
func (c *conn) hear(p []byte) {
	for _, b := range p {
		switch {
		case c.heard == 0 && b == frame.Ending:
			c.heard = 1
			c.ending.Store(true)
			close(c.over)
		case c.heard == 1 && b == frame.Ended:
			c.heard, c.ended = 2, true
		default:
			c.heard = max(c.heard, 2)
		}
	}
}

// finish is the reader's end.
func (c *conn) finish() {
	select {
	case <-c.over:
	default:
		close(c.over)
	}
}

// isEnding reports whether the peer has said that it is about to end, and nothing after that but
// that it has.
func (c *conn) isEnding() bool {
	select {
	case <-c.over:
	default:
		return false
	}
	select {
	case <-c.gone:
		return c.heard == 1 || c.ended
	default:
		return true
	}
}

// known returns why the connection is of no use any longer, nil if nothing is known.
func (c *conn) known() error {
	select {
	case <-c.over:
	default:
		return nil
	}
	if c.ending.Load() {
		return errEnding
	}
	<-c.gone // the reader is about to end
	return c.err
}

// isTLS reports whether there is TLS between Conn and under.
func (c *conn) isTLS() bool { return c.Conn != c.under }

// What a peer has sent is read as soon as the reader has its turn. If there is more and more of
// it, it is not read to the end before something is sent again.
const (
	maxTurn  = time.Second
	maxReads = 64
)

// check returns why the connection is of no use any longer: errEnding if the peer has said so,
// [io.EOF] if it has closed; nil if it is of use, as far as what has arrived shows. The reader may not
// have had its turn yet, so the system is asked too.
func (c *conn) check() error {
	if c.gone == nil {
		return nil
	}
	if err := c.known(); err != nil {
		return err
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
		case <-c.over:
			return c.known()
		case <-timer.C:
			return nil
		case <-c.read:
			if !somethingArrived(c.raw) {
				return c.known()
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

// write writes p, which begins with a frame, and returns how much of it was written. As long as the peer takes
// anything within the timeout, it goes on.
func (c *conn) write(p []byte, timeout time.Duration) (n int, err error) {
	if c.fresh {
		c.fresh = false
		if n, err = c.writeFirst(p, timeout); err != nil {
			return n, err
		}
	}
	k, err := c.writeAll(p[n:], timeout)
	return n + k, err
}

// writeFirst writes the first frame of p, with the mark, if that is not too long. It is written whole or
// counts as not written.
func (c *conn) writeFirst(p []byte, timeout time.Duration) (n int, err error) {
	n = frame.Len(p)
	if n+len(frame.Mark) > c.longest || n > len(p) {
		return 0, nil
	}
	if _, err := c.writeAll(frame.Marked(nil, p[:n]), timeout); err != nil {
		return 0, err
	}
	return n, nil
}

func (c *conn) writeAll(p []byte, timeout time.Duration) (n int, err error) {
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
