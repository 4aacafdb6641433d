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
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	hostileCases["Sample"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewSample(next, handlers.SampleOptions{Level: slog.LevelError + 100, First: 1000})
	}}
}

// TestSample compares with a model that has no bounds, at random times.
func TestSample(t *testing.T) {
	for _, o := range []handlers.SampleOptions{
		{}, {First: 3, Thereafter: 4, Interval: time.Minute}, {First: -1, Thereafter: 2}, {First: 1}, {First: 2, Thereafter: 1},
	} {
		synctest.Test(t, func(t *testing.T) { checkSample(t, o) })
	}
}

func checkSample(t *testing.T, o handlers.SampleOptions) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewSample(rec, o)
	type state struct {
		until      time.Time
		n, dropped int
	}
	model := map[string]*state{}
	interval, first := o.Interval, o.First
	if interval == 0 {
		interval = time.Second
	}
	if first == 0 {
		first = 100
	}
	first = max(first, 0)
	var want []string
	for i := range 5000 {
		level := []slog.Level{slog.LevelInfo, slog.LevelWarn, slog.LevelError}[i%7%3]
		msg := fmt.Sprint("message ", i%5)
		key := fmt.Sprint(level, msg)
		s := model[key]
		if s == nil {
			s = &state{}
			model[key] = s
		}
		if !time.Now().Before(s.until) {
			s.until, s.n = time.Now().Add(interval), 0
		}
		s.n++
		switch {
		case level >= slog.LevelError:
			want = append(want, fmt.Sprintf("%s %v map[]", msg, level))
		case s.n <= first, o.Thereafter > 0 && (s.n-first)%o.Thereafter == 0:
			attrs := "map[]"
			if s.dropped > 0 {
				attrs = fmt.Sprintf("map[dropped:%d]", s.dropped)
			}
			s.dropped = 0
			want = append(want, fmt.Sprintf("%s %v %s", msg, level, attrs))
		default:
			s.dropped++
		}
		if err := h.Handle(context.Background(), record(level, msg)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i*7919%13) * interval / 50)
	}
	var got []string
	for _, e := range rec.Records() {
		got = append(got, fmt.Sprintf("%s %v %v", e.Message, e.Level, e.Attrs))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v: %d records, want %d", o, len(got), len(want))
	}
	untold := 0
	for _, s := range model {
		untold += s.dropped
	}
	s := h.Stats()
	if s.In != 5000 || s.Out != uint64(len(want)) || s.In != s.Out+s.Dropped || s.Untold != uint64(untold) {
		t.Errorf("%+v: %+v", o, s)
	}
	rec.Reset()
	if err := handlers.Close(context.Background(), h); err != nil {
		t.Error(err)
	}
	if untold > 0 && fmt.Sprint(rec.Records()[0].Attrs) != fmt.Sprintf("map[dropped:%d]", untold) {
		t.Errorf("%d untold; told %+v", untold, rec.Records())
	}
	if s := h.Stats(); s.Untold != 0 {
		t.Errorf("after Close: %+v", s)
	}
}

// TestSampleDropsNoRareMessage has far more messages than the state has room for:
// each that comes once passes, and nothing goes uncounted.
func TestSampleDropsNoRareMessage(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewSample(rec, handlers.SampleOptions{First: 1, Interval: time.Hour})
	log := slog.New(h)
	const n = 20_000
	for i := range n {
		log.Info("frequent")
		log.Info(fmt.Sprint("rare ", i))
	}
	rare := 0
	told := uint64(0)
	for _, e := range rec.Records() {
		if e.Message != "frequent" {
			rare++
		}
		if d, ok := e.Attrs["dropped"].(uint64); ok {
			told += d
		}
	}
	s := h.Stats()
	if rare != n || s.In != 2*n || s.In != s.Out+s.Dropped || told+s.Untold != s.Dropped || s.Dropped < n/2 {
		t.Errorf("%d rare messages of %d, %d told; %+v", rare, n, told, s)
	}
}

// TestSampleMarkerIsKept has the record that tells of dropped ones fail.
func TestSampleMarkerIsKept(t *testing.T) {
	var err error
	next := &hook{handle: func(context.Context, slog.Record) error { return err }}
	h := handlers.NewSample(next, handlers.SampleOptions{First: 1, Interval: time.Hour})
	for range 5 {
		slog.New(h).Info("m")
	}
	err = errTest
	if got := h.Flush(); !errors.Is(got, errTest) || h.Stats().Untold != 4 {
		t.Errorf("Flush: %v, %+v", got, h.Stats())
	}
	err = nil
	if got := h.Flush(); got != nil || h.Stats().Untold != 0 || h.Stats().Markers != 1 {
		t.Errorf("Flush: %v, %+v", got, h.Stats())
	}
}

// TestSampleStats counts while others log.
func TestSampleStats(t *testing.T) {
	h := handlers.NewSample(slog.DiscardHandler, handlers.SampleOptions{First: 2, Thereafter: 10})
	derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				_ = derived.Handle(context.Background(), record(slog.Level(w%4*4-4), fmt.Sprint(i%3)))
				if i%500 == 0 {
					if s := h.Stats(); s.In != s.Out+s.Dropped {
						t.Errorf("%+v", s)
					}
				}
			}
		})
	}
	wg.Wait()
	if s := h.Stats(); s.In != 16000 || s.In != s.Out+s.Dropped || s.Dropped == 0 {
		t.Errorf("%+v", s)
	}
}

func TestSampleAllocatesNothing(t *testing.T) {
	h := handlers.NewSample(slog.DiscardHandler, handlers.SampleOptions{First: 10, Interval: time.Hour})
	pass, drop := record(slog.LevelError, "m"), record(slog.LevelInfo, "m")
	if n := testing.AllocsPerRun(1000, func() {
		_ = h.Handle(context.Background(), pass)
		_ = h.Handle(context.Background(), drop)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRunSample(t *testing.T) {
	open := over(func(h slog.Handler) slog.Handler {
		return handlers.NewSample(h, handlers.SampleOptions{First: 100_000})
	})
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
}

func ExampleNewSample() {
	out := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil)), nil)
	h := handlers.NewSample(out, handlers.SampleOptions{First: 2, Thereafter: 5, Interval: time.Hour})
	log := slog.New(h)
	for i := range 10 {
		log.Info("cache miss", "i", i)
	}
	log.Error("out of memory")
	handlers.Close(context.Background(), h)
	// Output:
	// INFO cache miss i=0
	// INFO cache miss i=1
	// INFO cache miss dropped=4 i=6
	// ERROR out of memory
	// WARNING records dropped by sampling dropped=3
}

func BenchmarkSample(b *testing.B) {
	h := handlers.NewSample(slog.DiscardHandler, handlers.SampleOptions{First: 1, Interval: time.Hour})
	r := record(slog.LevelInfo, "request done")
	b.Run("dropped", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = h.Handle(context.Background(), r)
		}
	})
	b.Run("dropped, on all processors", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = h.Handle(context.Background(), r)
			}
		})
	})
}

// TestSampleKeepsUntold has the next handler fail at records that tell of dropped ones.
func TestSampleKeepsUntold(t *testing.T) {
	fails := map[string]func() error{
		"error":             func() error { return errTest },
		"panic":             func() error { panic(errTest) },
		"ends a goroutine":  func() error { runtime.Goexit(); return nil },
		"control: no fault": func() error { return nil },
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			failing := false
			rec := handlertest.NewRecorder(nil)
			h := handlers.NewSample(&hook{handle: func(ctx context.Context, r slog.Record) error {
				if failing {
					return fail()
				}
				return handlers.Adopt(rec).Handle(ctx, r)
			}}, handlers.SampleOptions{First: 1, Thereafter: 4, Interval: time.Hour})
			for i := range 5 {
				failing = i == 4 // which tells of three
				done := make(chan struct{})
				go func() {
					defer close(done)
					_ = try(h, context.Background(), record(slog.LevelInfo, "m"))
				}()
				<-done
			}
			failing = false
			want := uint64(3)
			if strings.HasPrefix(name, "control") {
				want = 0
			}
			if s := h.Stats(); s.Untold != want || s.In != s.Out+s.Dropped {
				t.Errorf("%+v, want %d untold", s, want)
			}
			if err := h.Flush(); err != nil || h.Stats().Untold != 0 {
				t.Errorf("%v, %+v", err, h.Stats())
			}
			if e := rec.Records()[len(rec.Records())-1]; want > 0 && e.Attrs["dropped"] != want {
				t.Errorf("told: %+v", e)
			}
		})
	}
}
