//go:build unix && !solaris && !illumos && !aix

package rotate

import (
	"os"
	"syscall"
)

// How a lock is held: by any number of writers, by one process alone, or not.
const (
	lockTogether = syscall.LOCK_SH
	lockAlone    = syscall.LOCK_EX
	lockNot      = syscall.LOCK_UN
)

// canShare returns why files can't be shared on this system.
func canShare() error { return nil }

// tryFlock takes or changes the flock of an open file, or gives it up, without
// waiting. If it is refused, what was held before is lost too.
func tryFlock(f *os.File, how int) (bool, error) { return flock(int(f.Fd()), how) }

func flock(fd, how int) (bool, error) {
	for {
		switch err := syscall.Flock(fd, how|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EINTR:
		case syscall.EWOULDBLOCK:
			return false, nil
		default:
			return false, os.NewSyscallError("flock", err)
		}
	}
}

// flock takes the lock of o, see tryFlock.
func (o *osFile) flock(how int) bool {
	ok, err := flock(o.fd, how)
	return ok && err == nil
}
