package slogtree

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
)

// An eventful is a handler that tells what happens to it.
type eventful struct {
	slog.Handler
	events chan string
}

func (h *eventful) Enabled(context.Context, slog.Level) bool      { return true }
func (h *eventful) WithAttrs([]slog.Attr) slog.Handler            { return h }
func (h *eventful) WithGroup(string) slog.Handler                 { return h }
func (h *eventful) Handle(_ context.Context, r slog.Record) error { h.events <- r.Message; return nil }
func (h *eventful) Close() error                                  { h.events <- "closed"; return nil }
func (h *eventful) WithLoggerName(string, string) slog.Handler    { return h }

// A stuck is a handler that wraps another, and has records wait.
type stuck struct {
	eventful
	inner    slog.Handler
	in, goOn chan struct{}
}

func (h *stuck) Unwrap() slog.Handler                       { return h.inner }
func (h *stuck) WithAttrs([]slog.Attr) slog.Handler         { return h }
func (h *stuck) WithLoggerName(string, string) slog.Handler { return h }
func (h *stuck) Handle(context.Context, slog.Record) error  { close(h.in); <-h.goOn; return nil }

// A handler is not closed before one that waits for a record, since it shares another with that one, and that still has
// records for it.
func TestCloseSharedLater(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	x, y := &eventful{events: make(chan string, 3)}, &eventful{events: make(chan string, 3)}
	b := &stuck{eventful: eventful{events: make(chan string, 1)}, inner: x, in: make(chan struct{}), goOn: make(chan struct{})}
	m := handlers.NewMemory(handlers.NewFanout(x, y), handlers.MemoryOptions{Capacity: 10})
	tree.Get("m").AddHandler(m)
	tree.Get("b").AddHandler(b)
	tree.Get("y").AddHandler(y)
	tree.Root().SetLevel(slog.LevelInfo)
	tree.Get("m").Info("held back")
	go tree.Get("b").Info("stuck")
	<-b.in
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tree.Close(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	close(b.goOn)
	for i, want := range []string{"held back", "closed"} {
		if got := <-y.events; got != want {
			t.Errorf("event %d is %q, want %q", i, got, want)
		}
	}
}

// A logger that is compared, but does not change, must not have been configured either.
func TestCompareOthers(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	a := tree.Get("a")
	a.AddHandler(newCloseCounter())
	old := map[string]Setting{"a": a.Setting(), "never made": {}}
	next := map[string]Setting{"b": {Level: slog.LevelInfo}}
	if _, err := tree.CompareAndReplace(t.Context(), old, next); err != nil {
		t.Fatal(err)
	}
	if err := tree.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.CompareAndReplace(t.Context(), old, map[string]Setting{"c": {}}); !errors.Is(err, ErrConflict) {
		t.Errorf("the error is %v", err)
	}
}

// A slowFlush takes its time to flush.
type slowFlush struct {
	closeCounter
	takes   time.Duration
	flushed atomic.Bool
}

func (h *slowFlush) Flush() error {
	time.Sleep(h.takes)
	h.flushed.Store(true)
	return errSlow
}

var errSlow = errors.New("slow")

// Close ends soon after its context, though Flush has none.
func TestCloseWithSlowFlush(t *testing.T) {
	for _, c := range []struct {
		name             string
		takes, ctx, want time.Duration // ctx 0 has no end, below 0 has ended
		err              error
	}{
		{"no end", time.Hour, 0, time.Hour, errSlow},
		{"in time", time.Second, time.Minute, time.Second, errSlow},
		{"too long", 5 * time.Second, time.Second, 1100 * time.Millisecond, context.DeadlineExceeded},
		{"ended before, quick", time.Millisecond, -1, time.Millisecond, errSlow},
		{"ended before, slow", time.Hour, -1, 100 * time.Millisecond, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tree := New(Options{LastResort: slog.DiscardHandler})
				h := &slowFlush{takes: c.takes}
				h.Handler = slog.DiscardHandler
				tree.Root().AddHandler(h)
				ctx, cancel := context.WithCancel(context.Background())
				switch {
				case c.ctx == 0:
					ctx = context.Background()
				case c.ctx < 0:
					cancel()
				default:
					ctx, cancel = context.WithTimeout(ctx, c.ctx)
				}
				defer cancel()
				start := time.Now()
				if err := tree.Close(ctx); !errors.Is(err, c.err) {
					t.Errorf("%v, want %v", err, c.err)
				}
				if took := time.Since(start); took != c.want {
					t.Errorf("it took %v, want %v", took, c.want)
				}
				if h.closed.Load() != 1 {
					t.Error("it was not closed")
				}
				time.Sleep(c.takes) // the goroutine ends, or the bubble does not
				if !h.flushed.Load() {
					t.Error("it was not flushed")
				}
			})
		})
	}
}
