package rotate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkZ(b *testing.B) {
	line := []byte(strings.Repeat("x", 119) + "\n")
	b.Run("raw", func(b *testing.B) {
		f, _ := os.OpenFile(filepath.Join(b.TempDir(), "a"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
		for b.Loop() {
			f.Write(line)
		}
		f.Close()
	})
	for _, c := range []struct {
		n string
		o Options
	}{{"direct", Options{MaxBytes: 100 << 20, Upward: true}}, {"buffered", Options{MaxBytes: 100 << 20, Upward: true, Durability: Buffered}},
		{"shared", Options{MaxBytes: 100 << 20, Upward: true, Shared: true}}, {"timed", Options{When: "D"}}} {
		b.Run(c.n, func(b *testing.B) {
			b.ReportAllocs()
			f, err := Open(filepath.Join(b.TempDir(), "a"), c.o)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				f.Write(line)
			}
			f.Close()
		})
	}
}
