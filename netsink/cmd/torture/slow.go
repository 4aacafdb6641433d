//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// slow has records logged as fast as it goes, to a reader that takes next to nothing. Callers wait no longer than they
// may, memory is that of the buffer, and Close returns in time.
func slow(r *run) error {
	for _, o := range []struct {
		name     string
		overflow netsink.Overflow
	}{{"Block", netsink.Block}, {"DropNew", netsink.DropNew}, {"DropOld", netsink.DropOld}} {
		if err := r.slowly(o.name, o.overflow); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}

const (
	slowBuffer = 256 << 10
	slowHeap   = 64 << 20 // the buffers of a few Handlers, and what the garbage collector leaves lying about
	slowWait   = 20 * time.Millisecond
	slowClose  = 500 * time.Millisecond
)

func (r *run) slowly(name string, overflow netsink.Overflow) error {
	l, err := newSlowReader()
	if err != nil {
		return err
	}
	defer l.Close()
	p, err := r.startSender(sendOptions{ID: "s", Network: "tcp", Address: l.Addr().String(), Buffer: slowBuffer, MaxWait: slowWait, Overflow: overflow,
		Handlers: 2, Goroutines: 4, Size: 400, CloseTime: slowClose})
	if err != nil {
		return err
	}
	defer p.kill()
	r.sleep(time.Duration(r.pick(1, 10)) * time.Second)
	res, err := r.result(p)
	if err != nil {
		return err
	}
	t := &total{result: *res, senders: 1}
	r.logf("%s: %s, %.1f MB of heap, %d bytes were read: %q", name, t.summary(), float64(t.Heap)/1e6, l.read.Load(), t.CloseErrs)
	switch {
	case t.sound() != nil:
		return t.sound()
	case t.Wait > slowWait+slack, t.Close > slowClose+slack:
		return errors.New("too long")
	case t.Heap > slowHeap:
		return errors.New("too much")
	case len(t.CloseErrs) != 2:
		return errors.New("Close did not tell that something is lost")
	}
	return none(map[string]uint64{"records": t.Stats.Records, "dropped": t.Stats.Dropped, "read": l.read.Load(), "sent": t.Stats.Sent})
}

// A slowReader is a listener that reads a little of each connection now and then.
type slowReader struct {
	net.Listener
	read atomic.Uint64
}

func newSlowReader() (*slowReader, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &slowReader{Listener: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.sip(c.(*net.TCPConn))
		}
	}()
	return s, nil
}

func (s *slowReader) sip(c *net.TCPConn) {
	defer c.Close()
	_ = c.SetReadBuffer(8 << 10) // if not it takes longer
	buf := make([]byte, 1<<10)
	for {
		n, err := io.ReadFull(c, buf)
		s.read.Add(uint64(n))
		if err != nil {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}
