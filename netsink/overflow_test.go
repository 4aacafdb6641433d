package netsink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Where records are missing stands one of our own that says how many, by the logger of the first
// that is missing.
func TestMarkers(t *testing.T) {
	for _, c := range []struct {
		overflow Overflow
		maxWait  time.Duration
		full     bool // whether Handle tells
	}{{Block, time.Second, true}, {Block, -1, true}, {DropNew, time.Hour, true}, {DropOld, 0, false}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var reading reading
				open := make(chan struct{})
				told := &told{}
				h := newHandler(t, "tcp", "peer:1", Options{
					Overflow: c.overflow, MaxWait: c.maxWait, BufferBytes: 8 << 10, DialTimeout: time.Hour, Protocol: JSON, OnError: told.add,
					Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
						select {
						case <-open:
						case <-ctx.Done():
							return nil, ctx.Err()
						}
						c, peer := net.Pipe()
						go reading.readAll(peer)
						return c, nil
					},
				})
				l := slog.New(h.WithLoggerName("logger", "app.db"))
				const n = 100
				dropped := uint64(0)
				for i := range n {
					r := slog.NewRecord(time.Now(), slog.LevelInfo, fmt.Sprint(i), 0)
					if err := l.Handler().Handle(context.Background(), r); err != nil {
						dropped++
						if !errors.Is(err, ErrFull) {
							t.Error(err)
						}
					}
				}
				if (dropped > 0) != c.full {
					t.Errorf("Handle told of %d dropped records", dropped)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				close(open)
				if err := h.Flush(); err != nil {
					t.Fatal(err)
				}
				l.Info("100")
				time.Sleep(time.Second)
				synctest.Wait()
				wantInPlace(t, &reading, n+1)
				if n := h.Stats(); n.Records != 101 || n.Markers != 1 || n.Dropped == 0 || c.full && n.Dropped != dropped {
					t.Errorf("%+v, %d told by Handle", n, dropped)
				}
				errs := fmt.Sprint(told.all())
				if strings.Count(errs, "records are being dropped") != 1 || strings.Count(errs, fmt.Sprintf("%d records dropped", h.Stats().Dropped)) != 1 {
					t.Errorf("told %s", errs)
				}
			})
		})
	}
}

// wantInPlace fails unless records numbered by their messages have come in order, or markers in
// their places.
func wantInPlace(t *testing.T, p *reading, n int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	next := 0
	for i, r := range p.records {
		if k, ok := strings.CutSuffix(r.Message, " records dropped"); ok {
			var gap int
			if _, err := fmt.Sscan(k, &gap); err != nil || r.Level != slog.LevelWarn || p.names[i] != "app.db" {
				t.Errorf("a marker is %v by %q", r, p.names[i])
			}
			next += gap
			continue
		}
		if r.Message != fmt.Sprint(next) {
			t.Fatalf("record %s comes in the place of %d", r.Message, next)
		}
		next++
	}
	if next != n || p.err != nil {
		t.Errorf("the end is at %d, not at %d; %v", next, n, p.err)
	}
}

// Callers that never stop, a peer that is slow: Stats fit together at any time, and so does
// what arrives.
func TestStatsUnderLoad(t *testing.T) {
	for _, overflow := range []Overflow{Block, DropNew, DropOld} {
		tape := newTape()
		s := startServer(t, "tcp", func(c net.Conn, _ int) {
			defer c.Close()
			_ = tape.readAll(c)
		})
		o := quick(s, &told{})
		o.Overflow, o.BufferBytes, o.MaxWait = overflow, 16<<10, time.Millisecond
		h := newHandler(t, "tcp", "127.0.0.1:1", o)
		const callers, each = 4, 5000
		var wg sync.WaitGroup
		var taken, full [callers]int
		for i := range callers {
			wg.Go(func() {
				for range each {
					if h.sender.put(numbered(0, 1000), "x") == nil {
						taken[i]++
					} else {
						full[i]++
					}
				}
			})
		}
		over := make(chan struct{})
		go func() {
			wg.Wait()
			close(over)
		}()
		for running := true; running; {
			select {
			case <-over:
				running = false
			default:
			}
			if n := h.Stats(); n.Records != n.Sent+n.Dropped+n.Queued || n.QueuedBytes > 16<<10 || n.QueuedBytes != 1000*n.Queued {
				t.Fatalf("%+v", n)
			}
		}
		closed(t, h)
		n := h.Stats()
		if n.Records != callers*each || n.Unconfirmed != 0 || uint64(len(tape.got())) != n.Sent || uint64(tape.markers) != n.Markers {
			t.Errorf("%d: %+v; %d came, %d markers", overflow, n, len(tape.got()), tape.markers)
		}
		dropped := 0
		for _, f := range full {
			dropped += f
		}
		if overflow != DropOld && uint64(dropped) != n.Dropped || overflow == DropOld && dropped > int(n.Dropped) {
			t.Errorf("%d: %+v; %d were not taken", overflow, n, dropped)
		}
	}
}
