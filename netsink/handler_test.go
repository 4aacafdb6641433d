package netsink

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
)

func TestFirst(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan []byte)
	go func() {
		c, err := l.Accept()
		if err != nil {
			close(got)
			return
		}
		b, _ := io.ReadAll(c)
		c.Close()
		got <- b
	}()
	h, err := NewHandler("tcp", l.Addr().String(), Options{OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(h)
	for range 1000 {
		log.Info("hi")
	}
	if err := h.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	b := <-got
	n, frames := whole(b, len(b))
	if n != len(b) || frames != 1000 {
		t.Errorf("%d of %d bytes, %d frames", n, len(b), frames)
	}
	t.Logf("%+v", h.Stats())
}
