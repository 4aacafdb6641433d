//go:build unix

package logrecord

import (
	"syscall"
	"time"
)

// processorTime returns what this process has used, user and system. On a shared machine it is far
// steadier than elapsed time.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
