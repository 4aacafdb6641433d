package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	hostileCases["RateLimit"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewRateLimit(next, handlers.RateLimitOptions{Level: slog.Level(math.MaxInt), Burst: 1000})
	}}
}

// TestRateLimit compares with a bucket that counts tokens, at random times.
func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewRateLimit(rec, handlers.RateLimitOptions{Every: 10 * time.Millisecond, Burst: 5})
		type state struct {
			tokens  float64
			last    time.Time
			dropped int
		}
		levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
		model := map[slog.Level]*state{}
		for _, l := range levels {
			model[l] = &state{5, time.Now(), 0}
		}
		var want []string
		for i := range 5000 {
			l := levels[i*31%7%4]
			s := model[l]
			s.tokens = min(5, s.tokens+float64(time.Since(s.last))/float64(10*time.Millisecond))
			s.last = time.Now()
			switch {
			case l == slog.LevelError:
				want = append(want, fmt.Sprint(l, i))
			case s.tokens > 1-1e-6:
				s.tokens--
				if s.dropped > 0 {
					want = append(want, fmt.Sprintf("%d records dropped: over the rate limit", s.dropped))
				}
				s.dropped = 0
				want = append(want, fmt.Sprint(l, i))
			default:
				s.dropped++
			}
			if err := h.Handle(context.Background(), record(l, fmt.Sprint(l, i))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(i*7919%11) * time.Millisecond / 2)
		}
		if got := rec.Messages(); !slices.Equal(got, want) {
			t.Errorf("%d records, want %d", len(got), len(want))
		}
		untold := model[-4].dropped + model[0].dropped + model[4].dropped
		if s := h.Stats(); s.In != 5000 || s.In != s.Out+s.Dropped || s.Untold != uint64(untold) || s.Dropped < 500 || s.Keys != 3 {
			t.Errorf("%+v, %d untold", s, untold)
		}
		if err := handlers.Close(context.Background(), h); err != nil || h.Stats().Untold != 0 {
			t.Errorf("Close: %v, %+v", err, h.Stats())
		}
	})
}

// TestRateLimitKeys has more keys than it has room for: they share a limit, and those that
// are quiet make room.
func TestRateLimitKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewRateLimit(rec, handlers.RateLimitOptions{
			Every: time.Second, Burst: 2, Keys: 3, Key: func(_ context.Context, r slog.Record) string { return r.Message },
		})
		log := slog.New(h)
		for range 3 {
			for i := range 5 {
				log.Info(fmt.Sprint(i, strings.Repeat("x", i*100)))
			}
		}
		// Two of each of three, and two of the others together.
		if s := h.Stats(); s.Out != 8 || s.Keys != 3 || s.In != s.Out+s.Dropped {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Minute)
		for i := 10; i < 13; i++ {
			log.Info(fmt.Sprint(i))
		}
		if s := h.Stats(); s.Out != 11 || s.Keys != 3 || s.Untold != 7 {
			t.Errorf("%+v", s)
		}
		for range 2 {
			log.Info("11")
		}
		time.Sleep(time.Second)
		log.Info("11")
		got := shown(rec)
		if !slices.Equal(got[len(got)-2:], []string{"1 records dropped: over the rate limit map[dropped:1 key:11]", "11 map[]"}) {
			t.Errorf("%q", got)
		}
	})
}

// TestRateLimitTrouble has a key function that panics, and a marker that fails.
func TestRateLimitTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		var fail error
		next := &hook{handle: func(ctx context.Context, r slog.Record) error {
			if strings.Contains(r.Message, "dropped") && fail != nil {
				return fail
			}
			return rec.Handle(ctx, r)
		}}
		h := handlers.NewRateLimit(next, handlers.RateLimitOptions{Every: time.Second, Burst: 1, Key: func(_ context.Context, r slog.Record) string {
			if r.Message == "bad" {
				panic(errTest)
			}
			return ""
		}})
		info := func(msg string) error {
			return h.Handle(context.Background(), record(slog.LevelInfo, msg))
		}
		if err := info("bad"); !errors.Is(err, errTest) {
			t.Errorf("a panic became %v", err)
		}
		fail = errTest
		_, _ = info("a"), info("a")
		time.Sleep(time.Second)
		if err := info("a"); !errors.Is(err, errTest) {
			t.Errorf("a marker that failed: %v", err)
		}
		if s := h.Stats(); s.Untold != 1 || s.Markers != 0 || s.Out != 3 {
			t.Errorf("%+v", s)
		}
		fail = nil
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		wantShown(t, rec, "bad map[]", "a map[]", "a map[]", "1 records dropped: over the rate limit map[dropped:1]")
	})
}

func TestRateLimitStats(t *testing.T) {
	h := handlers.NewRateLimit(slog.DiscardHandler, handlers.RateLimitOptions{Every: time.Microsecond, Burst: 3, Keys: 2,
		Key: func(_ context.Context, r slog.Record) string { return r.Message }})
	derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				_ = derived.Handle(context.Background(), record(slog.Level(w%4*4-4), fmt.Sprint(i%5)))
				if s := h.Stats(); s.In != s.Out+s.Dropped {
					t.Errorf("%+v", s)
				}
			}
		})
	}
	wg.Wait()
	if s := h.Stats(); s.In != 16000 || s.In != s.Out+s.Dropped {
		t.Errorf("%+v", s)
	}
}

func TestRateLimitAllocatesNothing(t *testing.T) {
	h := handlers.NewRateLimit(slog.DiscardHandler, handlers.RateLimitOptions{Every: time.Hour, Burst: 1})
	pass, drop := record(slog.LevelError, "m"), record(slog.LevelInfo, "m")
	if n := testing.AllocsPerRun(1000, func() {
		_ = h.Handle(context.Background(), pass)
		_ = h.Handle(context.Background(), drop)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRunRateLimit(t *testing.T) {
	open := over(func(h slog.Handler) slog.Handler {
		return handlers.NewRateLimit(h, handlers.RateLimitOptions{Burst: math.MaxInt})
	})
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
}

func ExampleNewRateLimit() {
	out := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil)), nil)
	h := handlers.NewRateLimit(out, handlers.RateLimitOptions{Every: time.Minute, Burst: 2})
	log := slog.New(h)
	for i := range 5 {
		log.Info("request", "i", i)
	}
	log.Error("out of memory")
	handlers.Close(context.Background(), h)
	// Output:
	// INFO request i=0
	// INFO request i=1
	// ERROR out of memory
	// WARNING 3 records dropped: over the rate limit dropped=3
}

func BenchmarkRateLimit(b *testing.B) {
	h := handlers.NewRateLimit(slog.DiscardHandler, handlers.RateLimitOptions{Every: time.Hour, Burst: 1})
	r := record(slog.LevelInfo, "request done")
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Handle(context.Background(), r)
	}
}
