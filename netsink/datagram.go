package netsink

import (
	"fmt"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// maxRefused is how often a datagram is tried again where the answer is that an earlier one
// found nobody.
const maxRefused = 3

// sendDatagrams sends each record as a datagram, header included, as CPython's DatagramHandler does.
func (s *sender) sendDatagrams(p []byte) {
	for len(p) > 0 {
		n := frame.Len(p)
		err := s.sendDatagram(p[:n])
		switch {
		case err == nil:
			s.count(n, 1)
		case isTooLong(err):
			s.spool.Failed(n, "")
			s.report.addSeldom(s.wrap(fmt.Errorf("a record of %d bytes is dropped: %w", n, err)), s.o.RetryMin)
		default:
			s.spool.Untake()
			s.lose(err)
			return
		}
		p = p[n:]
	}
}

// sendDatagram sends one. That nobody listened to an earlier one is told, and of no consequence for
// this one. With a socket of unix it is always this one, and needs a new socket.
func (s *sender) sendDatagram(p []byte) error {
	for tries := 0; ; tries++ {
		_, err := s.conn.write(p, s.o.WriteTimeout)
		if err == nil || !isRefused(err) || tries == maxRefused {
			return err
		}
		s.report.addSeldom(s.wrap(err), s.o.RetryMin)
	}
}
