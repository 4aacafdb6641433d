package netsink

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent returns how many bytes, the end included, the peer's system has not
// acknowledged, or with a socket of unix the peer not read; or the reset that came instead.
func unsent(raw syscall.RawConn) (n int, err error) {
	controlErr := raw.Control(func(fd uintptr) {
		if n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err != nil {
			return
		}
		var pending int
		if pending, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && pending != 0 {
			err = unix.Errno(pending)
		}
	})
	if err == nil {
		err = controlErr
	}
	return n, err
}
