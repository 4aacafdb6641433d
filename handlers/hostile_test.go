package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// A hostileCase is a wrapper to be put over hostile handlers.
type hostileCase struct {
	// wrap returns the wrapper, set up to let every record pass.
	wrap func(next slog.Handler) slog.Handler

	// later says that a record may still be on its way once Handle has
	// returned, so that errors do not come back from it.
	later bool

	// single says that at most one record at a time is in next.
	single bool

	// without are tests of what the wrapper does not have, and why.
	without map[string]string
}

// hostileCases has every wrapper of the package. Files of tests add theirs by init.
var hostileCases = map[string]hostileCase{
	"Level": {wrap: func(next slog.Handler) slog.Handler { return handlers.NewLevel(next, nil) }},
	"Filter": {wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewFilter(next, handlers.FilterFunc(pass))
	}},
	"Fanout": {wrap: func(next slog.Handler) slog.Handler { return handlers.NewFanout(slog.DiscardHandler, next) }},
	"Memory": {wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewMemory(next, handlers.MemoryOptions{Capacity: 1})
	}, later: true, single: true},
	"Queue": {wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewQueue(next, handlers.QueueOptions{OnError: func(error) {}})
	}, later: true, single: true},
	"nothing": {wrap: func(next slog.Handler) slog.Handler { return next }}, // the tests themselves
}

// hostileTests are what is promised of a wrapper over a handler that is none too good.
var hostileTests = map[string]func(tester, hostileCase){
	"panics":            hostilePanics,
	"ends goroutines":   hostileGoexit,
	"blocks":            hostileBlocks,
	"logs to itself":    hostileRecurses,
	"keeps records":     hostileKeeps,
	"changes records":   hostileChanges,
	"contexts":          hostileContexts,
	"fails for an hour": hostileFails,
	"closed":            hostileClosed,
}

// A tester is what these tests need of a *testing.T, so that a control can see them fail.
type tester interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
}

// TestHostile runs each test in a bubble of its own, where time costs nothing. It
// ends only when all goroutines have.
func TestHostile(t *testing.T) {
	for wrapper, c := range hostileCases {
		for name, test := range hostileTests {
			t.Run(wrapper+"/"+name, func(t *testing.T) {
				if why := c.without[name]; why != "" {
					t.Skip(why)
				}
				synctest.Test(t, func(t *testing.T) { test(t, c) })
			})
		}
	}
}

// try calls Handle, and returns a panic as an error: whoever wraps a handler that
// panics may let it through.
func try(h slog.Handler, ctx context.Context, r slog.Record) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return h.Handle(ctx, r)
}

// send tries a record with a message.
func send(h slog.Handler, msg string, attrs ...slog.Attr) error {
	return try(h, context.Background(), record(slog.LevelError, msg, attrs...))
}

// settle waits until what was logged has arrived.
func settle(t tester, h slog.Handler) {
	t.Helper()
	synctest.Wait()
	_ = handlers.Flush(h) // its errors are those of the hostile handler
	synctest.Wait()
}

// finish closes the wrapper, so that its goroutines end.
func finish(t tester, h slog.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := handlers.Close(ctx, h); err != nil {
		t.Errorf("Close: %v", err)
	}
	synctest.Wait()
}

// wantMessages wants just these, in order.
func wantMessages(t tester, rec *handlertest.Recorder, want ...string) {
	t.Helper()
	if got := rec.Messages(); !slices.Equal(got, want) {
		t.Errorf("arrived: %q, want %q", got, want)
	}
}

// hostilePanics has a handler that panics with some records: the wrapper must not be
// broken by it, and the caller, or OnError, learns of it.
func hostilePanics(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	h := c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if strings.HasPrefix(r.Message, "bad") {
			panic("hostile")
		}
		return rec.Handle(ctx, r)
	}})
	for i := range 3 {
		if err := send(h, fmt.Sprint("bad ", i)); err == nil && !c.later {
			t.Error("a panic got lost")
		}
		if err := send(h, fmt.Sprint("good ", i)); err != nil {
			t.Errorf("after a panic: %v", err)
		}
		settle(t, h)
	}
	wantMessages(t, rec, "good 0", "good 1", "good 2")
	finish(t, h)
}

// hostileGoexit has a handler that ends the goroutine that calls it, as
// testing.T.FailNow does.
func hostileGoexit(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	h := c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if strings.HasPrefix(r.Message, "bad") {
			runtime.Goexit()
		}
		return rec.Handle(ctx, r)
	}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = send(h, "bad")
	}()
	<-done
	if err := send(h, "good"); err != nil {
		t.Error(err)
	}
	settle(t, h)
	wantMessages(t, rec, "good")
	finish(t, h)
}

// hostileBlocks has a record wait in the handler: others must not wait for it in the
// wrapper.
func hostileBlocks(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	release := make(chan struct{})
	h := c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if r.Message == "blocks" {
			<-release
		}
		return rec.Handle(ctx, r)
	}})
	var returned atomic.Int32
	for _, msg := range []string{"blocks", "passes"} {
		go func() {
			if err := send(h, msg); err != nil {
				t.Errorf("%s: %v", msg, err)
			}
			returned.Add(1)
		}()
		synctest.Wait()
	}
	if !h.Enabled(context.Background(), slog.LevelError) {
		t.Error("not enabled")
	}
	if n := returned.Load(); n < 1 {
		t.Errorf("%d calls have returned", n)
	}
	if want := []string{"passes"}; !c.single && !slices.Equal(rec.Messages(), want) {
		t.Errorf("arrived: %q, want %q", rec.Messages(), want)
	}
	close(release)
	settle(t, h)
	if n := len(rec.Records()); n != 2 || returned.Load() != 2 {
		t.Errorf("%d records have arrived, %d calls returned", n, returned.Load())
	}
	finish(t, h)
}

// hostileRecurses has the handler log to the wrapper that feeds it, at once and by
// a logger derived from it, and flush it.
func hostileRecurses(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	var h slog.Handler
	h = c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if !strings.HasPrefix(r.Message, "echo") {
			slog.New(h).ErrorContext(ctx, "echo of "+r.Message)
			slog.New(h).With("a", 1).Error("echo with attrs of " + r.Message)
		}
		return rec.Handle(ctx, r)
	}})
	for i := range 3 {
		if err := send(h, fmt.Sprint("m", i)); err != nil {
			t.Error(err)
		}
		settle(t, h)
	}
	got := rec.Messages()
	slices.Sort(got)
	want := []string{"echo of m0", "echo of m1", "echo of m2", "echo with attrs of m0", "echo with attrs of m1", "echo with attrs of m2", "m0", "m1", "m2"}
	if !slices.Equal(got, want) {
		t.Errorf("arrived: %q, want %q", got, want)
	}
	finish(t, h)
}

// hostileKeeps has the handler keep records and contexts: what it kept must not
// change under it, whatever the wrapper does next.
func hostileKeeps(t tester, c hostileCase) {
	var kept []slog.Record
	var contexts []context.Context
	h := c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		kept, contexts = append(kept, r), append(contexts, ctx)
		return nil
	}})
	const n = 200
	for i := range n {
		attrs := []slog.Attr{slog.Int("i", i)}
		for range i % 9 {
			attrs = append(attrs, slog.Int("i", i))
		}
		ctx, cancel := context.WithCancel(contextattrs.With(context.Background(), "i", i))
		ctx, collector := contextattrs.WithCollector(ctx, contextattrs.CollectorOptions{Shown: true})
		if err := try(h, ctx, record(slog.LevelError, fmt.Sprint(i), attrs...)); err != nil {
			t.Error(err)
		}
		cancel()
		if c.later {
			contextattrs.Add(ctx, "i", -1) // comes too late
		}
		collector.End()
	}
	settle(t, h)
	finish(t, h)
	if len(kept) != n {
		t.Errorf("%d records of %d", len(kept), n)
		return
	}
	for i, r := range kept {
		numbers := contextattrs.Attrs(contexts[i])
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "i" {
				numbers = append(slices.Clip(numbers), a)
			}
			return true
		})
		if len(numbers) != i%9+2 || r.Message != fmt.Sprint(i) {
			t.Errorf("record %q has %d attrs, of the context and its own, want %d", r.Message, len(numbers), i%9+2)
			return
		}
		for _, a := range numbers {
			if a.Value.Int64() != int64(i) {
				t.Errorf("record %d has %v of another", i, a)
				return
			}
		}
	}
}

// hostileChanges has the handler add to a copy of each record, as it may; what it does without a copy, TestEachGetsItsOwn tests.
func hostileChanges(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	h := c.wrap(&hook{
		handle: func(ctx context.Context, r slog.Record) error {
			err := rec.Handle(ctx, r)
			r = r.Clone()
			r.AddAttrs(slog.String("forged", "x"), slog.String("forged", "y"))
			r.Message = "forged"
			return err
		},
	})
	r := record(slog.LevelError, "m")
	for i := range 7 {
		r.AddAttrs(slog.Int(fmt.Sprint(i), i))
	}
	for range 3 {
		if err := try(h, context.Background(), r); err != nil {
			t.Error(err)
		}
		r.Time = r.Time.Add(time.Hour) // another record to whoever compares them
		settle(t, h)
	}
	finish(t, h)
	if n := len(rec.Records()); n != 3 {
		t.Errorf("%d records of 3", n)
	}
	for _, e := range rec.Records() {
		if len(e.Attrs) != 7 || e.Message != "m" {
			t.Errorf("arrived: %q with %v", e.Message, e.Attrs)
		}
	}
}

// hostileContexts logs with contexts that are nil, or have ended. A nil one must
// not panic in the wrapper; the handler need not get it.
func hostileContexts(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	h := c.wrap(&hook{handle: rec.Handle})
	ended, cancel := context.WithCancelCause(contextattrs.With(context.Background(), "k", "v"))
	cancel(errTest)
	//lint:ignore SA1012 a handler may be given one
	if !h.Enabled(nil, slog.LevelError) || !h.Enabled(ended, slog.LevelError) {
		t.Error("not enabled")
	}
	//lint:ignore SA1012 a handler may be given one
	if err := h.Handle(nil, record(slog.LevelError, "nil")); err != nil {
		t.Error(err)
	}
	if err := h.Handle(ended, record(slog.LevelError, "ended")); err != nil {
		t.Error(err)
	}
	settle(t, h)
	wantMessages(t, rec, "nil", "ended")
	if e := rec.Records(); len(e) == 2 && e[1].Attrs["k"] != "v" {
		t.Errorf("the context's attrs are lost: %v", e[1].Attrs)
	}
	finish(t, h)
}

// hostileFails has the handler fail for an hour, and come back. Each error is told
// where Handle is the one to tell, and a record after it arrives at once.
func hostileFails(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	back := time.Now().Add(time.Hour)
	h := c.wrap(&hook{handle: func(ctx context.Context, r slog.Record) error {
		if time.Now().Before(back) {
			return errTest
		}
		return rec.Handle(ctx, r)
	}})
	for i := range 60 {
		if err := send(h, fmt.Sprint("lost ", i)); !c.later && !errors.Is(err, errTest) {
			t.Errorf("record %d: %v", i, err)
		}
		<-time.After(time.Minute)
	}
	settle(t, h)
	<-time.After(time.Hour)
	for i := range 3 {
		if err := send(h, fmt.Sprint(i)); err != nil {
			t.Error(err)
		}
		<-time.After(time.Minute)
	}
	settle(t, h)
	finish(t, h)
	got := rec.Messages()
	if len(got) < 3 || !slices.Equal(got[len(got)-3:], []string{"0", "1", "2"}) {
		t.Errorf("arrived: %q", got)
	}
}

// hostileClosed logs after Close: it is an error, unless the record arrives as ever.
func hostileClosed(t tester, c hostileCase) {
	rec := handlertest.NewRecorder(nil)
	h := c.wrap(&hook{handle: rec.Handle})
	derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)})
	if err := send(h, "before"); err != nil {
		t.Error(err)
	}
	finish(t, h)
	finish(t, h)
	for i, h := range []slog.Handler{h, derived, derived.WithGroup("g")} {
		msg := fmt.Sprint("after ", i)
		err := h.Handle(context.Background(), record(slog.LevelError, msg))
		settle(t, h)
		arrived := slices.Contains(rec.Messages(), msg)
		if m, ok := h.(*handlers.Memory); ok {
			arrived = m.Buffered() > 0 // it collects for a target to come, as in CPython
		}
		if arrived == (err != nil) {
			t.Errorf("%s: the record has arrived: %t; Handle returned %v", msg, arrived, err)
		}
	}
	if got := rec.Messages(); len(got) == 0 || got[0] != "before" {
		t.Errorf("arrived: %q", got)
	}
}
