package files

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/rotate"
)

// BenchmarkLatency times each single write.
func BenchmarkLatency(b *testing.B) {
	line := shape.Line(lineLen)
	everyPeer(b, func(b *testing.B, _ string, w io.WriteCloser) {
		b.ResetTimer()
		writeEach(b, w, func(int) []byte { return line }).Report(b)
		b.StopTimer()
		closeFile(b, w)
	})
}

// writeEach writes b.N lines, and times each.
func writeEach(b *testing.B, w io.Writer, line func(i int) []byte) lat.Samples {
	return lat.Each(b.N, func(i int) {
		if _, err := w.Write(line(i)); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkBeside times each write that does not rotate, while backups are
// compressed and deleted beside it: with a small limit, all the time.
func BenchmarkBeside(b *testing.B) {
	const limit = 64 * kib
	lines := shape.Lines(lineLen, 4096)
	for range turns {
		for _, c := range []struct {
			name string
			o    rotate.Options
		}{
			{"slogsuite-direct", rotate.Options{}},
			{"slogsuite-gzip", rotate.Options{Compress: rotate.Gzip}},
			{"slogsuite-retention", rotate.Options{BackupCount: 3}},
			{"slogsuite-gzip-retention", rotate.Options{Compress: rotate.Gzip, BackupCount: 3}},
		} {
			b.Run(sizeName(limit)+"/"+c.name, func(b *testing.B) {
				path := newPath(b)
				f := openOurs(path, limit, c.o)
				b.ResetTimer()
				s := writeEach(b, f, func(i int) []byte { return lines[i%len(lines)] })
				b.StopTimer()
				quiet(b, s, limit, f.Stats().Rotations).Report(b)
				closeFile(b, f)
				reportBackups(b, path)
			})
		}
	}
}

// reportBackups tells what has become of the backups, so that nobody praises the
// effect of doing nothing.
func reportBackups(b *testing.B, path string) {
	b.Helper()
	backups := must(filepath.Glob(path + ".*"))
	compressed := must(filepath.Glob(path + ".*.gz"))
	b.ReportMetric(float64(len(backups)), "backups")
	b.ReportMetric(float64(len(compressed)), "compressed")
}

// quiet returns the samples of the writes that did not rotate. Which ones did is
// told by the rule that they follow, since to ask before each would be measured
// too; how many did must agree.
func quiet(b *testing.B, s lat.Samples, limit int64, rotations uint64) lat.Samples {
	perFile := int(limit-1) / lineLen
	var kept lat.Samples
	for i, d := range s {
		if i == 0 || i%perFile != 0 {
			kept = append(kept, d)
		}
	}
	if rotated := len(s) - len(kept); uint64(rotated) != rotations {
		b.Errorf("%d writes rotated, not the %d that were left out", rotations, rotated)
	}
	return kept
}
