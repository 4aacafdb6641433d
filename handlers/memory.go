package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// MemoryOptions say when a [Memory] flushes. They are the arguments of CPython's
// MemoryHandler.
type MemoryOptions struct {
	// Capacity is the number of records at which the buffer is flushed. 0 means
	// 1000; with 1 and below each record is flushed at once.
	Capacity int

	// FlushLevel is the level from which a record flushes the buffer, itself
	// included. Nil means ERROR.
	FlushLevel slog.Leveler

	// KeepOnClose leaves out the flush when the Memory is closed. It is
	// flushOnClose=False.
	KeepOnClose bool
}

// A Memory holds records back and passes them on to its target in bulk: when it
// has as many as its capacity, when a record is severe enough, when [Flush] or
// Close say so. It is logging.handlers.MemoryHandler of CPython.
//
// It takes records of all levels, and does not ask whether the target is enabled
// for them; wrap it, or the target, in [NewLevel] and [NewFilter]. Without a
// target it collects without end.
//
// A record is kept as it was when it was logged: its LogValuers are resolved and
// its context no longer ends. Memories derived by With share one buffer, and
// reach the target in the order of logging, each record once.
//
// Handle flushes before it returns, with one exception: while another goroutine
// is flushing, or the target logs to the Memory that feeds it, the flush
// under way takes over what is due, within bounds: what it leaves goes with the
// next record. So a target may log to its own Memory. Errors and panics of the
// target come back from whatever flushes, joined.
//
// Use [NewMemory]; the zero value is not usable.
type Memory struct {
	buffer *memoryBuffer
	bound  *binding
}

// NewMemory returns a Memory that feeds target, which may be nil; see
// [Memory.SetTarget].
func NewMemory(target slog.Handler, o MemoryOptions) *Memory {
	if o.Capacity == 0 {
		o.Capacity = 1000
	}
	if o.FlushLevel == nil {
		o.FlushLevel = slog.LevelError
	}
	b := &memoryBuffer{o: o, target: &memoryTarget{Adopt(target)}}
	return &Memory{buffer: b, bound: &binding{}}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Memory) AddsContextAttrs() {}

// Unwrap returns the target, nil if there is none.
func (h *Memory) Unwrap() slog.Handler {
	h.buffer.mu.Lock()
	defer h.buffer.mu.Unlock()
	return h.buffer.target.h
}

// String describes h, as in "Memory(1000, File(app.log))".
func (h *Memory) String() string {
	target := "no target"
	if t := h.Unwrap(); t != nil {
		target = describe(t)
	}
	return fmt.Sprintf("Memory(%d, %s)", h.buffer.o.Capacity, target)
}

// Enabled reports true.
func (h *Memory) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps r, and flushes the buffer if it is full or r severe enough.
func (h *Memory) Handle(ctx context.Context, r slog.Record) error {
	return h.buffer.add(keep(ctx, h.bound, r))
}

// WithAttrs returns a Memory with the same buffer that adds attrs to records.
func (h *Memory) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Memory{h.buffer, &binding{parent: h.bound, attrs: ResolveAttrs(attrs)}}
}

// WithGroup returns a Memory with the same buffer that qualifies later attrs.
func (h *Memory) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Memory{h.buffer, &binding{parent: h.bound, group: name}}
}

// WithLoggerName returns a Memory with the same buffer whose target learns the
// logger's name.
func (h *Memory) WithLoggerName(key, name string) slog.Handler {
	return &Memory{h.buffer, h.bound.withName(key, name)}
}

// SetTarget makes target, which may be nil, the one that records go to from now
// on. What is in the buffer waits for the next flush. When it returns, at most the
// one record that is being handled still goes to the old target.
func (h *Memory) SetTarget(target slog.Handler) {
	t := &memoryTarget{Adopt(target)}
	h.buffer.mu.Lock()
	defer h.buffer.mu.Unlock()
	if h.buffer.target = t; t.h == nil {
		h.buffer.due = 0
	}
}

// Buffered returns the number of records that wait for a flush.
func (h *Memory) Buffered() int {
	h.buffer.mu.Lock()
	defer h.buffer.mu.Unlock()
	return len(h.buffer.records)
}

// flushWait bounds how long Flush takes, since a target that calls it would wait
// for itself.
const flushWait = 10 * time.Second

// Flush passes what is in the buffer now to the target, if there is one, or
// waits until a flush under way has. Of what comes meanwhile it passes on a few
// records that are due, and leaves others to who logs next. It takes up to ten
// seconds; what is left then stays in the buffer, and the error says how much.
func (h *Memory) Flush() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushWait)
	defer cancel()
	return h.buffer.flush(ctx)
}

// Close flushes, unless MemoryOptions.KeepOnClose says otherwise, and lets go
// of the target, which it does not close. It flushes as [Memory.Flush] does, but
// until ctx ends, which it asks before each record. As in CPython the Memory
// goes on collecting, for a target to come.
func (h *Memory) Close(ctx context.Context) error {
	var err error
	if !h.buffer.o.KeepOnClose {
		err = h.buffer.flush(ctx)
	}
	h.SetTarget(nil)
	return err
}

// memoryRecord is a record that waits.
type memoryRecord struct {
	ctx   context.Context
	bound *binding
	r     slog.Record
}

// memoryTarget gives a target an identity: two are the same if the pointers are.
type memoryTarget struct{ h slog.Handler }

// memoryBuffer is what all Memories derived from one share.
//
// At most one goroutine flushes at a time. It takes the records one by one,
// and holds no lock while the target handles one. Others only say how far it
// should go. Records have numbers, in the order in which they came, from 1.
type memoryBuffer struct {
	o MemoryOptions

	mu       sync.Mutex
	target   *memoryTarget
	records  []memoryRecord // oldest first
	added    uint64         // number of the newest record
	passed   uint64         // number of the newest record that the target is done with
	due      uint64         // number up to which records are to be passed on
	busy     bool           // a goroutine flushes
	progress chan struct{}  // closed when passed or busy changes; nil if nobody waits
}

func (b *memoryBuffer) add(m memoryRecord) error {
	severe := m.r.Level >= b.o.FlushLevel.Level() // not under the lock: it may log
	b.mu.Lock()
	b.records = append(b.records, m)
	b.added++
	if severe || len(b.records) >= b.o.Capacity {
		b.ask(b.added)
	}
	return b.drain(context.Background(), b.due+maxExtra)
}

// flush passes on what is in the buffer now, or waits until somebody has.
func (b *memoryBuffer) flush(ctx context.Context) error {
	var errs []error
	b.mu.Lock()
	for goal := b.added; b.target.h != nil && b.passed < goal; b.mu.Lock() {
		if ctx.Err() != nil {
			errs = append(errs, fmt.Errorf("handlers: memory: %d records not passed on: %w", goal-b.passed, context.Cause(ctx)))
			break
		}
		b.ask(goal)
		if b.busy {
			b.wait(ctx)
		} else {
			errs = append(errs, b.drain(ctx, goal+flushExtra))
		}
	}
	b.mu.Unlock()
	return errors.Join(errs...)
}

// wait waits until something has been passed on. The caller holds mu, wait
// unlocks it.
func (b *memoryBuffer) wait(ctx context.Context) {
	if b.progress == nil {
		b.progress = make(chan struct{})
	}
	progress := b.progress
	b.mu.Unlock()
	select {
	case <-progress:
	case <-ctx.Done():
	}
}

// maxExtra bounds how many records that come during a flush it passes on for
// others, so that a target that logs for each record it gets does not keep it
// busy for ever. The rest stays due. Who calls Flush wants to go on: such a
// flush takes but flushExtra.
const (
	maxExtra   = 10_000
	flushExtra = 100
)

// drain passes on what is due, up to the record with number last, unless
// another goroutine does. The caller holds mu, drain unlocks it.
func (b *memoryBuffer) drain(ctx context.Context, last uint64) error {
	if b.busy || !b.ready() {
		b.mu.Unlock()
		return nil
	}
	b.busy = true
	b.mu.Unlock()
	ended := false
	defer func() { // a target in a test may end the goroutine
		if !ended {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.passedOn()
			b.busy = false
		}
	}()
	var errs []error
	for {
		m, target := b.next(ctx, last)
		if target == nil {
			ended = true
			return errors.Join(errs...)
		}
		if err := m.deliver(target); err != nil {
			errs = append(errs, err)
		}
	}
}

// ask makes records up to a number due. Without a target it does nothing, as in
// CPython: a target that comes later gets them at the flush after that. The
// caller holds mu.
func (b *memoryBuffer) ask(due uint64) {
	if b.target.h != nil {
		b.due = max(b.due, due)
	}
}

// taken returns the number of the newest record that is not in the buffer any
// more. The caller holds mu.
func (b *memoryBuffer) taken() uint64 { return b.added - uint64(len(b.records)) }

// ready reports whether a record can be passed on. The caller holds mu.
func (b *memoryBuffer) ready() bool { return b.due > b.taken() && b.target.h != nil }

// passedOn says that no record is in the target. The caller holds mu.
func (b *memoryBuffer) passedOn() {
	b.passed = b.taken()
	if b.progress != nil {
		close(b.progress)
		b.progress = nil
	}
}

// next takes the oldest record for the goroutine that flushes. If it is to pass on
// no more, it ends the flush under the lock under which it found that out:
// whoever comes later sees that nobody flushes.
func (b *memoryBuffer) next(ctx context.Context, last uint64) (memoryRecord, *memoryTarget) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.passedOn()
	if !b.ready() || b.taken() >= last || ctx.Err() != nil {
		b.busy = false
		return memoryRecord{}, nil
	}
	m := b.records[0]
	b.records[0] = memoryRecord{} // lets go of what it holds
	if b.records = b.records[1:]; len(b.records) == 0 {
		b.records = nil
	}
	return m, b.target
}

func (m memoryRecord) deliver(t *memoryTarget) (err error) {
	defer recoverTo(&err)
	return m.bound.to(t).Handle(m.ctx, m.r)
}

// keep makes a record fit to outlive the call that logged it.
func keep(ctx context.Context, bound *binding, r slog.Record) memoryRecord {
	if ctx == nil {
		ctx = context.Background()
	}
	return memoryRecord{context.WithoutCancel(contextattrs.Freeze(ctx)), bound, settle(r)}
}
