package receiver

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Listen is [net.Listen] for tcp, tcp4, tcp6 and unix, and returns a listener from which [Server.Serve] loses nobody
// when it ends, on Linux.
//
// Who connects in the moment in which a listener is closed is told that it is connected, may send, and is reset:
// of what it has sent nobody hears. So on Linux Serve first has the system begin no
// more connections of this listener, and takes those that it has begun. A peer of TCP that comes then hears
// nothing, tries again within a second, and hears from who listens there by then; one of a unix socket is refused. Elsewhere, and
// with other listeners, which another process may have too, such a peer may be reset.
//
// TCP is not the multipath one, which has no means for that.
func Listen(network, address string) (net.Listener, error) {
	switch network {
	case "tcp", "tcp4", "tcp6", "unix":
	default:
		return nil, fmt.Errorf("netsink/receiver: the network %q is none of tcp, tcp4, tcp6, unix", network)
	}
	var lc net.ListenConfig
	lc.SetMultipathTCP(false)
	l, err := lc.Listen(context.Background(), network, address)
	if err != nil {
		return nil, fmt.Errorf("netsink/receiver: %w", err)
	}
	s := l.(stream)
	raw, err := s.SyscallConn()
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("netsink/receiver: %w", err)
	}
	return &listener{s, raw}, nil
}

// A stream is a listener of package net for streams.
type stream interface {
	net.Listener
	syscall.Conn
	SetDeadline(time.Time) error
}

// A listener is one that nobody else has.
type listener struct {
	stream
	raw syscall.RawConn
}
