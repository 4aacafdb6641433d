package httpattrs_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleMiddleware() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: steady}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		contextattrs.Add(r.Context(), "user", "ada") // found out late
		_, _ = io.WriteString(w, "item "+r.PathValue("id"))
	})
	h := httpattrs.Middleware(mux, httpattrs.Options{Logger: log})

	r := httptest.NewRequest("GET", "/items/7?secret=1", nil)
	r.Header.Set("X-Request-Id", "r-17")
	h.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// level=INFO msg=request request_id=r-17 method=GET path=/items/7 route="GET /items/{id}" status=200 bytes=6 remote=192.0.2.1 user=ada
}

// steady leaves out what differs from run to run.
func steady(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "duration" {
		return slog.Attr{}
	}
	return a
}

// A server is one with the middleware, for HTTP/1.1 or 2.
type server struct {
	*httptest.Server
	rec    *handlertest.Recorder
	logged chan struct{} // gets a value for each record
}

// signalling tells of each record, once it is recorded.
type signalling struct {
	*handlertest.Recorder
	logged chan<- struct{}
}

func (h signalling) Handle(ctx context.Context, r slog.Record) error {
	defer func() { h.logged <- struct{}{} }()
	return h.Recorder.Handle(ctx, r)
}

func serve(t *testing.T, h2 bool, o httpattrs.Options, h http.HandlerFunc) *server {
	t.Helper()
	s := &server{rec: handlertest.NewRecorder(nil), logged: make(chan struct{}, 1000)}
	o.Logger = slog.New(signalling{s.rec, s.logged})
	s.Server = httptest.NewUnstartedServer(httpattrs.Middleware(h, o))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if h2 {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// record waits for a record and returns its attrs.
func (s *server) record(t *testing.T) map[string]any {
	t.Helper()
	<-s.logged
	all := s.rec.Records()
	return all[len(all)-1].Attrs
}

// get sends a request, and fails unless it is answered.
func (s *server) get(t *testing.T, method, path string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	res, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// both runs a test over HTTP/1.1 and over HTTP/2.
func both(t *testing.T, f func(t *testing.T, h2 bool)) {
	t.Run("HTTP/1.1", func(t *testing.T) { f(t, false) })
	t.Run("HTTP/2", func(t *testing.T) { f(t, true) })
}

func TestResponses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/nothing":
		case "/implicit":
			_, _ = w.Write([]byte("12345"))
			_, _ = io.WriteString(w, "678")
		case "/created":
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusTeapot) // the server says that this is superfluous
		case "/hints":
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		case "/only-hints":
			w.WriteHeader(http.StatusEarlyHints)
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
			_, _ = w.Write([]byte("not sent"))
		case "/file":
			http.ServeFile(w, r, file)
		case "/flush":
			_ = http.NewResponseController(w).Flush()
			w.WriteHeader(http.StatusTeapot)
		case "/flusher":
			w.(http.Flusher).Flush()
			_, _ = w.Write([]byte("123"))
		case "/fails":
			http.Error(w, "no", http.StatusBadGateway)
		}
	}
	both(t, func(t *testing.T, h2 bool) {
		s := serve(t, h2, httpattrs.Options{}, handler)
		for _, c := range []struct {
			method, path  string
			status, bytes int64
		}{
			{"GET", "/nothing", 200, 0},
			{"GET", "/implicit", 200, 8},
			{"HEAD", "/implicit", 200, 0},
			{"POST", "/created", 201, 0},
			{"GET", "/hints", 404, 0},
			{"GET", "/only-hints", 200, 0},
			{"GET", "/empty", 204, 0},
			{"GET", "/file", 200, 100_000},
			{"HEAD", "/file", 200, 0},
			{"GET", "/flush", 200, 0},
			{"GET", "/flusher", 200, 3},
			{"GET", "/fails", 502, 3},
		} {
			res, body := s.get(t, c.method, c.path)
			got := s.record(t)
			if int64(res.StatusCode) != c.status || got["status"] != c.status || got["bytes"] != c.bytes || int64(len(body)) != c.bytes {
				t.Errorf("%s %s: the client got %d and %d bytes; logged: %v", c.method, c.path, res.StatusCode, len(body), got)
			}
			if got["method"] != c.method || got["path"] != c.path || got["remote"] != "127.0.0.1" {
				t.Errorf("%s %s: %v", c.method, c.path, got)
			}
			if d, ok := got["duration"].(time.Duration); !ok || d <= 0 {
				t.Errorf("%s %s: duration %v", c.method, c.path, got["duration"])
			}
		}
		for _, e := range s.rec.Records() {
			want := slog.LevelInfo
			if e.Attrs["status"] == int64(502) {
				want = slog.LevelError
			}
			if e.Level != want || e.Message != "request" {
				t.Errorf("%s %q of %v", e.Level, e.Message, e.Attrs)
			}
		}
	})
}

func TestRoute(t *testing.T) {
	log := func(*http.Request) {}
	mux := http.NewServeMux()
	mux.HandleFunc("/a/{x}", func(w http.ResponseWriter, r *http.Request) { log(r) })
	rec := handlertest.NewRecorder(nil)
	around := httpattrs.Middleware(mux, httpattrs.Options{Logger: slog.New(rec)})
	inside := http.NewServeMux()
	inside.Handle("/b/{x}", httpattrs.Middleware(http.NotFoundHandler(), httpattrs.Options{Logger: slog.New(rec)}))
	around.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/1", nil))
	around.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/none", nil))
	inside.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/b/1", nil))
	var got []any
	for _, e := range rec.Records() {
		got = append(got, e.Attrs["route"], e.Attrs["status"])
	}
	want := []any{"/a/{x}", int64(200), nil, int64(404), "/b/{x}", int64(404)}
	if d := handlertest.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRequestIDs(t *testing.T) {
	s := serve(t, false, httpattrs.Options{}, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, contextattrs.Attrs(r.Context()))
	})
	for _, c := range []struct {
		sent  []string
		taken bool
	}{
		{nil, false},
		{[]string{"r-17"}, true},
		{[]string{"a=b/c+d:e@f~g_h.i"}, true},
		{[]string{strings.Repeat("x", 128)}, true},
		{[]string{strings.Repeat("x", 129)}, false},
		{[]string{""}, false},
		{[]string{"a b"}, false},
		{[]string{`a"b`}, false},
		{[]string{"a\tb"}, false},
		{[]string{"é"}, false},
		{[]string{"one", "two"}, false},
	} {
		var header []string
		for _, id := range c.sent {
			header = append(header, "X-Request-Id", id)
		}
		res, body := s.get(t, "GET", "/", header...)
		id := res.Header.Get("X-Request-Id")
		if body != "[request_id="+id+"]" || s.record(t)["request_id"] != id {
			t.Errorf("%q: %q was sent back, and the context has %s", c.sent, id, body)
		}
		if taken := len(c.sent) == 1 && id == c.sent[0]; taken != c.taken || !taken && len(id) != 26 {
			t.Errorf("%q: %q was sent back", c.sent, id)
		}
	}
}

func TestOtherRequestIDs(t *testing.T) {
	for name, c := range map[string]struct {
		o    httpattrs.Options
		want any
	}{
		"another header": {httpattrs.Options{RequestIDHeader: "x-correlation-id"}, "sent"},
		"own":            {httpattrs.Options{RequestIDHeader: "X-Correlation-Id", OwnRequestIDs: true, NewRequestID: func() string { return "made" }}, "made"},
		"none":           {httpattrs.Options{RequestIDHeader: "-"}, nil},
	} {
		rec := handlertest.NewRecorder(nil)
		c.o.Logger = slog.New(rec)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Correlation-Id", "sent")
		w := httptest.NewRecorder()
		httpattrs.Middleware(http.NotFoundHandler(), c.o).ServeHTTP(w, r)
		if got := rec.Records()[0].Attrs["request_id"]; got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if back := w.Header().Get("X-Correlation-Id"); c.want != nil && back != c.want || c.want == nil && len(w.Header()) > 2 {
			t.Errorf("%s: sent back %q in %v", name, back, w.Header())
		}
	}
	// an id that is none is not taken from the program either
	rec := handlertest.NewRecorder(nil)
	o := httpattrs.Options{Logger: slog.New(rec), NewRequestID: func() string { return "a\nb" }}
	httpattrs.Middleware(http.NotFoundHandler(), o).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if id, _ := rec.Records()[0].Attrs["request_id"].(string); len(id) != 26 {
		t.Errorf("%q", id)
	}
}

// TestHostileRequest has lines, escapes and length where a client can put them.
func TestHostileRequest(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := httpattrs.Middleware(http.NotFoundHandler(), httpattrs.Options{
		Logger: slog.New(rec), Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
	})
	evil := "\n\x1b[31mlevel=ERROR \u202e" + strings.Repeat("x", 100_000)
	r := httptest.NewRequest("GET", "/", nil)
	r.Method = evil
	r.URL.Path = evil
	for _, name := range []string{"X-Request-Id", "Traceparent", "X-Forwarded-For", "X-Log-Level"} {
		r.Header[name] = []string{evil}
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	r.RemoteAddr, r.URL.RawPath = evil, evil
	h.ServeHTTP(httptest.NewRecorder(), r)
	for i, e := range rec.Records() {
		total := 0
		for key, v := range e.Attrs {
			s := fmt.Sprint(v)
			total += len(s)
			if strings.ContainsAny(s, "\n\x1b\u202e") && key != "method" && (key != "remote" || i == 0) { // those can't hold it in a real request
				t.Errorf("%s is %q", key, s)
			}
		}
		if total > 3000 {
			t.Errorf("%d bytes", total)
		}
	}
}

func TestTrace(t *testing.T) {
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	valid := "00-" + trace + "-" + span + "-01"
	for header, want := range map[string]bool{
		valid:                                   true,
		"00-" + trace + "-" + span + "-ff":      true,
		"01-" + trace + "-" + span + "-01":      true,
		"cc-" + trace + "-" + span + "-01-more": true,
		"cc-" + trace + "-" + span + "-01more":  false,
		valid + "-more":                         false,
		valid[:54]:                              false,
		"":                                      false,
		"ff-" + trace + "-" + span + "-01":      false,
		"0g-" + trace + "-" + span + "-01":      false,
		"00_" + trace + "-" + span + "-01":      false,
		"00-" + trace + "_" + span + "-01":      false,
		"00-" + trace + "-" + span + "_01":      false,
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01":  false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01": false,
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":   false,
		"00-" + trace + "-" + strings.ToUpper(span) + "-01":   false,
		"00-" + trace + "-" + span + "-0G":                    false,
		" " + valid:                                           false,
	} {
		rec := handlertest.NewRecorder(nil)
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Traceparent", header)
		httpattrs.Middleware(http.NotFoundHandler(), httpattrs.Options{Logger: slog.New(rec)}).ServeHTTP(httptest.NewRecorder(), r)
		attrs := rec.Records()[0].Attrs
		if got := attrs["trace_id"] == trace && attrs["span_id"] == span; got != want || !got && attrs["trace_id"] != nil {
			t.Errorf("%q: %v", header, attrs)
		}
	}
}

func TestNoTrace(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	httpattrs.Middleware(http.NotFoundHandler(), httpattrs.Options{Logger: slog.New(rec), NoTrace: true}).ServeHTTP(httptest.NewRecorder(), r)
	if attrs := rec.Records()[0].Attrs; attrs["trace_id"] != nil || attrs["span_id"] != nil {
		t.Errorf("%v", attrs)
	}
}

func TestPanics(t *testing.T) {
	both(t, func(t *testing.T, h2 bool) {
		s := serve(t, h2, httpattrs.Options{}, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/before":
				panic("boom\nFAKE " + strings.Repeat("x", 10_000))
			case "/after":
				w.WriteHeader(http.StatusAccepted)
				_ = http.NewResponseController(w).Flush()
				panic(fmt.Errorf("boom"))
			case "/abort":
				panic(http.ErrAbortHandler)
			case "/exit":
				runtime.Goexit()
			}
		})
		for _, c := range []struct {
			path    string
			status  any
			panics  bool
			level   slog.Level
			answers bool
		}{
			{"/before", nil, true, slog.LevelError, false},
			{"/after", int64(202), true, slog.LevelError, true},
			{"/abort", nil, false, slog.LevelInfo, false},
		} {
			s.rec.Reset()
			r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL+c.path, nil)
			res, err := s.Client().Do(r)
			if (err == nil) != c.answers {
				t.Fatalf("%s: %v", c.path, err)
			}
			if err == nil {
				if _, err = io.ReadAll(res.Body); err == nil {
					t.Errorf("%s: the answer is whole", c.path)
				}
				res.Body.Close()
			}
			<-s.logged
			if c.panics {
				<-s.logged
				p := s.rec.Records()[0]
				stack, _ := p.Attrs["stack"].(string)
				text, _ := p.Attrs["panic"].(string)
				if p.Message != "panic" || p.Level != slog.LevelError || !strings.HasPrefix(text, "boom") || len(text) > 5000 ||
					!strings.Contains(stack, "httpattrs_test.TestPanics") || p.Attrs["request_id"] == nil {
					t.Errorf("%s: %v", c.path, p)
				}
			}
			all := s.rec.Records()
			last := all[len(all)-1]
			if len(all) > 2 || last.Attrs["aborted"] != true || last.Attrs["status"] != c.status || last.Level != c.level {
				t.Errorf("%s: %d records, the last %v", c.path, len(all), last)
			}
		}
	})
}

func TestGoexit(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := httpattrs.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() }),
		httpattrs.Options{Logger: slog.New(rec)})
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}()
	<-done
	if all := rec.Records(); len(all) != 1 || all[0].Attrs["aborted"] != true || all[0].Attrs["status"] != nil {
		t.Errorf("%v", all)
	}
}

func TestHijack(t *testing.T) {
	s := serve(t, false, httpattrs.Options{}, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if n, err := w.Write([]byte("late")); n != 0 || err != http.ErrHijacked {
			t.Errorf("Write after Hijack: %d, %v", n, err)
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\n\r\nhello")
		_ = rw.Flush()
		_ = conn.Close()
	})
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\r\n")
	if got, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(got), "hello") {
		t.Errorf("%q, %v", got, err)
	}
	got := s.record(t)
	if got["hijacked"] != true || got["status"] != nil || got["bytes"] != int64(0) {
		t.Errorf("%v", got)
	}
}

func TestLateAttrs(t *testing.T) {
	for _, shown := range []bool{false, true} {
		rec := handlertest.NewRecorder(nil)
		log := slog.New(rec)
		var after context.Context
		h := httpattrs.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			after = contextattrs.Detach(r.Context())
			contextattrs.Add(r.Context(), "user", "ada", "rows", 1, "more", 2)
			log.InfoContext(r.Context(), "in between")
		}), httpattrs.Options{Logger: log, Message: "served", RequestIDHeader: "-", Late: contextattrs.CollectorOptions{Max: 2, Shown: shown}})
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // the client is gone
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
		all := rec.Records()
		if got := all[0].Attrs["user"] == "ada"; got != shown {
			t.Errorf("shown %t: %v", shown, all[0])
		}
		if a := all[1].Attrs; all[1].Message != "served" || a["user"] != "ada" || a["rows"] != int64(1) || a["more"] != nil || a["late_dropped"] != uint64(1) {
			t.Errorf("shown %t: %v", shown, all[1])
		}
		if after.Err() != nil || contextattrs.Add(after, "k", 1) {
			t.Error("what outlives the request is cancelled, or may add to it")
		}
	}
}

// TestLoggers has a handler that knows nothing of contexts, and slog's default one.
func TestLoggers(t *testing.T) {
	old := slog.Default()
	t.Cleanup(func() { slog.SetDefault(old) })
	for _, name := range []string{"given", "default"} {
		var buf strings.Builder
		o := httpattrs.Options{Logger: slog.New(slog.NewTextHandler(&buf, nil)).With("app", "x")}
		h := httpattrs.Middleware(http.NotFoundHandler(), o)
		if name == "default" {
			h = httpattrs.Middleware(http.NotFoundHandler(), httpattrs.Options{})
			slog.SetDefault(o.Logger)
		}
		for _, id := range []string{"r-1", "r-2"} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("X-Request-Id", id)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
		if got := buf.String(); strings.Count(got, "app=x request_id=r-") != 2 || !strings.Contains(got, "request_id=r-2 ") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestMiddlewareRefusesNil(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "handler is nil") {
			t.Error(v)
		}
	}()
	httpattrs.Middleware(nil, httpattrs.Options{})
}

// asking calls a function before it says that nothing, or all, is enabled.
type asking struct {
	*handlertest.Recorder
	enabled bool
	asked   func()
}

func (h asking) Enabled(context.Context, slog.Level) bool {
	h.asked()
	return h.enabled
}

// TestCollectorEnds has attrs come when the request's record is about to be made, or is not
// wanted at all: who adds them is told that they show nowhere.
func TestCollectorEnds(t *testing.T) {
	for _, shown := range []bool{false, true} {
		for _, enabled := range []bool{false, true} {
			var ctx context.Context
			rec, took := handlertest.NewRecorder(nil), false
			log := slog.New(asking{rec, enabled, func() { took = contextattrs.Add(ctx, "user", "ada") }})
			h := httpattrs.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() }),
				httpattrs.Options{Logger: log, Late: contextattrs.CollectorOptions{Shown: shown}})
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
			if took {
				t.Errorf("shown %t, enabled %t: taken too late: %v", shown, enabled, rec.Records())
			}
			if contextattrs.Add(ctx, "rows", 1) {
				t.Errorf("shown %t, enabled %t: taken after the request", shown, enabled)
			}
		}
	}
}
