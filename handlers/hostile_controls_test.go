package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
)

// spoiled is a wrapper with a fault.
type spoiled struct {
	slog.Handler
	handle func(next slog.Handler, ctx context.Context, r slog.Record) error
	closed func()
}

func (h *spoiled) Handle(ctx context.Context, r slog.Record) error {
	return h.handle(h.Handler, ctx, r)
}
func (h *spoiled) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *spoiled) WithGroup(string) slog.Handler      { return h }

func (h *spoiled) Close() error {
	if h.closed != nil {
		h.closed()
	}
	return nil
}

// reused is a context that becomes another one.
type reused struct{ context.Context }

// faults are wrappers that are none too good, by the test that must say so.
var faults = map[string]func(*spoiled){
	"panics": func(h *spoiled) { // hides them
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			defer func() { _ = recover() }()
			return next.Handle(ctx, r)
		}
	},
	"ends goroutines": func(h *spoiled) { // and is broken by it
		busy := false
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			if busy {
				return errTest
			}
			busy = true
			err := next.Handle(ctx, r)
			busy = false
			return err
		}
	},
	"blocks": func(h *spoiled) { // others too
		lock := make(chan struct{}, 1)
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			lock <- struct{}{}
			defer func() { <-lock }()
			return next.Handle(ctx, r)
		}
	},
	"logs to itself": func(h *spoiled) { // leaves such records out
		inside := false
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			if inside {
				return nil
			}
			inside = true
			defer func() { inside = false }()
			return next.Handle(ctx, r)
		}
	},
	"keeps records": func(h *spoiled) { // of which the context changes
		one := &reused{}
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			one.Context = ctx
			return next.Handle(one, r)
		}
	},
	"changes records": func(h *spoiled) { // does so itself
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			r = r.Clone()
			r.AddAttrs(slog.Int("more", 1))
			return next.Handle(ctx, r)
		}
	},
	"contexts": func(h *spoiled) { // heeds them
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			if ctx != nil && ctx.Err() != nil {
				return nil
			}
			return next.Handle(ctx, r)
		}
	},
	"fails for an hour": func(h *spoiled) { // gives up
		broken := false
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			if broken {
				return errTest
			}
			err := next.Handle(ctx, r)
			broken = err != nil
			return err
		}
	},
	"closed": func(h *spoiled) { // is silent
		closed := false
		h.closed = func() { closed = true }
		h.handle = func(next slog.Handler, ctx context.Context, r slog.Record) error {
			if closed {
				return nil
			}
			return next.Handle(ctx, r)
		}
	},
}

// findings collects what a test says.
type findings struct{ errorLog }

func (f *findings) Helper()                           {}
func (f *findings) Error(args ...any)                 { f.add(fmt.Errorf("%s", fmt.Sprint(args...))) }
func (f *findings) Errorf(format string, args ...any) { f.add(fmt.Errorf(format, args...)) }

// TestHostileControls sees each of the hostile tests fail.
func TestHostileControls(t *testing.T) {
	for name, test := range hostileTests {
		spoil, ok := faults[name]
		if !ok {
			t.Errorf("no control for %q", name)
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			var found findings
			test(&found, hostileCase{wrap: func(next slog.Handler) slog.Handler {
				h := &spoiled{Handler: next}
				spoil(h)
				return h
			}})
			if len(found.all()) == 0 {
				t.Errorf("the test %q passes", name)
			}
		})
	}
}
