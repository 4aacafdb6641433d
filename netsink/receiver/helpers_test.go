package receiver

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// record returns a frame of a record as JSON.
func record(logger string, levelno int, msg string) []byte {
	body, err := json.Marshal(map[string]any{"name": logger, "levelno": levelno, "levelname": "L", "msg": msg, "created": 1700000000.5})
	if err != nil {
		panic(err)
	}
	return framed(body)
}

// framed returns a frame of p.
func framed(p []byte) []byte {
	b := append(frame.Begin(nil), p...)
	frame.End(b, 0)
	return b
}

// A sink collects records, as "logger: message".
type sink struct {
	mu   sync.Mutex
	got  []string
	more chan struct{} // gets something after each record, if there is room
}

func newSink() *sink { return &sink{more: make(chan struct{}, 1)} }

func (s *sink) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, line)
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *sink) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

// wait waits until there are n records, and returns them.
func (s *sink) wait(t *testing.T, n int) []string {
	t.Helper()
	for timeout := time.After(60 * time.Second); ; {
		if got := s.lines(); len(got) >= n {
			return got
		}
		select {
		case <-s.more:
		case <-timeout:
			t.Fatalf("%d records came, not %d", len(s.lines()), n)
		}
	}
}

// target returns handlers that write to the sink.
func (s *sink) target(logger string) slog.Handler { return &sinkHandler{sink: s} }

type sinkHandler struct {
	sink   *sink
	logger string
}

func (h *sinkHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *sinkHandler) Handle(_ context.Context, r slog.Record) error {
	h.sink.add(h.logger + ": " + r.Message)
	return nil
}
func (h *sinkHandler) WithAttrs([]slog.Attr) slog.Handler { panic("has a name already") }
func (h *sinkHandler) WithGroup(string) slog.Handler      { panic("not asked for") }
func (h *sinkHandler) WithLoggerName(_, name string) slog.Handler {
	return &sinkHandler{sink: h.sink, logger: h.logger + name}
}

// A running Server.
type running struct {
	*Server
	addr net.Addr
	end  func() error // ends it, and returns what Serve did; once
}

// serve starts s on a port of the loopback, and ends it with the test. Once it has ended no
// goroutine of ours may be left.
func serve(t *testing.T, s *Server) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, s, l)
}

// serveOn starts s on l.
func serveOn(t *testing.T, s *Server, l net.Listener) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- s.Serve(ctx, l) }()
	r := &running{Server: s, addr: l.Addr(), end: sync.OnceValue(func() error { cancel(); return <-result })}
	t.Cleanup(func() {
		if err := r.end(); err != nil {
			t.Errorf("Serve returned %v", err)
		}
		if s.Stats().Open != 0 {
			t.Errorf("%d connections are still open", s.Stats().Open)
		}
		noGoroutines(t)
	})
	return r
}

// noGoroutines fails the test if a goroutine is left that runs code of this package and is
// no test's own.
func noGoroutines(t *testing.T) {
	t.Helper()
	var left []string
	for range 400 {
		if left = ours(); len(left) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond) // who is done takes a moment to be gone
	}
	t.Errorf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
}

// ours returns the stacks of the goroutines that a Server has begun.
func ours() (left []string) {
	buf := make([]byte, 8<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, "receiver.(*serving)") || strings.Contains(stack, "receiver.(*conn)") || strings.Contains(stack, "receiver.(*feed)") {
			left = append(left, stack)
		}
	}
	return left
}

// dial connects to r; the connection is closed with the test.
func (r *running) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial(r.addr.Network(), r.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// send writes p to c.
func send(t *testing.T, c net.Conn, p []byte) {
	t.Helper()
	if _, err := c.Write(p); err != nil {
		t.Fatal(err)
	}
}

// errs collects what OnError is told.
type errs struct {
	mu  sync.Mutex
	got []error
	sig chan struct{}
}

func newErrs() *errs { return &errs{sig: make(chan struct{}, 1)} }

func (e *errs) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.got = append(e.got, err)
	select {
	case e.sig <- struct{}{}:
	default:
	}
}

func (e *errs) list() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.got)
}

// wait waits until there are n errors, and returns them.
func (e *errs) wait(t *testing.T, n int) []error {
	t.Helper()
	for timeout := time.After(60 * time.Second); ; {
		if got := e.list(); len(got) >= n {
			return got
		}
		select {
		case <-e.sig:
		case <-timeout:
			t.Fatalf("%d errors were told, not %d: %v", len(e.list()), n, e.list())
		}
	}
}

// A pipeListener accepts the ends of pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }

// dial returns the other end of a pipe that l accepts.
func (l *pipeListener) dial() net.Conn {
	a, b := net.Pipe()
	l.conns <- b
	return a
}

// atEOF fails the test unless the peer ends c without sending anything.
func atEOF(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(60 * time.Second))
	if n, err := c.Read(make([]byte, 10)); n > 0 || isTimeout(err) {
		t.Errorf("the connection is still open: %d bytes, %v", n, err)
	}
}
