//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package netsink

import "syscall"

// somethingArrived reports whether anything has arrived that was not read, the end
// included. Nothing is waited for.
func somethingArrived(raw syscall.RawConn) bool {
	something := false
	_ = raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		something = err != syscall.EAGAIN && err != syscall.EINTR
	})
	return something
}
