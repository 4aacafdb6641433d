//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// peers are what a Handler may meet. Each gets connections that were accepted.
var peers = []struct {
	name string
	take func(c *net.TCPConn)
	tls  bool
}{
	{"reads", func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c); c.Close() }, false},
	{"is silent", func(c *net.TCPConn) {}, false},
	{"is silent, by TLS", func(c *net.TCPConn) {}, true},
	{"closes", func(c *net.TCPConn) { c.Close() }, false},
	{"closes, by TLS", func(c *net.TCPConn) { c.Close() }, true},
	{"resets", reset, false},
	{"closes its side", func(c *net.TCPConn) { _ = c.CloseWrite() }, false},
	{"talks", func(c *net.TCPConn) { _, _ = io.Copy(c, zeros{}); c.Close() }, false},
	{"talks, by TLS", func(c *net.TCPConn) { _, _ = io.Copy(c, zeros{}); c.Close() }, true},
	{"is nobody", nil, false},
}

// zeros are without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// openClose opens and closes Handlers by peers of all kinds.
func openClose(r *run) error {
	for _, p := range peers {
		if err := r.openCloses(p.name, p.take, p.tls, r.pick(10, 300)); err != nil {
			return fmt.Errorf("a peer that %s: %w", p.name, err)
		}
	}
	return nil
}

const closeBound = 50 * time.Millisecond

func (r *run) openCloses(name string, take func(*net.TCPConn), withTLS bool, times int) error {
	goroutines, files := ours(), openFiles()
	l, err := newPeer(take)
	if err != nil {
		return err
	}
	var records, sent, dropped, failed uint64
	longest := time.Duration(0)
	for i := range times {
		o := netsink.Options{RetryMin: time.Millisecond, RetryMax: 5 * time.Millisecond, BufferBytes: 64 << 10, MaxWait: -1}
		if withTLS {
			o.TLS = &tls.Config{InsecureSkipVerify: true}
		}
		h, err := netsink.NewHandler("tcp", l.addr, o)
		if err != nil {
			return err
		}
		for range r.rng.IntN(1000) {
			_ = h.Handle(r.ctx, slog.NewRecord(time.Now(), slog.LevelInfo, "a message of no importance", 0)) // the counts tell
		}
		if i%2 == 0 {
			r.pause(10 * time.Millisecond)
		}
		ctx, cancel := context.WithTimeout(r.ctx, closeBound)
		start := time.Now()
		if h.Close(ctx) != nil {
			failed++
		}
		cancel()
		longest = max(longest, time.Since(start))
		st := h.Stats()
		if st.Records != st.Sent+st.Dropped || st.Queued > 0 || st.Connected {
			return fmt.Errorf("%+v", st)
		}
		records, sent, dropped = records+st.Records, sent+st.Sent, dropped+st.Dropped
	}
	l.close()
	r.logf("%d Handlers by a peer that %s: %d records, %d sent, %d dropped, %d times Close told of losses, the longest took %v", times, name, records, sent,
		dropped, failed, longest.Round(time.Millisecond))
	if longest > closeBound+slack {
		return fmt.Errorf("Close took %v", longest)
	}
	if err := r.waitFor("the end of goroutines and files", 10*time.Second, func() bool { return ours() <= goroutines && openFiles() <= files }); err != nil {
		return fmt.Errorf("%w: %d goroutines were %d, %d files were %d", err, ours(), goroutines, openFiles(), files)
	}
	return none(map[string]uint64{"records": records})
}

// openFiles returns how many files and sockets this process has open.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// A peer takes connections until it is closed.
type peer struct {
	addr  string
	close func()
}

// newPeer returns one; without take there is nobody at its address.
func newPeer(take func(*net.TCPConn)) (*peer, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if take == nil {
		return &peer{l.Addr().String(), func() {}}, l.Close()
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				take(c.(*net.TCPConn))
				<-quit
			}()
		}
	}()
	return &peer{l.Addr().String(), func() { l.Close(); close(quit); <-ended }}, nil
}
