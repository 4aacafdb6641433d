package configserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// loopback is the address of pipes.
var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

// pipes is a listener in memory, for tests in which time is not the system's.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}
func (l *pipes) Close() error   { l.once.Do(func() { close(l.done) }); return nil }
func (l *pipes) Addr() net.Addr { return loopback }

// dial returns the other end of a connection.
func (l *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	l.conns <- theirs
	return ours
}

func listenTCP(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// A log is what a server's Audit and OnError have got.
type log struct {
	mu      sync.Mutex
	records bytes.Buffer
	errs    []error
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records.Write(p)
}

func (l *log) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

// text returns the audit.
func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records.String()
}

// all returns the errors.
func (l *log) all() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]error(nil), l.errs...)
}

// A fixture is a server whose documents go to a func instead of a tree.
type fixture struct {
	t    testing.TB
	l    net.Listener
	s    *server
	log  log
	stop context.CancelFunc
	done chan error
}

// serve starts a server. The test has to call end.
func serve(t testing.TB, l net.Listener, o Options, apply func(context.Context, []byte) Reply) *fixture {
	t.Helper()
	f := &fixture{t: t, l: l, done: make(chan error, 1)}
	if o.Audit == nil {
		o.Audit = slog.NewTextHandler(&f.log, nil)
	}
	if o.OnError == nil {
		o.OnError = f.log.add
	}
	s, err := newServer(l.Addr(), slogtree.New(slogtree.Options{}), o)
	if err != nil {
		t.Fatal(err)
	}
	if apply != nil {
		s.apply = apply
	}
	f.s = s
	var ctx context.Context
	ctx, f.stop = context.WithCancel(context.Background())
	go func() { f.done <- s.serve(ctx, l) }()
	return f
}

// end ends the server.
func (f *fixture) end() {
	f.t.Helper()
	f.stop()
	if err := <-f.done; err != nil {
		f.t.Error(err)
	}
}

// A sink collects documents.
type sink struct {
	mu  sync.Mutex
	all []string
}

func (s *sink) apply(_ context.Context, document []byte) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, string(document))
	return Reply{Applied: true, Report: new(config.Report)}
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.all...)
}

// frame returns a document with its length.
func frame(document string) []byte {
	b, err := appendFrame(nil, []byte(document))
	if err != nil {
		panic(err)
	}
	return b
}

// header returns a length.
func header(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

// answer reads all that the server says, a line of JSON or nothing. A pipe has no end of
// one direction, so there it is the line.
func answer(c net.Conn) (Reply, error) {
	var r Reply
	if _, ok := c.(interface{ CloseWrite() error }); !ok {
		return readReply(c)
	}
	text, err := io.ReadAll(c)
	if err != nil {
		return r, err
	}
	if len(text) == 0 {
		return r, ErrNoReply
	}
	if strings.Count(string(text), "\n") != 1 {
		return r, fmt.Errorf("the reply is no line: %q", text)
	}
	return r, json.Unmarshal(text, &r)
}

// converse sends bytes, half-closes where that is possible, and returns the reply.
func converse(t testing.TB, c net.Conn, p []byte) Reply {
	t.Helper()
	defer c.Close()
	if _, err := c.Write(p); err != nil {
		t.Fatal(err)
	}
	if h, ok := c.(interface{ CloseWrite() error }); ok {
		if err := h.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := answer(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func dial(t testing.TB, l net.Listener) net.Conn {
	t.Helper()
	if p, ok := l.(*pipes); ok {
		return p.dial()
	}
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// reason returns why a document was refused.
func (r Reply) reason() string {
	if r.Applied || len(r.Errors) == 0 {
		return "it was applied"
	}
	return fmt.Sprint(r.Err())
}

func isReason(t testing.TB, r Reply, want string) {
	t.Helper()
	if got := r.reason(); !strings.Contains(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

var errTest = errors.New("of the test")
