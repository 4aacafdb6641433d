//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package netsink

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// arrived waits until something has arrived, or it is clear that it was read.
func arrived(t *testing.T, raw syscall.RawConn) {
	t.Helper()
	for range 10_000 {
		closed := raw.Control(func(uintptr) {}) != nil
		if closed || somethingArrived(raw) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nothing arrives")
}

func TestSomethingArrived(t *testing.T) {
	for name, end := range map[string]func(c *net.TCPConn){
		"fin":   func(c *net.TCPConn) { _ = c.CloseWrite() },
		"close": func(c *net.TCPConn) { _ = c.Close() },
		"reset": func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() },
		"data":  func(c *net.TCPConn) { _, _ = c.Write([]byte("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			c, peer := tcpPair(t)
			raw, err := c.SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			if somethingArrived(raw) {
				t.Error("something has arrived before it was sent")
			}
			end(peer)
			arrived(t, raw)
		})
	}
}

// What has arrived is waited for where the reader has not had its turn yet.
func TestEndedAsksTheSystem(t *testing.T) {
	for _, c := range []struct {
		name string
		last func(c *net.TCPConn)
		end  bool
	}{
		{"nothing", func(*net.TCPConn) {}, false},
		{"data", func(c *net.TCPConn) { _, _ = c.Write(make([]byte, 10_000)) }, false},
		{"end", func(c *net.TCPConn) { _ = c.CloseWrite() }, true},
		{"reset", func(c *net.TCPConn) { _ = c.SetLinger(0); _ = c.Close() }, true},
		{"data and end", func(c *net.TCPConn) { _, _ = c.Write(make([]byte, 10_000)); _ = c.CloseWrite() }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			noLeaks(t)
			ours, peer := tcpPair(t)
			raw, err := ours.SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			k := &conn{Conn: ours, under: ours, raw: raw, over: make(chan struct{}), gone: make(chan struct{}), read: make(chan struct{}, 1)}
			if c.last(peer); c.name != "nothing" {
				arrived(t, raw)
			}
			reader := time.AfterFunc(30*time.Millisecond, k.readAll)
			if err := k.check(); (err != nil) != c.end {
				t.Errorf("ended returned %v", err)
			}
			if reader.Stop() {
				go k.readAll()
			}
			ours.Close()
			<-k.gone
		})
	}
}

func tcpPair(t *testing.T) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); peer.Close() })
	return c.(*net.TCPConn), peer.(*net.TCPConn)
}
