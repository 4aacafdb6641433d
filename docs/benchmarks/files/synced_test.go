package files

import (
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/rotate"
)

// synced is what one would do by hand: each line has a sync of its own.
type synced struct {
	mu sync.Mutex
	f  *os.File
}

func (s *synced) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.f.Write(p)
	if err == nil {
		err = s.f.Sync()
	}
	return n, err
}

func (s *synced) Close() error { return s.f.Close() }

// BenchmarkDurable writes lines that are on the disk when Write returns, from so
// many goroutines at once. The disk decides.
func BenchmarkDurable(b *testing.B) {
	line := shape.Line(lineLen)
	for _, writers := range []int{1, 4, 32} {
		for _, p := range []struct {
			name string
			open opener
		}{
			{"raw-sync", func(path string, _ int64) io.WriteCloser { return &synced{f: create(path)} }},
			{"slogsuite-durable", ours(rotate.Options{Durability: rotate.Durable})},
		} {
			b.Run(fmt.Sprintf("writers%d/%s", writers, p.name), func(b *testing.B) {
				path := newPath(b)
				w := p.open(path, 1*mib)
				b.ResetTimer()
				writeAll(b, w, line, writers)
				closeFile(b, w)
				b.StopTimer()
				reportRate(b, b.N)
				reportLoss(b, path, b.N)
			})
		}
	}
}

// writeAll writes b.N lines from so many goroutines.
func writeAll(b *testing.B, w io.Writer, line []byte, writers int) {
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range share(b.N, writers, i) {
				if _, err := w.Write(line); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// share returns the part of n that is member i's, of so many.
func share(n, members, i int) int { return (n + i) / members }

func reportRate(b *testing.B, lines int) {
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}
