package receiver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// A serving is one call of Serve.
type serving struct {
	*state
	ctx   context.Context // for handlers; it does not end
	group errgroup.Group  // of connections

	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newServing(ctx context.Context, st *state) *serving {
	return &serving{state: st, ctx: context.WithoutCancel(ctx), conns: map[*conn]struct{}{}}
}

// accept accepts connections until ctx ends or l fails.
func (v *serving) accept(ctx context.Context, l net.Listener) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		if !limitAccept(l, 0) {
			l.Close()
		}
	})
	defer stop()
	for failed := 0; ctx.Err() == nil; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			failed = 0
			v.admit(ctx, nc, true)
		case ctx.Err() != nil:
		case !isTemporary(err):
			return fmt.Errorf("netsink/receiver: %w", err)
		default:
			v.report.tell(fmt.Errorf("netsink/receiver: accepting again after a pause: %w", err))
			pause(ctx, failed)
			failed++
		}
	}
	<-interrupted
	v.acceptBacklog(l)
	return nil
}

// What has connected already is accepted when Serve is to end: until there is nothing more for
// backlogTime, several times in a row, or maxBacklog is over. The system is not even asked when it
// takes us so long to come to it, which on a busy machine may happen once.
const (
	backlogTime  = 10 * time.Millisecond
	backlogTries = 3
	maxBacklog   = time.Second
)

func (v *serving) acceptBacklog(l net.Listener) {
	if own, ok := l.(*listener); ok {
		refuse(own.raw)
	}
	ctx, cancel := context.WithTimeout(v.ctx, maxBacklog)
	defer cancel()
	for tries := 0; tries < backlogTries && ctx.Err() == nil && limitAccept(l, backlogTime); tries++ {
		if nc, err := l.Accept(); err == nil {
			v.admit(ctx, nc, false)
			tries = -1
		}
	}
}

// limitAccept has Accept fail if nothing comes for d. It returns false if l can't do
// that.
func limitAccept(l net.Listener, d time.Duration) bool {
	t, ok := l.(interface{ SetDeadline(time.Time) error })
	return ok && t.SetDeadline(time.Now().Add(d)) == nil
}

// isTemporary reports whether the same may succeed later: too many files are open, or a
// peer was gone before it was accepted.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// pause waits, up to a second, longer each time.
func pause(ctx context.Context, failed int) {
	t := time.NewTimer(min(5*time.Millisecond<<min(failed, 10), time.Second))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// admit serves a connection, once there is room for it, for which another may have to go. If there is
// none before ctx ends, nobody will know what it has sent.
func (v *serving) admit(ctx context.Context, nc net.Conn, evicts bool) {
	if !v.room(ctx, evicts) {
		v.turnedAway()
		v.report.tell(&Error{Peer: peerName(nc), Offset: -1, Err: errors.New("closed unread, as there was no room for another connection until the end")})
		nc.Close()
		return
	}
	c := newConn(v, nc)
	v.mu.Lock()
	v.conns[c] = struct{}{}
	v.mu.Unlock()
	v.begin(c)
	v.group.Go(func() error { c.run(); return nil })
}

// end takes c, which is closed, out of all accounts.
func (v *serving) end(c *conn) {
	v.mu.Lock()
	delete(v.conns, c)
	v.mu.Unlock()
	v.state.end(c)
	v.state.conns.Release(1)
}

// drain has the connections end, soon or when DrainTimeout is over, and waits for
// that. None begins any more.
func (v *serving) drain() {
	until := time.Now().Add(v.settings.drain)
	for _, c := range v.living() {
		c.drain(until)
	}
	_ = v.group.Wait() // its functions return no errors
}

func (v *serving) living() []*conn {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Collect(maps.Keys(v.conns))
}
