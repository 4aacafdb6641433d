package receiver

import (
	"fmt"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// A slowDecoder tells when it begins, and waits until it is free to go on.
type slowDecoder struct{ begun, free chan struct{} }

func (d *slowDecoder) Decode(p []byte) (string, slog.Record, error) {
	select {
	case d.begun <- struct{}{}:
	case <-d.free:
	}
	<-d.free
	return logrecord.NewDecoder(logrecord.Limits{Depth: 64, Nodes: 1000, Digits: 100}).Decode(p)
}

// A thousand clients that do no good, while some good ones send: those notice nothing.
func TestCrowd(t *testing.T) {
	const crowd, good, each = 1000, 4, 2000
	got, told := newSink(), newErrs()
	r := serve(t, &Server{OnError: told.add, DrainTimeout: 500 * time.Millisecond, Target: func(logger string) slog.Handler {
		if logger == "crowd" {
			return nil
		}
		return got.target(logger)
	}})
	stop := make(chan struct{})
	var bad, senders sync.WaitGroup
	defer func() { close(stop); bad.Wait() }()
	for i := range crowd {
		c, err := net.Dial("tcp", r.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		bad.Go(func() { misbehave(c, i, stop) })
	}
	for g := range good {
		c := r.dial(t)
		senders.Go(func() {
			for i := range each {
				if _, err := c.Write(record(fmt.Sprint("good", g), 30, fmt.Sprint(i))); err != nil {
					t.Errorf("good client %d, record %d: %v", g, i, err)
					return
				}
			}
		})
	}
	senders.Wait()
	next := [good]int{}
	for _, line := range got.wait(t, good*each) {
		var g, i int
		if _, err := fmt.Sscanf(line, "good%d: %d", &g, &i); err != nil || i != next[g] {
			t.Fatalf("%q came after record %d", line, next[g]-1)
		}
		next[g]++
	}
	if st := r.Stats(); st.Failed > 0 || st.Connections < crowd {
		t.Errorf("%+v", st)
	}
}

// misbehave is a client of the crowd, until stop or its end.
func misbehave(c net.Conn, i int, stop <-chan struct{}) {
	defer c.Close()
	ended := make(chan struct{})
	defer func() { <-ended }()
	defer c.Close()
	go func() { // when the other end closes
		defer close(ended)
		_, _ = c.Read(make([]byte, 1))
		c.Close()
	}()
	rec := record("crowd", 30, "slow")
	switch i % 5 {
	case 0: // silent
	case 1: // half open
		_ = c.(*net.TCPConn).CloseWrite()
	case 2: // announces a mebibyte
		_, _ = c.Write([]byte{0, 0x10, 0, 0})
	case 3: // sends nonsense
		_, _ = c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	case 4: // sends a byte at a time
		for {
			for _, b := range rec {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		}
	}
	<-stop
}
