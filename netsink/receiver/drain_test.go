package receiver

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// At its end the server tells its peers, takes what they have sent before and after they
// learn of it, and is done when they close.
func TestDrain(t *testing.T) {
	got, told := newSink(), newErrs()
	r := serve(t, &Server{Target: got.target, OnError: told.add, DrainTimeout: time.Minute})
	const peers = 10
	conns := make([]net.Conn, peers)
	for i := range conns {
		conns[i] = r.dial(t)
		send(t, conns[i], record("l", 30, "first"))
	}
	got.wait(t, peers)
	for _, c := range conns {
		send(t, c, record("l", 30, "before"))
	}
	ended := make(chan error, 1)
	go func() { ended <- r.end() }()
	for _, c := range conns {
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the peer is told %v", err)
		}
		send(t, c, record("l", 30, "after"))
		c.Close()
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := len(got.lines()); n != 3*peers || len(told.list()) > 0 {
		t.Errorf("%d records, %v", n, told.list())
	}
	if _, err := net.Dial("tcp", r.addr.String()); err == nil {
		t.Error("somebody still listens")
	}
}

// A peer whose first frame has the mark, before the end begins or after, is told that it begins, and then that all
// of its records were given to handlers.
func TestDrainIsTold(t *testing.T) {
	got, told := newSink(), newErrs()
	r := serve(t, &Server{Target: got.target, OnError: told.add, DrainTimeout: time.Minute})
	spoken, silent := r.dial(t), r.dial(t)
	send(t, spoken, frame.Marked(nil, record("l", 30, "before")))
	got.wait(t, 1)
	ended := make(chan error, 1)
	go func() { ended <- r.end() }()
	for i, c := range []net.Conn{spoken, silent} {
		if i == 1 {
			send(t, c, frame.Marked(nil, record("l", 30, "late")))
		}
		says(t, c, frame.Ending)
		send(t, c, record("l", 30, "after"))
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Error(err)
		}
		says(t, c, frame.Ended)
		if n := len(got.lines()); n != 2*(i+1) {
			t.Errorf("it says that all was read after %d records", n)
		}
		c.Close()
	}
	if err := <-ended; err != nil || len(told.list()) > 0 {
		t.Error(err, told.list())
	}
}

// says fails the test unless the next byte from c is that one.
func says(t *testing.T, c net.Conn, want byte) {
	t.Helper()
	b := make([]byte, 1)
	if _, err := io.ReadFull(c, b); err != nil || b[0] != want {
		t.Errorf("the server says %v, %v", b, err)
	}
}

// A client that has connected and sent before the end is served, though nobody had accepted it.
func TestDrainBacklog(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const peers = 50
	for i := range peers {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, record("l", 30, fmt.Sprint(i)))
		c.Close()
	}
	got := newSink()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Server{Target: got.target}).Serve(ctx, slowListener{l.(*net.TCPListener)}); err != nil {
		t.Error(err)
	}
	if n := len(got.lines()); n != peers {
		t.Errorf("%d records of %d", n, peers)
	}
	noGoroutines(t)
}

// A slowListener takes longer for all that waits than one of them may take to come.
type slowListener struct{ *net.TCPListener }

func (l slowListener) Accept() (net.Conn, error) {
	c, err := l.TCPListener.Accept()
	time.Sleep(backlogTime / 10)
	return c, err
}
