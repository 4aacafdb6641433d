package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	o := handlers.FailoverOptions{OnError: func(error) {}}
	hostileCases["Failover"] = hostileCase{wrap: func(next slog.Handler) slog.Handler { return handlers.NewFailover(o, next) }}
	hostileCases["Failover over a failing one"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewFailover(o, failing(errTest), next)
	}}
}

func wantFailover(t *testing.T, h *handlers.Failover, in, out, dropped uint64, each ...handlers.FailoverHandler) {
	t.Helper()
	got := h.Stats()
	if got.In != got.Out+got.Dropped+got.Held {
		t.Errorf("in is not out + dropped + held: %+v", got)
	}
	if got.In != in || got.Out != out || got.Dropped != dropped || !slices.Equal(got.Handlers, each) {
		t.Errorf("stats: %+v, want %d, %d, %d, %+v", got, in, out, dropped, each)
	}
}

// TestFailover has the first of two fail for 100 seconds: it is tried again after 1, 2,
// 4 seconds and so on, by one record each, and is the one again once it is well.
func TestFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
		var errs errorLog
		start := time.Now()
		var tried []int // seconds
		flaky := &hook{handle: func(ctx context.Context, r slog.Record) error {
			if at := time.Since(start); at > 0 && at < 100*time.Second {
				tried = append(tried, int(at/time.Second))
				if len(tried)%2 == 0 {
					panic(errTest)
				}
				return errTest
			}
			return first.Handle(ctx, r)
		}}
		h := handlers.NewFailover(handlers.FailoverOptions{OnError: errs.add}, flaky, second)
		for i := range 200 {
			handle(t, h, record(slog.LevelInfo, fmt.Sprint(i)))
			<-time.After(time.Second)
		}
		if want := []int{1, 2, 4, 8, 16, 32, 64}; !slices.Equal(tried, want) {
			t.Errorf("tried at %v, want %v", tried, want)
		}
		got := slices.Concat(first.Messages(), second.Messages())
		if n := len(second.Records()); n < 99 || n > 124 || len(got) != 200 {
			t.Errorf("%d to the second, %d in all", n, len(got))
		}
		if got := first.Messages(); got[len(got)-1] != "199" {
			t.Errorf("the last to the first is %s", got[len(got)-1])
		}
		wantFailover(t, h, 200, 200, 0,
			handlers.FailoverHandler{Taken: uint64(len(first.Records())), Failed: 7, Well: true},
			handlers.FailoverHandler{Taken: uint64(len(second.Records())), Well: true})
		if all := errs.all(); len(all) != 7 || !errors.Is(all[0], errTest) || !strings.Contains(all[0].Error(), "handler 1") {
			t.Errorf("OnError: %v", all)
		}
	})
}

// TestFailoverAllFail has no handler take a record: the error has all of theirs. A third,
// which is ill, is tried when the others fail.
func TestFailoverAllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := errors.New("nor here")
		rec := handlertest.NewRecorder(nil)
		var well bool
		h := handlers.NewFailover(handlers.FailoverOptions{OnError: func(error) {}}, failing(errTest), &hook{handle: func(ctx context.Context, r slog.Record) error {
			if !well {
				return other
			}
			return rec.Handle(ctx, r)
		}})
		for range 2 {
			err := h.Handle(context.Background(), record(slog.LevelInfo, "lost"))
			if !errors.Is(err, errTest) || !errors.Is(err, other) {
				t.Errorf("Handle: %v", err)
			}
		}
		well = true // but left alone
		handle(t, h.WithGroup("g"), record(slog.LevelInfo, "m"))
		wantMessages(t, rec, "m")
		wantFailover(t, h, 3, 1, 2, handlers.FailoverHandler{Failed: 3}, handlers.FailoverHandler{Taken: 1, Failed: 2, Well: true})
	})
}

// TestFailoverLevels leaves out handlers that are not enabled.
func TestFailoverLevels(t *testing.T) {
	first, second := handlertest.NewRecorder(slog.LevelError), handlertest.NewRecorder(slog.LevelInfo)
	h := handlers.NewFailover(handlers.FailoverOptions{}, first, second)
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelError} {
		if h.Enabled(context.Background(), l) != (l >= slog.LevelInfo) {
			t.Errorf("Enabled(%v)", l)
		}
		handle(t, h, record(l, l.String()))
	}
	wantMessages(t, first, "ERROR")
	wantMessages(t, second, "INFO")
	wantFailover(t, h, 3, 3, 0, handlers.FailoverHandler{Taken: 1, Well: true}, handlers.FailoverHandler{Taken: 1, Well: true})
}

// TestFailoverUnderLoad has the first fail at random: no record is lost or doubled.
func TestFailoverUnderLoad(t *testing.T) {
	var n atomic.Int64
	count := func() *hook {
		return &hook{handle: func(context.Context, slog.Record) error {
			n.Add(1)
			return nil
		}}
	}
	good, calls := count(), atomic.Int64{}
	h := handlers.NewFailover(handlers.FailoverOptions{RetryMin: time.Nanosecond, RetryMax: time.Nanosecond, OnError: func(error) {}},
		&hook{handle: func(ctx context.Context, r slog.Record) error {
			if calls.Add(1)%3 == 0 {
				return errTest
			}
			return good.handle(ctx, r)
		}}, count())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				_ = h.Handle(context.Background(), record(slog.LevelInfo, "m"))
			}
		})
	}
	wg.Wait()
	if s := h.Stats(); s.In != 4000 || s.Out != 4000 || n.Load() != 4000 || s.Handlers[0].Taken+s.Handlers[1].Taken != 4000 {
		t.Errorf("%d have arrived; %+v", n.Load(), s)
	}
}

func TestFailoverMisuse(t *testing.T) {
	wantPanic(t, "there is no handler", func() { handlers.NewFailover(handlers.FailoverOptions{}) })
	wantPanic(t, "argument 3: the handler is nil", func() { handlers.NewFailover(handlers.FailoverOptions{}, slog.DiscardHandler, nil) })
}

func BenchmarkFailover(b *testing.B) {
	next := handlers.NewStream(io.Discard, plain{}, nil)
	r := record(slog.LevelInfo, "m", slog.String("path", "/"))
	for name, h := range map[string]slog.Handler{
		"well": handlers.NewFailover(handlers.FailoverOptions{}, next, next),
		"ill":  handlers.NewFailover(handlers.FailoverOptions{RetryMin: time.Hour, OnError: func(error) {}}, failing(errTest), next),
		"bare": next,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = h.Handle(context.Background(), r)
			}
		})
	}
}
