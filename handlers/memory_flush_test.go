package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// slow is a target that takes its time for each record.
func slow(each time.Duration, handle func()) *hook {
	return &hook{handle: func(context.Context, slog.Record) error {
		<-time.After(each)
		if handle != nil {
			handle()
		}
		return nil
	}}
}

// TestMemoryFlushEndsUnderLoad flushes while others log more than the target can
// take: what waited at the call is through soon.
func TestMemoryFlushEndsUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := handlers.NewMemory(slow(time.Millisecond, nil), handlers.MemoryOptions{})
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for tick := time.NewTicker(time.Millisecond); ; {
					select {
					case <-stop:
						return
					case <-tick.C:
						slog.New(m).Error("m")
					}
				}
			})
		}
		<-time.After(20 * time.Millisecond)
		waiting, start := m.Buffered(), time.Now()
		err := m.Flush()
		if took := time.Since(start); err != nil || waiting < 10 || took > time.Duration(waiting+2)*time.Millisecond {
			t.Errorf("Flush of %d took %v and returned %v", waiting, took, err)
		}
		close(stop)
		m.SetTarget(nil)
		wg.Wait()
	})
}

// TestMemoryFlushWaitsForItsOwn has records come while Flush waits for another
// goroutine to pass on one.
func TestMemoryFlushWaitsForItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		m := handlers.NewMemory(&hook{handle: func(context.Context, slog.Record) error {
			<-release
			return nil
		}}, handlers.MemoryOptions{})
		add := func(level slog.Level) { _ = m.Handle(context.Background(), record(level, "m")) }
		go add(slog.LevelError)
		synctest.Wait()
		add(slog.LevelInfo)
		flushed := false
		go func() {
			if err := m.Flush(); err != nil {
				t.Error(err)
			}
			flushed = true
		}()
		synctest.Wait()
		add(slog.LevelError)
		add(slog.LevelError)
		for i, want := range []bool{false, true, true, true} {
			release <- struct{}{}
			synctest.Wait()
			if flushed != want {
				t.Errorf("after %d records: Flush returned is %t", i+1, flushed)
			}
		}
	})
}

// TestMemoryCloseObeysItsContext has too little time for what is in the buffer, and
// for what a target adds to it.
func TestMemoryCloseObeysItsContext(t *testing.T) {
	for name, c := range map[string]struct {
		records, left int
		feeds, fails  bool
	}{
		"time for all":      {records: 8},
		"too many":          {records: 50, left: 40, fails: true},
		"target feeds":      {records: 5, left: 5, feeds: true},
		"one, target feeds": {records: 1, left: 1, feeds: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var m *handlers.Memory
				feed := func() {
					if c.feeds {
						slog.New(m).Error("again")
					}
				}
				m = handlers.NewMemory(slow(10*time.Millisecond, feed), handlers.MemoryOptions{})
				for range c.records {
					slog.New(m).Info("m")
				}
				ctx, cancel := context.WithTimeout(t.Context(), 95*time.Millisecond)
				defer cancel()
				start := time.Now()
				err := m.Close(ctx)
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Errorf("Close took %v", took)
				}
				if errors.Is(err, context.DeadlineExceeded) != c.fails || c.fails && !strings.Contains(err.Error(), "40 records not passed on") {
					t.Errorf("Close: %v", err)
				}
				if n := m.Buffered(); n != c.left {
					t.Errorf("%d records are left, want %d", n, c.left)
				}
			})
		})
	}
}

func TestMemoryCloseWithoutTime(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	m := handlers.NewMemory(rec, handlers.MemoryOptions{})
	handle(t, m, record(slog.LevelInfo, "m"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Close(ctx); !errors.Is(err, context.Canceled) || m.Buffered() != 1 || m.Unwrap() != nil {
		t.Errorf("Close: %v; %d are left for %v", err, m.Buffered(), m.Unwrap())
	}
}

// TestMemoryFlushLeavesTheRest has a target log for each record it gets: Flush
// leaves that soon, and the next record takes it along.
func TestMemoryFlushLeavesTheRest(t *testing.T) {
	handled, more := 0, true
	var m *handlers.Memory
	m = handlers.NewMemory(&hook{handle: func(context.Context, slog.Record) error {
		if handled++; more {
			return m.Handle(context.Background(), record(slog.LevelError, "again"))
		}
		return nil
	}}, handlers.MemoryOptions{})
	for range 3 {
		handle(t, m, record(slog.LevelInfo, "m"))
	}
	if err := m.Flush(); err != nil || handled < 3 || handled > 200 || m.Buffered() == 0 {
		t.Errorf("Flush: %v; %d handled, %d left", err, handled, m.Buffered())
	}
	more = false
	handle(t, m, record(slog.LevelInfo, "next"))
	if n := m.Buffered(); n != 1 {
		t.Errorf("%d are left, want only what is not due", n)
	}
}
