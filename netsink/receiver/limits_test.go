package receiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// long returns a record whose frame is longer than n bytes.
func long(n int) []byte { return record("long", 30, strings.Repeat("x", n)) }

// Where there are MaxConns, the oldest that has sent no record goes, and one that has stays.
func TestMaxConns(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, MaxConns: 3}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		good, first, second := l.dial(), l.dial(), l.dial()
		send(t, good, record("l", 30, "x"))
		send(t, first, []byte{0})
		synctest.Wait()
		third := l.dial()
		if after := ends(t, first); after != 0 {
			t.Errorf("the oldest is ended after %v", after)
		}
		synctest.Wait()
		wantErr(t, told, "closed to make room for another connection")
		for i, c := range []net.Conn{good, second, third} {
			send(t, c, record("l", 30, fmt.Sprint(i)))
		}
		synctest.Wait()

		// All have sent a record: the next one waits until one of them goes.
		next := l.dial()
		sent := make(chan error, 1)
		go func() { _, err := next.Write(record("l", 30, "next")); sent <- err }()
		synctest.Wait()
		if len(got.lines()) != 4 || s.Stats().Open != 3 {
			t.Errorf("%q, %+v", got.lines(), s.Stats())
		}
		second.Close()
		if err := <-sent; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if lines := got.lines(); len(lines) != 5 || lines[4] != "l: next" {
			t.Errorf("got %q", lines)
		}

		// One that waits for room does not hold up the end.
		waits := l.dial()
		synctest.Wait()
		if err := end(); err != nil {
			t.Error(err)
		}
		if _, err := waits.Read(make([]byte, 1)); err != io.EOF {
			t.Error(err)
		}
		if list := told.list(); len(list) != 2 || !strings.Contains(list[1].Error(), "closed unread") {
			t.Errorf("told %v", list)
		}
		if st := s.Stats(); st.Connections != 6 || st.Records != 5 || st.Errors != 2 || st.Open != 0 {
			t.Errorf("%+v", st)
		}
	})
}

// A lateListener accepts one more connection when it is to end, and then has no other.
type lateListener struct {
	*pipeListener
	late    net.Conn
	backlog bool // that one is among those that wait; else Accept had it already
	asked   int
}

func (l *lateListener) SetDeadline(t time.Time) error {
	if !l.backlog {
		return errors.ErrUnsupported
	}
	l.asked++
	l.Close()
	return nil
}

func (l *lateListener) Accept() (net.Conn, error) {
	c, err := l.pipeListener.Accept()
	if err != nil && l.late != nil && (!l.backlog || l.asked > 1) {
		c, err, l.late = l.late, nil, nil
	}
	return c, err
}

// Nobody goes for one that comes when Serve is to end, which is told of.
func TestMaxConnsAtTheEnd(t *testing.T) {
	for _, backlog := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			got, told := newSink(), newErrs()
			near, far := net.Pipe()
			l := &lateListener{pipeListener: newPipeListener(), late: far, backlog: backlog}
			s := &Server{Target: got.target, OnError: told.add, MaxConns: 1}
			ctx, cancel := context.WithCancel(t.Context())
			result := make(chan error, 1)
			go func() { result <- s.Serve(ctx, l) }()
			first := l.dial()
			send(t, first, record("l", 30, "x")[:10])
			synctest.Wait()
			cancel()
			synctest.Wait()
			send(t, first, record("l", 30, "x")[10:])
			ends(t, near)
			ends(t, first)
			if err := <-result; err != nil {
				t.Error(err)
			}
			wantErr(t, told, "closed unread")
			if st := s.Stats(); len(got.lines()) != 1 || st.Connections != 2 || st.Records != 1 || st.Errors != 1 || st.Open != 0 {
				t.Errorf("%q, %+v", got.lines(), st)
			}
		})
	}
}

// Who is gone is not who goes.
func TestMaxConnsOfTheLiving(t *testing.T) {
	s := &Server{Target: newSink().target, MaxConns: 2}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		gone := l.dial()
		synctest.Wait()
		gone.Close()
		synctest.Wait()
		oldest := l.dial()
		l.dial()
		synctest.Wait()
		l.dial()
		if after := ends(t, oldest); after != 0 {
			t.Errorf("the oldest that is there is ended after %v", after)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// Who goes may be waiting for room for a long frame.
func TestMaxConnsWhileWaiting(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, MaxConns: 2, MaxInFlight: 1, FrameTimeout: time.Hour}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		holds, waits := l.dial(), l.dial()
		send(t, holds, record("l", 30, "x"))
		send(t, holds, long(100_000)[:frame.MaxShort])
		synctest.Wait() // so that it is the first
		go func() { _, _ = waits.Write(long(100_000)) }()
		synctest.Wait()
		start, third := time.Now(), l.dial()
		send(t, third, record("l", 30, "y"))
		synctest.Wait()
		if len(got.lines()) != 2 || time.Since(start) != 0 {
			t.Errorf("%d records after %v", len(got.lines()), time.Since(start))
		}
		holds.Close()
		third.Close()
		waits.Close()
	})
}

// Peers that announce much and send little take nothing of MaxInFlight. Those that
// have sent 64 KiB of a long frame do, and others with long frames wait for them, for as
// long as FrameTimeout; short ones don't.
func TestMaxInFlight(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target, MaxInFlight: 300_000, FrameTimeout: 10 * time.Second}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		announce := func(n int) net.Conn {
			c := l.dial()
			send(t, c, append([]byte{0, 4, 0, 0}, make([]byte, n)...))
			return c
		}
		for range 20 {
			announce(frame.MaxShort - 100) // together four times what is allowed
		}
		one := l.dial()
		go func() { send(t, one, long(150_000)) }()
		synctest.Wait()
		if len(got.lines()) != 1 {
			t.Errorf("a long frame waits for others that have not come: %d records", len(got.lines()))
		}

		time.Sleep(time.Second)
		announce(frame.MaxShort) // takes 262,148 of 300,000
		time.Sleep(time.Second)
		sent := make(chan time.Duration)
		start := time.Now()
		go func() { send(t, one, long(150_000)); sent <- time.Since(start) }()
		synctest.Wait()
		short := l.dial()
		send(t, short, record("short", 30, "x"))
		synctest.Wait()
		if lines := got.lines(); len(lines) != 2 || lines[1] != "short: x" {
			t.Errorf("got %d records", len(lines))
		}
		if after := <-sent; after != 9*time.Second { // the other's frame was given up
			t.Errorf("the long frame was taken after %v", after)
		}

		// What waits for room may take its time then.
		announce(frame.MaxShort)
		time.Sleep(5 * time.Second)
		two := l.dial()
		rec := long(150_000)
		send(t, two, rec[:frame.MaxShort])
		time.Sleep(5*time.Second + 9*time.Second)
		send(t, two, rec[frame.MaxShort:])
		synctest.Wait()
		if n := len(got.lines()); n != 4 {
			t.Errorf("%d records", n)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// A frame that waits for room ends with the Server.
func TestDrainWhileWaiting(t *testing.T) {
	s := &Server{Target: newSink().target, MaxInFlight: 1, DrainTimeout: time.Second}
	bubble(t, s, func(l *pipeListener, told *errs, end func() error) {
		a, b := l.dial(), l.dial()
		send(t, a, long(100_000)[:frame.MaxShort])
		synctest.Wait() // so that it is the first
		go func() { _, _ = b.Write(long(100_000)) }()
		synctest.Wait()
		start := time.Now()
		if err := end(); err != nil || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if got := told.list(); len(got) != 2 {
			t.Errorf("told %v", got)
		}
	})
}

// What MaxInFlight says of records in memory. What a record holds is what is freed with it.
func TestRecordInMemory(t *testing.T) {
	body := "}(X\x03\x00\x00\x00msgX\x01\x00\x00\x00mX\x01\x00\x00\x00x]("
	body += strings.Repeat("]", 64_000-len(body)) + "eu."
	d := logrecord.NewDecoder(logrecord.Limits{Depth: 64, Nodes: 100_000, Digits: 4300})
	_, r, err := d.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	with := heap()
	runtime.KeepAlive(r)
	r = slog.Record{}
	held := int64(with) - int64(heap())
	runtime.KeepAlive(d)
	if t.Logf("a frame of %d bytes holds %d", len(body), held); held > 2_700_000 || strconv.IntSize == 64 && held < 2_500_000 {
		t.Errorf("it holds %d bytes, not the 2.6 MB that are told", held)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Long frames from many at once all come through a small MaxInFlight.
func TestManyLongFrames(t *testing.T) {
	got := newSink()
	r := serve(t, &Server{Target: got.target, MaxInFlight: 200_000})
	const peers, each = 20, 3
	for range peers {
		c := r.dial(t)
		go func() {
			for range each {
				_, _ = c.Write(long(130_000))
			}
		}()
	}
	if n := len(got.wait(t, peers*each)); n != peers*each || r.Stats().Errors > 0 {
		t.Errorf("%d records, %+v", n, r.Stats())
	}
}
