// Package lat measures processor time. On a shared machine it is far steadier
// than elapsed time.
package lat

import (
	"syscall"
	"testing"
	"time"
)

// CPU returns the processor time, user and system, that this process has used.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Meter starts the processor clock and returns a function that reports the
// processor time used per operation, garbage collection and the peer's own
// goroutines included. At -cpu 2 it also shows what waiting on each other costs.
func Meter(b *testing.B) func() {
	start := CPU()
	return func() {
		b.ReportMetric(float64(CPU()-start)/float64(b.N), "cpu-ns/op")
	}
}

// Parallel calls f from as many goroutines as there are processors, and
// reports its time and allocations.
func Parallel(b *testing.B, f func()) {
	b.ReportAllocs()
	defer Meter(b)()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f()
		}
	})
}
