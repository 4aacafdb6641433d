package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// RetryOptions say how often and how long a [Retry] tries. The zero value tries three
// times, after pauses of 100 and 200 milliseconds.
type RetryOptions struct {
	// Attempts is how often a record is tried in all. 0 is 3.
	Attempts int

	// Pause is how long the first pause is; each further one is twice as long. 0 is 100
	// milliseconds.
	Pause time.Duration

	// MaxWait bounds the pauses of one record in all: one that would go beyond it is
	// not begun. 0 is 1 second.
	MaxWait time.Duration

	// Retryable reports whether an error is worth another attempt; that a handler is closed,
	// [ErrClosed], never is. Nil takes all for that. A panic is an error that is a [*PanicError].
	Retryable func(error) bool

	// OnError is told what the last attempt that failed returned or panicked with if the next one has
	// succeeded, and so Handle returns nil. Of more than five errors in a second it is told
	// how many there were. Several goroutines may call it at once. It may log to the
	// Retry. Nil prints to os.Stderr.
	OnError func(error)
}

// A Retry gives a record to its target again if that returns an error or panics. The
// caller waits meanwhile, for RetryOptions.MaxWait at most and what the target itself
// takes; put a [Queue] before it if nobody should. When the record's context ends, so
// does the waiting: the target is not tried again. Handle returns the error of the last
// attempt.
//
// A target that has written a record and then returns an error writes it twice.
//
// Use [NewRetry]; the zero value is not usable.
type Retry struct {
	core *retryCore
	next slog.Handler
}

// retryCore is what all Retrys derived from one share.
type retryCore struct {
	o                                 RetryOptions
	trouble                           trouble
	in, out, dropped, inside, retries atomic.Uint64
}

// NewRetry returns a Retry in front of next. It panics if next is nil.
func NewRetry(next slog.Handler, o RetryOptions) *Retry {
	mustHave("NewRetry", next)
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.Pause <= 0 {
		o.Pause = 100 * time.Millisecond
	}
	if o.MaxWait <= 0 {
		o.MaxWait = time.Second
	}
	return &Retry{&retryCore{o: o, trouble: trouble{fn: o.OnError}}, Adopt(next)}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Retry) AddsContextAttrs() {}

// Unwrap returns the target.
func (h *Retry) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the target.
func (h *Retry) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Retry(3, File(app.log))".
func (h *Retry) String() string {
	return fmt.Sprintf("Retry(%d, %s)", h.core.o.Attempts, describe(h.next))
}

// Enabled asks the target.
func (h *Retry) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle gives r to the target until that takes it.
func (h *Retry) Handle(ctx context.Context, r slog.Record) (err error) {
	c := h.core
	c.in.Add(1)
	c.inside.Add(1)
	taken := false
	defer func() { // the target may end the goroutine
		if taken {
			c.out.Add(1)
		} else {
			c.dropped.Add(1)
		}
		c.inside.Add(^uint64(0))
	}()
	err = h.try(ctx, r)
	taken = err == nil
	return err
}

func (h *Retry) try(ctx context.Context, r slog.Record) (err error) {
	o, waited := &h.core.o, time.Duration(0)
	var before error // of the attempt before
	for n, pause := 1, o.Pause; ; n, pause = n+1, 2*pause {
		err = handleOnce(ctx, h.next, r)
		if err == nil && before != nil {
			h.core.trouble.tell(fmt.Errorf("handlers: retry: attempt %d, before one that succeeded: %w", n-1, before))
		}
		if err == nil {
			return nil
		}
		before = err
		if errors.Is(err, ErrClosed) || n == o.Attempts || waited+pause > o.MaxWait || o.Retryable != nil && !o.Retryable(err) || !sleep(ctx, pause) {
			return fmt.Errorf("handlers: retry: attempt %d: %w", n, err)
		}
		waited += pause
		h.core.retries.Add(1)
	}
}

// sleep reports whether it has slept until the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if ctx == nil {
		ctx = context.Background()
	}
	if ctx.Err() != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// WithAttrs returns a Retry that adds attrs to records.
func (h *Retry) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Retry{h.core, h.next.WithAttrs(attrs)}
}

// WithGroup returns a Retry that qualifies later attrs.
func (h *Retry) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Retry{h.core, h.next.WithGroup(name)}
}

// WithLoggerName returns a Retry whose target knows the logger's name.
func (h *Retry) WithLoggerName(key, name string) slog.Handler {
	return &Retry{h.core, BindName(h.next, key, name)}
}

// RetryStats tell what a [Retry] and all derived from it have done. While nobody logs,
// In is Out + Dropped + Held.
type RetryStats struct {
	In      uint64 // records that Handle was called with
	Out     uint64 // that the target has taken
	Dropped uint64 // that it has not: Handle has returned an error
	Held    uint64 // that are tried
	Retries uint64 // attempts after the first
}

// Stats returns what h has done.
func (h *Retry) Stats() RetryStats {
	c := h.core
	return RetryStats{In: c.in.Load(), Out: c.out.Load(), Dropped: c.dropped.Load(), Held: c.inside.Load(), Retries: c.retries.Load()}
}
