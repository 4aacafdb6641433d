package receiver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// servePacket starts s on a socket for datagrams, and ends it with the test.
func servePacket(t *testing.T, s *Server) (addr net.Addr, cancel func(), ended <-chan error) {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- s.ServePacket(ctx, pc) }()
	t.Cleanup(func() { cancel(); noGoroutines(t) })
	return pc.LocalAddr(), cancel, result
}

func TestPackets(t *testing.T) {
	got, told := newSink(), newErrs()
	s := &Server{Target: got.target, OnError: told.add, MaxFrame: 5000}
	addr, cancel, ended := servePacket(t, s)
	c, err := net.Dial("udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	good := record("l", 30, "good")
	send(t, c, good)
	got.wait(t, 1)
	for i, bad := range []struct{ packet, why string }{
		{"", frame.ErrShortHeader.Error()},
		{"\x00\x00\x00", frame.ErrShortHeader.Error()},
		{string(good[:len(good)-1]), frame.ErrShortBody.Error()},
		{string(good) + "x", fmt.Sprintf("a datagram of %d bytes with a frame of %d", len(good)+1, len(good))},
		{string(record("l", 30, strings.Repeat("x", 5000))), "where 5000 are allowed"},
		{"\x00\x00\x00\x01x", "frame at byte 0: "},
		{"\x00\x00\x00\x00", "frame at byte 0: "},
	} {
		send(t, c, []byte(bad.packet))
		err := told.wait(t, i+1)[i]
		var e *Error
		if !errors.As(err, &e) || e.Peer != c.LocalAddr().String() || !strings.Contains(err.Error(), bad.why) {
			t.Errorf("%q: told %v, want %q", bad.packet, err, bad.why)
		}
	}
	send(t, c, good)
	got.wait(t, 2)
	if st := s.Stats(); st.Records != 2 || st.Refused != 7 || st.Errors != 7 || st.Bytes != uint64(2*len(good)) {
		t.Errorf("%+v", st)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What is in the socket when the end comes is taken.
func TestPacketsAtTheEnd(t *testing.T) {
	got, begun, free := newSink(), make(chan struct{}), make(chan struct{})
	s := &Server{Target: got.target}
	s.newDecoder = func() decoder { return &slowDecoder{begun, free} }
	addr, cancel, ended := servePacket(t, s)
	c, err := net.Dial("udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 20 {
		send(t, c, record("l", 30, fmt.Sprint(i)))
	}
	<-begun
	cancel()
	close(free)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if lines := got.lines(); len(lines) != 20 || lines[19] != "l: 19" {
		t.Errorf("got %q", lines)
	}
}

func TestPacketConnFails(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pc.Close()
	if err := (&Server{Target: newSink().target}).ServePacket(t.Context(), pc); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := new(Server).ServePacket(t.Context(), pc); err == nil || !slices.Contains(strings.Fields(err.Error()), "Server.Target") {
		t.Errorf("got %v", err)
	}
}

// A peer of a unix socket has no name.
func TestUnixPackets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	pc, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got, told := newSink(), newErrs()
	result := make(chan error, 1)
	go func() { result <- (&Server{Target: got.target, OnError: told.add}).ServePacket(ctx, pc) }()
	c, err := net.Dial("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, []byte("x"))
	send(t, c, record("l", 30, "good"))
	got.wait(t, 1)
	if list := told.list(); len(list) != 1 || !strings.Contains(list[0].Error(), "peer unknown: frame at byte 0: ") {
		t.Errorf("told %v", list)
	}
	cancel()
	if err := <-result; err != nil {
		t.Error(err)
	}
}
