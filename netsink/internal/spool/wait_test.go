package spool

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// full returns a Spool into which not another frame of 500 bytes fits, and how many did.
func full(policy Policy, maxWait time.Duration) (s *Spool, n int) {
	s = New(4<<10, policy, maxWait, nil)
	for s.size+500 <= s.max && s.fits(500) {
		_ = s.Put(numbered(n, 500), "")
		n++
	}
	return s, n
}

// Callers wait no longer than maxWait in all, in their order, and then not at all until
// there is room again.
func TestWaitIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := full(Block, time.Second)
		start := time.Now()
		var wg sync.WaitGroup
		for i, at := range []time.Duration{0, 300 * time.Millisecond, 900 * time.Millisecond, time.Second, time.Hour} {
			wg.Go(func() {
				time.Sleep(at)
				if err := s.Put(numbered(n+i, 500), "x"); err != ErrFull {
					t.Errorf("at %v: %v", at, err)
				}
				if now, want := time.Since(start), max(time.Second, at); now != want {
					t.Errorf("called at %v it returned at %v, not at %v", at, now, want)
				}
			})
		}
		wg.Wait()
		r := &reader{t: t, s: s}
		r.all()
		if err := s.Put(numbered(n+5, 500), ""); err != nil {
			t.Error(err)
		}
		r.all()
		if r.next != n+6 || r.gaps != 1 {
			t.Errorf("%d of %d frames, %d gaps", r.next, n+6, r.gaps)
		}
		for i := n + 6; s.fits(500); i++ {
			_ = s.Put(numbered(i, 500), "")
		}
		start = time.Now()
		_ = s.Put(numbered(0, 500), "")
		if d := time.Since(start); d != time.Second {
			t.Errorf("after there was room, it waited for %v", d)
		}
	})
}

// Who waits is let in when there is room, first come, first served.
func TestWaitInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := full(Block, time.Minute)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				size := 500
				switch i % 3 {
				case 1:
					size = 3000
				case 2:
					size = 60 // there would be room for it
				}
				if err := s.Put(numbered(n+i, size), ""); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		r := &reader{t: t, s: s}
		last := n + 20
		for range 100 {
			r.take(1)
			if synctest.Wait(); last < n+30 {
				wg.Go(func() { _ = s.Put(numbered(last, 60), "") })
				synctest.Wait()
				last++
			}
			s.check(t, 3000)
		}
		wg.Wait()
		if r.next != last || r.gaps != 0 {
			t.Errorf("%d of %d frames, %d gaps", r.next, last, r.gaps)
		}
	})
}

func TestNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			policy Policy
			wait   time.Duration
		}{{Block, -1}, {DropNew, time.Hour}} {
			s, _ := full(c.policy, c.wait)
			start := time.Now()
			if err := s.Put(numbered(0, 500), ""); err != ErrFull || time.Since(start) > 0 {
				t.Errorf("%+v: %v after %v", c, err, time.Since(start))
			}
		}
	})
}

// Close ends the waiting, and what is in the queue may still be sent.
func TestCloseWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := full(Block, time.Hour)
		for range 5 {
			go func() {
				if err := s.Put(numbered(0, 500), ""); err != ErrClosed {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		s.Close()
		synctest.Wait()
		if err := s.Put(numbered(0, 500), ""); err != ErrClosed {
			t.Error(err)
		}
		if c := s.Counts(); c.Put != uint64(n+6) || c.Dropped != 6 {
			t.Errorf("%+v", c)
		}
		r := &reader{t: t, s: s}
		r.take(2)
		if left := s.DropAll(); left != uint64(n-2) {
			t.Errorf("%d left of %d", left, n-2)
		}
		s.check(t, 500)
	})
}

// Flush waits for what was there, and for nothing that comes later.
func TestFlush(t *testing.T) {
	for _, policy := range []Policy{DropNew, DropOld} {
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			s, n := full(policy, 0)
			r := &reader{t: t, s: s}
			isDone := func(done <-chan struct{}) bool {
				select {
				case <-done:
					return true
				default:
					return false
				}
			}
			done, _ := s.Flush()
			_, cancel := s.Flush()
			cancel()
			r.take(1)
			s.Untake()
			for i := range 100 {
				_ = s.Put(numbered(n+i, 500), "x")
				if policy == DropNew && isDone(done) {
					t.Fatal("dropping other frames counts as flushing these")
				}
			}
			if policy == DropOld {
				if !isDone(done) {
					t.Error("all were dropped, and it still waits")
				}
				return
			}
			r.take(1 << 30)
			for i := 0; r.next < n; i++ {
				if isDone(done) {
					t.Fatal("done too early")
				}
				r.take(1)
			}
			if !isDone(done) {
				t.Error("not done")
			}
			s.Untake()
			r.all()
			if done, _ := s.Flush(); !isDone(done) {
				t.Error("an empty queue is not flushed")
			}
			if len(s.flushing) > 0 {
				t.Errorf("%d flushes are left", len(s.flushing))
			}
		})
	}
}

// Counts fit together at any time, with many callers.
func TestConcurrently(t *testing.T) {
	for _, policy := range []Policy{Block, DropNew, DropOld} {
		s := New(8<<10, policy, time.Millisecond, func() {})
		var wg sync.WaitGroup
		const callers, each = 8, 2000
		for range callers {
			wg.Go(func() {
				for i := range each {
					_ = s.Put(numbered(i, 50+i%400), "x")
				}
			})
		}
		stop := make(chan struct{})
		ended := make(chan uint64)
		go func() {
			var gaps uint64
			for {
				gap, p := s.Take()
				if gap.N > 0 {
					gaps += gap.N
					s.Told()
				}
				if n := len(p); n > 0 {
					s.Done(count(p))
					continue
				}
				if gap.N > 0 {
					continue
				}
				if !s.Await(1) {
					select {
					case <-s.Ready():
					case <-stop:
						if !s.Await(1) {
							ended <- gaps
							return
						}
					}
				}
			}
		}()
		for range 200 {
			if c := s.Counts(); c.Put != c.Sent+c.Dropped+c.Queued || c.QueuedBytes > 8<<10 {
				t.Errorf("%+v", c)
			}
			time.Sleep(0)
		}
		wg.Wait()
		close(stop)
		gaps := <-ended
		if c := s.Counts(); c.Put != callers*each || c.Queued != 0 || c.Dropped != gaps {
			t.Errorf("policy %d: %+v, %d in gaps", policy, c, gaps)
		}
	}
}

// count returns the length of whole frames, and their number.
func count(p []byte) (bytes, frames int) {
	for bytes < len(p) {
		bytes += int(p[bytes+2])<<8 + int(p[bytes+3]) + 4
		frames++
	}
	return bytes, frames
}

// TestFlushIsOfWhatWasThere drops frames that came after a Flush, while older ones are with the
// sender.
func TestFlushIsOfWhatWasThere(t *testing.T) {
	s := New(8<<10, DropOld, 0, nil)
	p := numbered(0, 100)
	for range 4 {
		_ = s.Put(p, "")
	}
	_, taken := s.Take()
	done, cancel := s.Flush()
	defer cancel()
	for range 200 {
		_ = s.Put(p, "")
	}
	select {
	case <-done:
		t.Errorf("flushed, and %d bytes are with the sender", len(taken))
	default:
	}
	s.Done(len(taken), 4)
	<-done
}
