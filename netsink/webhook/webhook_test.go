package webhook_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/webhook"
)

// message is a formatter that writes the message alone.
var message = formatters.Must(formatters.Percent("%(message)s", nil))

// A server answers requests without a network.
type server struct {
	mu       sync.Mutex
	batches  [][]string // lines of each request that was taken
	requests []time.Time
	answer   func(n int, lines []string) *http.Response // nil is 200
	release  chan struct{}                              // if not nil, requests wait for it
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if s.release != nil {
		select {
		case <-s.release:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(strings.TrimSuffix(string(body), "\n"), "\n")
	s.requests = append(s.requests, time.Now())
	answer := response(200)
	if s.answer != nil {
		answer = s.answer(len(s.requests), lines)
	}
	if answer == nil {
		return nil, errors.New("no route to host")
	}
	if answer.StatusCode/100 == 2 {
		s.batches = append(s.batches, lines)
	}
	return answer, nil
}

func response(status int, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("secret body"))}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (s *server) taken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprint(s.batches)
}

// open returns a Handler that sends to s.
func open(t *testing.T, s *server, o webhook.Options) *webhook.Handler {
	t.Helper()
	o.Client = &http.Client{Transport: s}
	if o.Formatter == nil {
		o.Formatter = message
	}
	h, err := webhook.NewHandler("http://logs.example.com/in", o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// info logs messages, and returns the errors joined.
func info(h slog.Handler, messages ...string) error {
	var errs []error
	for _, m := range messages {
		errs = append(errs, h.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelInfo, m, 0)))
	}
	return errors.Join(errs...)
}

func closeIt(t *testing.T, h *webhook.Handler) {
	t.Helper()
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// bubble runs a test where time costs nothing. It ends only when all goroutines have.
func bubble(t *testing.T, f func(t *testing.T)) { t.Helper(); synctest.Test(t, f) }

func TestBatches(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{}
		h := open(t, s, webhook.Options{BatchRecords: 3, BatchBytes: 10, Interval: time.Minute})
		start := time.Now()
		_ = info(h, "a")
		time.Sleep(30 * time.Second)
		_ = info(h, "b")
		synctest.Wait()
		want(t, "before the interval has ended", s.taken(), "[]")
		time.Sleep(31 * time.Second)
		synctest.Wait()
		want(t, "the interval", s.taken(), "[[a b]]")
		want(t, "sent after", s.requests[0].Sub(start), time.Minute)
		_ = info(h, "c", "d", "e")
		synctest.Wait()
		want(t, "so many records", s.taken(), "[[a b] [c d e]]")
		_ = info(h, "0123456789abc", "f")
		synctest.Wait()
		want(t, "a long one", s.taken(), "[[a b] [c d e] [0123456789abc]]")
		want(t, "Flush", h.Flush(), nil)
		want(t, "Flush", s.taken(), "[[a b] [c d e] [0123456789abc] [f]]")
		_ = info(h, "g")
		closeIt(t, h)
		closeIt(t, h)
		want(t, "Close", s.taken(), "[[a b] [c d e] [0123456789abc] [f] [g]]")
		if err := info(h, "late"); !errors.Is(err, netsink.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		want(t, "stats", h.Stats(), webhook.Stats{In: 8, Out: 8, Batches: 5, Refused: 1})
	})
}

// TestRetries has a server fail in all ways, and sees when it is asked again.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers []*http.Response // to each request in turn, nil is an error; after them 200
		pauses  []time.Duration  // at least, and at most a quarter longer
		taken   string
		stats   webhook.Stats
	}{
		{"errors", []*http.Response{nil, response(503), response(408)}, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 3}},
		{"most", []*http.Response{nil, nil, nil, nil}, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 4}},
		{"Retry-After", []*http.Response{response(429, "Retry-After", "60")}, []time.Duration{time.Minute}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 1}},
		{"Retry-After, a date", []*http.Response{response(503, "Retry-After", "Sat, 01 Jan 2000 00:01:30 GMT")}, []time.Duration{90 * time.Second}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 1}},
		{"Retry-After, too long", []*http.Response{response(429, "Retry-After", "99999999")}, []time.Duration{5 * time.Minute}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 1}},
		{"Retry-After, wrong", []*http.Response{response(429, "Retry-After", "-5")}, []time.Duration{time.Second}, "[[a b]]", webhook.Stats{In: 2, Out: 2, Batches: 1, Failed: 1}},
		{"too large", []*http.Response{response(413)}, []time.Duration{0, 0}, "[[a] [b]]", webhook.Stats{In: 2, Out: 2, Batches: 2, Failed: 1}},
		{"one too large", []*http.Response{response(413), response(413)}, []time.Duration{0, 0}, "[[b]]", webhook.Stats{In: 2, Out: 1, Dropped: 1, Batches: 1, Failed: 2}},
		{"refused", []*http.Response{response(400)}, nil, "[]", webhook.Stats{In: 2, Dropped: 2, Failed: 1}},
		{"attempts", []*http.Response{nil, nil, nil, nil, nil, nil}, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}, "[]", webhook.Stats{In: 2, Dropped: 2, Failed: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := &server{answer: func(n int, _ []string) *http.Response {
					if n <= len(c.answers) {
						return c.answers[n-1]
					}
					return response(200)
				}}
				var told []error
				h := open(t, s, webhook.Options{RetryMax: 4 * time.Second, MaxAttempts: 5, OnError: func(err error) { told = append(told, err) }})
				_ = info(h, "a", "b")
				time.Sleep(time.Hour)
				synctest.Wait()
				want(t, "taken", s.taken(), c.taken)
				want(t, "stats", h.Stats(), c.stats)
				want(t, "requests", len(s.requests), len(c.pauses)+1)
				for i, least := range c.pauses {
					least = least * 4 / 5
					if p := s.requests[i+1].Sub(s.requests[i]); p < least || p > max(least*5/4, time.Millisecond) {
						t.Errorf("pause %d: %v, want at least %v", i+1, p, least)
					}
				}
				wantTold := int(c.stats.Failed)
				if c.stats.Dropped > 0 {
					wantTold++
				}
				want(t, "errors told", len(told), wantTold)
				closeIt(t, h)
			})
		})
	}
}

// TestOverflow has a server that does not answer, and a small buffer.
func TestOverflow(t *testing.T) {
	for overflow, c := range map[netsink.Overflow]struct{ taken string }{
		netsink.Block:   {"[[1] [2 3] [4 5]]"},
		netsink.DropNew: {"[[1] [2 3] [4 5]]"},
		netsink.DropOld: {"[[1] [4 5] [6 7]]"},
	} {
		bubble(t, func(t *testing.T) {
			s := &server{release: make(chan struct{})}
			h := open(t, s, webhook.Options{BufferBytes: 5, BatchBytes: 5, Overflow: overflow, RequestTimeout: time.Hour, BatchRecords: 10, Interval: time.Millisecond})
			_ = info(h, "1")
			time.Sleep(time.Second) // it is being sent
			start := time.Now()
			if err := info(h, "2", "3", "4", "5"); err != nil {
				t.Error(err)
			}
			err := info(h, "6", "7")
			if errors.Is(err, netsink.ErrFull) != (overflow != netsink.DropOld) {
				t.Errorf("%d: %v", overflow, err)
			}
			waited := map[bool]time.Duration{true: time.Second}[overflow == netsink.Block]
			want(t, "waited", time.Since(start), waited)
			st := h.Stats()
			want(t, "stats", st, webhook.Stats{In: 7, Dropped: 2, Held: 5, Bytes: 5})
			close(s.release)
			closeIt(t, h)
			want(t, "taken", s.taken(), c.taken)
			h = open(t, s, webhook.Options{BufferBytes: 5, BatchBytes: 5})
			if err := info(h, "123456"); !errors.Is(err, netsink.ErrFull) {
				t.Errorf("larger than the buffer: %v", err)
			}
			closeIt(t, h)
		})
	}
}

// TestDropOldBesideABatch has a batch as large as may be under way: what comes takes the
// place of what waits, and a record for which that would not do is dropped alone.
func TestDropOldBesideABatch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{release: make(chan struct{})}
		h := open(t, s, webhook.Options{BufferBytes: 8, BatchBytes: 8, Overflow: netsink.DropOld, RequestTimeout: time.Hour})
		_ = info(h, "1", "2", "3", "4")
		synctest.Wait() // they are being sent
		_ = info(h, "5", "6", "7", "8")
		if err := info(h, "9"); err != nil {
			t.Error(err)
		}
		if err := info(h, "tenth"); !errors.Is(err, netsink.ErrFull) {
			t.Error(err)
		}
		want(t, "stats", h.Stats(), webhook.Stats{In: 10, Dropped: 2, Held: 8, Bytes: 8})
		close(s.release)
		closeIt(t, h)
		want(t, "taken", s.taken(), "[[1 2 3 4] [6 7 8 9]]")
	})
}

// TestCloseDoesNotWait has OnError, and then the server, keep the goroutine: Close ends with its
// context.
func TestCloseDoesNotWait(t *testing.T) {
	for _, where := range []string{"OnError", "the transport"} {
		bubble(t, func(t *testing.T) {
			free := make(chan struct{})
			o := webhook.Options{Interval: time.Millisecond, Client: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				if where == "the transport" {
					<-free
					return response(200), nil
				}
				return nil, errors.New("down")
			})}}
			o.OnError = func(error) { <-free }
			h, err := webhook.NewHandler("http://logs.example.com/in", o)
			if err != nil {
				t.Fatal(err)
			}
			_ = info(h, "a", "b")
			time.Sleep(time.Second)
			_ = info(h, "c")
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			start := time.Now()
			for range 2 { // a second Close returns the same
				if err := h.Close(ctx); err == nil || !strings.Contains(err.Error(), "3 records dropped") {
					t.Errorf("%s: Close: %v", where, err)
				}
			}
			if took := time.Since(start); took < 3*time.Second || took > 3200*time.Millisecond {
				t.Errorf("%s: Close took %v", where, took)
			}
			if err := info(h, "d"); !errors.Is(err, netsink.ErrClosed) {
				t.Error(err)
			}
			close(free)
			synctest.Wait() // the goroutine ends, and counts nothing twice
			if st := h.Stats(); st.In != 3 || st.Dropped != 3 || st.Held != 0 || st.Bytes != 0 || st.Refused != 1 {
				t.Errorf("%s: %+v", where, st)
			}
		})
	}
}

// TestBlockGetsRoom has a caller wait until there is room.
func TestBlockGetsRoom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{release: make(chan struct{})}
		h := open(t, s, webhook.Options{BufferBytes: 2, BatchBytes: 2, MaxWait: time.Hour, RequestTimeout: 2 * time.Hour, Interval: time.Millisecond})
		_ = info(h, "1", "2")
		done := make(chan error)
		go func() { done <- info(h, "3") }()
		time.Sleep(time.Minute)
		close(s.release)
		if err := <-done; err != nil {
			t.Error(err)
		}
		closeIt(t, h)
		want(t, "taken", s.taken(), "[[1] [2] [3]]")
	})
}

// TestCloseIsBounded has a server that is down: Close tries once more, and tells what is lost.
func TestCloseIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		s := &server{answer: func(int, []string) *http.Response {
			if down.Load() {
				return nil
			}
			return response(200)
		}}
		h := open(t, s, webhook.Options{RetryMin: time.Hour})
		_ = info(h, "a", "b")
		time.Sleep(time.Minute)
		if err := h.Flush(); err == nil {
			t.Error("Flush: no error")
		}
		start := time.Now()
		if err := h.Close(context.Background()); err == nil || !strings.Contains(err.Error(), "2 records dropped: ") {
			t.Errorf("Close does not say how many, and why: %v", err)
		}
		want(t, "Close took", time.Since(start), 5*time.Second)
		want(t, "requests", len(s.requests), 2)
		want(t, "stats", h.Stats(), webhook.Stats{In: 2, Dropped: 2, Failed: 2})

		h = open(t, s, webhook.Options{RetryMin: time.Hour})
		_ = info(h, "a", "b")
		time.Sleep(time.Minute)
		down.Store(false)
		start = time.Now()
		closeIt(t, h)
		want(t, "Close took", time.Since(start), 0)
		want(t, "taken", s.taken(), "[[a b]]")

		s.release = make(chan struct{}) // a server that does not answer
		h = open(t, s, webhook.Options{RequestTimeout: time.Hour})
		_ = info(h, "c")
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		go func() { _ = h.Close(ctx) }()
		synctest.Wait()
		soon, cancelSoon := context.WithTimeout(context.Background(), time.Second)
		defer cancelSoon()
		if err := h.Close(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second Close: %v", err)
		}
		if err := h.Close(context.Background()); err == nil {
			t.Error("a third Close: no error")
		}
		want(t, "stats", h.Stats(), webhook.Stats{In: 1, Dropped: 1, Failed: 1})
	})
}

// TestOnErrorPanics has the sending survive it.
func TestOnErrorPanics(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{answer: func(n int, _ []string) *http.Response { return response(map[bool]int{true: 500, false: 200}[n == 1]) }}
		h := open(t, s, webhook.Options{OnError: func(error) { panic("hostile") }})
		_ = info(h, "a")
		time.Sleep(time.Minute)
		closeIt(t, h)
		want(t, "taken", s.taken(), "[[a]]")
	})
}

// TestStats counts while others log and the server fails: nothing goes uncounted, the
// server gets each record in its goroutine's order.
func TestStats(t *testing.T) {
	s := &server{answer: func(n int, _ []string) *http.Response { return response([]int{200, 200, 503, 400, 413}[n%5]) }}
	h := open(t, s, webhook.Options{BatchRecords: 7, BufferBytes: 600, BatchBytes: 200, Overflow: netsink.DropOld, RetryMin: time.Microsecond, RetryMax: time.Microsecond, Interval: time.Microsecond})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				_ = info(h, fmt.Sprintf("%d:%04d", g, i))
				if st := h.Stats(); st.In != st.Out+st.Dropped+st.Held || st.Bytes > 600 {
					t.Errorf("%+v", st)
				}
			}
		})
	}
	wg.Wait()
	_ = h.Close(context.Background())
	st := h.Stats()
	got := slices.Concat(s.batches...)
	if st.In != 2000 || st.In != st.Out+st.Dropped || st.Held != 0 || int(st.Out) != len(got) {
		t.Errorf("%+v, %d taken", st, len(got))
	}
	last := map[byte]string{}
	for _, line := range got {
		if line <= last[line[0]] {
			t.Errorf("%s after %s", line, last[line[0]])
		}
		last[line[0]] = line
	}
}

func TestRun(t *testing.T) {
	open := func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		s := &server{}
		h := open(t, s, webhook.Options{Level: l, Formatter: formatters.JSON(nil)})
		t.Cleanup(func() { h.Close(context.Background()) })
		return h, func() []map[string]any {
			if err := h.Flush(); err != nil {
				t.Error(err)
			}
			maps, err := handlertest.ParseJSON([]byte(strings.Join(slices.Concat(s.batches...), "\n") + "\n"))
			if err != nil {
				t.Error(err)
			}
			return maps
		}
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, slog.LevelInfo) }, handlertest.Leveled(open))
}

// TestHTTP sends over a real connection, in each form.
func TestHTTP(t *testing.T) {
	for _, zip := range []bool{false, true} {
		for format, contentType := range map[webhook.Format]string{webhook.Lines: "application/x-ndjson", webhook.Array: "application/json"} {
			var got []map[string]any
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body io.Reader = r.Body
				if zip {
					body, _ = gzip.NewReader(r.Body)
				}
				text, err := io.ReadAll(body)
				if format == webhook.Lines {
					text = []byte("[" + strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", ",") + "]")
				}
				if err = errors.Join(err, json.Unmarshal(text, &got)); err != nil {
					t.Error(err)
				}
				want(t, "method", r.Method, http.MethodPost)
				want(t, "type", r.Header.Get("Content-Type"), contentType)
				want(t, "authorization", r.Header.Get("Authorization"), "Bearer abcdef")
				want(t, "encoding", r.Header.Get("Content-Encoding") == "gzip", zip)
				w.WriteHeader(http.StatusAccepted)
			}))
			h, err := webhook.NewHandler(server.URL+"/in", webhook.Options{Gzip: zip, Format: format, Header: http.Header{"authorization": {"Bearer abcdef"}}})
			if err != nil {
				t.Fatal(err)
			}
			slog.New(h).Info("one", "a", 1)
			slog.New(h).With("b", 2).Warn("two\nlines")
			closeIt(t, h)
			server.Close()
			if len(got) != 2 || got[0]["msg"] != "one" || got[1]["msg"] != "two\nlines" || got[1]["b"] != 2.0 {
				t.Errorf("got %v", got)
			}
		}
	}
}

// TestRedirects has a server send on: only to itself, and as a POST, is it followed.
func TestRedirects(t *testing.T) {
	var elsewhere, here int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(_ http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); r.Method == http.MethodPost && string(body) == "m\n" {
			here++
		}
	})
	mux.HandleFunc("/same", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusTemporaryRedirect) })
	mux.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusFound) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/other", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/?token=abcdef", http.StatusPermanentRedirect)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	for path, out := range map[string]uint64{"/same": 1, "/get": 0, "/loop": 0, "/other": 0} {
		h, err := webhook.NewHandler(server.URL+path, webhook.Options{Formatter: message})
		if err != nil {
			t.Fatal(err)
		}
		_ = info(h, "m")
		_ = h.Close(context.Background())
		if st := h.Stats(); st.Out != out || st.Dropped != 1-out {
			t.Errorf("%s: %+v", path, st)
		}
	}
	want(t, "elsewhere", elsewhere, 0)
	want(t, "here", here, 1)
}

// TestCredentials looks for them in every error there is.
func TestCredentials(t *testing.T) {
	secrets := []string{"s3cret", "t0ken", "b3arer", "/path"}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "bad: "+r.Header.Get("Authorization"), http.StatusForbidden)
	}))
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	defer refusing.Close()
	leaking := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, errors.New("can't send to " + r.URL.String() + " with " + r.Header.Get("Authorization"))
	})}
	for _, c := range []struct {
		base   string
		client *http.Client
	}{{refusing.URL, nil}, {closed.URL, nil}, {"https://h.invalid", leaking}} {
		u, _ := url.Parse(c.base)
		u.User, u.Path, u.RawQuery = url.UserPassword("user", "s3cret"), "/path", "key=t0ken"
		var told []string
		h, err := webhook.NewHandler(u.String(), webhook.Options{
			Header: http.Header{"Authorization": {"Bearer b3arer"}}, MaxAttempts: 1, Client: c.client, OnError: func(err error) { told = append(told, err.Error()) },
		})
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, h.String())
		_ = info(h, "m")
		if err := h.Close(context.Background()); err != nil {
			told = append(told, err.Error())
		}
		told = append(told, fmt.Sprint(info(h, "late")))
		if len(told) != 5 {
			t.Errorf("%d errors: %q", len(told), told)
		}
		for _, text := range told {
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("%q is in %q", s, text)
				}
			}
		}
	}
	for _, bad := range []string{"http://user:s3cret@%zz", "ftp://user:s3cret@h/", "://s3cret"} {
		if _, err := webhook.NewHandler(bad, webhook.Options{}); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOptions(t *testing.T) {
	_, err := webhook.NewHandler("gopher://x", webhook.Options{Interval: -1, BatchBytes: -1, Format: 7, Overflow: 9})
	for _, part := range []string{"gopher", "Interval", "BatchBytes", "Format 7", "Overflow 9"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v: does not say what is wrong with %s", err, part)
		}
	}
}

func TestOptionsTogether(t *testing.T) {
	for _, c := range []struct {
		url  string
		o    webhook.Options
		want string
	}{
		{"http://h:999999/", webhook.Options{}, "the URL's port 999999 is not from 1 to 65535"},
		{"http://:80/", webhook.Options{}, "the URL has no host"},
		{"http://h", webhook.Options{Format: webhook.Array, Formatter: message}, "Format is Array, and Formatter does not write JSON"},
		{"http://h:65535", webhook.Options{Format: webhook.Array}, ""},
	} {
		h, err := webhook.NewHandler(c.url, c.o)
		if got := fmt.Sprint(err); !strings.Contains(got, c.want) || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v, want %s", c.url, err, c.want)
		}
		if err == nil {
			closeIt(t, h)
		}
	}
}

func ExampleNewHandler_http() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Printf("%s %s\n%s", r.Method, r.URL.Path, body)
	}))
	defer server.Close()
	h, err := webhook.NewHandler(server.URL+"/ingest", webhook.Options{
		Formatter: formatters.JSON(&formatters.Options{Keys: map[string]string{"time": ""}}),
		Header:    http.Header{"Authorization": {"Bearer abc"}},
		Interval:  5 * time.Second,
	})
	if err != nil {
		panic(err)
	}
	log := slog.New(h)
	log.Info("started", "port", 8080)
	log.Warn("disk almost full", "free", "2%")
	h.Close(context.Background())
	// Output:
	// POST /ingest
	// {"level":"INFO","msg":"started","port":8080}
	// {"level":"WARN","msg":"disk almost full","free":"2%"}
}

func BenchmarkHandle(b *testing.B) {
	h, err := webhook.NewHandler("http://h.invalid", webhook.Options{Overflow: netsink.DropOld, Client: &http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return response(200), nil
		})}})
	if err != nil {
		b.Fatal(err)
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "request done", 0)
	r.AddAttrs(slog.Int("status", 200), slog.String("path", "/"))
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Handle(context.Background(), r)
	}
	_ = h.Close(context.Background())
}

// TestFlushTells checks that Flush says what was dropped while it waited, and why.
func TestFlushTells(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{answer: func(int, []string) *http.Response { return response(400) }}
		h := open(t, s, webhook.Options{})
		_ = info(h, "a", "b")
		if err := h.Flush(); err == nil || !strings.Contains(err.Error(), "2 records dropped: ") || !strings.Contains(err.Error(), "400") {
			t.Errorf("Flush: %v", err)
		}
		if err := h.Flush(); err != nil {
			t.Errorf("Flush of nothing: %v", err)
		}
		closeIt(t, h)
	})
}

// TestOnErrorEndsGoroutine checks that a Handler whose goroutine OnError has ended takes nothing any more.
func TestOnErrorEndsGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := &server{answer: func(int, []string) *http.Response { return response(500) }}
		h := open(t, s, webhook.Options{OnError: func(error) { runtime.Goexit() }})
		_ = info(h, "a")
		time.Sleep(time.Minute)
		if err := info(h, "b"); !errors.Is(err, netsink.ErrClosed) {
			t.Errorf("Handle: %v", err)
		}
		_ = h.Close(context.Background())
		want(t, "stats", h.Stats(), webhook.Stats{In: 1, Dropped: 1, Failed: 1, Refused: 1})
	})
}
