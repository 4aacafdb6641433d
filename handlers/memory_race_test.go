package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// TestMemoryUnderLoad has goroutines log through derived loggers while others flush
// and exchange the target, which logs back. No record may be lost or doubled, those
// of one goroutine must keep their order, and only one goroutine at a time may be in
// a target.
func TestMemoryUnderLoad(t *testing.T) {
	const writers, each = 6, 400
	rec := handlertest.NewRecorder(nil)
	var m *handlers.Memory
	var inside, crowded atomic.Int32
	target := func() slog.Handler {
		return &hook{handle: func(ctx context.Context, r slog.Record) error {
			if inside.Add(1) > 1 {
				crowded.Add(1)
			}
			defer inside.Add(-1)
			if strings.HasSuffix(r.Message, "7") && !strings.HasPrefix(r.Message, "echo") {
				slog.New(m).Error("echo " + r.Message)
			}
			return rec.Handle(ctx, r)
		}}
	}
	m = handlers.NewMemory(target(), handlers.MemoryOptions{Capacity: 10})
	var work, nuisance sync.WaitGroup
	stop := make(chan struct{})
	for _, annoy := range []func(){
		func() { _ = m.Flush() },
		func() { m.SetTarget(target()) },
		func() { m.SetTarget(nil); m.SetTarget(target()) },
		func() { m.Buffered() },
	} {
		nuisance.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					annoy()
				}
			}
		})
	}
	for w := range writers {
		work.Go(func() {
			for i := range each {
				level := slog.LevelInfo
				if i%17 == 0 {
					level = slog.LevelError
				}
				_ = m.WithAttrs([]slog.Attr{slog.Int("w", w)}).Handle(context.Background(), record(level, fmt.Sprintf("%d %d", w, i)))
			}
		})
	}
	work.Wait()
	close(stop)
	nuisance.Wait()
	m.SetTarget(target())
	for m.Buffered() > 0 {
		if err := m.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if n := crowded.Load(); n != 0 {
		t.Errorf("%d times two goroutines were in a target", n)
	}
	wantInOrder(t, rec, writers, each)
}

// TestMemoryLeavesNothingDue has goroutines log nothing but what must be flushed. Once
// all have returned, whoever flushed last must have seen the last of them.
func TestMemoryLeavesNothingDue(t *testing.T) {
	for range 2000 {
		m := handlers.NewMemory(&hook{}, handlers.MemoryOptions{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					_ = m.Handle(context.Background(), record(slog.LevelError, "m"))
				}
			})
		}
		wg.Wait()
		if n := m.Buffered(); n != 0 {
			t.Fatalf("%d records are due and nobody flushes", n)
		}
	}
}

// wantInOrder checks that the records "w i" of each writer are there once, in order,
// and an echo of each that ends in 7.
func wantInOrder(t *testing.T, rec *handlertest.Recorder, writers, each int) {
	t.Helper()
	next := make([]int, writers)
	echoes := 0
	for _, e := range rec.Records() {
		if strings.HasPrefix(e.Message, "echo") {
			echoes++
			continue
		}
		var w, i int
		if _, err := fmt.Sscanf(e.Message, "%d %d", &w, &i); err != nil {
			t.Fatal(err)
		}
		if i != next[w] {
			t.Fatalf("writer %d: record %d where %d was due", w, i, next[w])
		}
		next[w]++
	}
	wantEchoes := 0
	for w, n := range next {
		if n != each {
			t.Errorf("writer %d: %d records of %d", w, n, each)
		}
		wantEchoes += n / 10
	}
	if echoes != wantEchoes {
		t.Errorf("%d echoes, want %d", echoes, wantEchoes)
	}
}
