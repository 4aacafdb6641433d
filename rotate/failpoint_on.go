//go:build rotate_failpoints && linux

package rotate

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Failpoints are the names of all places between two system calls of writing and
// rotating where a test may stop or kill the process. There are none in an
// ordinary build.
var Failpoints = []string{
	"write.lock", "write.stat", "write.write", "write.check", "write.unlock",
	"write.degraded", "write.again",
	"roll.alone", "roll.begin", "roll.remove", "roll.shift", "roll.number", "roll.rename", "roll.open", "roll.close", "roll.end",
	"mill.begin", "mill.publish", "mill.drop",
}

// trap is what SLOGSUITE_FAILPOINT="name:nth:kill" or "name:nth:stop" asks for, and
// SLOGSUITE_FAILPOINT_LOG names a file to which the name is appended when it is sprung.
var trap = struct {
	name   string
	nth    int64
	signal syscall.Signal
	hits   atomic.Int64
}{}

func init() {
	part := strings.Split(os.Getenv("SLOGSUITE_FAILPOINT"), ":")
	if len(part) != 3 {
		return
	}
	trap.name, trap.signal = part[0], syscall.SIGKILL
	trap.nth, _ = strconv.ParseInt(part[1], 10, 64)
	if part[2] == "stop" {
		trap.signal = syscall.SIGSTOP
	}
}

func failpoint(name string) {
	if name != trap.name || trap.hits.Add(1) != trap.nth {
		return
	}
	if log := os.Getenv("SLOGSUITE_FAILPOINT_LOG"); log != "" {
		if f, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666); err == nil {
			fmt.Fprintln(f, name)
			f.Close()
		}
	}
	// To this very thread, or it would go on for a moment.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), trap.signal)
	for trap.signal == syscall.SIGKILL { // it comes at once, but not to this thread first
	}
}
