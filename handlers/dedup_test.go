package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	hostileCases["Dedup"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewDedup(next, handlers.DedupOptions{})
	}}
	hostileCases["Dedup of many"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewDedup(next, handlers.DedupOptions{Keys: 100})
	}}
}

// shown returns what a Recorder has got, in one line each.
func shown(rec *handlertest.Recorder) []string {
	var lines []string
	for _, e := range rec.Records() {
		lines = append(lines, strings.TrimPrefix(fmt.Sprintf("%s %v", e.Message, e.Attrs), " "))
	}
	return lines
}

func wantShown(t *testing.T, rec *handlertest.Recorder, want ...string) {
	t.Helper()
	if got := shown(rec); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func wantDedupStats(t *testing.T, h *handlers.Dedup, want handlers.DedupStats) {
	t.Helper()
	if got := h.Stats(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestDedupConsecutive(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewDedup(rec, handlers.DedupOptions{Interval: time.Hour})
	log := slog.New(h).With("w", 1)
	for range 4 {
		log.Info("full", "disk", "a")
	}
	log.Info("full", "disk", "b")
	log.Warn("full", "disk", "b")
	slog.New(h).Warn("full", "disk", "b")
	for range 2 {
		slog.New(h).WithGroup("g").Warn("full", "disk", "b")
	}
	wantDedupStats(t, h, handlers.DedupStats{In: 9, Out: 5, Dropped: 3, Held: 1, Markers: 1})
	if err := handlers.Close(context.Background(), h); err != nil {
		t.Error(err)
	}
	wantShown(t, rec, "full map[disk:a w:1]", "repeated 3 times: full map[disk:a repeated:3 w:1]", "full map[disk:b w:1]",
		"full map[disk:b w:1]", "full map[disk:b]", "full map[g:map[disk:b]]", "repeated 1 time: full map[g:map[disk:b] repeated:1]")
	wantDedupStats(t, h, handlers.DedupStats{In: 9, Out: 5, Dropped: 4, Markers: 2})
}

// TestDedupEquality has pairs that are equal, and pairs that are not.
func TestDedupEquality(t *testing.T) {
	log := func(args ...any) func(*slog.Logger) { return func(l *slog.Logger) { l.Info("m", args...) } }
	in := func(ctx context.Context) func(*slog.Logger) { return func(l *slog.Logger) { l.InfoContext(ctx, "m") } }
	with := func(args ...any) context.Context { return contextattrs.With(context.Background(), args...) }
	for i, c := range []struct {
		a, b  func(*slog.Logger)
		equal bool
	}{
		{log(), log(), true},
		{log("a", 1), log("a", 1), true},
		{log("a", 1), log("a", "1"), false},
		{log("a", 1), log("b", 1), false},
		{log("ab", "c"), log("a", "bc"), false},
		{log("a", "b", "c", "d"), log("a", "b"), false},
		{log("e", errors.New("x")), log("e", errors.New("x")), true},
		{log("e", errors.New("x")), log("e", errors.New("y")), false},
		{log("s", []int{1}), log("s", []int{1}), true},
		{log("s", []int{1}), log("s", []int{2}), false},
		{log("s", []int{1}), log("s", [1]int{1}), false},
		{log(slog.Group("g", "a", 1)), log("g.a", 1), false},
		{log(slog.Group("g", "a", 1), "b", 2), log(slog.Group("g", "a", 1, "b", 2)), false},
		{log("v", says{slog.IntValue(1)}), log("v", 1), true},
		{log(formatters.Exc(errors.New("x"))), log(formatters.Exc(errors.New("x"))), true},
		{log(formatters.Exc(errors.New("x"))), log(formatters.Exc(errors.New("y"))), false},
		{in(with("r", 1)), in(with("r", 1)), true},
		{in(with("r", 1)), in(with("r", 2)), false},
		{in(with("r", 1)), log("r", 1), false},
		{func(l *slog.Logger) { l.With("a", 1).Info("m") }, func(l *slog.Logger) { l.With("a", 1).Info("m") }, true},
		{func(l *slog.Logger) { l.With("a", 1).Info("m") }, func(l *slog.Logger) { l.With("a", 2).Info("m") }, false},
		{func(l *slog.Logger) { l.Info("m") }, func(l *slog.Logger) { l.Info("n") }, false},
		{func(l *slog.Logger) { l.Info("m") }, func(l *slog.Logger) { l.Warn("m") }, false},
		{log("x", strings.Repeat("x", 5000)), log("x", strings.Repeat("x", 5000)), false}, // too long to compare
		{log("p", leakyText{}), log("p", leakyText{}), true},
	} {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewDedup(rec, handlers.DedupOptions{})
		c.a(slog.New(h))
		c.b(slog.New(h))
		if equal := h.Stats().Held == 1; equal != c.equal {
			t.Errorf("pair %d: equal is %t, want %t: %q", i, equal, c.equal, shown(rec))
		}
		_ = h.Close()
	}
}

// TestDedupInterval has time tell of repetitions, again and again.
func TestDedupInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewDedup(rec, handlers.DedupOptions{Interval: 59700 * time.Millisecond, Keys: 2}) // never just when a record comes
		log := slog.New(h)
		start := time.Now()
		for range 130 { // seconds
			log.Info("a")
			log.Info("b")
			time.Sleep(time.Second)
		}
		synctest.Wait()
		wantShown(t, rec, "a map[]", "b map[]", "repeated 59 times: a map[repeated:59]", "repeated 59 times: b map[repeated:59]",
			"repeated 60 times: a map[repeated:60]", "repeated 60 times: b map[repeated:60]")
		if last := rec.Records()[2].Time.Sub(start); last != 59*time.Second {
			t.Errorf("the time of the record is %v after the start", last)
		}
		wantDedupStats(t, h, handlers.DedupStats{In: 260, Out: 2, Dropped: 238, Held: 20, Markers: 4})
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		wantDedupStats(t, h, handlers.DedupStats{In: 260, Out: 2, Dropped: 258, Markers: 6})
		log.Info("a") // anew
		wantDedupStats(t, h, handlers.DedupStats{In: 261, Out: 3, Dropped: 258, Markers: 6})
		log.Info("c") // forgets b, of which there is nothing to tell
		log.Info("c")
		log.Info("d") // forgets a
		log.Info("e") // forgets c
		if got := shown(rec); !slices.Equal(got[len(got)-4:], []string{"c map[]", "d map[]", "repeated 1 time: c map[repeated:1]", "e map[]"}) {
			t.Errorf("%q", got)
		}
		_ = h.Close() // nothing is held, no timer runs: the bubble ends
	})
}

// TestDedupFailure has the next handler fail: the counts wait, or are counted as lost.
func TestDedupFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		fails := atomic.Bool{}
		next := &hook{handle: func(ctx context.Context, r slog.Record) error {
			if fails.Load() {
				return errTest
			}
			return rec.Handle(ctx, r)
		}}
		var told []error
		h := handlers.NewDedup(next, handlers.DedupOptions{Interval: time.Minute, OnError: func(err error) { told = append(told, err) }})
		log := slog.New(h)
		log.Info("a")
		log.Info("a")
		fails.Store(true)
		time.Sleep(90 * time.Second)
		log.Info("a")
		synctest.Wait()
		if len(told) != 1 || !errors.Is(told[0], errTest) {
			t.Errorf("told %v", told)
		}
		wantDedupStats(t, h, handlers.DedupStats{In: 3, Out: 1, Held: 2})
		if err := h.Flush(); !errors.Is(err, errTest) {
			t.Errorf("Flush: %v", err)
		}
		wantDedupStats(t, h, handlers.DedupStats{In: 3, Out: 1, Held: 2})
		fails.Store(false)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		wantDedupStats(t, h, handlers.DedupStats{In: 3, Out: 1, Dropped: 2, Markers: 1})
		wantShown(t, rec, "a map[]", "repeated 2 times: a map[repeated:2]")
		log.Info("b")
		log.Info("b")
		fails.Store(true)
		if err := send(h, "c"); !errors.Is(err, errTest) || !strings.Contains(err.Error(), "repeated 1 times could not be told") {
			t.Errorf("Handle: %v", err)
		}
		wantDedupStats(t, h, handlers.DedupStats{In: 6, Out: 3, Dropped: 3, Lost: 1, Markers: 1})
		_ = h.Close()
	})
}

// TestDedupForgetsOldestInterval has an interval begin anew when repetitions are told.
func TestDedupForgetsOldestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewDedup(rec, handlers.DedupOptions{Keys: 2, Interval: 10 * time.Second})
		for _, msg := range []string{"a", "a", "b", "", "c", "a", "b"} { // every 3 seconds
			if msg != "" {
				handle(t, h, record(slog.LevelInfo, msg))
			}
			<-time.After(3 * time.Second)
			synctest.Wait()
		}
		// At 10 s the repetition of a is told; at 12 s b, which came at 6 s, is forgotten.
		wantMessages(t, rec, "a", "b", "repeated 1 time: a", "c", "repeated 1 time: a", "b")
		finish(t, h)
	})
}

// TestDedupGoexit has the next handler end the goroutine that tells of repetitions: what
// others were to be told of is not lost with it.
func TestDedupGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		var ends atomic.Int32
		h := handlers.NewDedup(&hook{handle: func(ctx context.Context, r slog.Record) error {
			if strings.HasPrefix(r.Message, "repeated") && ends.Add(-1) >= 0 {
				runtime.Goexit()
			}
			return rec.Handle(ctx, r)
		}}, handlers.DedupOptions{Keys: 9, Interval: time.Second})
		for _, msg := range []string{"a", "b", "c", "a", "b", "c"} {
			handle(t, h, record(slog.LevelInfo, msg))
		}
		ends.Store(2) // the timer's goroutine, and that of Flush
		<-time.After(time.Second + time.Millisecond)
		synctest.Wait()
		go func() { _ = h.Flush() }()
		synctest.Wait()
		if s := h.Stats(); ends.Load() != 0 || s.Held != 3 || s.In != s.Out+s.Dropped+s.Held {
			t.Errorf("%+v", s)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		got := rec.Messages()
		slices.Sort(got)
		if want := []string{"a", "b", "c", "repeated 1 time: a", "repeated 1 time: b", "repeated 1 time: c"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if s := h.Stats(); s.Held != 0 || s.Dropped != 3 || s.In != s.Out+s.Dropped {
			t.Errorf("%+v", s)
		}
		finish(t, h)
	})
}

// TestDedupStats counts while others log, flush and close: nothing goes uncounted.
func TestDedupStats(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewDedup(rec, handlers.DedupOptions{Interval: time.Millisecond, Keys: 3})
	check := func() handlers.DedupStats {
		s := h.Stats()
		if s.In != s.Out+s.Dropped+s.Held {
			t.Errorf("%+v", s)
		}
		return s
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			log := slog.New(h).With("w", w%2)
			for i := range 1000 {
				log.Info(fmt.Sprint(i / 10 % 3))
				if i%100 == 0 {
					check()
					_ = h.Flush()
				}
			}
		})
	}
	wg.Wait()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	// The timer may have taken some repetitions to tell of: wait for them by counting.
	for s := check(); s.Held > 0; s = check() {
		_ = h.Flush()
	}
	total := uint64(0)
	for _, e := range rec.Records() {
		if n, ok := e.Attrs["repeated"].(uint64); ok {
			total += n
		} else {
			total++
		}
	}
	if s := check(); s.In != 8000 || total != 8000 || s.Lost != 0 {
		t.Errorf("%d records told of; %+v", total, s)
	}
}

func TestRunDedup(t *testing.T) {
	t.Run("as it is", func(t *testing.T) {
		open := over(func(h slog.Handler) slog.Handler { return handlers.NewDedup(h, handlers.DedupOptions{Keys: 4}) })
		const equal = "it logs equal records"
		handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open),
			handlertest.Except("equivalence", equal), handlertest.Except("records", equal), handlertest.Except("empties", equal),
			handlertest.Except("level", equal), handlertest.Except("groups", equal), handlertest.Except("concurrency", equal), handlertest.Except("contextattrs", equal))
	})
	t.Run("no two equal", func(t *testing.T) {
		var n atomic.Int64
		open := over(func(h slog.Handler) slog.Handler {
			return contextattrs.Dynamic(handlers.NewDedup(h, handlers.DedupOptions{Keys: 4}), func(context.Context) []slog.Attr {
				return []slog.Attr{slog.Int64("n", n.Add(1))}
			})
		})
		handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open),
			handlertest.Ignore("n"))
	})
}

func ExampleNewDedup() {
	out := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil)), nil)
	h := handlers.NewDedup(out, handlers.DedupOptions{Interval: time.Minute})
	log := slog.New(h)
	for range 4 {
		log.Warn("disk full", "disk", "/var")
	}
	log.Info("disk cleaned", "disk", "/var")
	handlers.Close(context.Background(), h)
	// Output:
	// WARNING disk full disk=/var
	// WARNING repeated 3 times: disk full repeated=3 disk=/var
	// INFO disk cleaned disk=/var
}

func BenchmarkDedup(b *testing.B) {
	h := handlers.NewDedup(slog.DiscardHandler, handlers.DedupOptions{Interval: time.Hour, Keys: 100})
	defer h.Close()
	for name, attrs := range map[string][]slog.Attr{"no attrs": nil, "3 attrs": {slog.String("user", "bob"), slog.Int("n", 1), slog.Bool("ok", true)}} {
		b.Run("repeated, "+name, func(b *testing.B) {
			r := record(slog.LevelInfo, "request done", attrs...)
			b.ReportAllocs()
			for b.Loop() {
				_ = h.Handle(context.Background(), r)
			}
		})
	}
}
