package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// gate is a handler that records once it is let.
type gate struct {
	*handlertest.Recorder
	pass chan struct{} // one record for each value; all once it is closed
}

func newGate() gate { return gate{handlertest.NewRecorder(nil), make(chan struct{})} }

func (g gate) Handle(ctx context.Context, r slog.Record) error {
	<-g.pass
	return g.Recorder.Handle(ctx, r)
}

// errorLog keeps what OnError is told.
type errorLog struct {
	mu   sync.Mutex
	errs []error
}

func (l *errorLog) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *errorLog) all() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.errs)
}

// wantQueue checks the equation, and what is given of the stats.
func wantQueue(t *testing.T, q *handlers.Queue, want handlers.QueueStats) {
	t.Helper()
	got := q.Stats()
	if got.In != got.Out+got.Dropped+got.Held {
		t.Errorf("in is not out + dropped + held: %+v", got)
	}
	got.Bytes = 0
	if got != want {
		t.Errorf("stats: %+v, want %+v", got, want)
	}
}

// fill logs the messages 0 to n-1, and returns those that were refused.
func fill(h slog.Handler, n int) (refused []int) {
	for i := range n {
		if err := h.Handle(context.Background(), record(slog.LevelInfo, fmt.Sprint(i))); err != nil {
			refused = append(refused, i)
		}
	}
	return refused
}

// TestQueueOverflow fills a queue of four whose target is stuck with the first record.
func TestQueueOverflow(t *testing.T) {
	for name, c := range map[string]struct {
		o       handlers.QueueOptions
		refused []int
		want    []string
		stats   handlers.QueueStats
	}{
		"drop new": {
			handlers.QueueOptions{Records: 4, Overflow: handlers.DropNew},
			[]int{4, 5, 6, 7, 8, 9},
			[]string{"0", "1", "2", "3", "6 records dropped"},
			handlers.QueueStats{In: 10, Out: 4, Dropped: 6, Markers: 1},
		},
		"drop old": {
			handlers.QueueOptions{Records: 4, Overflow: handlers.DropOld},
			nil,
			[]string{"0", "6 records dropped", "7", "8", "9"},
			handlers.QueueStats{In: 10, Out: 4, Dropped: 6, Markers: 1},
		},
		"block for a second": {
			handlers.QueueOptions{Records: 4, MaxWait: time.Second},
			[]int{4, 5, 6, 7, 8, 9},
			[]string{"0", "1", "2", "3", "6 records dropped"},
			handlers.QueueStats{In: 10, Out: 4, Dropped: 6, Markers: 1},
		},
		"two at least": {
			handlers.QueueOptions{Records: 1, Overflow: handlers.DropOld},
			nil,
			[]string{"0", "8 records dropped", "9"},
			handlers.QueueStats{In: 10, Out: 2, Dropped: 8, Markers: 1},
		},
		"bytes": {
			handlers.QueueOptions{Bytes: 60, Overflow: handlers.DropNew}, // a record of one byte counts for 17
			[]int{3, 4, 5, 6, 7, 8, 9},
			[]string{"0", "1", "2", "7 records dropped"},
			handlers.QueueStats{In: 10, Out: 3, Dropped: 7, Markers: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				q := handlers.NewQueue(g, c.o)
				handle(t, q, record(slog.LevelInfo, "0"))
				synctest.Wait() // it is in the target
				var refused []int
				for i := 1; i < 10; i++ {
					err := q.Handle(context.Background(), record(slog.LevelInfo, fmt.Sprint(i)))
					if err != nil && !errors.Is(err, handlers.ErrFull) {
						t.Errorf("%d: %v", i, err)
					}
					if err != nil {
						refused = append(refused, i)
					}
				}
				if s := q.Stats(); s.Held != c.stats.Out || s.In != 10 || s.Out != 0 {
					t.Errorf("while the target is stuck: %+v", s)
				}
				close(g.pass)
				finish(t, q)
				if !slices.Equal(refused, c.refused) {
					t.Errorf("refused: %v, want %v", refused, c.refused)
				}
				wantMessages(t, g.Recorder, c.want...)
				wantQueue(t, q, c.stats)
				if b := q.Stats().Bytes; b != 0 {
					t.Errorf("%d bytes are held for ever", b)
				}
			})
		})
	}
}

// TestQueueDropOldDropsNoneInVain has records for which no dropping makes room.
func TestQueueDropOldDropsNoneInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		q := handlers.NewQueue(g, handlers.QueueOptions{Bytes: 60, Overflow: handlers.DropOld})
		handle(t, q, record(slog.LevelInfo, "0")) // 17 bytes
		synctest.Wait()                           // it is in the target
		for _, msg := range []string{"1", "2"} {
			handle(t, q, record(slog.LevelInfo, msg))
		}
		for _, size := range []int{100, 45, 28} { // with 16 more, longer than any room, and than that beside the first
			err := q.Handle(context.Background(), record(slog.LevelInfo, strings.Repeat("x", size)))
			if s := q.Stats(); !errors.Is(err, handlers.ErrFull) || s.Held != 3 {
				t.Errorf("%d bytes: %v, %+v", size, err, s)
			}
		}
		handle(t, q, record(slog.LevelInfo, strings.Repeat("y", 10))) // in the place of one
		handle(t, q, record(slog.LevelInfo, strings.Repeat("z", 27))) // of all that waits
		close(g.pass)
		finish(t, q)
		wantMessages(t, g.Recorder, "0", "6 records dropped", strings.Repeat("z", 27))
		wantQueue(t, q, handlers.QueueStats{In: 8, Out: 2, Dropped: 6, Markers: 1})
	})
}

// TestQueueTakesOneTooLong takes a record longer than any room when nothing else is held.
func TestQueueTakesOneTooLong(t *testing.T) {
	for _, overflow := range []handlers.Overflow{handlers.Block, handlers.DropNew, handlers.DropOld} {
		rec := handlertest.NewRecorder(nil)
		q := handlers.NewQueue(rec, handlers.QueueOptions{Bytes: 60, Overflow: overflow})
		handle(t, q, record(slog.LevelInfo, strings.Repeat("x", 100)))
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
		wantMessages(t, rec, strings.Repeat("x", 100))
	}
}

// TestQueueDiscardsBelow keeps the last fifth for what matters.
func TestQueueDiscardsBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		q := handlers.NewQueue(g, handlers.QueueOptions{Records: 10, Overflow: handlers.DropNew, DiscardBelow: slog.LevelWarn})
		if refused := fill(q, 12); !slices.Equal(refused, []int{8, 9, 10, 11}) {
			t.Errorf("refused: %v", refused)
		}
		for range 2 {
			handle(t, q, record(slog.LevelWarn, "matters"))
		}
		if err := q.Handle(context.Background(), record(slog.LevelError, "too much")); !errors.Is(err, handlers.ErrFull) {
			t.Errorf("the eleventh of ten: %v", err)
		}
		close(g.pass)
		finish(t, q)
		wantMessages(t, g.Recorder, "0", "1", "2", "3", "4", "5", "6", "7", "4 records dropped", "matters", "matters", "1 records dropped")
		wantQueue(t, q, handlers.QueueStats{In: 15, Out: 10, Dropped: 5, Markers: 2})
	})
}

// TestQueueBlocks has callers wait, and be served in the end, those too who wait
// when Close comes.
func TestQueueBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		q := handlers.NewQueue(g, handlers.QueueOptions{Records: 2})
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				cancel() // does not end the wait
				if err := q.Handle(ctx, record(slog.LevelInfo, fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if s := q.Stats(); s.Held != 2 || s.In != 2 {
			t.Errorf("%+v", s)
		}
		closed := make(chan error)
		go func() { closed <- q.Close(context.Background()) }()
		synctest.Wait()
		if err := q.Handle(context.Background(), record(slog.LevelInfo, "late")); !errors.Is(err, handlers.ErrClosed) {
			t.Errorf("Handle after Close: %v", err)
		}
		close(g.pass)
		wg.Wait()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if n := len(g.Records()); n != 5 {
			t.Errorf("%d records of 5", n)
		}
		wantQueue(t, q, handlers.QueueStats{In: 5, Out: 5, Refused: 1})
	})
}

// TestQueueCloseIsBounded closes while the target is stuck, and callers wait.
func TestQueueCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		q := handlers.NewQueue(g, handlers.QueueOptions{Records: 4})
		fill(q, 4)
		waiting := make(chan error)
		go func() { waiting <- q.Handle(context.Background(), record(slog.LevelInfo, "waits")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		err := q.Close(ctx)
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "4 records") {
			t.Errorf("Close took %v: %v", took, err)
		}
		if err := <-waiting; !errors.Is(err, handlers.ErrClosed) {
			t.Errorf("the caller who waited: %v", err)
		}
		wantQueue(t, q, handlers.QueueStats{In: 5, Dropped: 4, Held: 1})
		close(g.pass)
		finish(t, q) // again, with time
		wantMessages(t, g.Recorder, "0")
		wantQueue(t, q, handlers.QueueStats{In: 5, Out: 1, Dropped: 4})
	})
}

// TestQueueFromWithin has a target that logs to its own full queue, flushes and
// closes it: nothing may wait for itself.
func TestQueueFromWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		var q *handlers.Queue
		dropped := 0
		q = handlers.NewQueue(&hook{handle: func(ctx context.Context, r slog.Record) error {
			if r.Message == "m" {
				dropped = len(fill(q, 10))
				if err := q.Flush(); err == nil {
					t.Error("Flush waited for itself")
				}
			}
			return rec.Handle(ctx, r)
		}}, handlers.QueueOptions{Records: 4})
		handle(t, q, record(slog.LevelInfo, "m"))
		settle(t, q)
		if dropped != 7 {
			t.Errorf("%d records dropped", dropped)
		}
		wantMessages(t, rec, "m", "0", "1", "2", "7 records dropped")
		wantQueue(t, q, handlers.QueueStats{In: 11, Out: 4, Dropped: 7, Markers: 1})
		finish(t, q)

		q = handlers.NewQueue(&hook{handle: func(ctx context.Context, _ slog.Record) error {
			return q.Close(ctx)
		}}, handlers.QueueOptions{OnError: func(error) {}})
		handle(t, q, record(slog.LevelInfo, "closes"))
		synctest.Wait()
		wantQueue(t, q, handlers.QueueStats{In: 1, Out: 1, Failed: 1})
		finish(t, q)
	})
}

// TestQueueOnError has a target that fails in every way, and an OnError that is no
// better.
func TestQueueOnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log errorLog
		rec := handlertest.NewRecorder(nil)
		q := handlers.NewQueue(&hook{handle: func(ctx context.Context, r slog.Record) error {
			switch r.Message {
			case "fails":
				return errTest
			case "panics":
				panic(errTest)
			case "ends":
				runtime.Goexit()
			}
			return rec.Handle(ctx, r)
		}}, handlers.QueueOptions{OnError: func(err error) {
			log.add(err)
			switch {
			case strings.Contains(err.Error(), "ended the goroutine"):
				runtime.Goexit()
			case len(log.all()) == 2:
				runtime.Goexit()
			}
		}})
		for _, msg := range []string{"fails", "panics", "ends", "good"} {
			handle(t, q, record(slog.LevelInfo, msg))
		}
		settle(t, q)
		wantMessages(t, rec, "good")
		wantQueue(t, q, handlers.QueueStats{In: 4, Out: 4, Failed: 3})
		if errs := log.all(); len(errs) != 3 || errs[0] != errTest || !errors.As(errs[1], new(*handlers.PanicError)) {
			t.Errorf("OnError: %v", errs)
		}

		for range 100 { // more than anybody reads
			handle(t, q, record(slog.LevelInfo, "fails"))
		}
		settle(t, q)
		<-time.After(2 * time.Second)
		handle(t, q, record(slog.LevelInfo, "fails"))
		finish(t, q)
		errs := log.all()
		if last := errs[len(errs)-1]; len(errs) != 6 || !strings.Contains(last.Error(), "98 errors before it") || !errors.Is(last, errTest) {
			t.Errorf("%d errors, the last %v", len(errs), last)
		}
		if s := q.Stats(); s.Failed != 104 {
			t.Errorf("%+v", s)
		}
	})
}

// funcContext can't be compared.
type funcContext struct {
	context.Context
	_ func()
}

// mutable is a LogValuer that says what it is set to.
type mutable struct{ v *string }

func (m mutable) LogValue() slog.Value { return slog.StringValue(*m.v) }

// TestQueueKeeps has the record arrive as it was when it was logged.
func TestQueueKeeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		type key struct{}
		var contexts []context.Context
		q := handlers.NewQueue(handlers.NewFilter(g, handlers.FilterFunc(func(ctx context.Context, _ string, r slog.Record) (slog.Record, bool) {
			contexts = append(contexts, ctx)
			return r, true
		})), handlers.QueueOptions{})
		value := "before"
		ctx, cancel := context.WithCancel(contextattrs.With(context.WithValue(context.Background(), key{}, 7), "request", 1))
		log := slog.New(q).With("bound", mutable{&value}).WithGroup("g")
		for _, ctx := range []context.Context{ctx, funcContext{Context: ctx}, ctx, funcContext{Context: ctx}} {
			log.InfoContext(ctx, "m", "own", mutable{&value}, slog.Group("h", "in", mutable{&value}))
		}
		logged := time.Now()
		value = "after"
		cancel()
		<-time.After(time.Hour)
		close(g.pass)
		finish(t, q)
		want := map[string]any{"request": int64(1), "bound": "before", "g": map[string]any{"own": "before", "h": map[string]any{"in": "before"}}}
		for i, e := range g.Records() {
			diff(t, want, e.Attrs)
			if e.PC == 0 || !e.Time.Equal(logged) {
				t.Errorf("the source or the time is lost: %+v", e)
			}
			if ctx := contexts[i]; ctx.Err() != nil || ctx.Value(key{}) != 7 {
				t.Errorf("the context: %v, %v", ctx.Err(), ctx.Value(key{}))
			}
		}
		if len(contexts) != 4 {
			t.Errorf("%d records of 4", len(contexts))
		}
	})
}

// feeders returns how many goroutines feed targets.
func feeders() int {
	buf := make([]byte, 1<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "(*queueCore).feed(")
}

// TestQueueGoroutineEnds without Close, too, and starts again.
func TestQueueGoroutineEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := handlertest.NewRecorder(nil)
		q := handlers.NewQueue(rec, handlers.QueueOptions{})
		for i := range 3 {
			if n := feeders(); n != 0 {
				t.Errorf("%d goroutines before a record came", n)
			}
			handle(t, q, record(slog.LevelInfo, "m"))
			synctest.Wait()
			if n := feeders(); n != 1 || len(rec.Records()) != i+1 {
				t.Errorf("%d goroutines, %d records", n, len(rec.Records()))
			}
			<-time.After(30 * time.Millisecond)
		}
		handle(t, q, record(slog.LevelInfo, "m"))
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if n := feeders(); n != 0 {
			t.Errorf("%d goroutines after Close", n)
		}
	})
}

// TestQueueDelay has records that keep coming arrive within a millisecond, though
// nobody wakes the goroutine.
func TestQueueDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worst time.Duration
		q := handlers.NewQueue(&hook{handle: func(_ context.Context, r slog.Record) error {
			worst = max(worst, time.Since(r.Time))
			return nil
		}}, handlers.QueueOptions{})
		for range 1000 {
			slog.New(q).Info("m")
			<-time.After(300 * time.Microsecond)
		}
		finish(t, q)
		if worst == 0 || worst > time.Millisecond {
			t.Errorf("a record took %v", worst)
		}
	})
}

// TestQueueAllocatesNothing in the caller or for the target, a request's context
// included.
func TestQueueAllocatesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(contextattrs.With(context.Background(), "request", 1))
	defer cancel()
	stuck := make(chan struct{})
	stream := handlers.NewStream(io.Discard, plain{}, nil)
	q := handlers.NewQueue(&hook{handle: func(ctx context.Context, r slog.Record) error {
		<-stuck
		return stream.Handle(ctx, r)
	}}, handlers.QueueOptions{})
	defer q.Close(context.Background())
	r := record(slog.LevelInfo, "m", slog.String("path", "/"), slog.Int("status", 200), slog.Any("err", errTest))
	for range 4096 { // so that there is room
		_ = q.Handle(ctx, r)
	}
	close(stuck)
	if err := q.Flush(); err != nil {
		t.Error(err)
	}
	n := testing.AllocsPerRun(2000, func() { _ = q.Handle(ctx, r) })
	if n != 0 && !raceEnabled {
		t.Errorf("%v allocations for a record", n)
	}
}

func TestQueueMisuse(t *testing.T) {
	wantPanic(t, "NewQueue: the handler is nil", func() { handlers.NewQueue(nil, handlers.QueueOptions{}) })
	q := handlers.NewQueue(handlers.NewStream(io.Discard, nil, slog.LevelError), handlers.QueueOptions{})
	if s := q.String(); !strings.HasPrefix(s, "Queue(4096, Stream(") {
		t.Error(s)
	}
	if q.Enabled(context.Background(), slog.LevelInfo) || !q.Enabled(context.Background(), slog.LevelError) {
		t.Error("the target's level is not asked")
	}
	if handlers.NeedsSource(q) {
		t.Error("nobody needs the source")
	}
	finish := q.Close
	for range 2 {
		if err := finish(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkQueue(b *testing.B) {
	for name, o := range map[string]handlers.QueueOptions{"block": {}, "drop": {Overflow: handlers.DropNew}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			q := handlers.NewQueue(handlers.NewStream(io.Discard, plain{}, nil), o)
			r := record(slog.LevelInfo, "m", slog.String("path", "/"), slog.Int("status", 200))
			for b.Loop() {
				_ = q.Handle(context.Background(), r)
			}
			if err := q.Close(context.Background()); err != nil {
				b.Error(err)
			}
		})
	}
}

func TestOverflowString(t *testing.T) {
	for o, want := range map[handlers.Overflow]string{handlers.Block: "Block", handlers.DropNew: "DropNew", handlers.DropOld: "DropOld", 7: "Overflow(7)"} {
		if got := o.String(); got != want {
			t.Errorf("%d: %s, want %s", int(o), got, want)
		}
	}
}
