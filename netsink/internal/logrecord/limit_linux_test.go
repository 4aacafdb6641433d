package logrecord

import (
	"syscall"
	"testing"
)

// limitMemory has the process die if it wants a gigabyte more than Go's runtime reserves.
func limitMemory(t *testing.T) {
	const most = 2 << 30
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		t.Fatal(err)
	}
}
