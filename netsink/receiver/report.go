package receiver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// An Error is trouble with what a peer has sent, or with the handler that was to
// take it.
type Error struct {
	Peer   string // its address
	Offset int64  // of the frame that is bad, in all that the peer has sent; -1 for other trouble
	Err    error
}

// Error returns the peer, the offset and the reason.
func (e *Error) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("netsink/receiver: peer %s: %v", e.Peer, e.Err)
	}
	return fmt.Sprintf("netsink/receiver: peer %s: frame at byte %d: %v", e.Peer, e.Offset, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// logPeriod is how often errors are logged.
const logPeriod = time.Second

// A reporter tells of errors.
type reporter struct {
	onError func(error)
	target  func() slog.Handler
	count   atomic.Uint64

	mu       sync.Mutex
	logged   time.Time // when the last one was
	unlogged atomic.Uint64
}

// tell counts err and tells of it.
func (r *reporter) tell(err error) {
	r.count.Add(1)
	if r.onError == nil {
		r.log(err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { _ = recover() }() // there is nobody else to tell
	r.onError(err)
}

// log logs err, unless another was logged less than a period ago, or is being logged: a handler that
// hangs must not hold up everybody.
func (r *reporter) log(err error) {
	if !r.mu.TryLock() {
		r.unlogged.Add(1)
		return
	}
	defer r.mu.Unlock()
	now := time.Now()
	if !r.logged.IsZero() && now.Sub(r.logged) < logPeriod {
		r.unlogged.Add(1)
		return
	}
	r.logged = now
	text := err.Error()
	if n := r.unlogged.Swap(0); n > 0 {
		text = fmt.Sprintf("%s (and %d errors before it that were not logged)", text, n)
	}
	r.warn(text, err)
}

// rest tells how many errors were not logged.
func (r *reporter) rest() {
	if n := r.unlogged.Swap(0); n > 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.warn(fmt.Sprintf("netsink/receiver: %d errors were not logged", n), nil)
	}
}

// warn logs a record of our own. The caller holds mu.
func (r *reporter) warn(text string, err error) {
	defer func() { _ = recover() }() // the handler's, and there is nobody else to tell
	ctx := context.Background()
	rec := slog.NewRecord(time.Now(), slog.LevelWarn, text, 0)
	if p := (*panicError)(nil); errors.As(err, &p) {
		rec.AddAttrs(formatters.Exc(p))
	}
	if h := bindName(r.target(), "netsink.receiver"); h != nil && h.Enabled(ctx, rec.Level) {
		_ = h.Handle(ctx, rec) // as above
	}
}
