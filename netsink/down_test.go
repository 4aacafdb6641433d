package netsink

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// switched returns Options of connections that can be made only while up is true.
func switched(up *atomic.Bool, tape *tape) Options {
	o := piped(func(c net.Conn, _ int) { _ = tape.readAll(c) })
	pipe := o.Dial
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if !up.Load() {
			return nil, errors.New("connection refused")
		}
		return pipe(ctx, network, address)
	}
	o.RetryMin, o.RetryMax = time.Second, time.Second
	return o
}

// A record is refused once an attempt has failed, and only until one succeeds.
func TestFailDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		tape := newTape()
		o := switched(&up, tape)
		o.FailDown = true
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 1, 50) // nothing is known yet
		synctest.Wait()
		r := slog.NewRecord(time.Now(), slog.LevelInfo, "refused", 0)
		for range 3 {
			if err := h.Handle(context.Background(), r); !errors.Is(err, ErrDown) {
				t.Errorf("without a connection: %v", err)
			}
		}
		if n := h.Stats(); n.Records != 1 || n.Queued != 1 || n.Dropped != 0 || n.Refused != 3 {
			t.Errorf("%+v", n)
		}
		up.Store(true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		put(t, h, 1, 1, 50)
		_ = h.Close(context.Background()) // a pipe can't say that all was read
		synctest.Wait()
		tape.wantNumbers(t, 2)
		if err := h.Handle(context.Background(), r); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Control: without it, records wait.
func TestNoFailDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		tape := newTape()
		h := newHandler(t, "tcp", "peer:1", switched(&up, tape))
		put(t, h, 0, 1, 50)
		synctest.Wait()
		put(t, h, 1, 1, 50)
		up.Store(true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		tape.wantNumbers(t, 2)
	})
}

// After Close, a Handler that never had a connection is closed rather than down.
func TestFailDownClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := switched(new(atomic.Bool), newTape())
		o.FailDown = true
		h := newHandler(t, "tcp", "peer:1", o)
		put(t, h, 0, 1, 50)
		if err := h.Close(context.Background()); err == nil {
			t.Error("Close did not tell that a record was dropped")
		}
		if err := h.Handle(context.Background(), slog.Record{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// In front of another handler no record is lost while nobody listens, and the Failover returns.
func TestFailDownBehindFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		tape := newTape()
		o := switched(&up, tape)
		o.FailDown = true
		h := newHandler(t, "tcp", "peer:1", o)
		instead := handlertest.NewRecorder(nil)
		failover := handlers.NewFailover(handlers.FailoverOptions{RetryMax: time.Second, OnError: func(error) {}}, h, instead)
		log := slog.New(failover)
		log.Info("0")
		synctest.Wait()
		for range 50 {
			log.Info("x")
		}
		if n := len(instead.Records()); n != 50 {
			t.Errorf("the second handler has %d records of 50", n)
		}
		up.Store(true)
		time.Sleep(3 * time.Second)
		log.Info("1")
		_ = handlers.Close(context.Background(), failover)
		if n := h.Stats(); n.Sent != 2 || n.Dropped != 0 || n.Markers != 0 || len(instead.Records()) != 50 {
			t.Errorf("%+v, and %d records with the second handler", n, len(instead.Records()))
		}
	})
}
