// Package files measures writing the lines of a log to files that rotate by
// size.
//
// Everything is written below a temporary directory, and removed. TMPDIR says
// where that is: the file system has its share in the figures.
package files

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

const (
	lineLen = 120
	kib     = 1 << 10
	mib     = 1 << 20
)

// Each peer takes several turns, so that all have their share of a slow spell.
const turns = 3

var limits = []int64{1 * mib, 100 * mib}

// sizeName returns a limit as it stands in a benchmark's name.
func sizeName(limit int64) string {
	if limit < mib {
		return fmt.Sprintf("%dKiB", limit/kib)
	}
	return fmt.Sprintf("%dMiB", limit/mib)
}

// everyPeer runs f for each limit and peer, with a file opened.
func everyPeer(b *testing.B, f func(b *testing.B, path string, w io.WriteCloser)) {
	for _, limit := range limits {
		for _, p := range peers {
			b.Run(fmt.Sprintf("%s/%s/%s", p.kind, sizeName(limit), p.name), func(b *testing.B) {
				path := newPath(b)
				f(b, path, p.open(path, limit))
			})
		}
	}
}

// tempDir is removed when all is over. Some peers' goroutines are still at work
// after Close, and make b.TempDir fail, or a link anew.
var tempDir string

// newPath returns the path of a log file in a directory of its own.
func newPath(b *testing.B) string {
	dir := must(os.MkdirTemp(tempDir, ""))
	b.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, logName)
}

// BenchmarkWrite writes lines. With -cpu 2, two goroutines share the file.
func BenchmarkWrite(b *testing.B) {
	line := shape.Line(lineLen)
	for range turns {
		everyPeer(b, func(b *testing.B, path string, w io.WriteCloser) {
			b.ReportAllocs()
			done := lat.Meter(b)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := w.Write(line); err != nil {
						b.Error(err)
					}
				}
			})
			closeFile(b, w)
			b.StopTimer()
			done()
			reportLoss(b, path, b.N)
		})
	}
}

func closeFile(b *testing.B, w io.Closer) {
	b.Helper()
	if err := w.Close(); err != nil {
		b.Error(err)
	}
}
