package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reportLoss compares the lines that were written with what the directory holds.
func reportLoss(b *testing.B, path string, lines int) {
	b.Helper()
	var bytes int64
	for _, e := range must(os.ReadDir(filepath.Dir(path))) {
		bytes += logSize(b, e)
	}
	lost := float64(int64(lines) - bytes/lineLen)
	b.ReportMetric(lost, "lost-lines")
	b.ReportMetric(100*lost/float64(lines), "lost-%")
}

// logSize returns the size of a log file, 0 of anything else, and of what a
// peer's goroutine has just removed.
func logSize(b *testing.B, e fs.DirEntry) int64 {
	b.Helper()
	info, err := e.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0
	case err != nil:
		b.Fatal(err)
	case !info.Mode().IsRegular(), strings.HasSuffix(e.Name(), ".lock"):
		return 0
	}
	return info.Size()
}
