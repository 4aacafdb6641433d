package network

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

// paces are how calls follow each other.
var paces = []struct {
	name  string
	times func(n int, f func(int)) lat.Samples
}{
	{"bursts", func(n int, f func(int)) lat.Samples { return lat.Bursts(n, 20, time.Millisecond, f) }},
	{"20us", func(n int, f func(int)) lat.Samples { return lat.Paced(n, 20*time.Microsecond, f) }},
	{"flood", lat.Each},
}

// BenchmarkCaller times each single call, while the sink reads all the time.
func BenchmarkCaller(b *testing.B) {
	limits := []peer{
		{"limit-nothing", func(string) sender { return sender{none, none} }},
		{"limit-batches", openBatches},
	}
	for _, pace := range paces {
		for _, p := range limits {
			b.Run(pace.name+"/"+p.name, func(b *testing.B) { call(b, p, pace.times) })
		}
		for _, k := range kinds {
			for _, p := range oursOf(k.make) {
				p.name += "-" + k.name
				b.Run(pace.name+"/"+p.name, func(b *testing.B) { call(b, p, pace.times) })
			}
		}
	}
}

func call(b *testing.B, p peer, times func(int, func(int)) lat.Samples) {
	n := lat.AtLeast(b, 40_000)
	sink, addr := startSink(b)
	s := p.open(addr)
	_ = s.send() // the connection is made
	b.ResetTimer()
	calls := times(n, func(int) { _ = s.send() }) // ours tells at close what was not sent
	b.StopTimer()
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
	if p.name != "limit-nothing" {
		sink.received(b)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(n), "ns/op")
	calls.Report(b)
}

// batches is a lower bound of a caller's wait: a call copies a line made before into memory, and a
// goroutine writes what is there once a millisecond. Its memory has no bound, and it tells nothing of
// errors.
type batches struct {
	mu   sync.Mutex
	buf  []byte
	stop chan struct{}
	done chan error
}

func openBatches(addr string) sender {
	s := &batches{stop: make(chan struct{}), done: make(chan error)}
	go s.run(must(net.Dial("tcp", addr)))
	line := shape.Line(recordLen)
	return sender{
		func() error {
			s.mu.Lock()
			s.buf = append(s.buf, line...)
			s.mu.Unlock()
			return nil
		},
		func() error {
			close(s.stop)
			return <-s.done
		},
	}
}

func (s *batches) run(c net.Conn) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var work []byte
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-s.stop:
			last = true
		}
		s.mu.Lock()
		work, s.buf = s.buf, work[:0]
		s.mu.Unlock()
		must(c.Write(work))
	}
	s.done <- c.Close()
}
