package rotate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkWriteBeside tells what compression costs a writer beside it: each
// "beside" comes with an "alone" to be compared with.
func BenchmarkWriteBeside(b *testing.B) {
	for _, pause := range []time.Duration{0, 20 * time.Microsecond} {
		for _, beside := range []bool{false, true} {
			b.Run(fmt.Sprintf("pause=%v/beside=%t", pause, beside), func(b *testing.B) { writeBeside(b, pause, beside) })
		}
	}
}

func writeBeside(b *testing.B, pause time.Duration, beside bool) {
	dir := b.TempDir()
	f, err := Open(filepath.Join(dir, "app.log"), Options{Upward: true, Compress: Gzip})
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var packed atomic.Int64
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; beside; i++ {
			select {
			case <-stop:
				return
			default:
			}
			name := filepath.Join(dir, fmt.Sprintf("app.log.%d", i))
			if err := os.WriteFile(name, benchText, 0o666); err != nil {
				b.Error(err)
				return
			}
			f.mill.wake()
			f.mill.settle()
			packed.Add(int64(len(benchText)))
			os.Remove(name + ".gz")
		}
	}()
	line := benchText[:100]
	took := make([]time.Duration, b.N)
	begin := time.Now()
	for i := range took {
		at := time.Now()
		if _, err := f.Write(line); err != nil {
			b.Fatal(err)
		}
		took[i] = time.Since(at)
		for pause > 0 && time.Since(at) < pause { // the program's own work
		}
	}
	b.ReportMetric(float64(packed.Load())/1e6/time.Since(begin).Seconds(), "packed-MB/s")
	close(stop)
	<-done
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*999/1000].Nanoseconds()), "p99.9-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-us")
}

var benchText = func() []byte {
	var b []byte
	for i := 0; len(b) < 16<<20; i++ {
		b = fmt.Appendf(b, "2026-01-02T15:04:05.%06d INFO request id=%d path=/a/b/%d took %d ms and more text\n", i%1e6, i, i%977, i*i%1009)
	}
	return b
}()
