//go:build !linux

package receiver

import "syscall"

// refuse is unknown here.
func refuse(syscall.RawConn) {}
