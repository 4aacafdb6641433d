package admin

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Bounds of who watches.
const (
	maxClients  = 16
	maxQueued   = 1000    // records that wait for one client
	queueBytes  = 1 << 20 // their size
	watchedRing = 500     // records kept while somebody watches, without Options.Recent
	maxRecent   = 10000
	ringBytes   = 4 << 20
)

// A hub passes records from the tree to those who watch. It is among the
// tree's watchers only while it has anything to do. Nobody who logs waits for it but
// for its mutex, under which there is no writing.
type hub struct {
	tree   *slogtree.Tree
	recent int
	level  atomic.Int64 // the lowest that anybody wants

	mu      sync.Mutex
	ended   bool
	stop    func(context.Context) error // nil while it is not among the watchers
	last    uint64                      // id
	kept    queue
	clients map[*client]struct{}
}

func newHub(tree *slogtree.Tree, recent int) *hub {
	h := &hub{tree: tree, recent: min(recent, maxRecent), clients: map[*client]struct{}{}}
	if h.kept.limit, h.kept.room = h.recent, ringBytes; recent == 0 {
		h.kept.limit = watchedRing
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.adjust()
	return h
}

// adjust begins or ends to watch, and notes which level is wanted. The caller
// holds the mutex.
func (h *hub) adjust() {
	lowest := slog.Level(math.MaxInt)
	for c := range h.clients {
		lowest = min(lowest, c.wants.level)
	}
	if h.recent > 0 && !h.ended {
		lowest = math.MinInt
	}
	h.level.Store(int64(lowest))
	busy := !h.ended && (h.recent > 0 || len(h.clients) > 0)
	switch {
	case busy && h.stop == nil:
		h.stop, _ = h.tree.Watch(&tailHandler{hub: h, attrs: attrsAlone}) // refuses others alone
	case !busy && h.stop != nil:
		h.kept.clear()
		ended, cancel := context.WithCancel(context.Background())
		cancel() // nobody has to wait: a record that comes late finds no client
		_ = h.stop(ended)
		h.stop = nil
	}
}

// wants reports whether anybody wants such a record.
func (h *hub) wants(level slog.Level, logger string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recent > 0 {
		return !h.ended
	}
	for c := range h.clients {
		if c.wants.takes(level, logger) {
			return true
		}
	}
	return false
}

// publish gives r to all who want it.
func (h *hub) publish(r *record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stop == nil {
		return
	}
	h.last++
	r.id = h.last
	for h.kept.full(r) && h.kept.take() != nil {
	}
	h.kept.put(r)
	for c := range h.clients {
		if c.wants.takes(r.level, r.logger) {
			c.offer(r)
		}
	}
}

// join adds a client, which gets what is kept with an id after since. It returns
// nil if there are too many.
func (h *hub) join(wants selection, since uint64) *client {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended || len(h.clients) >= maxClients {
		return nil
	}
	c := &client{wants: wants, ready: make(chan struct{}, 1)}
	c.queued.limit, c.queued.room = maxQueued, queueBytes
	if since > h.last { // of another process
		since = 0
	}
	for _, r := range h.kept.records {
		if r.id > since && wants.takes(r.level, r.logger) {
			c.queued.put(r)
			for c.queued.full(&record{}) && c.queued.take() != nil { // the newest are of more use
			}
		}
	}
	c.wake()
	h.clients[c] = struct{}{}
	h.adjust()
	return c
}

// leave removes a client.
func (h *hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
	h.adjust()
}

// end sends all clients away.
func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for c := range h.clients {
		c.gone = true
		c.wake()
	}
	clear(h.clients)
	h.adjust()
}

// A client is somebody who watches. The hub's mutex guards it.
type client struct {
	wants   selection
	queued  queue
	dropped uint64 // records for which there was no room, since the client was told
	gone    bool
	ready   chan struct{} // has an element when there is something to do
}

// offer queues r for the client, or counts it.
func (c *client) offer(r *record) {
	if c.queued.full(r) {
		c.dropped++
	} else {
		c.queued.put(r)
	}
	c.wake()
}

func (c *client) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// take returns the next records for a client, how many were dropped after them, and whether
// the client has to go.
func (h *hub) take(c *client) (batch []*record, dropped uint64, gone bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	batch, dropped, gone = c.queued.records, c.dropped, c.gone
	c.queued.clear()
	c.dropped = 0
	return batch, dropped, gone
}

// A queue holds records, but not too many.
type queue struct {
	records     []*record
	bytes       int
	limit, room int // records and bytes
}

// full reports whether there is no room for r.
func (q *queue) full(r *record) bool {
	return len(q.records) >= q.limit || len(q.records) > 0 && q.bytes+r.size() > q.room
}

func (q *queue) put(r *record) {
	q.records = append(q.records, r)
	q.bytes += r.size()
}

// take removes the oldest.
func (q *queue) take() *record {
	if len(q.records) == 0 {
		return nil
	}
	r := q.records[0]
	q.records[0] = nil
	q.records = q.records[1:]
	q.bytes -= r.size()
	return r
}

func (q *queue) clear() { q.records, q.bytes = nil, 0 }
