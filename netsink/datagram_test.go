//go:build unix

package netsink

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

func listenPacket(t *testing.T, network string) net.PacketConn {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unixgram" {
		address = filepath.Join(t.TempDir(), "s")
	}
	c, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	return c
}

// A datagram is one record, with its header, as from CPython's DatagramHandler.
func TestDatagrams(t *testing.T) {
	for _, network := range []string{"udp", "udp4", "unixgram"} {
		for _, protocol := range []Protocol{Pickle, JSON} {
			t.Run(network, func(t *testing.T) {
				c := listenPacket(t, network)
				told := &told{}
				h := newHandler(t, network, c.LocalAddr().String(), Options{Protocol: protocol, OnError: told.add})
				l := slog.New(h)
				const n = 20
				for i := range n {
					l.Info("a record", "i", i, "text", strings.Repeat("x", 100*i))
				}
				reading, buf := reading{}, make([]byte, 1<<16)
				for range n {
					k, _, err := c.ReadFrom(buf)
					if err != nil {
						t.Fatal(err)
					}
					if k != frame.Len(buf[:k]) {
						t.Errorf("a datagram of %d bytes, where its header says %d", k, frame.Len(buf[:k]))
					}
					reading.readAll(strings.NewReader(string(buf[:k])))
				}
				closed(t, h)
				for i, m := range reading.asMaps(t) {
					if m["i"] != int64(i) || m["msg"] != "a record" {
						t.Errorf("record %d: %v", i, m)
					}
				}
				if n := h.Stats(); n.Sent != 20 || n.Errors != 0 || n.Unconfirmed != 0 || n.Connects != 1 {
					t.Errorf("%+v; told %v", n, told.all())
				}
			})
		}
	}
}

// A record that is too long for a datagram is cut, and arrives.
func TestDatagramIsCut(t *testing.T) {
	c := listenPacket(t, "udp")
	h := newHandler(t, "udp", c.LocalAddr().String(), Options{})
	slog.New(h).Info(strings.Repeat("long ", 100_000), "short", "kept")
	closed(t, h)
	reading, buf := reading{}, make([]byte, 1<<17)
	k, _, err := c.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	reading.readAll(strings.NewReader(string(buf[:k])))
	if m := reading.asMaps(t); len(m) != 1 || m[0]["short"] != "kept" || !strings.HasPrefix(m[0]["msg"].(string), "long long") {
		t.Errorf("%d bytes are %.200v", k, m)
	}
}

// That nobody listens is counted and told, seldom, and costs no record and no connection.
func TestDatagramsToNobody(t *testing.T) {
	c := listenPacket(t, "udp")
	address := c.LocalAddr().String()
	c.Close()
	told := &told{}
	h := newHandler(t, "udp", address, Options{OnError: told.add, RetryMin: time.Minute})
	for i := range 100 {
		put(t, h, i, 1, 100)
		if err := h.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, h)
	waitDelivered(t, h)
	n, errs := h.Stats(), told.all()
	if n.Sent != 100 || n.Dropped != 0 || n.Connects != 1 || n.Errors < 2 {
		t.Errorf("%+v", n)
	}
	if len(errs) != 1 || !errors.Is(errs[0], syscall.ECONNREFUSED) {
		t.Errorf("told %d times: %v", len(errs), errs)
	}
}

// What the system finds too long is dropped, counted and told, with a record in its place; all
// others arrive.
func TestDatagramTooLong(t *testing.T) {
	c := listenPacket(t, "unixgram")
	told := &told{}
	h := newHandler(t, "unixgram", c.LocalAddr().String(), Options{OnError: told.add, MaxRecordBytes: 2 << 20, BufferBytes: 8 << 20, Protocol: JSON})
	l := slog.New(h)
	l.Info("first")
	l.Info(strings.Repeat("x", 1<<20))
	l.Info("last")
	closed(t, h)
	waitDelivered(t, h)
	reading, buf := reading{}, make([]byte, 1<<16)
	for range 3 {
		k, _, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		reading.readAll(strings.NewReader(string(buf[:k])))
	}
	var messages []string
	for _, r := range reading.records {
		messages = append(messages, r.Message)
	}
	if got := strings.Join(messages, ", "); got != "first, 1 records dropped, last" {
		t.Errorf("got %s", got)
	}
	if n := h.Stats(); n.Sent != 2 || n.Dropped != 1 || n.Markers != 1 || n.Connects != 1 {
		t.Errorf("%+v", n)
	}
	if errs := told.all(); len(errs) == 0 || !errors.Is(errs[0], syscall.EMSGSIZE) {
		t.Errorf("told %v", errs)
	}
}

// A socket of unix that is made anew is found again, without a storm, and no record is lost but
// those that the old one had.
func TestDatagramSocketAnew(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	listen := func() net.PacketConn {
		c, err := net.ListenPacket("unixgram", path)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		return c
	}
	c := listen()
	h := newHandler(t, "unixgram", path, Options{RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond, CloseTimeout: 20 * time.Second})
	tape, buf := newTape(), make([]byte, 1<<16)
	read := func(n int) {
		for range n {
			k, _, err := c.ReadFrom(buf)
			if err != nil {
				t.Fatal(err)
			}
			_ = tape.readAll(strings.NewReader(string(buf[:k])))
		}
	}
	for i := range 5 {
		put(t, h, 20*i, 10, 100)
		read(10)
		c.Close()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		put(t, h, 20*i+10, 10, 100)
		c = listen()
		read(10)
	}
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
	c.Close()
	tape.wantNumbers(t, 100)
	if n := h.Stats(); n.Unconfirmed != 0 || n.Connects != 6 {
		t.Errorf("%+v", n)
	}
}
