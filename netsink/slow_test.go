package netsink

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// piped are Options whose connections are pipes, with serve at the other ends.
func piped(serve func(c net.Conn, nth int)) Options {
	nth := 0
	return Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		c, peer := net.Pipe()
		go serve(peer, nth)
		nth++
		return c, nil
	}}
}

// A peer that reads a byte a second gets all, through one connection.
func TestByteAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		o := piped(func(c net.Conn, _ int) { _ = tape.readAll(slowReader{c}) })
		o.WriteTimeout = 3 * time.Second
		o.CloseTimeout = time.Hour
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 8, 50)
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		tape.wantNumbers(t, 8)
		if n := h.Stats(); n.Connects != 1 || n.Sent != 8 {
			t.Errorf("%+v", n)
		}
	})
}

type slowReader struct{ r io.Reader }

func (r slowReader) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return r.r.Read(p[:1])
}

// A peer that accepts and never reads costs callers MaxWait in all and no more, and is given
// up after WriteTimeout; so is the next one.
func TestNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := &told{}
		o := piped(func(net.Conn, int) {})
		o.BufferBytes, o.MaxWait, o.WriteTimeout, o.OnError = 8<<10, 2*time.Second, 30*time.Second, told.add
		h := newHandler(t, "tcp", "peer:1", o)
		start := time.Now()
		var wg sync.WaitGroup
		var full int
		var mu sync.Mutex
		for range 4 {
			wg.Go(func() {
				for range 100 {
					if err := h.sender.put(numbered(0, 500), ""); errors.Is(err, ErrFull) {
						mu.Lock()
						full++
						mu.Unlock()
					} else if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("the callers waited for %v", d)
		}
		if n := h.Stats(); n.Records != 400 || n.Dropped != uint64(full) || n.Queued != 400-n.Dropped || n.Sent != 0 {
			t.Errorf("%d times full, %+v", full, n)
		}
		time.Sleep(100 * time.Second)
		synctest.Wait()
		if n := h.Stats(); n.Connects != 4 { // at 0, 30, 60, 90 seconds: each was long enough
			t.Errorf("%+v", n)
		}
		timeouts := 0
		for _, err := range told.all() {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				timeouts++
			}
		}
		if timeouts != 3 {
			t.Errorf("%d timeouts were told of: %v", timeouts, told.all())
		}
		start = time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 7*time.Second)
		defer cancel()
		err := h.Close(ctx)
		if err == nil || !strings.Contains(err.Error(), "records dropped") || time.Since(start) != 7*time.Second {
			t.Errorf("Close returned %v after %v", err, time.Since(start))
		}
		if n := h.Stats(); n.Records != 400 || n.Dropped != 400 {
			t.Errorf("%+v", n)
		}
	})
}

// A record of which a part was written is sent again, whole, and no part of it is followed
// by another record on one connection.
func TestTornIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		o := piped(func(c net.Conn, nth int) {
			defer c.Close()
			if nth < 5 {
				_ = tape.readAll(io.LimitReader(c, 100+int64(nth)*17))
				return
			}
			_ = tape.readAll(c)
		})
		o.RetryMin = time.Millisecond
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 100, 60)
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		tape.wantNumbers(t, 100)
		if tape.torn != 5 {
			t.Errorf("%d connections ended in a frame, not 5", tape.torn)
		}
		if n := h.Stats(); n.Connects != 6 || n.Sent != 100 {
			t.Errorf("%+v", n)
		}
	})
}

// Connections that fail are tried again after RetryMin, times RetryFactor, up to RetryMax, less a
// fifth at most; and after a success from the start.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		o := Options{RetryMin: 100 * time.Millisecond, RetryFactor: 3, RetryMax: 2 * time.Second}
		fails := 6
		tape := newTape()
		o.Dial = func(context.Context, string, string) (net.Conn, error) {
			at = append(at, time.Since(start))
			if len(at) <= fails {
				return nil, &net.DNSError{Err: "no such host", Name: "nowhere", IsNotFound: true}
			}
			c, peer := net.Pipe()
			go func() {
				defer peer.Close()
				_ = tape.read(peer, 1)
				time.Sleep(3 * time.Second)
			}()
			return c, nil
		}
		told := &told{}
		o.OnError = told.add
		h := newHandler(t, "tcp", "nowhere:1", o)
		put(t, h, 0, 1, 50)
		time.Sleep(time.Minute)
		synctest.Wait()
		wantPauses(t, at, 100, 300, 900, 2000, 2000, 2000)
		var dns *net.DNSError
		if errs := told.all(); len(errs) < fails || !errors.As(errs[0], &dns) || !strings.HasPrefix(errs[0].Error(), "netsink: Socket(tcp nowhere:1): ") {
			t.Errorf("told of %v", errs)
		}
		at, fails, start = nil, 2, time.Now()
		put(t, h, 1, 1, 50)
		time.Sleep(time.Minute)
		synctest.Wait()
		wantPauses(t, at, 100, 300)
		if len(at) > 0 && at[0] > 0 {
			t.Errorf("after a connection that lived it waited for %v", at[0])
		}
		tape.wantNumbers(t, 2)
	})
}

// wantPauses compares pauses, given in milliseconds.
func wantPauses(t *testing.T, at []time.Duration, want ...time.Duration) {
	t.Helper()
	if len(at) != len(want)+1 {
		t.Fatalf("%d attempts, at %v, with pauses of %v ms", len(at), at, want)
	}
	for i, w := range want {
		w *= time.Millisecond
		if d := at[i+1] - at[i]; d > w || d < w*8/10 {
			t.Errorf("pause %d is %v, not %v less up to a fifth", i, d, w)
		}
	}
}

// A peer that accepts only to close is not stormed.
func TestNoStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := piped(func(c net.Conn, _ int) { c.Close() })
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 10, 50)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := h.Stats(); n.Connects < 10 || n.Connects > 10*60/24+10 || n.Sent != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// FlushInterval has records wait for each other, and Flush does not wait for it.
func TestFlushInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		o := piped(func(c net.Conn, _ int) {
			r := frame.NewReader(c, 1<<20)
			for {
				if _, err := r.Next(); err != nil {
					return
				}
				at = append(at, time.Since(start))
			}
		})
		o.FlushInterval = time.Minute
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 1, 50)
		time.Sleep(10 * time.Second)
		put(t, h, 0, 1, 50)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(at) != 2 || at[0] != time.Minute || at[1] != time.Minute {
			t.Errorf("two records came at %v", at)
		}
		at, start = nil, time.Now()
		put(t, h, 0, 1, 50)
		if err := h.Flush(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(at) != 1 || at[0] != 0 {
			t.Errorf("the flushed record came at %v", at)
		}
		start = time.Now()
		put(t, h, 0, batchLen/512+1, 512)
		synctest.Wait()
		if len(at) < 60 || at[len(at)-1] != 0 {
			t.Errorf("of many records %d came, the last at %v", len(at), at[len(at)-1])
		}
	})
}

// Without an interval a record after a quiet time is sent at once, and one after another record
// within a millisecond.
func TestNoFlushInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tape := newTape()
		h := newHandler(t, "tcp", "peer:1", piped(func(c net.Conn, _ int) { _ = tape.readAll(c) }))
		for i := range 10 {
			put(t, h, 2*i, 1, 50)
			synctest.Wait()
			tape.wantNumbers(t, 2*i+1)
			put(t, h, 2*i+1, 1, 50)
			time.Sleep(oneRest)
			synctest.Wait()
			tape.wantNumbers(t, 2*i+2)
			time.Sleep(time.Minute)
		}
	})
}
