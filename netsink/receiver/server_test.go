package receiver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

func TestServe(t *testing.T) {
	got := newSink()
	r := serve(t, &Server{Target: got.target})
	if s := new(Server).Stats(); s != (Stats{}) {
		t.Errorf("before Serve: %+v", s)
	}
	c := r.dial(t)
	one := record("a.b", 30, "one")
	send(t, c, one)
	send(t, c, record("a", 30, "two"))
	if lines := got.wait(t, 2); lines[0] != "a.b: one" || lines[1] != "a: two" {
		t.Errorf("got %q", lines)
	}
	c.Close()
	if err := r.end(); err != nil {
		t.Error(err)
	}
	want := Stats{Records: 2, Bytes: uint64(len(one) + len(record("a", 30, "two"))), Connections: 1}
	if s := r.Stats(); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

// Several listeners share one Server.
func TestServeTwice(t *testing.T) {
	got := newSink()
	s := &Server{Target: got.target}
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Skip(err)
	}
	a, b := serve(t, s), serveOn(t, s, l)
	send(t, a.dial(t), record("a", 30, "x"))
	got.wait(t, 1)
	send(t, b.dial(t), record("b", 30, "y"))
	if lines := got.wait(t, 2); !slices.Equal(lines, []string{"a: x", "b: y"}) {
		t.Errorf("got %q", lines)
	}
	if err := a.end(); err != nil {
		t.Error(err)
	}
	send(t, b.dial(t), record("b", 30, "z"))
	got.wait(t, 3)
	if st := s.Stats(); st.Records != 3 || st.Connections != 3 {
		t.Errorf("%+v", st)
	}
}

func TestWrongFields(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{MaxFrame: -1, MaxDepth: -1, MaxNodes: -1, MaxDigits: -1, MaxConns: -1, MaxInFlight: -1, HandshakeTimeout: -1, FrameTimeout: -1, IdleTimeout: -1, DrainTimeout: -1,
		TLS: &tls.Config{MaxVersion: tls.VersionTLS12}}
	err = s.Serve(t.Context(), l)
	for _, name := range []string{"Target", "MaxFrame", "MaxDepth", "MaxNodes", "MaxDigits", "MaxConns", "MaxInFlight", "HandshakeTimeout", "FrameTimeout", "IdleTimeout", "DrainTimeout", "TLS.MaxVersion"} {
		if err == nil || !strings.Contains(err.Error(), "Server."+name+" ") {
			t.Errorf("%s is not in %v", name, err)
		}
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is still open: %v", err)
	}
}

// hostile is what ends a connection, and why.
var hostile = []struct {
	name, send, why string
	refused         uint64
}{
	{"no record", string(framed([]byte("cos\nsystem\n(S'true'\ntR."))), "frame at byte 0: ", 1},
	{"an empty frame", "\x00\x00\x00\x00", "frame at byte 0: ", 1},
	{"a frame too long", "\x7f\xff\xff\xff", "a frame of 2147483647 bytes, where 1048576 are allowed", 1},
	{"HTTP", "GET / HTTP/1.1\r\n\r\n", "a frame of 1195725856 bytes, where 1048576 are allowed", 1},
	{"half a length", "\x00\x00", frame.ErrShortHeader.Error(), 1},
	{"half a frame", "\x00\x00\x00\x05abc", frame.ErrShortBody.Error(), 1},
	{"a good frame, then a bad one", string(record("bad", 30, "good")) + "\x00\x00\x00\x01x", fmt.Sprintf("frame at byte %d: ", len(record("bad", 30, "good"))), 1},
}

// What is wrong on one connection ends that one, and is told; others go on.
func TestHostileFrames(t *testing.T) {
	got, told := newSink(), newErrs()
	r := serve(t, &Server{Target: got.target, OnError: told.add})
	good := r.dial(t)
	for i, h := range hostile {
		bad := r.dial(t)
		send(t, bad, []byte(h.send))
		_ = bad.(*net.TCPConn).CloseWrite()
		err := told.wait(t, i+1)[i]
		var e *Error
		if !errors.As(err, &e) || e.Peer != bad.LocalAddr().String() || !strings.Contains(err.Error(), h.why) {
			t.Errorf("%s: told %v, want the peer %s and %q", h.name, err, bad.LocalAddr(), h.why)
		}
		atEOF(t, bad)
		send(t, good, record("good", 30, fmt.Sprint(i)))
	}
	lines := slices.DeleteFunc(got.wait(t, len(hostile)+1), func(line string) bool { return line == "bad: good" })
	for i, line := range lines {
		if line != fmt.Sprintf("good: %d", i) {
			t.Errorf("record %d of the good connection is %q", i, line)
		}
	}
	if s := r.Stats(); s.Refused != uint64(len(hostile)) || s.Errors != s.Refused || s.Records != uint64(len(hostile)+1) {
		t.Errorf("%+v", s)
	}
}

// A funcHandler is a handler of a func.
type funcHandler func(slog.Record) error

func (funcHandler) Enabled(context.Context, slog.Level) bool        { return true }
func (f funcHandler) Handle(_ context.Context, r slog.Record) error { return f(r) }
func (f funcHandler) WithAttrs([]slog.Attr) slog.Handler            { return f }
func (f funcHandler) WithGroup(string) slog.Handler                 { return f }
func (f funcHandler) WithLoggerName(key, name string) slog.Handler  { return f }

// What a handler or Target does wrong costs its record, and no other.
func TestHandlerFails(t *testing.T) {
	got, told := newSink(), newErrs()
	broken := errors.New("broken")
	r := serve(t, &Server{
		OnError: told.add,
		Target: func(logger string) slog.Handler {
			if logger == "target" {
				panic("at the disco")
			}
			return funcHandler(func(r slog.Record) error {
				switch r.Message {
				case "error":
					return broken
				case "panic":
					panic(broken)
				}
				got.add(r.Message)
				return nil
			})
		},
	})
	c := r.dial(t)
	for _, r := range [][2]string{{"l", "error"}, {"l", "panic"}, {"target", "x"}, {"l", "last"}} {
		send(t, c, record(r[0], 30, r[1]))
	}
	if lines := got.wait(t, 1); lines[0] != "last" {
		t.Errorf("got %q", lines)
	}
	for i, want := range []string{`logger "l": broken`, `logger "l": panic: broken`, `logger "target": panic: at the disco`} {
		err := told.list()[i]
		if !strings.HasSuffix(err.Error(), want) || errors.Is(err, broken) != (i < 2) {
			t.Errorf("told %v, want %q", err, want)
		}
	}
	if s := r.Stats(); s.Records != 4 || s.Failed != 3 || s.Errors != 3 || s.Refused != 0 || s.Open != 1 {
		t.Errorf("%+v", s)
	}
}

// Of a logger's name as much is told as a reader can bear.
func TestLongNameIsCut(t *testing.T) {
	told := newErrs()
	r := serve(t, &Server{OnError: told.add, Target: func(string) slog.Handler {
		return funcHandler(func(slog.Record) error { return errors.New("broken") })
	}})
	send(t, r.dial(t), record(strings.Repeat("\x00", 100_000), 30, "x"))
	if text := told.wait(t, 1)[0].Error(); !strings.HasSuffix(text, `logger "`+strings.Repeat(`\x00`, maxToldName)+`"...: broken`) {
		t.Errorf("%d bytes: %.2000s", len(text), text)
	}
	for _, c := range [][2]string{
		{"", `""`},
		{strings.Repeat("é", maxToldName), `"` + strings.Repeat("é", maxToldName) + `"`},
		{strings.Repeat("é", maxToldName) + "x", `"` + strings.Repeat("é", maxToldName) + `"...`},
		{strings.Repeat("\xff", maxToldName+1), `"` + strings.Repeat(`\xff`, maxToldName) + `"...`},
	} {
		if got := quoteName(c[0]); got != c[1] {
			t.Errorf("%q is told as %s", c[0], got)
		}
	}
}

// A handler that ends its goroutine ends its connection, and no more.
func TestHandlerExits(t *testing.T) {
	got, told := newSink(), newErrs()
	r := serve(t, &Server{OnError: told.add, Target: func(string) slog.Handler {
		return funcHandler(func(r slog.Record) error {
			if r.Message == "exit" {
				runtime.Goexit()
			}
			got.add(r.Message)
			return nil
		})
	}})
	bad, good := r.dial(t), r.dial(t)
	send(t, bad, record("l", 30, "exit"))
	atEOF(t, bad)
	send(t, good, record("l", 30, "good"))
	got.wait(t, 1)
	if s := r.Stats(); s.Failed != 1 || s.Refused != 0 || s.Records != 2 || len(told.list()) != 1 {
		t.Errorf("%+v, %v", s, told.list())
	}
}

// An OnError that panics does no harm.
func TestOnErrorPanics(t *testing.T) {
	got := newSink()
	r := serve(t, &Server{Target: got.target, OnError: func(error) { panic("no") }})
	bad := r.dial(t)
	send(t, bad, []byte("\xff\xff\xff\xff"))
	atEOF(t, bad)
	send(t, r.dial(t), record("l", 30, "good"))
	got.wait(t, 1)
}

// A decoder that panics costs the connection.
func TestDecoderPanics(t *testing.T) {
	got, told := newSink(), newErrs()
	r := serve(t, &Server{Target: got.target, OnError: told.add, newDecoder: func() decoder { return panicDecoder{} }})
	c := r.dial(t)
	send(t, c, record("l", 30, "x"))
	atEOF(t, c)
	if err := told.wait(t, 1)[0]; !strings.Contains(err.Error(), "frame at byte 0: panic: decoder") {
		t.Error(err)
	}
}

type panicDecoder struct{}

func (panicDecoder) Decode([]byte) (string, slog.Record, error) { panic("decoder") }

// One slow handler holds up its own connections alone.
func TestSlowHandler(t *testing.T) {
	got, free := newSink(), make(chan struct{})
	r := serve(t, &Server{Target: func(logger string) slog.Handler {
		if logger != "slow" {
			return got.target(logger)
		}
		return funcHandler(func(slog.Record) error { got.add("slow begins"); <-free; return nil })
	}})
	slow, quick := r.dial(t), r.dial(t)
	send(t, slow, record("slow", 30, "x"))
	got.wait(t, 1)
	for i := range 1000 {
		send(t, quick, record("quick", 30, fmt.Sprint(i)))
	}
	if lines := got.wait(t, 1001); lines[1000] != "quick: 999" {
		t.Errorf("the last is %q", lines[1000])
	}
	close(free)
}

// A failListener fails as it is told, and then is another.
type failListener struct {
	net.Listener
	errs []error
}

func (l *failListener) Accept() (net.Conn, error) {
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	return l.Listener.Accept()
}

// A listener that fails for a time is tried again.
func TestListenerFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tooMany := &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	got, told := newSink(), newErrs()
	r := serveOn(t, &Server{Target: got.target, OnError: told.add}, &failListener{l, []error{tooMany, tooMany}})
	send(t, r.dial(t), record("l", 30, "x"))
	got.wait(t, 1)
	if list := told.list(); len(list) != 2 || !errors.Is(list[0], syscall.EMFILE) {
		t.Errorf("told %v", list)
	}
}

// One that fails for good ends Serve, which tells why after its connections have ended.
func TestListenerEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	fails := make(chan error)
	got := newSink()
	s := &Server{Target: got.target}
	result := make(chan error)
	go func() { result <- s.Serve(t.Context(), &chanListener{l, fails}) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fails <- nil // accept that
	send(t, c, record("l", 30, "x"))
	got.wait(t, 1)
	fails <- gone
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer is told %v", err)
	}
	send(t, c, record("l", 30, "y"))
	c.Close()
	if err := <-result; !errors.Is(err, gone) {
		t.Errorf("Serve returned %v", err)
	}
	got.wait(t, 2)
	noGoroutines(t)
}

// Whoever ends it, a handshake that does not come to its end holds up Serve for no longer than lateHandshake.
func TestListenerEndsHandshakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipeListener()
		s := &Server{Target: newSink().target, TLS: &tls.Config{Certificates: []tls.Certificate{newAuthority(t).issue(t, "127.0.0.1")}}}
		result := make(chan error)
		go func() { result <- s.Serve(t.Context(), l) }()
		l.dial()
		synctest.Wait()
		start := time.Now()
		l.Close()
		if err := <-result; !errors.Is(err, net.ErrClosed) || time.Since(start) != lateHandshake {
			t.Errorf("Serve returned %v after %v", err, time.Since(start))
		}
	})
}

// A chanListener accepts when it is told to, or fails.
type chanListener struct {
	net.Listener
	fails chan error
}

func (l *chanListener) Accept() (net.Conn, error) {
	if err := <-l.fails; err != nil {
		return nil, err
	}
	return l.Listener.Accept()
}
