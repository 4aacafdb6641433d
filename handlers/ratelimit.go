package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// RateLimitOptions say how many records a [RateLimit] lets through.
type RateLimitOptions struct {
	// Every is the time for one record, on the average: time.Second/50 lets 50 a
	// second pass. 0 means time.Second/100.
	Every time.Duration

	// Burst is how many records pass at once after a time with none. 0 means as many
	// as there are in a second, and at least one.
	Burst int

	// Key tells which records share a limit: those with equal keys, of which the
	// first 256 bytes count. Nil gives each level its own limit.
	Key func(context.Context, slog.Record) string

	// Keys is how many keys have a limit of their own. Those that have been quiet
	// for long enough are forgotten, the rest share one limit. 0 means 1000.
	Keys int

	// Level is the level from which all records pass. Nil means ERROR.
	Level slog.Leveler
}

// A RateLimit drops records that come too fast: each key has a bucket of Burst
// tokens, a record takes one, and every Every one comes back.
//
// What is dropped is counted. The next record that passes for that key is
// preceded by one at WARN that tells how many were dropped; Flush and Close
// tell of the rest. If the next handler fails then, they stay untold. A RateLimit
// goes on working after Close. There is no goroutine, and a record that tells of none
// costs no allocation. There is no OnError either: what fails is what Handle, Flush or Close
// returns, and a tree reports it to its own.
//
// CPython has no such handler. Use [NewRateLimit]; the zero value is not usable.
type RateLimit struct {
	next slog.Handler
	base slog.Handler // next as NewRateLimit got it
	core *limiter
}

// RateLimitStats tell what a RateLimit and all derived from it have done. In is always
// Out + Dropped.
type RateLimitStats struct {
	In      uint64 // records given to Handle
	Out     uint64 // of In, passed on to the next handler
	Dropped uint64 // of In
	Untold  uint64 // of Dropped, those no record has told of yet
	Markers uint64 // records of our own, in none of the above
	Keys    int    // limits that are remembered, RateLimitOptions.Keys at most
}

// NewRateLimit returns a RateLimit that passes records on to next. It panics if next
// is nil.
func NewRateLimit(next slog.Handler, o RateLimitOptions) *RateLimit {
	mustHave("NewRateLimit", next)
	if o.Every <= 0 {
		o.Every = time.Second / 100
	}
	if o.Burst <= 0 {
		o.Burst = max(int(time.Second/o.Every), 1)
	}
	o.Every = min(o.Every, forever)
	if o.Keys <= 0 {
		o.Keys = 1000
	}
	if o.Level == nil {
		o.Level = slog.LevelError
	}
	next = Adopt(next)
	return &RateLimit{next, next, newLimiter(o)}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *RateLimit) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *RateLimit) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *RateLimit) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "RateLimit(Stream(stderr))".
func (h *RateLimit) String() string { return "RateLimit(" + describe(h.next) + ")" }

// Enabled asks the wrapped handler.
func (h *RateLimit) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes r on, or drops it. Its error may be that of a record that tells of
// dropped ones. A key function that panics is told of by a [*PanicError], and
// the record shares the limit of its level.
func (h *RateLimit) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= h.core.o.Level.Level() {
		h.core.exempt()
		return h.next.Handle(ctx, r)
	}
	key, err := h.key(ctx, r)
	b, pass, untold := h.core.admit(key)
	if !pass {
		return err
	}
	if untold > 0 {
		err = joined(err, h.tell(b, key, untold))
	}
	return joined(err, h.next.Handle(ctx, r))
}

// maxLimitKey bounds what a key takes.
const maxLimitKey = 256

// A limitKey tells the limits apart.
type limitKey struct {
	level slog.Level // unless keyed
	keyed bool
	name  string
}

func (h *RateLimit) key(ctx context.Context, r slog.Record) (key limitKey, err error) {
	key.level = r.Level
	if h.core.o.Key == nil {
		return key, nil
	}
	defer recoverTo(&err)
	name := h.core.o.Key(ctx, r)
	return limitKey{keyed: true, name: name[:min(len(name), maxLimitKey)]}, nil
}

// tell writes how many records of a key were dropped, and keeps them for untold if
// that fails.
func (h *RateLimit) tell(b *bucket, key limitKey, untold uint64) (err error) {
	told := false
	defer func() { h.core.settle(b, untold, told) }()
	defer recoverTo(&err)
	ctx := context.Background()
	if !h.base.Enabled(ctx, slog.LevelWarn) {
		return nil
	}
	r := slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("%d records dropped: over the rate limit", untold), 0)
	r.AddAttrs(slog.Uint64(droppedKey, untold))
	if key.keyed {
		r.AddAttrs(slog.String("key", key.name))
	}
	err = h.base.Handle(ctx, r)
	told = err == nil
	return err
}

// Flush tells of what was dropped and is untold yet, of all keys together.
func (h *RateLimit) Flush() error {
	untold := h.core.takeUntold()
	if untold == 0 {
		return nil
	}
	return h.tell(&h.core.others, limitKey{}, untold)
}

// Close is Flush.
func (h *RateLimit) Close() error { return h.Flush() }

// Stats returns the counts so far.
func (h *RateLimit) Stats() RateLimitStats { return h.core.stats() }

// WithAttrs returns a RateLimit with the same limits that adds attrs to records.
func (h *RateLimit) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &RateLimit{h.next.WithAttrs(attrs), h.base, h.core}
}

// WithGroup returns a RateLimit with the same limits that qualifies later attrs.
func (h *RateLimit) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &RateLimit{h.next.WithGroup(name), h.base, h.core}
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *RateLimit) WithLoggerName(key, name string) slog.Handler {
	return &RateLimit{BindName(h.next, key, name), h.base, h.core}
}
