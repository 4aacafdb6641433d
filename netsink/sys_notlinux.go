//go:build !linux

package netsink

import (
	"errors"
	"syscall"
)

// unsent can't be known here.
func unsent(syscall.RawConn) (int, error) { return 0, errors.ErrUnsupported }
