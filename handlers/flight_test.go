package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// eachInFlight makes a request of each record.
type eachInFlight struct{ *handlers.FlightRecorder }

func (h eachInFlight) Handle(ctx context.Context, r slog.Record) error {
	ctx, end := h.Start(ctx)
	defer func() { _ = end() }()
	return h.FlightRecorder.Handle(ctx, r)
}

func (h eachInFlight) WithAttrs(attrs []slog.Attr) slog.Handler {
	return eachInFlight{h.FlightRecorder.WithAttrs(attrs).(*handlers.FlightRecorder)}
}

func (h eachInFlight) WithGroup(name string) slog.Handler {
	return eachInFlight{h.FlightRecorder.WithGroup(name).(*handlers.FlightRecorder)}
}

func init() {
	hostileCases["FlightRecorder"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewFlightRecorder(next, handlers.FlightOptions{OnError: func(error) {}})
	}}
	hostileCases["FlightRecorder with a request"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return eachInFlight{handlers.NewFlightRecorder(next, handlers.FlightOptions{OnError: func(error) {}})}
	}}
}

// wantFlight checks the equation, and what is given of the stats.
func wantFlight(t *testing.T, h *handlers.FlightRecorder, want handlers.FlightStats) {
	t.Helper()
	got := h.Stats()
	if got.In != got.Out+got.Dropped+got.Unseen+got.Held {
		t.Errorf("in is not out + dropped + unseen + held: %+v", got)
	}
	if got.Held == 0 && got.Bytes != 0 {
		t.Errorf("%d bytes are held for ever", got.Bytes)
	}
	got.Bytes = 0
	if got != want {
		t.Errorf("stats: %+v, want %+v", got, want)
	}
}

func TestFlightRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewFlightRecorder(rec, handlers.FlightOptions{Slow: time.Second})
		log := slog.New(h)
		value := "before"

		good, end := h.Start(context.Background())
		log.DebugContext(good, "forgotten")
		log.InfoContext(good, "seen")
		if err := end(); err != nil {
			t.Error(err)
		}
		log.DebugContext(good, "after the end")
		log.Debug("of no request")

		bad, end := h.Start(contextattrs.With(context.Background(), "request", 1))
		start := time.Now()
		log.With("a", 1).WithGroup("g").DebugContext(bad, "first", "v", mutable{&value})
		value = "after"
		<-time.After(time.Millisecond)
		log.DebugContext(bad, "second")
		log.InfoContext(bad, "at once")
		log.ErrorContext(bad, "error")
		log.DebugContext(bad, "third")
		for range 2 {
			if err := end(); err != nil {
				t.Error(err)
			}
		}

		slow, end := h.Start(context.Background())
		log.DebugContext(slow, "slow 1")
		log.DebugContext(slow, "slow 2")
		<-time.After(time.Second)
		if err := end(); err != nil {
			t.Error(err)
		}
		wantMessages(t, rec, "seen", "at once", "first", "second", "error", "third", "slow 1", "slow 2")
		first := rec.Records()[2]
		if !first.Time.Equal(start) || first.PC == 0 {
			t.Errorf("the time or the source is lost: %+v", first)
		}
		diff(t, map[string]any{"request": int64(1), "a": int64(1), "g": map[string]any{"v": "before"}}, first.Attrs)
		wantFlight(t, h, handlers.FlightStats{In: 9, Out: 8, Unseen: 1, Shown: 2})
	})
}

// TestFlightBounds has requests log more than is kept.
func TestFlightBounds(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewFlightRecorder(rec, handlers.FlightOptions{Records: 3})
	ctx, end := h.Start(context.Background())
	for i := range 10 {
		slog.New(h).DebugContext(ctx, fmt.Sprint(i))
	}
	slog.New(h).ErrorContext(ctx, "error") // takes the place of one
	_ = end()
	wantMessages(t, rec, "8 records discarded", "8", "9", "error")
	wantFlight(t, h, handlers.FlightStats{In: 11, Out: 3, Dropped: 8, Shown: 1, Markers: 1})

	rec = handlertest.NewRecorder(nil)
	h = handlers.NewFlightRecorder(rec, handlers.FlightOptions{Bytes: 1000})
	one, endOne := h.Start(context.Background())
	two, endTwo := h.Start(context.Background())
	log := slog.New(h)
	for i := range 3 {
		log.DebugContext(one, fmt.Sprint("one ", i))
	}
	log.DebugContext(two, "no room")
	if s := h.Stats(); s.Held != 3 || s.Bytes > 1000 || s.Bytes < 900 {
		t.Errorf("%+v", s)
	}
	log.DebugContext(one, "one 3")
	log.ErrorContext(two, "error")
	_ = endOne()
	_ = endTwo()
	wantMessages(t, rec, "1 records discarded", "error")
	wantFlight(t, h, handlers.FlightStats{In: 6, Out: 1, Dropped: 2, Unseen: 3, Shown: 1, Markers: 1})
}

// TestFlightShowsAll has a target fail in every way while records are shown.
func TestFlightShowsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewFlightRecorder(&hook{handle: func(ctx context.Context, r slog.Record) error {
			switch r.Message {
			case "fails":
				return errTest
			case "panics":
				panic("hostile")
			case "ends":
				runtime.Goexit()
			}
			return rec.Handle(ctx, r)
		}}, handlers.FlightOptions{})
		ctx, end := h.Start(context.Background())
		log := slog.New(h)
		for _, msg := range []string{"1", "fails", "2", "panics", "3"} {
			log.DebugContext(ctx, msg)
		}
		err := h.Handle(ctx, record(slog.LevelError, "error"))
		if !errors.Is(err, errTest) || !errors.As(err, new(*handlers.PanicError)) {
			t.Errorf("Handle: %v", err)
		}
		_ = end()
		ctx, end = h.Start(context.Background())
		log.DebugContext(ctx, "ends")
		log.DebugContext(ctx, "4")
		go func() { log.ErrorContext(ctx, "error") }()
		synctest.Wait()
		log.DebugContext(ctx, "5")
		_ = end()
		wantMessages(t, rec, "1", "2", "3", "error", "4", "error", "5")
		wantFlight(t, h, handlers.FlightStats{In: 10, Out: 10, Shown: 2, Failed: 3})
	})
}

// TestFlightMarkerEnds has a target end the goroutine with the line that tells what was discarded.
func TestFlightMarkerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		var told errorLog
		h := handlers.NewFlightRecorder(&hook{handle: func(ctx context.Context, r slog.Record) error {
			if strings.Contains(r.Message, "discarded") {
				runtime.Goexit()
			}
			return rec.Handle(ctx, r)
		}}, handlers.FlightOptions{Records: 2, OnError: told.add})
		ctx, end := h.Start(context.Background())
		log := slog.New(h)
		for _, msg := range []string{"1", "2", "3"} {
			log.DebugContext(ctx, msg)
		}
		go func() { log.ErrorContext(ctx, "error") }()
		synctest.Wait()
		log.ErrorContext(ctx, "again")
		_ = end()
		wantMessages(t, rec, "3", "error", "again")
		if s := h.Stats(); s.In != s.Out+s.Dropped+s.Unseen+s.Held || s.Held != 0 || len(told.all()) != 1 {
			t.Errorf("%+v; %d errors told", s, len(told.all()))
		}
	})
}

// TestFlightFromWithin has a target that logs to the request whose records it is shown.
func TestFlightFromWithin(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var h *handlers.FlightRecorder
	n := 0
	h = handlers.NewFlightRecorder(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if n++; n < 1000 && r.Level == slog.LevelDebug {
			slog.New(h).DebugContext(ctx, "again")
		}
		return rec.Handle(ctx, r)
	}}, handlers.FlightOptions{})
	ctx, end := h.Start(context.Background())
	slog.New(h).DebugContext(ctx, "debug")
	slog.New(h).ErrorContext(ctx, "error")
	_ = end()
	if got := rec.Messages(); len(got) < 3 || got[0] != "debug" || got[1] != "error" {
		t.Errorf("%.100q", got)
	}
	if s := h.Stats(); s.In != s.Out || s.Held != 0 {
		t.Errorf("%+v", s)
	}
}

// TestFlightEndsFromWithin has a target that logs to the request for each record that it
// gets, and ends it: after a time it is left to itself, and the counts stay right.
func TestFlightEndsFromWithin(t *testing.T) {
	for _, last := range []int{1, 2, 9, 10, 11, 12, 20, 30} {
		var h *handlers.FlightRecorder
		var end func() error
		n := 0
		h = handlers.NewFlightRecorder(&hook{handle: func(ctx context.Context, _ slog.Record) error {
			n++
			switch {
			case n == last:
				_ = end()
			case n < 2*last:
				slog.New(h).DebugContext(ctx, "again")
			}
			if s := h.Stats(); s.Held > s.In || int64(s.Bytes) < 0 {
				t.Errorf("end at %d: %+v", last, s)
			}
			return nil
		}}, handlers.FlightOptions{})
		var ctx context.Context
		ctx, end = h.Start(context.Background())
		slog.New(h).DebugContext(ctx, "debug")
		slog.New(h).ErrorContext(ctx, "error")
		if s := h.Stats(); s.Held != 0 || s.Bytes != 0 || s.In != s.Out+s.Unseen {
			t.Errorf("end at %d: %+v", last, s)
		}
	}
}

// TestFlightOnError has a target end the goroutine that shows records, and then fail: what
// Handle can't return is told.
func TestFlightOnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told errorLog
		h := handlers.NewFlightRecorder(&hook{handle: func(_ context.Context, r slog.Record) error {
			if r.Message == "ends" {
				runtime.Goexit()
			}
			return fmt.Errorf("%s: %w", r.Message, errTest)
		}}, handlers.FlightOptions{OnError: told.add})
		for range 2 {
			ctx, end := h.Start(context.Background())
			log := slog.New(h)
			log.DebugContext(ctx, "returned")
			if err := h.Handle(ctx, record(slog.LevelError, "returned")); !errors.Is(err, errTest) {
				t.Error(err)
			}
			_ = end()
		}
		if errs := told.all(); len(errs) > 0 {
			t.Errorf("told twice: %v", errs)
		}
		ctx, end := h.Start(context.Background())
		go func() {
			slog.New(h).DebugContext(ctx, "ends")
			slog.New(h).DebugContext(ctx, "then fails")
			slog.New(h).ErrorContext(ctx, "fails too")
		}()
		synctest.Wait()
		_ = end()
		got := fmt.Sprint(told.all())
		want := fmt.Sprintf("[handlers: flight recorder: the target ended the goroutine handlers: flight recorder: then fails: %v handlers: flight recorder: fails too: %v]", errTest, errTest)
		if got != want {
			t.Errorf("told %s, want %s", got, want)
		}
		wantFlight(t, h, handlers.FlightStats{In: 7, Out: 7, Shown: 3, Failed: 7})
	})
}

// TestFlightForgotten drops requests without ending them: their room comes back.
func TestFlightForgotten(t *testing.T) {
	rec := handlers.NewFlightRecorder(handlertest.NewRecorder(nil), handlers.FlightOptions{})
	func() {
		for range 10 {
			ctx, _ := rec.Start(context.Background())
			slog.New(rec).DebugContext(ctx, "m")
		}
	}()
	if s := rec.Stats(); s.Held != 10 {
		t.Errorf("%+v", s)
	}
	for range 1000 {
		runtime.GC()
		if rec.Stats().Held == 0 {
			break
		}
		runtime.Gosched()
	}
	wantFlight(t, rec, handlers.FlightStats{In: 10, Unseen: 10})
}

// TestFlightsUnderLoad has requests of several goroutines each, some of which fail.
func TestFlightsUnderLoad(t *testing.T) {
	var mu sync.Mutex
	arrived := map[string]int{}
	h := handlers.NewFlightRecorder(&hook{handle: func(_ context.Context, r slog.Record) error {
		mu.Lock()
		defer mu.Unlock()
		arrived[r.Message]++
		return nil
	}}, handlers.FlightOptions{Records: 100})
	var requests sync.WaitGroup
	for i := range 40 {
		requests.Go(func() {
			ctx, end := h.Start(context.Background())
			var parts sync.WaitGroup
			for p := range 3 {
				parts.Go(func() {
					log := slog.New(h).With("p", p)
					for k := range 20 {
						log.DebugContext(ctx, fmt.Sprintf("%d/%d/%d", i, p, k))
						if i%4 == 0 && k == 10 {
							log.ErrorContext(ctx, fmt.Sprintf("%d/%d error", i, p))
						}
					}
				})
			}
			parts.Wait()
			_ = end()
		})
	}
	requests.Wait()
	s := h.Stats()
	if s != (handlers.FlightStats{In: 40*60 + 30, Out: 10 * 63, Unseen: 30 * 60, Shown: 10}) {
		t.Errorf("%+v", s)
	}
	for msg, times := range arrived {
		if times != 1 {
			t.Errorf("%q has arrived %d times", msg, times)
		}
	}
	if len(arrived) != 10*63 {
		t.Errorf("%d have arrived", len(arrived))
	}
}

func BenchmarkFlightRecorder(b *testing.B) {
	h := handlers.NewFlightRecorder(handlers.NewStream(io.Discard, plain{}, nil), handlers.FlightOptions{})
	debug := record(slog.LevelDebug, "m", slog.String("path", "/"), slog.Int("status", 200))
	b.Run("request with ten records", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ctx, end := h.Start(context.Background())
			for range 10 {
				_ = h.Handle(ctx, debug)
			}
			_ = end()
		}
	})
}
