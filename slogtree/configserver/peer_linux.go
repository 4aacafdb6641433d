package configserver

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// knowsUIDs says that the system tells whose process a peer of a unix socket is.
const knowsUIDs = true

// peerCredentials returns what the system knew of the peer's process when that
// connected: unix(7), SO_PEERCRED.
func peerCredentials(c net.Conn) (credentials, error) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return credentials{}, fmt.Errorf("%T is no socket", c)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return credentials{}, err
	}
	var cred *syscall.Ucred
	errControl := raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(errControl, err); err != nil {
		return credentials{}, err
	}
	return credentials{uid: int(cred.Uid), pid: int(cred.Pid)}, nil
}
