//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package netsink

import "syscall"

// peek reports what has arrived and was not read. Nothing is waited for.
func peek(raw syscall.RawConn) arrived {
	result := nothingArrived
	_ = raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case err == syscall.EAGAIN || err == syscall.EINTR:
		case err == nil && n > 0:
			result = dataArrived
		default:
			result = endArrived
		}
	})
	return result
}
