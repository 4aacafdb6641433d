package network

import (
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/cpython"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/netsink"
)

// kinds are what ours log.
var kinds = []struct {
	name   string
	make   func(slog.Handler) func()
	others []peer
}{
	{"attrs", fiveAttrs, slices.Concat(raws, loggers)},
	{"msg", messageOnly, raws[:1]},
}

// oursOf returns our senders of a kind of record.
func oursOf(kind func(slog.Handler) func()) []peer {
	return []peer{
		{"slogsuite-pickle", ours(netsink.Pickle, kind)},
		{"slogsuite-json", ours(netsink.JSON, kind)},
	}
}

// BenchmarkSend sends records from one goroutine, as fast as they are taken, and waits until
// the sink has read them all.
func BenchmarkSend(b *testing.B) {
	for _, k := range kinds {
		for _, p := range slices.Concat(k.others, oursOf(k.make)) {
			b.Run(k.name+"/"+p.name, func(b *testing.B) { sendAll(b, lat.AtLeast(b, 300_000), p) })
		}
	}
	if python, version := cpython.Find(); python != "" {
		b.Run("msg/python-"+version, func(b *testing.B) { sendPython(b, lat.AtLeast(b, 20_000), python) })
	}
}

func sendAll(b *testing.B, n int, p peer) {
	sink, addr := startSink(b)
	refused := 0
	b.ReportAllocs()
	b.ResetTimer()
	cpu, allocs := lat.CPU(), allocations()
	s := p.open(addr)
	for range n {
		if s.send() != nil {
			refused++
		}
	}
	if err := s.close(); err != nil {
		b.Fatal(err)
	}
	bytes := sink.received(b)
	b.StopTimer()
	b.ReportMetric(float64(lat.CPU()-cpu)/float64(n), cpuTime)
	b.ReportMetric(float64(allocations()-allocs)/float64(n), "allocs/op")
	b.ReportMetric(100*float64(refused)/float64(n), "lost-%")
	report(b, n, b.Elapsed(), bytes)
}

const cpuTime = "cpu-ns/op"

// allocations returns how many there were so far. The benchmark's own count is divided by
// b.N, which is not how many records there are.
func allocations() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

func report(b *testing.B, n int, took time.Duration, bytes int) {
	b.ReportMetric(float64(took)/float64(n), "ns/op")
	b.ReportMetric(float64(n)/took.Seconds(), "records/s")
	b.ReportMetric(float64(bytes)/float64(n), "bytes/record")
}

// sendPython has CPython's SocketHandler send. It says what that took.
func sendPython(b *testing.B, n int, python string) {
	sink, addr := startSink(b)
	host, port, err := net.SplitHostPort(addr)
	must(host, err)
	e := start(b, "", python, "sender.py", host, port, strconv.Itoa(n))
	took, cpu, ok := strings.Cut(e.expect(b), " ")
	if !ok {
		b.Fatal("the program in Python did not say what it took")
	}
	b.ReportMetric(must(strconv.ParseFloat(cpu, 64))/float64(n), cpuTime)
	report(b, n, time.Duration(must(strconv.ParseInt(took, 10, 64))), sink.received(b))
}
