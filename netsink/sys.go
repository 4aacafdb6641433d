package netsink

import (
	"errors"
	"syscall"
)

// wsaMsgSize is what Windows calls EMSGSIZE. It is no error's number elsewhere.
const wsaMsgSize = syscall.Errno(10040)

// isTooLong reports whether a datagram was too long for the way that it had to take.
func isTooLong(err error) bool {
	return errors.Is(err, syscall.EMSGSIZE) || errors.Is(err, wsaMsgSize)
}

// isRefused reports whether a host has said that nobody listens there.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
