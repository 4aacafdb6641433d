package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/webhook"
)

// TestHostileForAnHour has a server in trouble of every kind for an hour: no call waits for
// it, and when it is back it gets every record once and in order.
func TestHostileForAnHour(t *testing.T) {
	for name, trouble := range map[string]func(*http.Request) (*http.Response, error){
		"blocks": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"resets":         func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET },
		"has no backend": func(*http.Request) (*http.Response, error) { return response(502), nil },
		"answers 500":    func(*http.Request) (*http.Response, error) { return response(500), nil },
		"is busy":        func(*http.Request) (*http.Response, error) { return response(429, "Retry-After", "99999999"), nil },
		"breaks off":     func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"a body without end": func(r *http.Request) (*http.Response, error) {
			answer := response(503)
			answer.Body = endless{r.Context()}
			return answer, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				back := time.Now().Add(time.Hour)
				s := &server{}
				var told atomic.Uint64
				h, err := webhook.NewHandler("http://logs.example.com/in", webhook.Options{
					Formatter: message, OnError: func(error) { told.Add(1) },
					Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						if time.Now().Before(back) {
							return trouble(r)
						}
						return s.RoundTrip(r)
					})},
				})
				if err != nil {
					t.Fatal(err)
				}
				var all []string
				for i := range 70 {
					start := time.Now()
					if err := info(h, fmt.Sprint(i)); err != nil || time.Since(start) > 0 {
						t.Errorf("record %d: %v after %v", i, err, time.Since(start))
					}
					all = append(all, fmt.Sprint(i))
					if st := h.Stats(); st.In != uint64(i)+1 || st.In != st.Out+st.Dropped+st.Held {
						t.Errorf("%+v", st)
					}
					time.Sleep(time.Minute)
				}
				closeIt(t, h)
				if got := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(s.taken())); strings.Join(got, " ") != strings.Join(all, " ") {
					t.Errorf("taken: %s", s.taken())
				}
				st := h.Stats()
				if st.Out != 70 || st.Failed != told.Load() || st.Failed == 0 || st.Dropped != 0 {
					t.Errorf("%+v, told %d", st, told.Load())
				}
			})
		})
	}
}

// endless is a body that comes a byte a second until the request ends.
type endless struct{ ctx context.Context }

func (e endless) Read(p []byte) (int, error) {
	select {
	case <-e.ctx.Done():
		return 0, e.ctx.Err()
	case <-time.After(time.Second):
		return copy(p, "x"), nil
	}
}

func (e endless) Close() error { return nil }

// TestHostileLoopback has a real server that resets connections, breaks off its answers, and
// is well at last.
func TestHostileLoopback(t *testing.T) {
	var mu sync.Mutex
	var lines []string
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		n++
		if n > 6 {
			lines = append(lines, strings.Fields(string(body))...)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		switch n % 3 {
		case 0:
			_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		case 1:
			_, _ = io.WriteString(conn, "HTTP/1.1 2")
		case 2:
			_, _ = io.WriteString(conn, "220 mail.example.com ESMTP\r\n")
		}
		conn.Close()
	}))
	defer srv.Close()
	h, err := webhook.NewHandler(srv.URL, webhook.Options{Formatter: message, RetryMin: time.Millisecond, RetryMax: time.Millisecond, Interval: time.Millisecond, CloseTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if err := info(h, "1", "2", "3"); err != nil {
		t.Error(err)
	}
	if err := h.Flush(); err != nil {
		t.Error(err)
	}
	closeIt(t, h)
	mu.Lock()
	defer mu.Unlock()
	if strings.Join(lines, " ") != "1 2 3" || h.Stats().Failed < 6 {
		t.Errorf("%q, %+v", lines, h.Stats())
	}
}

// TestHostileContexts logs with a context that is nil, and one that has ended.
func TestHostileContexts(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{}
		h := open(t, s, webhook.Options{})
		ended, cancel := context.WithCancelCause(contextattrs.With(context.Background(), "k", "v"))
		cancel(errors.New("gone"))
		for msg, ctx := range map[string]context.Context{"nil": nil, "ended": ended} {
			if !h.Enabled(ctx, slog.LevelInfo) {
				t.Errorf("%s: not enabled", msg)
			}
			if err := h.Handle(ctx, slog.NewRecord(time.Now(), slog.LevelInfo, msg, 0)); err != nil {
				t.Errorf("%s: %v", msg, err)
			}
			if err := h.Flush(); err != nil {
				t.Error(err)
			}
		}
		closeIt(t, h)
		if got := s.taken(); !strings.Contains(got, "[nil]") || !strings.Contains(got, "[ended k=v]") {
			t.Errorf("taken: %s", got)
		}
		// Nothing to do is done whatever the context says.
		ctx, cancelNow := context.WithCancel(context.Background())
		cancelNow()
		if err := open(t, s, webhook.Options{}).Close(ctx); err != nil {
			t.Errorf("Close of nothing: %v", err)
		}
	})
}

// TestHostileClosed logs after Close, by what is derived too, and closes by handlers.Close.
func TestHostileClosed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{}
		h := open(t, s, webhook.Options{})
		derived := h.WithAttrs([]slog.Attr{slog.Int("a", 1)})
		_ = info(h, "before")
		for range 2 {
			if err := handlers.Close(context.Background(), handlers.NewLevel(derived, nil)); err != nil {
				t.Error(err)
			}
		}
		for _, one := range []slog.Handler{h, derived, derived.WithGroup("g"), handlers.BindName(h, "logger", "x")} {
			if err := info(one, "after"); !errors.Is(err, netsink.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		}
		if err := h.Flush(); err != nil {
			t.Errorf("Flush after Close: %v", err)
		}
		synctest.Wait()
		want(t, "taken", s.taken(), "[[before]]")
		want(t, "stats", h.Stats(), webhook.Stats{In: 1, Out: 1, Batches: 1, Refused: 4})
	})
}
