package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// An Overflow says what a [Queue] does with a record that comes while it is full.
type Overflow int

const (
	// Block has the caller wait until there is room, for QueueOptions.MaxWait at
	// most if that is set.
	Block Overflow = iota

	// DropNew drops the record, and Handle returns [ErrFull].
	DropNew

	// DropOld drops the oldest records that are not under way to the target yet. Up
	// to an eighth of the queue, or 128, are if the target has been fast. A record for
	// which that would not make room is dropped itself, and Handle returns [ErrFull].
	DropOld
)

// String returns the name, as in "DropOld".
func (o Overflow) String() string {
	switch o {
	case Block:
		return "Block"
	case DropNew:
		return "DropNew"
	case DropOld:
		return "DropOld"
	}
	return fmt.Sprintf("Overflow(%d)", int(o))
}

// ErrFull is what Handle returns, wrapped, if it has dropped its record for want of room.
var ErrFull = errors.New("the queue is full, the record is dropped")

// QueueOptions say how much a [Queue] holds, and what it does when that is not
// enough. The zero value holds 4096 records of 64 MiB in all, and then has callers
// wait.
type QueueOptions struct {
	// Records is how many records may be held, those under way to the target
	// included. 0 is 4096; the least is 2. Room for them, some 350 bytes each, is made
	// as they come, and kept.
	Records int

	// Bytes is how long the texts of the records held may be in all: messages,
	// keys, strings and some for each value. One that is longer by itself is taken
	// when nothing else is held. 0 is 64 MiB.
	Bytes int

	// Overflow says what becomes of a record that comes while the queue is full.
	Overflow Overflow

	// DiscardBelow drops records below a level while less than a fifth of Records
	// is free, so that there is room for what matters. Nil drops none. Handle
	// returns ErrFull for them. It is the discardingThreshold of Logback's
	// AsyncAppender.
	DiscardBelow slog.Leveler

	// MaxWait bounds how long a caller waits, with Block. Then its record is
	// dropped. 0 waits as long as it takes.
	MaxWait time.Duration

	// OnError is told what the target returns and panics with, one call at a time, by
	// the goroutine that feeds the target. Of more than five errors in a second it
	// is told how many there were. It may log to the queue. Nil prints to os.Stderr, as
	// CPython's Handler.handleError does.
	OnError func(error)
}

// A Queue hands records to its target in another goroutine, so that who logs does not
// wait for a slow one. It is logging.handlers.QueueHandler and QueueListener of
// CPython in one.
//
// A record is kept as it was when it was logged: its LogValuers are resolved by the
// caller, its context keeps its values and no longer ends. What pointers in attrs
// point to is not copied. The attrs, groups and name that With and the like bind are
// bound to the target at once, by the caller.
//
// The target gets one record at a time, in the order in which they came. It may
// log to its own Queue, but not wait for such a record: where others would wait for room,
// a record from within the target is dropped. If records are dropped, the target
// gets a record "N records dropped", at WARN, where they are missing. Those that
// come after a quiet time are handed over at once, and while they keep coming each
// within about a millisecond: the goroutine looks for them, and callers need not
// wake it.
//
// That goroutine starts with a record, and ends after 20 milliseconds without
// one, or once Close has seen to the rest. What is held when the program ends is lost:
// call Close before, as CPython's QueueListener wants stop called.
//
// Use [NewQueue]; the zero value is not usable.
type Queue struct {
	core *queueCore
	next slog.Handler
}

// NewQueue returns a Queue that feeds next. It panics if next is nil.
func NewQueue(next slog.Handler, o QueueOptions) *Queue {
	mustHave("NewQueue", next)
	next = Adopt(next)
	return &Queue{newQueueCore(next, o), next}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Queue) AddsContextAttrs() {}

// Unwrap returns the target.
func (h *Queue) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the target.
func (h *Queue) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Queue(4096, File(app.log))".
func (h *Queue) String() string {
	return fmt.Sprintf("Queue(%d, %s)", h.core.o.Records, describe(h.next))
}

// Enabled asks the target, in the caller's goroutine.
func (h *Queue) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle takes r for the target. The error tells that it was dropped, and wraps
// [ErrFull], or [ErrClosed] after Close. What the target returns goes to
// QueueOptions.OnError. A context that has ended does not end the wait for room.
func (h *Queue) Handle(ctx context.Context, r slog.Record) error {
	size, settled := survey(&r)
	if !settled {
		r = settle(r)
		size = sizeOfRecord(&r)
	}
	return h.core.put(contextattrs.Freeze(ctx), h.next, &r, size)
}

// WithAttrs returns a Queue that shares everything, and adds attrs to records.
func (h *Queue) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Queue{h.core, h.next.WithAttrs(ResolveAttrs(attrs))}
}

// WithGroup returns a Queue that shares everything, and qualifies later attrs.
func (h *Queue) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Queue{h.core, h.next.WithGroup(name)}
}

// WithLoggerName returns a Queue that shares everything, whose target knows the
// logger's name.
func (h *Queue) WithLoggerName(key, name string) slog.Handler {
	return &Queue{h.core, BindName(h.next, key, name)}
}

// QueueStats tell what a [Queue] and all derived from it have done. In is always
// Out + Dropped + Held.
type QueueStats struct {
	In      uint64 // records that Handle took or dropped
	Out     uint64 // that the target is done with
	Dropped uint64 // for want of room, or when Close ran out of time
	Held    uint64 // that wait, or are in the target; QueueOptions.Records at most
	Failed  uint64 // of Out: the target returned an error, or panicked
	Markers uint64 // records of our own, "N records dropped", in none of the above
	Refused uint64 // records that came after Close, in none of the above
	Bytes   uint64 // how long the texts of those held are, see QueueOptions.Bytes
}

// Stats returns what h has done.
func (h *Queue) Stats() QueueStats { return h.core.stats() }

// Flush waits until the target is done with what is held now, for up to ten seconds.
// The target itself can't wait for that: it gets an error at once.
func (h *Queue) Flush() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushWait)
	defer cancel()
	return h.core.flush(ctx)
}

// Close has Handle refuse records from now on, and waits until the target is done with
// all that is held, or ctx ends. Then what is not in the target yet is
// dropped, and the error tells how much. Callers who wait for room when Close comes are
// still served. Close does not close the target, see [Close]. It may be called
// again, to wait for longer. The target itself can't wait: it gets an error.
func (h *Queue) Close(ctx context.Context) error { return h.core.close(ctx) }
