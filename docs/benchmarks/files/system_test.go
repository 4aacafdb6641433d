package files

import (
	"os"
	"syscall"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

// BenchmarkSystem makes the system calls that writing a file is made of, each
// alone. On some machines entering the system is most of what they cost.
func BenchmarkSystem(b *testing.B) {
	line := shape.Line(lineLen)
	for _, call := range []struct {
		name string
		call func(fd int, path string) error
	}{
		{"getppid", func(int, string) error { syscall.Getppid(); return nil }},
		{"stat", func(_ int, path string) error { return syscall.Stat(path, new(syscall.Stat_t)) }},
		{"flock-twice", func(fd int, _ string) error {
			if err := syscall.Flock(fd, syscall.LOCK_SH); err != nil {
				return err
			}
			return syscall.Flock(fd, syscall.LOCK_UN)
		}},
		{"write", func(fd int, _ string) error { _, err := syscall.Write(fd, line); return err }},
	} {
		b.Run(call.name, func(b *testing.B) {
			path := newPath(b)
			f := appending(path)
			b.Cleanup(func() { f.Close() })
			fd := int(f.Fd())
			b.ResetTimer()
			b.ReportAllocs()
			defer lat.Meter(b)()
			for b.Loop() {
				if err := call.call(fd, path); err != nil {
					b.Fatal(os.NewSyscallError(call.name, err))
				}
			}
		})
	}
}
