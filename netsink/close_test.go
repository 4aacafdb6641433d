package netsink

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Close without a deadline is bounded by CloseTimeout, where nobody listens, where the
// connection hangs, and where the peer does not read.
func TestCloseIsBounded(t *testing.T) {
	var late net.Conn // the peer's end
	var dialing, most atomic.Int32
	for name, dial := range map[string]func(ctx context.Context) (net.Conn, error){
		"refused":  func(context.Context) (net.Conn, error) { return nil, errors.New("refused") },
		"hangs":    func(ctx context.Context) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
		"heedless": func(context.Context) (net.Conn, error) { time.Sleep(time.Hour); return nil, errors.New("late") },
		"late": func(context.Context) (net.Conn, error) {
			time.Sleep(time.Hour)
			c, peer := net.Pipe()
			late = peer
			return c, nil
		},
		"stalls":  func(context.Context) (net.Conn, error) { c, _ := net.Pipe(); return c, nil },
		"nothing": func(context.Context) (net.Conn, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told := &told{}
				h := newHandler(t, "tcp", "peer:1", Options{
					Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
						most.Store(max(most.Load(), dialing.Add(1)))
						defer dialing.Add(-1)
						return dial(ctx)
					},
					CloseTimeout: 7 * time.Second, OnError: told.add,
				})
				put(t, h, 0, 3, 50)
				time.Sleep(17 * time.Second)
				start := time.Now()
				if err := h.Flush(); err == nil || !strings.Contains(err.Error(), "3 records were not sent") || time.Since(start) != 7*time.Second {
					t.Errorf("Flush returned %v after %v", err, time.Since(start))
				}
				start = time.Now()
				err := h.Close(context.Background())
				if err == nil || !strings.Contains(err.Error(), "3 records dropped") || time.Since(start) != 7*time.Second {
					t.Errorf("Close returned %v after %v", err, time.Since(start))
				}
				if again := h.Close(context.Background()); again != err {
					t.Errorf("the second Close returned %v", again)
				}
				if err := h.sender.put(numbered(3, 50), ""); !errors.Is(err, ErrClosed) {
					t.Errorf("after Close: %v", err)
				}
				if n := h.Stats(); n.Records != 4 || n.Dropped != 4 || n.Queued != 0 || n.Connected {
					t.Errorf("%+v", n)
				}
				synctest.Wait()
				if errs := told.all(); len(errs) == 0 || !errors.Is(errs[len(errs)-1], err) {
					t.Errorf("told of %v", errs)
				}
				time.Sleep(2 * time.Hour) // or some are not even back
				synctest.Wait()
				if name == "late" {
					if _, err := late.Read(make([]byte, 1)); err != io.EOF {
						t.Errorf("a connection that comes too late is left open: %v", err)
					}
				}
				if most.Load() != 1 {
					t.Errorf("%d attempts to connect at once", most.Load())
				}
			})
		})
	}
}

// Close tries once more at once, however long the pause is.
func TestCloseCutsPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		var up atomic.Bool
		o := piped(func(c net.Conn, _ int) { _ = tape.readAll(c) })
		pipe := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if !up.Load() {
				return nil, errors.New("refused")
			}
			return pipe(ctx, network, address)
		}
		o.RetryMin = time.Hour
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 3, 50)
		time.Sleep(time.Minute)
		up.Store(true)
		start := time.Now()
		_ = h.Close(context.Background()) // a pipe can't be closed for writing alone, so all is in doubt
		took := time.Since(start)
		synctest.Wait()
		tape.wantNumbers(t, 3)
		if n := h.Stats(); n.Sent != 3 || n.Unconfirmed != 3 || took > 0 {
			t.Errorf("%+v after %v", n, took)
		}
	})
}

// After that the pauses are short again.
func TestCloseTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		var up atomic.Bool
		o := piped(func(c net.Conn, _ int) { _ = tape.readAll(c) })
		pipe := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if !up.Load() {
				return nil, errors.New("refused")
			}
			return pipe(ctx, network, address)
		}
		o.RetryMin, o.RetryMax, o.RetryFactor = 100*time.Millisecond, time.Hour, 2
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 3, 50)
		time.Sleep(time.Hour)
		time.AfterFunc(time.Second, func() { up.Store(true) })
		_ = h.Close(context.Background())
		synctest.Wait()
		tape.wantNumbers(t, 3)
	})
}

// A peer that breaks the connection instead of closing it leaves in doubt what it was sent.
func TestCloseReset(t *testing.T) {
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		_, _ = io.Copy(io.Discard, c)
		_ = c.(*net.TCPConn).SetLinger(0)
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, &told{}))
	put(t, h, 0, 10, 300)
	var u *UnconfirmedError
	if err := h.Close(context.Background()); !errors.As(err, &u) || u.First != 1 || u.Last != 10 {
		t.Errorf("Close returned %v", err)
	}
}

// A context that has ended gives up at once.
func TestCloseAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, "tcp", "peer:1", piped(func(c net.Conn, _ int) {}))
		put(t, h, 0, 3, 50)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		start := time.Now()
		if err := h.Close(ctx); err == nil || time.Since(start) > 0 {
			t.Errorf("Close returned %v after %v", err, time.Since(start))
		}
	})
}

// A Handler that never sent anything closes without a word.
func TestCloseUnused(t *testing.T) {
	noLeaks(t)
	h, err := NewHandler("tcp", "127.0.0.1:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	derived := h.WithGroup("g").(*Handler)
	if err := errors.Join(h.Flush(), derived.Close(context.Background()), h.Close(context.Background()), h.Flush()); err != nil {
		t.Error(err)
	}
	if n := h.Stats(); n != (Stats{}) {
		t.Errorf("%+v", n)
	}
}

// Many close, flush and log at once.
func TestCloseConcurrently(t *testing.T) {
	tape := newTape()
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		_ = tape.readAll(c)
	})
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, &told{}))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 500 {
				if err := h.sender.put(numbered(0, 100), ""); err != nil && !errors.Is(err, ErrClosed) {
					t.Error(err)
				}
			}
			if i%2 == 0 {
				if err := errors.Join(h.Close(context.Background()), h.Flush()); err != nil {
					t.Error(err)
				}
			}
			if n := h.Stats(); n.Records != n.Sent+n.Dropped+n.Queued {
				t.Errorf("%+v", n)
			}
		})
	}
	wg.Wait()
	s.drain()
	if n := h.Stats(); n.Records != 8*500 || int(n.Sent) != len(tape.got()) || n.Queued != 0 || n.Unconfirmed != 0 {
		t.Errorf("%+v; %d came", n, len(tape.got()))
	}
}

// Close waits until the peer has read all and closed.
func TestCloseWaitsForPeer(t *testing.T) {
	tape := newTape()
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		time.Sleep(50 * time.Millisecond)
		_ = tape.readAll(c)
	})
	told := &told{}
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(s, told))
	put(t, h, 0, 1000, 300)
	closed(t, h)
	tape.wantNumbers(t, 1000)
	if n := h.Stats(); n.Unconfirmed != 0 || n.Errors != 0 {
		t.Errorf("%+v, %v", n, told.all())
	}
}

// A peer that never closes leaves in doubt what it was sent.
func TestCloseInDoubt(t *testing.T) {
	over := make(chan struct{})
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		<-over
	})
	defer close(over)
	o := quick(s, &told{})
	o.CloseTimeout = 50 * time.Millisecond
	h := newHandler(t, "tcp", "127.0.0.1:1", o)
	put(t, h, 0, 10, 300)
	var u *UnconfirmedError
	if err := h.Close(context.Background()); !errors.As(err, &u) || u.First != 1 || u.Last != 10 {
		t.Errorf("Close returned %v", err)
	}
	if n := h.Stats(); n.Unconfirmed != 10 || n.Sent != 10 {
		t.Errorf("%+v", n)
	}
}

// OnError is called once at a time, may use the Handler, and may panic.
func TestOnError(t *testing.T) {
	var h *Handler
	var mu sync.Mutex
	calls, at := 0, 0
	ready, done := make(chan struct{}), make(chan struct{})
	o := Options{
		Dial:     func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrUnexpectedEOF },
		RetryMin: time.Millisecond, RetryMax: time.Millisecond, CloseTimeout: 20 * time.Millisecond,
		OnError: func(err error) {
			<-ready
			mu.Lock()
			calls++
			at++
			if at > 1 {
				t.Error("two calls at once")
			}
			n := calls
			mu.Unlock()
			defer func() {
				mu.Lock()
				at--
				mu.Unlock()
			}()
			h.Stats()
			_ = h.Flush()
			if n == 3 {
				_ = h.Close(context.Background())
				close(done)
			}
			panic("a mistake in OnError")
		},
	}
	h = newHandler(t, "tcp", "127.0.0.1:1", o)
	close(ready)
	put(t, h, 0, 1, 50)
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("OnError hangs")
	}
	waitDelivered(t, h)
	if n := h.Stats(); n.Errors < 3 || n.Dropped != 1 {
		t.Errorf("%+v", n)
	}
}
