package handlers

import (
	"context"
	"log/slog"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// repeatedKey is the key of the attr that says how often a record was repeated.
const repeatedKey = "repeated"

// DedupOptions say what a [Dedup] takes for a repetition.
type DedupOptions struct {
	// Interval is how long after a record those like it are held back, and how
	// often it is told how many they are. 0 means ten seconds.
	Interval time.Duration

	// Keys is how many different records are remembered. With 1, which 0 means,
	// only records that follow upon each other are repetitions, as in syslog. For
	// another one that is forgotten whose interval began longest ago.
	// Each takes the memory of a record, and 4 KiB at most for its comparison.
	Keys int

	// OnError gets the errors of records written when an interval ends, when no
	// Handle is there to return them, a few a second at most. Nil prints them to
	// os.Stderr.
	OnError func(error)
}

// A Dedup passes on one of several equal records, and then a record that says how
// often it was repeated: "repeated 3 times: disk full", with the attrs of the first,
// the time of the last, and at top level an attr "repeated". Records are equal
// if their level, logger, message and attrs are, with those of With and of the context,
// as text. Their times may differ, and where they were made.
//
// The repetitions are told when the interval has ended, when the record is
// forgotten for another one, by Flush and by Close. If the next handler
// fails then, the count is kept and told later; only when the record has to be
// forgotten is it lost, and Stats and the error say so. A record whose text takes more
// than 4 KiB is passed on and not compared.
//
// A record is passed on at once, by the goroutine that logs, so one logged by
// another goroutine meanwhile may come before or after it. While repetitions are
// held a timer runs; Close ends it, and later records are passed on uncompared.
//
// CPython has no such handler. Use [NewDedup]; the zero value is not usable.
type Dedup struct {
	next slog.Handler
	core *deduper
	key  []byte // what With, WithGroup and WithLoggerName have bound, for comparisons; never appended to in place
}

// DedupStats tell what a Dedup and all derived from it have done. In is always Out
// + Dropped + Held.
type DedupStats struct {
	In      uint64 // records given to Handle
	Out     uint64 // of In, passed on
	Dropped uint64 // of In, left out as repetitions, and told of or lost
	Held    uint64 // of In, repetitions that no record has told of yet
	Lost    uint64 // of Dropped, those that no record tells of: the next handler failed
	Markers uint64 // records of our own, "repeated N times", in none of the above
}

// NewDedup returns a Dedup that passes records on to next. It panics if next is nil.
func NewDedup(next slog.Handler, o DedupOptions) *Dedup {
	mustHave("NewDedup", next)
	if o.Interval <= 0 {
		o.Interval = 10 * time.Second
	}
	return &Dedup{next: Adopt(next), core: newDeduper(o)}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Dedup) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *Dedup) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *Dedup) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Dedup(Stream(stderr))".
func (h *Dedup) String() string { return "Dedup(" + describe(h.next) + ")" }

// Enabled asks the wrapped handler.
func (h *Dedup) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes r on, or counts it as a repetition. Its error may be that of a record
// that tells of repetitions of another.
func (h *Dedup) Handle(ctx context.Context, r slog.Record) error {
	if ctx == nil {
		ctx = context.Background()
	}
	if r.NumAttrs() > 0 {
		r = settle(r) // a LogValuer is asked once
	}
	buf := getBuffer()
	defer putBuffer(buf)
	key, ok := appendRecordKey(append(*buf, h.key...), ctx, &r)
	*buf = key
	if !ok {
		h.core.passed()
		return h.next.Handle(ctx, r)
	}
	repeated, evicted := h.core.add(key, repetition{ctx: context.WithoutCancel(contextattrs.Freeze(ctx)), next: h.next, r: r})
	var err error
	if evicted != nil {
		err = h.core.write(telling{evicted, evicted.last, evicted.held})
	}
	if repeated {
		return err
	}
	return joined(err, h.next.Handle(ctx, r))
}

// Flush tells of all repetitions held, and begins anew: the next record of any kind is
// passed on. What the next handler fails to take stays held.
func (h *Dedup) Flush() error { return h.core.tellAll() }

// Close is Flush, and ends the timer. The Dedup does not hold back anything from
// then on. What could not be told stays held, for another Close.
func (h *Dedup) Close() error {
	h.core.end()
	return h.core.tellAll()
}

// Stats returns the counts so far.
func (h *Dedup) Stats() DedupStats { return h.core.stats() }

// WithAttrs returns a Dedup with the same memory that adds attrs to records.
func (h *Dedup) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	attrs = ResolveAttrs(attrs)
	key := appendAttrsKey(append([]byte(nil), h.key...), attrs)
	return &Dedup{h.next.WithAttrs(attrs), h.core, key}
}

// WithGroup returns a Dedup with the same memory that qualifies later attrs.
func (h *Dedup) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Dedup{h.next.WithGroup(name), h.core, appendTextKey(append([]byte(nil), h.key...), 'g', name)}
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *Dedup) WithLoggerName(key, name string) slog.Handler {
	return &Dedup{BindName(h.next, key, name), h.core, appendTextKey(append([]byte(nil), h.key...), 'n', name)}
}
