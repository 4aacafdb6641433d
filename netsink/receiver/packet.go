package receiver

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// maxDatagram is more than a datagram can have.
const maxDatagram = 64 << 10

// ServePacket receives datagrams, of a frame each, until ctx ends or the connection fails.
// Then it takes those that have come, and closes it. A bad datagram is refused, and others go on. The
// error is nil if ctx ended it.
func (s *Server) ServePacket(ctx context.Context, pc net.PacketConn) error {
	defer pc.Close()
	st, err := s.start()
	if err != nil {
		return err
	}
	f := st.newFeed(ctx)
	defer st.dropFeed(f)
	defer st.report.rest()
	err = f.receivePackets(ctx, pc)
	if ctx.Err() == nil {
		return fmt.Errorf("netsink/receiver: %w", err)
	}
	f.drainPackets(pc)
	return nil
}

// receivePackets takes datagrams until ctx ends or the connection fails.
func (f *feed) receivePackets(ctx context.Context, pc net.PacketConn) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = pc.SetReadDeadline(time.Now()) // else the next datagram ends it
		close(interrupted)
	})
	defer func() {
		if !stop() {
			<-interrupted // so that the deadline is not set any later
		}
	}()
	for failed := 0; ctx.Err() == nil; {
		err := f.receivePacket(pc)
		switch {
		case err == nil:
			failed = 0
		case ctx.Err() != nil:
		case !isTemporary(err):
			return err
		default:
			f.report.tell(fmt.Errorf("netsink/receiver: receiving again after a pause: %w", err))
			pause(ctx, failed)
			failed++
		}
	}
	return nil
}

// drainPackets takes the datagrams that have come.
func (f *feed) drainPackets(pc net.PacketConn) {
	until := time.Now().Add(f.settings.drain)
	for tries := 0; tries < backlogTries && time.Now().Before(until); tries++ {
		if pc.SetReadDeadline(time.Now().Add(backlogTime)) != nil {
			return
		}
		if f.receivePacket(pc) == nil {
			tries = -1
		}
	}
}

func (f *feed) receivePacket(pc net.PacketConn) error {
	n, from, err := pc.ReadFrom(f.packet)
	if err == nil {
		f.takeDatagram(f.packet[:n], from)
	}
	return err
}

// newFeed returns a feed for datagrams.
func (st *state) newFeed(ctx context.Context) *feed {
	f := &feed{state: st, ctx: context.WithoutCancel(ctx), decoder: st.newDecoder(), packet: make([]byte, maxDatagram)}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.feeds[f] = struct{}{}
	return f
}

func (st *state) dropFeed(f *feed) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.endFeed(f)
}

// takeDatagram takes a datagram, which is one frame.
func (f *feed) takeDatagram(p []byte, from net.Addr) {
	f.peer = "unknown"
	if from != nil {
		f.peer = cmp.Or(from.String(), f.peer)
	}
	err := f.wrongDatagram(p)
	if err != nil {
		f.tally.refused.Add(1)
	} else {
		err = f.take(p[frame.HeaderLen:])
	}
	if err != nil {
		f.report.tell(&Error{Peer: f.peer, Offset: 0, Err: err})
	}
}

func (f *feed) wrongDatagram(p []byte) error {
	switch n := frame.Len(p); {
	case n == 0:
		return frame.ErrShortHeader
	case n-frame.HeaderLen > f.maxFrame:
		return &frame.TooLongError{Len: int64(n - frame.HeaderLen), Max: int64(f.maxFrame)}
	case n > len(p):
		return frame.ErrShortBody
	case n < len(p):
		return fmt.Errorf("a datagram of %d bytes with a frame of %d", len(p), n)
	}
	return nil
}
