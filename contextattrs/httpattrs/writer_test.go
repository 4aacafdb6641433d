package httpattrs_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// calls notes what was asked of the server's writer.
type calls struct {
	*httptest.ResponseRecorder
	made []string
}

type plain struct{ c *calls }

func (p plain) Header() http.Header         { return p.c.Header() }
func (p plain) Write(b []byte) (int, error) { return p.c.Write(b) }
func (p plain) WriteHeader(status int)      { p.c.WriteHeader(status) }
func (p plain) SetReadDeadline(t time.Time) error {
	p.c.made = append(p.c.made, "deadline")
	return nil
}

type canFlush struct{ c *calls }

func (f canFlush) Flush() { f.c.made = append(f.c.made, "flush") }

type canFail struct{ c *calls }

var errFlush = errors.New("no flush")

func (f canFail) FlushError() error { return errFlush }

type canHijack struct{ c *calls }

func (h canHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.c.made = append(h.c.made, "hijack")
	return nil, nil, errors.New("no connection")
}

type canRead struct{ c *calls }

func (r canRead) ReadFrom(from io.Reader) (int64, error) {
	r.c.made = append(r.c.made, fmt.Sprintf("read from %T", from))
	return io.Copy(r.c.ResponseRecorder, from)
}

type canPush struct{ c *calls }

func (p canPush) Push(string, *http.PushOptions) error {
	p.c.made = append(p.c.made, "push")
	return nil
}

// writers are all sets of abilities, by the bits 1 flush, 2 hijack, 4 read, 8 push.
func writers(c *calls) []http.ResponseWriter {
	b, f, h, r, p := plain{c}, canFlush{c}, canHijack{c}, canRead{c}, canPush{c}
	return []http.ResponseWriter{
		b,
		struct {
			plain
			canFlush
		}{b, f},
		struct {
			plain
			canHijack
		}{b, h},
		struct {
			plain
			canFlush
			canHijack
		}{b, f, h},
		struct {
			plain
			canRead
		}{b, r},
		struct {
			plain
			canFlush
			canRead
		}{b, f, r},
		struct {
			plain
			canHijack
			canRead
		}{b, h, r},
		struct {
			plain
			canFlush
			canHijack
			canRead
		}{b, f, h, r},
		struct {
			plain
			canPush
		}{b, p},
		struct {
			plain
			canFlush
			canPush
		}{b, f, p},
		struct {
			plain
			canHijack
			canPush
		}{b, h, p},
		struct {
			plain
			canFlush
			canHijack
			canPush
		}{b, f, h, p},
		struct {
			plain
			canRead
			canPush
		}{b, r, p},
		struct {
			plain
			canFlush
			canRead
			canPush
		}{b, f, r, p},
		struct {
			plain
			canHijack
			canRead
			canPush
		}{b, h, r, p},
		struct {
			plain
			canFlush
			canHijack
			canRead
			canPush
		}{b, f, h, r, p},
	}
}

// TestAbilities has each set of abilities come through, and no other.
func TestAbilities(t *testing.T) {
	for has := range 16 {
		c := &calls{ResponseRecorder: httptest.NewRecorder()}
		var want []string
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			got := 0
			if f, ok := w.(http.Flusher); ok {
				got |= 1
				f.Flush()
				want = append(want, "flush")
			}
			if h, ok := w.(http.Hijacker); ok {
				got |= 2
				_, _, _ = h.Hijack()
				want = append(want, "hijack")
			}
			if r, ok := w.(io.ReaderFrom); ok {
				got |= 4
				_, _ = r.ReadFrom(http.NoBody)
				want = append(want, "read from http.noBody")
			}
			if p, ok := w.(http.Pusher); ok {
				got |= 8
				_ = p.Push("", nil)
				want = append(want, "push")
			}
			if got != has {
				t.Errorf("a writer with abilities %04b has %04b", has, got)
			}
			if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
				t.Errorf("%04b: %v", has, err)
			}
			want = append(want, "deadline")
		})
		httpattrs.Middleware(h, httpattrs.Options{Logger: slog.New(slog.DiscardHandler)}).
			ServeHTTP(writers(c)[has], httptest.NewRequest("GET", "/", nil))
		if d := handlertest.Diff(want, c.made); d != "" {
			t.Errorf("%04b: %s", has, d)
		}
	}
}

// TestFlushError has the error of a flush reach a ResponseController.
func TestFlushError(t *testing.T) {
	c := &calls{ResponseRecorder: httptest.NewRecorder()}
	w := struct {
		plain
		canFlush
		canFail
	}{plain{c}, canFlush{c}, canFail{c}}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != errFlush {
			t.Errorf("Flush: %v", err)
		}
	})
	httpattrs.Middleware(h, httpattrs.Options{Logger: slog.New(slog.DiscardHandler)}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
}

// TestSendfile has a file come to the server's ReadFrom as a file, which is what it
// needs to have the kernel send it.
func TestSendfile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	rec := handlertest.NewRecorder(nil)
	c := &calls{ResponseRecorder: httptest.NewRecorder()}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
	httpattrs.Middleware(h, httpattrs.Options{Logger: slog.New(rec)}).ServeHTTP(writers(c)[4], httptest.NewRequest("GET", "/", nil))
	if d := handlertest.Diff([]string{"read from *io.LimitedReader"}, c.made); d != "" {
		t.Error(d)
	}
	if got := rec.Records()[0].Attrs; got["bytes"] != int64(5) || got["status"] != int64(200) {
		t.Errorf("%v", got)
	}
}

func BenchmarkMiddleware(b *testing.B) {
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, c := range []struct {
		name string
		h    http.Handler
	}{
		{"none", next},
		{"disabled", httpattrs.Middleware(next, httpattrs.Options{Logger: slog.New(slog.DiscardHandler)})},
		{"text", httpattrs.Middleware(next, httpattrs.Options{Logger: slog.New(slog.NewTextHandler(null{}, nil))})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest("GET", "/items/7", nil)
			w := httptest.NewRecorder()
			for b.Loop() {
				c.h.ServeHTTP(w, r)
			}
		})
	}
}

// null swallows writes.
type null struct{}

func (null) Write(p []byte) (int, error) { return len(p), nil }

// wrapped hides all that a writer can but for those who ask what it wraps.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestControllerThroughWrapper has a middleware around ours whose writer flushes and hijacks only
// by way of http.ResponseController.
func TestControllerThroughWrapper(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	logged := make(chan struct{}, 10)
	h := httpattrs.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if r.URL.Path == "/flush" {
			if err := c.Flush(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusTeapot) // too late
			return
		}
		conn, _, err := c.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
		_ = conn.Close()
	}), httpattrs.Options{Logger: slog.New(signalling{rec, logged})})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(wrapped{w}, r) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	defer s.Close()
	for i, path := range []string{"/flush", "/hijack"} {
		res, err := s.Client().Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		<-logged
		got := rec.Records()[i].Attrs
		if path == "/flush" && got["status"] != int64(200) || path == "/hijack" && (got["hijacked"] != true || got["status"] != nil) {
			t.Errorf("%s, answered by %s: %v", path, res.Status, got)
		}
	}
}

func TestControllerFindsNothing(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := httpattrs.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		if err := c.Flush(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Flush: %v", err)
		}
		if _, _, err := c.Hijack(); !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack: %v", err)
		}
		w.WriteHeader(http.StatusTeapot)
	}), httpattrs.Options{Logger: slog.New(rec)})
	h.ServeHTTP(plain{&calls{ResponseRecorder: httptest.NewRecorder()}}, httptest.NewRequest("GET", "/", nil))
	if got := rec.Records()[0].Attrs; got["status"] != int64(http.StatusTeapot) || got["hijacked"] != nil {
		t.Errorf("%v", got)
	}
}
