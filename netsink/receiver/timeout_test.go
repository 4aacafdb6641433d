package receiver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubble runs test in a bubble of time with a Server that listens for pipes. At its end
// no goroutine may be left, which synctest sees to.
func bubble(t *testing.T, s *Server, test func(l *pipeListener, told *errs, end func() error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l, told := newPipeListener(), newErrs()
		s.OnError = told.add
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { result <- s.Serve(ctx, l) }()
		test(l, told, func() error { cancel(); return <-result })
		cancel()
	})
}

// ends returns when c is ended from the other side.
func ends(t *testing.T, c net.Conn) time.Duration {
	t.Helper()
	start := time.Now()
	if n, err := c.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		t.Errorf("got %d bytes, %v", n, err)
	}
	return time.Since(start)
}

// wantErr fails the test unless one error was told, that has text in it.
func wantErr(t *testing.T, told *errs, text string) {
	t.Helper()
	if got := told.list(); len(got) != 1 || !strings.Contains(got[0].Error(), text) {
		t.Errorf("told %v, want %q", got, text)
	}
}

// A frame that does not go on is ended FrameTimeout after its first byte, however many come
// meanwhile; the time of frames before it does not count.
func TestFrameTimeout(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, FrameTimeout: 10 * time.Second}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		for range 3 {
			rec := record("l", 30, "x")
			send(t, c, rec[:10])
			time.Sleep(9 * time.Second)
			send(t, c, rec[10:])
			time.Sleep(time.Hour)
		}
		start := time.Now()
		go func() {
			for _, b := range record("l", 30, "never") {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		if ends(t, c); time.Since(start) != 10*time.Second {
			t.Errorf("ended after %v", time.Since(start))
		}
		synctest.Wait()
		wantErr(t, told, "the rest of a frame did not come within 10s")
		if st := s.Stats(); st.Records != 3 || st.Timeouts != 1 || st.Refused != 1 || st.Open != 0 {
			t.Errorf("%+v", st)
		}
		time.Sleep(time.Second) // for the sender to notice
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

func TestIdleTimeout(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, IdleTimeout: time.Minute}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		for range 3 {
			time.Sleep(59 * time.Second)
			send(t, c, record("l", 30, "x"))
		}
		time.Sleep(time.Minute + quiet/2)
		send(t, c, record("l", 30, "late")) // on its way when the time was over
		if after := ends(t, c); after != resend {
			t.Errorf("ended after %v", after)
		}
		synctest.Wait()
		wantErr(t, told, "no record came within 1m0s")
		if st := s.Stats(); st.Records != 4 || st.Timeouts != 1 || st.Refused != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// By default a connection may be silent for ever.
func TestNoIdleTimeout(t *testing.T) {
	got := newSink()
	bubble(t, &Server{Target: got.target}, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		time.Sleep(1000 * time.Hour)
		send(t, c, record("l", 30, "x"))
		synctest.Wait()
		if len(got.lines()) != 1 || len(told.list()) != 0 {
			t.Errorf("got %q, %v", got.lines(), told.list())
		}
		c.Close()
	})
}

func TestHandshakeTimeout(t *testing.T) {
	s := &Server{Target: newSink().target, TLS: &tls.Config{Certificates: []tls.Certificate{newAuthority(t).issue(t, "127.0.0.1")}}}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		if after := ends(t, c); after != 10*time.Second {
			t.Errorf("ended after %v", after)
		}
		synctest.Wait()
		wantErr(t, told, "TLS handshake")
		if st := s.Stats(); st.Timeouts != 1 || st.Open != 0 {
			t.Errorf("%+v", st)
		}

		// One that does not come to its end holds up the Server's for no longer than lateHandshake.
		c = l.dial()
		synctest.Wait()
		start := time.Now()
		if err := end(); err != nil || time.Since(start) != lateHandshake {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		c.Close()
	})
}

// A silent peer that never closes holds up the end for a moment, one that is in the
// middle of a frame until DrainTimeout.
func TestDrainTimes(t *testing.T) {
	for _, c := range []struct {
		name, send, told string
		after            time.Duration
	}{
		{"silent", "", "", quiet},
		{"between records", string(record("l", 30, "x")), "", resend},
		{"within a record", "\x00\x00", "the connection was to end, and the rest of a frame did not come", 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &Server{Target: newSink().target}
			bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
				peer := l.dial()
				if c.send != "" {
					send(t, peer, []byte(c.send))
				}
				synctest.Wait()
				start := time.Now()
				if err := end(); err != nil || time.Since(start) != c.after {
					t.Errorf("Serve returned %v after %v, want %v", err, time.Since(start), c.after)
				}
				if c.told != "" {
					wantErr(t, told, c.told)
				} else if len(told.list()) > 0 {
					t.Errorf("told %v", told.list())
				}
				if st := s.Stats(); st.Timeouts != 0 || st.Open != 0 {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}

// What comes while the server ends is taken, whole records at least, until the peer is
// silent or DrainTimeout is over.
func TestDrainTakesWhatComes(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, DrainTimeout: time.Minute}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		send(t, c, record("l", 30, "before"))
		var sent int
		go func() {
			time.Sleep(time.Millisecond)
			rec := record("l", 30, "after")
			for ; sent < 10; sent++ {
				time.Sleep(quiet - 10*time.Millisecond)
				send(t, c, rec[:7])
				time.Sleep(quiet + 10*time.Millisecond) // within a record
				send(t, c, rec[7:])
			}
		}()
		start := time.Now()
		if err := end(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 10*2*quiet+resend+time.Millisecond || len(got.lines()) != 11 || len(told.list()) != 0 {
			t.Errorf("after %v: %q, %v", took, got.lines(), told.list())
		}
	})

	s = &Server{Target: got.target, DrainTimeout: time.Second}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		go func() { // without end
			for {
				if _, err := c.Write(record("l", 30, "more")); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		time.Sleep(time.Second)
		start := time.Now()
		if err := end(); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		wantErr(t, told, "what it has sent since is lost")
		time.Sleep(time.Second) // for the sender to notice
	})
}

// Serve returns only when the last handler has, and takes what has come meanwhile.
func TestDrainWaitsForHandlers(t *testing.T) {
	got := newSink()
	s := &Server{DrainTimeout: time.Minute, Target: func(logger string) slog.Handler {
		return funcHandler(func(r slog.Record) error {
			time.Sleep(10 * time.Second)
			got.add(r.Message)
			return nil
		})
	}}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		c := l.dial()
		send(t, c, append(record("l", 30, "one"), record("l", 30, "two")...))
		go func() { send(t, c, record("l", 30, "three")) }() // nobody reads it yet
		synctest.Wait()
		start := time.Now()
		if err := end(); err != nil || time.Since(start) != 30*time.Second+quiet {
			t.Errorf("Serve returned %v after %v", err, time.Since(start))
		}
		if lines := got.lines(); len(lines) != 3 || len(told.list()) != 0 {
			t.Errorf("got %q, %v", lines, told.list())
		}
	})
}

// What is not told at once, as it comes too often, is counted.
func TestWarnings(t *testing.T) {
	got := newSink()
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		s := &Server{Target: got.target}
		go func() { result <- s.Serve(ctx, l) }()
		bad := func() {
			c := l.dial()
			_, _ = c.Write([]byte("\xff\xff\xff\xff"))
			ends(t, c)
			synctest.Wait()
		}
		for range 5 {
			bad()
		}
		time.Sleep(logPeriod)
		for range 4 {
			bad()
		}
		cancel()
		if err := <-result; err != nil {
			t.Error(err)
		}
		want := []string{"4294967295 bytes, where 1048576 are allowed", "(and 4 errors before it that were not logged)", "3 errors were not logged"}
		lines := got.lines()
		for i := range max(len(lines), len(want)) {
			if i >= len(lines) || i >= len(want) || !strings.HasPrefix(lines[i], "netsink.receiver: netsink/receiver: ") || !strings.HasSuffix(lines[i], want[i]) {
				t.Fatalf("logged %q, want %q", lines, want)
			}
		}
		if s.Stats().Errors != 9 {
			t.Errorf("%+v", s.Stats())
		}
	})
}

// A handler that hangs while it is told of an error does not hold up who has another.
func TestWarningHangs(t *testing.T) {
	r := reporter{target: func() slog.Handler { return funcHandler(func(rec slog.Record) error { panic("and fails") }) }}
	r.mu.Lock() // as if somebody were logging
	r.tell(errors.New("x"))
	r.mu.Unlock()
	if r.unlogged.Load() != 1 || r.count.Load() != 1 {
		t.Error("it was not counted")
	}
	r.tell(errors.New("y")) // must not panic
}
