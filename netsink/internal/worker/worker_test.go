package worker

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errDown = errors.New("down")

// A pile is a Store of numbered records.
type pile struct {
	mu            sync.Mutex
	in, out       uint64
	dropped, lost uint64
	ended         bool
	changed       chan struct{}
}

// with runs f with the lock, and has all look again.
func (p *pile) with(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	if p.changed != nil {
		close(p.changed)
	}
	p.changed = make(chan struct{})
}

func (p *pile) add(n uint64) { p.with(func() { p.in += n }) }

func (p *pile) send(taken bool) {
	p.with(func() {
		if p.in == p.out {
			return
		}
		p.out++
		if !taken {
			p.dropped++
		}
	})
}

func (p *pile) End() (first bool) {
	p.with(func() {
		if first = !p.ended; first {
			p.ended, p.lost = true, p.dropped
		}
	})
	return first
}

func (p *pile) Abandon() { p.with(func() { p.dropped, p.out = p.dropped+p.in-p.out, p.in }) }

func (p *pile) Dropped() (all, sinceEnd uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped, p.dropped - p.lost
}

func (p *pile) Ended() (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended, p.changed
}

func (p *pile) Hurry() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.in
}

func (p *pile) Passed(n uint64) (bool, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out >= n, p.changed
}

// start returns a pile of n records that a goroutine sends, one a second, while attempts return nil.
func start(n uint64, attempt func(w *Worker) error) (*pile, *Worker) {
	p := &pile{changed: make(chan struct{})}
	p.add(n)
	w := New("test", p, 10*time.Second, func(err error) { panic(err) }) // which must not end the program
	w.Go(func() {
		for w.Context().Err() == nil {
			if ended, _ := p.Ended(); ended && p.Hurry() == p.out {
				return
			}
			if err := attempt(w); err != nil {
				w.Failed(err)
				w.Rest(time.Minute)
				continue
			}
			time.Sleep(time.Second)
			p.send(true)
		}
	})
	return p, w
}

func wantError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// TestFlushAndClose has a goroutine that works, one that never does, one that is stuck, and one that ends early.
func TestFlushAndClose(t *testing.T) {
	for _, c := range []struct {
		name         string
		attempt      func(*Worker) error
		flush, close string
		took         time.Duration // Close
	}{
		{"works", func(*Worker) error { return nil }, "", "", time.Second},
		{"down", func(*Worker) error { return errDown }, "not all was sent within 10s", "5 records dropped: down", 10 * time.Second},
		{"stuck", func(*Worker) error { time.Sleep(time.Hour); return nil }, "not all was sent within 10s", "5 records dropped", 10*time.Second + Grace},
		{"ends", func(*Worker) error { runtime.Goexit(); return nil }, "5 records dropped", "5 records dropped", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, w := start(5, c.attempt)
				wantError(t, "Flush", w.Flush(), c.flush)
				begun := time.Now()
				first := make(chan error)
				go func() { first <- w.Close(context.Background()) }()
				synctest.Wait()
				wantError(t, "the second Close", w.Close(context.Background()), c.close)
				wantError(t, "Close", <-first, c.close)
				if took := time.Since(begun); took > c.took {
					t.Errorf("Close took %v, want %v", took, c.took)
				}
				if !errors.Is(w.Context().Err(), context.Canceled) {
					t.Error("what is sent goes on")
				}
				time.Sleep(time.Hour) // the stuck one ends
			})
		})
	}
}

// TestCloseWithinContext has a second Close end with its own context.
func TestCloseWithinContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w := start(1, func(*Worker) error { return errDown })
		done := make(chan error)
		go func() { done <- w.Close(context.Background()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := w.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		wantError(t, "the first", <-done, "1 records dropped: down")
	})
}

// TestRest is cut short by Close once, and by nothing else.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		p, w := start(1, func(*Worker) error { attempts++; return errDown })
		time.Sleep(30 * time.Second)
		p.add(1) // a change that is no Close
		synctest.Wait()
		if attempts != 1 {
			t.Errorf("%d attempts before Close", attempts)
		}
		_ = w.Close(context.Background())
		if attempts != 2 {
			t.Errorf("%d attempts, want one more at Close", attempts)
		}
	})
}
