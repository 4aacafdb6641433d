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

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	hostileCases["Retry"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewRetry(next, handlers.RetryOptions{OnError: func(error) {}})
	}}
	hostileCases["Recover"] = hostileCase{wrap: newRecover}
}

func newRecover(next slog.Handler) slog.Handler { return handlers.NewRecover(next) }

// TestRetry has a target that fails some times, in several ways.
func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		o     handlers.RetryOptions
		fails int // times
		err   error
		end   time.Duration // of the context
		took  time.Duration
		tried int
	}{
		"well":           {took: 0, tried: 1},
		"once":           {fails: 1, err: errTest, took: 100 * time.Millisecond, tried: 2},
		"twice":          {fails: 2, err: errTest, took: 300 * time.Millisecond, tried: 3},
		"for ever":       {fails: 99, err: errTest, took: 300 * time.Millisecond, tried: 3},
		"panics":         {fails: 1, took: 100 * time.Millisecond, tried: 2},
		"bounded":        {o: handlers.RetryOptions{Attempts: 99}, fails: 99, err: errTest, took: 700 * time.Millisecond, tried: 4},
		"a long time":    {o: handlers.RetryOptions{Attempts: 99, MaxWait: time.Hour, Pause: time.Second}, fails: 10, err: errTest, took: 1023 * time.Second, tried: 11},
		"not worth it":   {o: handlers.RetryOptions{Retryable: func(err error) bool { return !errors.Is(err, errTest) }}, fails: 99, err: errTest, tried: 1},
		"context ends":   {fails: 99, err: errTest, end: 150 * time.Millisecond, took: 150 * time.Millisecond, tried: 2},
		"context ended":  {fails: 99, err: errTest, end: -1, tried: 1},
		"ended and well": {end: -1, tried: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec, tried := handlertest.NewRecorder(nil), 0
				var told errorLog
				c.o.OnError = told.add
				h := handlers.NewRetry(&hook{handle: func(ctx context.Context, r slog.Record) error {
					tried++
					r.AddAttrs(slog.Int("tried", tried))
					if tried > c.fails {
						return rec.Handle(ctx, r)
					}
					if c.err == nil {
						panic("hostile")
					}
					return c.err
				}}, c.o)
				ctx := context.Background()
				if c.end != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.end)
					defer cancel()
				}
				start := time.Now()
				err := h.Handle(ctx, record(slog.LevelInfo, "m", many(7)...))
				if took := time.Since(start); took != c.took || tried != c.tried {
					t.Errorf("took %v and %d attempts, want %v and %d", took, tried, c.took, c.tried)
				}
				arrived := uint64(len(rec.Records()))
				if (err == nil) != (arrived == 1) || err != nil && !errors.Is(err, c.err) {
					t.Errorf("Handle: %v, with %d records", err, arrived)
				}
				if n := len(told.all()); n > 1 || (n == 1) != (err == nil && tried > 1) {
					t.Errorf("told: %v, and returned: %v", told.all(), err)
				}
				if arrived == 1 && len(rec.Records()[0].Attrs) != 8 {
					t.Errorf("attempts share the record: %v", rec.Records()[0].Attrs)
				}
				if got, want := h.Stats(), (handlers.RetryStats{In: 1, Out: arrived, Dropped: 1 - arrived, Retries: uint64(c.tried) - 1}); got != want {
					t.Errorf("stats: %+v, want %+v", got, want)
				}
			})
		})
	}
}

// TestRetryOnError tells of what a later attempt has made good, and of nothing that Handle
// returns.
func TestRetryOnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told errorLog
		n := 0
		h := handlers.NewRetry(&hook{handle: func(context.Context, slog.Record) error {
			if n++; n < 3 {
				return fmt.Errorf("failure %d: %w", n, errTest)
			}
			return nil
		}}, handlers.RetryOptions{OnError: told.add})
		handle(t, h, record(slog.LevelInfo, "m"))
		const want = "handlers: retry: attempt 2, before one that succeeded: failure 2: "
		if errs := told.all(); len(errs) != 1 || !errors.Is(errs[0], errTest) || !strings.HasPrefix(errs[0].Error(), want) {
			t.Errorf("%v", errs)
		}
	})
}

func many(n int) []slog.Attr {
	attrs := make([]slog.Attr, n, n+5)
	for i := range attrs {
		attrs[i] = slog.Int(strings.Repeat("k", i+1), i)
	}
	return attrs
}

// fragile is a handler that panics when something is bound to it.
type fragile struct{ *handlertest.Recorder }

func (fragile) WithAttrs([]slog.Attr) slog.Handler                { panic("no attrs") }
func (fragile) WithGroup(string) slog.Handler                     { panic("no groups") }
func (fragile) WithLoggerName(string, string) slog.Handler        { panic("no name") }
func (fragile) Enabled(context.Context, slog.Level) bool          { panic("no level") }
func (h fragile) Handle(ctx context.Context, r slog.Record) error { return h.Recorder.Handle(ctx, r) }

// TestRecoverStats counts under -race, of all that is derived too.
func TestRecoverStats(t *testing.T) {
	h := handlers.NewRecover(&hook{handle: func(_ context.Context, r slog.Record) error {
		switch r.Message {
		case "panics":
			panic(errTest)
		case "ends":
			runtime.Goexit()
		case "fails":
			return errTest
		}
		return nil
	}})
	stats := h.Stats
	var wg sync.WaitGroup
	for _, msg := range []string{"panics", "ends", "fails", "well"} {
		for range 500 {
			wg.Go(func() {
				derived := h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
				_ = derived.Handle(context.Background(), record(slog.LevelInfo, msg))
			})
		}
		if s := stats(); s.Held > 2000 || s.In > 2000 {
			t.Errorf("%+v", s)
		}
	}
	wg.Wait()
	s := stats()
	if want := (handlers.RecoverStats{In: 2000, Out: 1500, Panicked: 500}); s != want || s.In != s.Out+s.Panicked+s.Held {
		t.Errorf("%+v, want %+v", s, want)
	}
	h = handlers.NewRecover(fragile{handlertest.NewRecorder(nil)})
	_ = handlers.BindName(h, "logger", "a").WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	if s := h.Stats(); s.Unbound != 3 {
		t.Errorf("%+v", s)
	}
}

// TestRecoverHolds has a record in the handler.
func TestRecoverHolds(t *testing.T) {
	var h *handlers.Recover
	h = handlers.NewRecover(&hook{handle: func(context.Context, slog.Record) error {
		if s, want := h.Stats(), (handlers.RecoverStats{In: 1, Held: 1}); s != want {
			t.Errorf("%+v, want %+v", s, want)
		}
		return nil
	}})
	handle(t, h, record(slog.LevelInfo, "m"))
}

func TestRecover(t *testing.T) {
	h := handlers.NewRecover(panicking(errTest))
	err := h.Handle(context.Background(), record(slog.LevelInfo, "m"))
	var p *handlers.PanicError
	if !errors.As(err, &p) || !errors.Is(err, errTest) || !strings.Contains(string(p.Stack), "recover_test.go") && !strings.Contains(string(p.Stack), "helpers_test.go") {
		t.Errorf("Handle: %v", err)
	}

	rec := handlertest.NewRecorder(nil)
	h = handlers.NewRecover(fragile{rec})
	if !h.Enabled(context.Background(), slog.LevelInfo) {
		t.Error("not enabled")
	}
	handle(t, h, record(slog.LevelInfo, "whole"))
	derived := handlers.BindName(h, "logger", "a").WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	err = derived.Handle(context.Background(), record(slog.LevelInfo, "without"))
	for _, want := range []string{"no attrs", "no groups", "no name"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Handle: %v", err)
		}
	}
	wantMessages(t, rec, "whole", "without")
	wantPanic(t, "NewRecover: the handler is nil", func() { handlers.NewRecover(nil) })
	wantPanic(t, "NewRetry: the handler is nil", func() { handlers.NewRetry(nil, handlers.RetryOptions{}) })
}

func BenchmarkRetry(b *testing.B) {
	benchmarkWrapper(b, func(next slog.Handler) slog.Handler { return handlers.NewRetry(next, handlers.RetryOptions{}) })
}

func BenchmarkRecover(b *testing.B) { benchmarkWrapper(b, newRecover) }

func benchmarkWrapper(b *testing.B, wrap func(slog.Handler) slog.Handler) {
	h := wrap(handlers.NewStream(io.Discard, plain{}, nil))
	r := record(slog.LevelInfo, "m", slog.String("path", "/"))
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Handle(context.Background(), r)
	}
}
