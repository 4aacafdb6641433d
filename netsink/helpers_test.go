package netsink

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// noLeaks has a test fail if it leaves goroutines of this package.
func noLeaks(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		var left string
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if left = ourGoroutines(); left == "" {
				return
			}
		}
		t.Errorf("goroutines are left:\n%s", left)
	})
}

// ourGoroutines returns the stacks of goroutines that this package has started.
func ourGoroutines() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var ours []string
	for _, g := range strings.Split(string(buf), "\n\n") {
		if _, by, ok := strings.Cut(g, "created by "); ok && strings.HasPrefix(by, "github.com/slogsuite/slogsuite/netsink.") {
			ours = append(ours, g)
		}
	}
	return strings.Join(ours, "\n\n")
}

// newHandler returns a Handler that is closed at the test's end.
func newHandler(t *testing.T, network, address string, o Options) *Handler {
	t.Helper()
	noLeaks(t)
	h, err := NewHandler(network, address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = h.Close(ctx)
	})
	return h
}

// numbered returns a frame that carries a number.
func numbered(i, length int) []byte {
	p := binary.BigEndian.AppendUint64(frame.Begin(nil), uint64(i))
	p = append(p, make([]byte, max(0, length-len(p)))...)
	frame.End(p, 0)
	return p
}

// put puts numbered frames from first on.
func put(t *testing.T, h *Handler, first, n, length int) {
	t.Helper()
	for i := first; i < first+n; i++ {
		if err := h.sender.put(numbered(i, length), "test"); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
	}
}

// A tape keeps what a peer has read.
type tape struct {
	mu      sync.Mutex
	changed chan struct{} // receives if there is more
	numbers []int         // of numbered frames
	markers int           // other frames, but for empty ones
	torn    int           // connections that ended in a frame
}

func newTape() *tape { return &tape{changed: make(chan struct{}, 1)} }

// readAll reads frames until the connection ends, and returns why.
func (p *tape) readAll(c io.Reader) error { return p.read(c, -1) }

// read reads n frames.
func (p *tape) read(c io.Reader, n int) error {
	r := frame.NewReader(c, 1<<20)
	for ; n != 0; n-- {
		b, err := r.Next()
		if w, ok := c.(io.Writer); ok && err == io.EOF {
			_, _ = w.Write([]byte{frame.Ended}) // it matters to those who were told that this is the end
		}
		if err != nil {
			p.add(func() {
				if errors.Is(err, frame.ErrShortBody) || errors.Is(err, frame.ErrShortHeader) {
					p.torn++
				}
			})
			return err
		}
		p.add(func() {
			switch {
			case len(b) >= 8 && b[0] == 0:
				p.numbers = append(p.numbers, int(binary.BigEndian.Uint64(b)))
			case len(b) > 0:
				p.markers++
			}
		})
	}
	return nil
}

func (p *tape) add(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *tape) got() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.numbers)
}

// waitFor waits until so many numbered frames have come.
func (p *tape) waitFor(t *testing.T, n int) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for len(p.got()) < n {
		select {
		case <-p.changed:
		case <-timeout:
			t.Fatalf("%d frames of %d have come", len(p.got()), n)
		}
	}
}

// wantNumbers fails unless the numbers from 0 to n-1 have come, each once, in order.
func (p *tape) wantNumbers(t *testing.T, n int) {
	t.Helper()
	got := p.got()
	for i, g := range got {
		if g != i {
			t.Fatalf("frame %d came in the place of %d", g, i)
		}
	}
	if len(got) != n {
		t.Fatalf("%d frames came, of %d", len(got), n)
	}
}

// missing returns which of the numbers from 0 to n-1 have not come.
func (p *tape) missing(n int) (missing []int) {
	came := map[int]bool{}
	for _, i := range p.got() {
		came[i] = true
	}
	for i := range n {
		if !came[i] {
			missing = append(missing, i)
		}
	}
	return missing
}

// A server is a peer that can be stopped and started. It is found by its method dial, not
// by its address, which changes.
type server struct {
	t       *testing.T
	network string
	dir     string
	serve   func(c net.Conn, nth int) // closes c

	mu    sync.Mutex
	l     net.Listener // nil while it is stopped
	conns map[net.Conn]bool
	nth   int
	wg    sync.WaitGroup
}

func startServer(t *testing.T, network string, serve func(c net.Conn, nth int)) *server {
	t.Helper()
	s := &server{t: t, network: network, dir: t.TempDir(), serve: serve, conns: map[net.Conn]bool{}}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) start() {
	s.t.Helper()
	address := "127.0.0.1:0"
	if s.network == "unix" {
		address = filepath.Join(s.dir, "s")
	}
	l, err := net.Listen(s.network, address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.l = l
	s.mu.Unlock()
	s.wg.Go(func() { s.accept(l) })
}

func (s *server) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.l != l { // stopped in between
			s.mu.Unlock()
			c.Close()
			return
		}
		s.conns[c] = true
		nth := s.nth
		s.nth++
		s.mu.Unlock()
		s.wg.Go(func() {
			s.serve(c, nth)
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

func (s *server) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	s.mu.Lock()
	l := s.l
	s.mu.Unlock()
	if l == nil {
		return nil, errors.New("the server is stopped")
	}
	return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
}

// stop calls f for each connection, and waits until all are served.
func (s *server) stop(f func(net.Conn)) {
	s.mu.Lock()
	l := s.l
	s.l = nil
	conns := []net.Conn{}
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	if l != nil {
		l.Close()
	}
	for _, c := range conns {
		f(c)
	}
	s.wg.Wait()
}

// drain ends as package receiver does: it reads what comes until the peers close.
func (s *server) drain() {
	s.stop(func(c net.Conn) { _, _ = c.Write([]byte{frame.Ending}) })
}

// wait takes no more connections, and waits until those that are there have ended.
func (s *server) wait() { s.stop(func(net.Conn) {}) }

// kill ends at once.
func (s *server) kill() { s.stop(func(c net.Conn) { c.Close() }) }

// told collects what OnError is told.
type told struct {
	mu   sync.Mutex
	errs []error
}

func (o *told) add(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errs = append(o.errs, err)
}

func (o *told) all() []error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.errs)
}

// closed closes h, and fails if that takes an error.
func closed(t *testing.T, h *Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		t.Error(err)
	}
	if n := h.Stats(); n.Records != n.Sent+n.Dropped || n.Queued != 0 || n.QueuedBytes != 0 || n.Connected {
		t.Errorf("after Close: %+v", n)
	}
}
