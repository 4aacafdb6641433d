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
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			peer, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			raw, err := c.(*net.TCPConn).SyscallConn()
			if err != nil {
				t.Fatal(err)
			}
			if somethingArrived(raw) {
				t.Error("something has arrived before it was sent")
			}
			end(peer.(*net.TCPConn))
			arrived(t, raw)
		})
	}
}
