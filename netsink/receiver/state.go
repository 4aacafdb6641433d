package receiver

import (
	"container/list"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// A state is what a Server shares among its listeners.
type state struct {
	settings
	logger   string
	targets  targets
	report   reporter
	conns    *semaphore.Weighted // one for each connection
	inFlight *semaphore.Weighted // bytes of long frames

	newDecoder func() decoder

	mu       sync.Mutex
	feeds    map[*feed]struct{}
	ended    tally     // of feeds that are no more
	silent   list.List // of *conn that have not sent a record, the oldest first
	accepted uint64
	open     uint64

	timeouts atomic.Uint64
}

// A decoder is a [logrecord.Decoder].
type decoder interface {
	Decode(p []byte) (logger string, r slog.Record, err error)
}

func newState(s *Server) *state {
	st := &state{settings: newSettings(s), logger: s.Logger, feeds: map[*feed]struct{}{}}
	st.targets.target = s.Target
	st.report.onError = s.OnError
	st.report.target = func() slog.Handler { return s.Target("netsink.receiver") }
	st.conns = semaphore.NewWeighted(int64(st.maxConns))
	st.inFlight = semaphore.NewWeighted(st.maxInFlight)
	st.newDecoder = s.newDecoder
	if st.newDecoder == nil {
		st.newDecoder = func() decoder { return logrecord.NewDecoder(st.limits) }
	}
	return st
}

// room waits for room for one more connection, and if it is to evict makes it if there is one that
// has not sent anything of use. It returns false if ctx ends first. Then nobody is evicted for it.
func (st *state) room(ctx context.Context, evict bool) bool {
	if st.conns.TryAcquire(1) {
		return true
	}
	if evict && ctx.Err() == nil {
		st.evict()
	}
	return st.conns.Acquire(ctx, 1) == nil
}

// evict closes the oldest connection that has not sent a whole record.
func (st *state) evict() {
	st.mu.Lock()
	defer st.mu.Unlock()
	if oldest := st.silent.Front(); oldest != nil {
		c := st.silent.Remove(oldest).(*conn)
		c.place = nil
		c.evict()
	}
}

// begin notes a connection.
func (st *state) begin(c *conn) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.accepted++
	st.open++
	st.feeds[&c.feed] = struct{}{}
	c.place = st.silent.PushBack(c)
}

// turnedAway notes a connection that is closed at once.
func (st *state) turnedAway() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.accepted++
}

// spoke notes that a connection has sent a record.
func (st *state) spoke(c *conn) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.forget(c)
}

// forget takes c off the list. The caller holds mu.
func (st *state) forget(c *conn) {
	if c.place != nil {
		st.silent.Remove(c.place)
		c.place = nil
	}
}

// end notes that a connection is closed.
func (st *state) end(c *conn) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.forget(c)
	st.open--
	st.endFeed(&c.feed)
}

// endFeed keeps what a feed has counted. The caller holds mu.
func (st *state) endFeed(f *feed) {
	delete(st.feeds, f)
	st.ended.add(&f.tally)
}
