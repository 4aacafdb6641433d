package netsink

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// A peer that sends is read, ignored, and noticed when it ends.
func TestTalkativePeer(t *testing.T) {
	tape, told := newTape(), &told{}
	s := startServer(t, "tcp", func(c net.Conn, nth int) {
		defer c.Close()
		if nth == 0 {
			go func() {
				noise := bytes.Repeat([]byte("HTTP/1.1 400 Bad Request\r\n"), 1000)
				for {
					if _, err := c.Write(noise); err != nil {
						return
					}
				}
			}()
			_ = tape.read(c, 2000)
			return
		}
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, told))
	put(t, h, 0, 2000, 300)
	tape.waitFor(t, 2000)
	for h.Stats().Connected {
		time.Sleep(time.Millisecond)
	}
	put(t, h, 2000, 1000, 300)
	closed(t, h)
	tape.wantNumbers(t, 3000)
}

// A peer that reads by single bytes from a real socket costs time and nothing else.
func TestByteAtATimeTCP(t *testing.T) {
	tape := newTape()
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		_ = tape.readAll(iotest.OneByteReader(c))
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, &told{}))
	put(t, h, 0, 50, 100)
	closed(t, h)
	tape.wantNumbers(t, 50)
}

// A peer that closes its side first, and has not said that it is about to end, is left, and what it
// was sent is in doubt, though its system has taken it all: so closes a program that has failed.
func TestHalfClosedPeer(t *testing.T) {
	tape, told := newTape(), &told{}
	over := make(chan struct{})
	s := startServer(t, "tcp", func(c net.Conn, nth int) {
		defer c.Close()
		if nth == 0 {
			_, _ = c.Read(make([]byte, 1))
			_ = c.(*net.TCPConn).CloseWrite()
			<-over
			return
		}
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, told))
	for i := range 1000 {
		put(t, h, i, 1, 300)
	}
	close(over)
	_ = h.Close(t.Context()) // tells what is in doubt, if nobody has told before
	m := tape.missing(1000)
	if n := h.Stats().Unconfirmed; len(m) == 0 || n < uint64(len(m)) {
		t.Errorf("%d are missing, %d unconfirmed", len(m), n)
	}
}

// A peer that says that it is about to end, and fails then, is not believed.
func TestEndsWithoutReading(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		said, told := make(chan bool), &told{}
		s := startServer(t, network, func(c net.Conn, _ int) {
			defer c.Close()
			_, _ = io.ReadFull(c, make([]byte, 304+len(frame.Mark))) // all there is, so that its closing is in order
			_, _ = c.Write([]byte{frame.Ending})
			<-said
		})
		h := newHandler(t, network, "127.0.0.1:1", quick(s, told))
		put(t, h, 0, 1, 300)
		close(said)
		_ = h.Close(t.Context())
		if n := h.Stats().Unconfirmed; n != 1 {
			t.Errorf("%s: %d unconfirmed", network, n)
		}
	}
}

// A LogValuer may log by the Handler that is asking for its value.
func TestLogInLogValuer(t *testing.T) {
	var reading reading
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		reading.readAll(c)
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, &told{}))
	l := slog.New(h)
	l.Info("outer", "v", valuer{l})
	closed(t, h)
	if m := reading.asMaps(t); len(m) != 2 || m[0]["msg"] != "inner" || m[1]["msg"] != "outer" || m[1]["v"] != "value" {
		t.Errorf("%v", m)
	}
}

type valuer struct{ l *slog.Logger }

func (v valuer) LogValue() slog.Value {
	v.l.Info("inner")
	return slog.StringValue("value")
}

// A window has the last records, as finely as its marks are.
func TestWindow(t *testing.T) {
	w := window{max: 1000 * windowMarks}
	if _, _, n := w.records(); n != 0 {
		t.Errorf("an empty window has %d records", n)
	}
	w.add(100, 1, 0) // a marker
	if _, _, n := w.records(); n != 0 {
		t.Errorf("a window of a marker has %d records", n)
	}
	const n = 100_000
	for i := uint64(1); i <= n; i++ {
		w.add(50, i, i)
		if w.bytes > w.max {
			first, last, count := w.records()
			oldest := max(1, i-uint64(w.max/50)+1) // the first record that is in the window, if only in part
			if last != i || count != last-first+1 || first > oldest || oldest-first > 2*1000/50 {
				t.Fatalf("after record %d: %d to %d, %d in all; the oldest is %d", i, first, last, count, oldest)
			}
		}
	}
	if len(w.marks) > windowMarks+2 {
		t.Errorf("%d marks", len(w.marks))
	}
	w.add(int(2*w.max), n+1, n+1)
	if first, last, _ := w.records(); first > n+1 || first < n-1000/50 || last != n+1 {
		t.Errorf("%d to %d, where one long record fills the window", first, last)
	}
}

// A reader that is about to end has heard nothing of an orderly end.
func TestKnownAtEnd(t *testing.T) {
	c := &conn{over: make(chan struct{}), gone: make(chan struct{})}
	if err := c.known(); err != nil {
		t.Error(err)
	}
	c.finish()
	go func() {
		c.err = io.EOF
		close(c.gone)
	}()
	if err := c.known(); err != io.EOF {
		t.Errorf("known returned %v", err)
	}
}

// A connection whose Write or Read break their contracts ends, and does no harm.
func TestBadConn(t *testing.T) {
	c := &conn{Conn: badConn{}}
	c.under = c.Conn
	if n, err := c.write(make([]byte, 10), time.Second); n != 5 || err != io.ErrShortWrite {
		t.Errorf("write: %d, %v", n, err)
	}
	c.over, c.gone, c.read = make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
	c.readAll()
	if c.err != io.ErrNoProgress {
		t.Errorf("read: %v", c.err)
	}
}

type badConn struct{ net.Conn }

func (badConn) Write(p []byte) (int, error)      { return len(p) / 2, nil }
func (badConn) Read([]byte) (int, error)         { return 0, nil }
func (badConn) SetWriteDeadline(time.Time) error { return nil }
