// Package async measures what a caller waits for when a logger hands its records
// to another goroutine, and what becomes of the records when the destination can't
// keep up.
package async

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
)

// counter counts lines.
type counter struct{ lines atomic.Int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.lines.Add(int64(bytes.Count(p, []byte{'\n'})))
	return len(p), nil
}

// slow takes about a millisecond for each write, as a busy disk or a remote
// collector does.
type slow struct{ io.Writer }

func (s slow) Write(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	return s.Writer.Write(p)
}

func toFile(b *testing.B, w io.Writer) io.Writer {
	f, err := os.Create(filepath.Join(b.TempDir(), "app.log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return io.MultiWriter(f, w)
}

// A load is a kind of destination, how many calls are made and how, and how many
// records a logger may hold back.
type load struct {
	name  string
	calls int
	queue int
	times func(n int, f func(int)) lat.Samples
	wrap  func(b *testing.B, w io.Writer) io.Writer
}

var loads = []load{
	{"flood-memory", 100_000, 4096, lat.Each, func(_ *testing.B, w io.Writer) io.Writer { return w }},
	{"flood-file", 100_000, 4096, lat.Each, toFile},
	{"paced-file", 10_000, 4096, bursts, toFile},
	{"flood-slow", 1_000, 256, lat.Each, func(_ *testing.B, w io.Writer) io.Writer { return slow{w} }},
}

func bursts(n int, f func(int)) lat.Samples { return lat.Bursts(n, 20, time.Millisecond, f) }

// BenchmarkCaller times each single call, and counts what has reached the destination
// once the logger is closed.
func BenchmarkCaller(b *testing.B) {
	log.SetOutput(io.Discard) // zerolog's diode tells there what it has lost
	for _, l := range loads {
		for _, goroutines := range []int{1, 4} {
			for _, p := range peers {
				b.Run(fmt.Sprintf("%s-%d/%s", l.name, goroutines, p.name), func(b *testing.B) { call(b, l, goroutines, p) })
			}
		}
	}
}

func call(b *testing.B, l load, goroutines int, p peer) {
	calls := max(lat.AtLeast(b, l.calls)/goroutines*goroutines, goroutines)
	got := new(counter)
	log, closeLog := p.open(l.wrap(b, got), l.queue)
	b.ResetTimer()
	start := lat.CPU()
	samples := callers(goroutines, calls, func(n int) lat.Samples { return l.times(n, func(int) { log() }) })
	b.StopTimer()
	if err := closeLog(); err != nil {
		b.Error(err)
	}
	used := lat.CPU() - start
	missing := int64(calls) - got.lines.Load()
	if p.whole && missing != 0 {
		b.Errorf("%d of %d records are lost", missing, calls)
	}
	samples.Report(b)
	b.ReportMetric(float64(used)/float64(calls), "cpu-ns/op")
	b.ReportMetric(float64(b.Elapsed())/float64(calls), "ns/op")
	if p.name != "limit-nothing" {
		b.ReportMetric(100*float64(missing)/float64(calls), "lost-%")
	}
}

// callers has goroutines make n calls in all.
func callers(goroutines, n int, call func(n int) lat.Samples) lat.Samples {
	all := make([]lat.Samples, goroutines)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = call(n / goroutines) })
	}
	wg.Wait()
	return slices.Concat(all...)
}

// TestPeersDeliver has each peer deliver a few lines.
func TestPeersDeliver(t *testing.T) {
	for _, p := range peers[1:] {
		got := new(counter)
		log, closeLog := p.open(got, 4096)
		for range 10 {
			log()
		}
		if err := closeLog(); err != nil || got.lines.Load() != 10 {
			t.Errorf("%s: %d lines of 10, %v", p.name, got.lines.Load(), err)
		}
	}
}
