package receiver

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// notSYN is a program for the kernel that passes all segments of TCP but those that begin a connection.
var notSYN = []unix.SockFilter{
	{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 13}, // the flags
	{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 2, Jf: 1},
	{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	{Code: unix.BPF_RET | unix.BPF_K, K: 1<<32 - 1},
}

// refuse has the system begin no more connections, of a listener that nobody else has.
func refuse(raw syscall.RawConn) {
	_ = raw.Control(func(fd uintptr) {
		switch domain, _ := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN); domain {
		case unix.AF_UNIX:
			_ = unix.Shutdown(int(fd), unix.SHUT_RD)
		case unix.AF_INET, unix.AF_INET6:
			program := unix.SockFprog{Len: uint16(len(notSYN)), Filter: &notSYN[0]}
			_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program)
		}
	})
}
