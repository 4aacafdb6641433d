package netsink

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// quick are Options for tests in which connections break.
func quick(s *server, o *told) Options {
	return Options{Dial: s.dial, OnError: o.add, RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond, MaxWait: 20 * time.Second, CloseTimeout: 20 * time.Second}
}

// A server that drains and comes back ten times costs nothing, and nothing is in doubt.
func TestRestarts(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			tape, told := newTape(), &told{}
			s := startServer(t, network, func(c net.Conn, _ int) {
				defer c.Close()
				_ = tape.readAll(c)
			})
			h := newHandler(t, network, "127.0.0.1:1", quick(s, told))
			const restarts, each = 10, 2000
			for i := range restarts {
				half := i*each + each/2
				put(t, h, i*each, each/2, 300)
				tape.waitFor(t, i*each+1)
				done := make(chan struct{})
				go func() {
					defer close(done)
					put(t, h, half, each/2, 300)
				}()
				s.drain()
				s.start()
				<-done
			}
			closed(t, h)
			s.drain()
			tape.wantNumbers(t, restarts*each)
			if tape.torn > 0 || tape.markers > 0 {
				t.Errorf("%d torn, %d markers", tape.torn, tape.markers)
			}
			n := h.Stats()
			if n.Connects < restarts {
				t.Errorf("%d connections: the server did not restart", n.Connects)
			}
			if runtime.GOOS == "linux" && n.Unconfirmed != 0 {
				t.Errorf("%+v; told %v", n, told.all())
			}
		})
	}
}

// wantInWindows fails if a record is missing that is in no window that was told.
func wantInWindows(t *testing.T, h *Handler, tape *tape, told *told, n int) {
	t.Helper()
	var windows []*UnconfirmedError
	var sum uint64
	for _, err := range told.all() {
		var u *UnconfirmedError
		if errors.As(err, &u) {
			windows = append(windows, u)
			sum += u.Last - u.First + 1
		}
	}
	in := func(i int) bool {
		for _, w := range windows {
			if w.First <= uint64(i+1) && uint64(i+1) <= w.Last {
				return true
			}
		}
		return false
	}
	missing := tape.missing(n)
	for _, i := range missing {
		if !in(i) {
			t.Errorf("record %d is missing, and in none of %d windows", i+1, len(windows))
		}
	}
	if len(missing) == 0 {
		t.Error("nothing is missing: this shows nothing")
	}
	if u := h.Stats().Unconfirmed; u != sum {
		t.Errorf("%d records are unconfirmed, and the windows have %d", u, sum)
	}
}

// A server that is killed loses nothing that is not told, whether it had read it from the system
// or not.
func TestKilled(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		for name, serve := range map[string]func(net.Conn, *tape){
			"unread": func(c net.Conn, tape *tape) { _ = tape.read(c, 10) },
			"reset": func(c net.Conn, tape *tape) {
				_ = tape.read(c, 10)
				if c, ok := c.(*net.TCPConn); ok {
					_ = c.SetLinger(0)
				}
			},
			"unhandled": func(c net.Conn, _ *tape) {
				_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
				_, _ = io.Copy(io.Discard, c)
			},
		} {
			t.Run(network+"/"+name, func(t *testing.T) {
				tape, told := newTape(), &told{}
				const kills = 5
				last := make(chan struct{}) // closed when the last connection is made
				s := startServer(t, network, func(c net.Conn, nth int) {
					defer c.Close()
					if nth == kills {
						close(last)
						_ = tape.readAll(c)
						return
					}
					serve(c, tape)
				})
				h := newHandler(t, network, "127.0.0.1:1", quick(s, told))
				n := 0
				for alive := true; alive; n += 50 {
					put(t, h, n, 50, 300)
					select {
					case <-last:
						alive = false
					case <-time.After(time.Millisecond):
					}
				}
				closed(t, h)
				s.drain()
				waitDelivered(t, h)
				wantInWindows(t, h, tape, told, n)
			})
		}
	}
}

// waitDelivered waits until OnError has been told of everything.
func waitDelivered(t *testing.T, h *Handler) {
	t.Helper()
	r := &h.sender.report
	for range 10_000 {
		r.mu.Lock()
		busy := r.busy
		r.mu.Unlock()
		if !busy {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("OnError takes too long")
}

// A peer that has gone is noticed before the next record is written, or that would be lost
// without a trace, as it is by CPython (issue 84532).
func TestEndIsNoticedBeforeWriting(t *testing.T) {
	for _, how := range []string{"fin", "reset"} {
		for _, deaf := range []bool{false, true} {
			if deaf && how == "reset" {
				continue // the write itself fails then
			}
			t.Run(how+map[bool]string{false: "", true: "/control"}[deaf], func(t *testing.T) {
				tape, told := newTape(), &told{}
				end := make(chan struct{})
				s := startServer(t, "tcp", func(c net.Conn, nth int) {
					defer c.Close()
					if nth > 0 {
						_ = tape.readAll(c)
						return
					}
					_ = tape.read(c, 1)
					if how == "reset" {
						_ = c.(*net.TCPConn).SetLinger(0)
					}
					<-end
				})
				o := quick(s, told)
				o.deaf = deaf
				var first net.Conn
				dial := o.Dial
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					c, err := dial(ctx, network, address)
					if first == nil {
						first = c
					}
					return c, err
				}
				h := newHandler(t, "tcp", "127.0.0.1:1", o)
				put(t, h, 0, 1, 100)
				tape.waitFor(t, 1)
				raw, err := first.(syscall.Conn).SyscallConn()
				if err != nil {
					t.Fatal(err)
				}
				close(end)
				arrived(t, raw)
				put(t, h, 1, 1, 100)
				put(t, h, 2, 1, 100)
				if !deaf {
					closed(t, h)
					tape.wantNumbers(t, 3)
					return
				}
				_ = h.Flush()
				if got := tape.got(); len(got) > 1 && got[1] == 1 {
					t.Error("the control noticed it too: this test can't fail")
				}
			})
		}
	}
}
