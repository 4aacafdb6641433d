package netsink

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestUnconfirmedIsTold has more errors wait for a slow OnError than there is room for.
func TestUnconfirmedIsTold(t *testing.T) {
	hold, done := make(chan bool), make(chan bool)
	var told []error
	r := reporter{}
	r.fn = func(err error) {
		<-hold
		if told = append(told, err); isUnconfirmed(err) {
			close(done)
		}
	}
	for range 2 * maxWaiting {
		r.add(io.EOF)
	}
	r.add(&UnconfirmedError{First: 1, Last: 2, Err: io.EOF})
	close(hold)
	<-done
	if len(told) > maxWaiting+1 {
		t.Errorf("%d errors were told", len(told))
	}
}

// TestGapIsToldByClose drops records while nobody listens.
func TestGapIsToldByClose(t *testing.T) {
	h, err := NewHandler("tcp", "127.0.0.1:1", Options{Overflow: DropNew, BufferBytes: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		slog.New(h).Info("x")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Close(ctx); err == nil || !strings.Contains(err.Error(), "1000 records dropped") {
		t.Errorf("of 1000 records, Close says %v", err)
	}
}

// TestSecondClose has one that is in a hurry come while another has time.
func TestSecondClose(t *testing.T) {
	over, told := make(chan bool), &told{}
	tape := newTape()
	h := newHandler(t, "tcp", "127.0.0.1:1", quick(startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		<-over
		_ = tape.readAll(c)
	}), told))
	put(t, h, 0, 1, 300)
	first := make(chan error)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		first <- h.Close(ctx)
	}()
	for r := slog.NewRecord(time.Now(), 0, "x", 0); !errors.Is(h.Handle(context.Background(), r), ErrClosed); {
		runtime.Gosched()
	}
	hurried, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Close(hurried); !errors.Is(err, context.Canceled) {
		t.Errorf("the second Close: %v", err)
	}
	close(over)
	if err := <-first; err != nil {
		t.Errorf("the first Close: %v", err)
	}
}

// TestWaitingEndsLinger has a record wait for room while the sender waits for more records.
func TestWaitingEndsLinger(t *testing.T) {
	tape, told := newTape(), &told{}
	o := quick(startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		_ = tape.readAll(c)
	}), told)
	o.BufferBytes, o.FlushInterval, o.MaxWait = 64<<10, time.Hour, time.Minute
	h := newHandler(t, "tcp", "127.0.0.1:1", o)
	put(t, h, 0, 1, 300)
	put(t, h, 1, 1, 63<<10)
	closed(t, h)
	if h.Stats().Dropped > 0 {
		t.Errorf("%+v", h.Stats())
	}
}
