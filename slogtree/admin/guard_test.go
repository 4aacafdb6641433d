package admin_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree/admin"
)

const debug = `{"configuredLevel":"DEBUG"}`

// TestReadOnly changes nothing unless Writable is set, whatever Authorize says.
func TestReadOnly(t *testing.T) {
	tree := newTree()
	for _, o := range []admin.Options{{}, {Create: true}, {Authorize: func(*http.Request, admin.Action) error { return nil }}} {
		h := admin.NewHandler(tree, o)
		for _, name := range []string{"root", "new"} {
			if got := post(t, h, name, debug); got.Code != 403 || got.at("error") == nil {
				t.Errorf("%+v: %d %s", o, got.Code, got.Body)
			}
		}
		if got := get(t, h, "/tree"); got.at("writable") != false || got.at("create") != false {
			t.Errorf("%.100s", got.Body)
		}
	}
	if tree.Root().Level() != slog.LevelInfo || tree.Lookup("new") != nil {
		t.Error("something has changed:", tree)
	}
}

// TestAuthorize is asked for each request, told what it wants, and refuses it.
func TestAuthorize(t *testing.T) {
	errNobody := errors.New("log in first")
	tree := newTree()
	var asked []admin.Action
	h := admin.NewHandler(tree, admin.Options{Writable: true, Authorize: func(_ *http.Request, a admin.Action) error {
		asked = append(asked, a)
		return errNobody
	}})
	for _, c := range []struct {
		method, target, body string
		want                 admin.Action
	}{
		{"GET", "/", "", admin.Action{Kind: admin.ReadPage}},
		{"GET", "/nothing", "", admin.Action{Kind: admin.ReadPage}},
		{"GET", "/loggers", "", admin.Action{Kind: admin.ReadState}},
		{"GET", "/loggers/root", "", admin.Action{Kind: admin.ReadState, Logger: "root"}},
		{"GET", "/tree", "", admin.Action{Kind: admin.ReadState}},
		{"GET", "/handlers", "", admin.Action{Kind: admin.ReadState}},
		{"GET", "/filters", "", admin.Action{Kind: admin.ReadState}},
		{"GET", "/explain?name=a", "", admin.Action{Kind: admin.ReadState, Logger: "a"}},
		{"GET", "/tail?name=a&level=INFO", "", admin.Action{Kind: admin.ReadTail, Logger: "a"}},
		{"POST", "/loggers/root", debug, admin.Action{Kind: admin.SetLevel, Logger: "root", Level: "DEBUG"}},
		{"POST", "/loggers/root", `{"configuredLevel":"LOUD"}`, admin.Action{Kind: admin.SetLevel, Logger: "root", Level: "LOUD"}},
	} {
		asked = nil
		got := request(t, h, c.method, c.target, c.body)
		if got.Code != 403 || got.at("error") != "not allowed: log in first" {
			t.Errorf("%s %s: %d %s", c.method, c.target, got.Code, got.Body)
		}
		if len(asked) != 1 || asked[0] != c.want {
			t.Errorf("%s %s: asked %+v, want %+v", c.method, c.target, asked, c.want)
		}
	}
	if tree.Root().Level() != slog.LevelInfo {
		t.Error("the level has changed")
	}
}

// TestHost serves under names of loopback and those of Options.Hosts alone.
func TestHost(t *testing.T) {
	h := admin.NewHandler(newTree(), admin.Options{Hosts: []string{"Logs.example", "10.0.0.7", "fd00::1"}})
	for name, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST.": 200, "app.localhost:1": 200, "127.0.0.1": 200, "127.9.9.9:80": 200, "[::1]": 200, "[::1]:80": 200, "[::ffff:127.0.0.1]:80": 200,
		"logs.example": 200, "logs.example:443": 200, "10.0.0.7:80": 200, "[fd00::1]:80": 200,
		"evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "evil.example:80": 421, "logs.example.evil": 421, "10.0.0.8": 421, "": 421, "0.0.0.0": 421, "notlocalhost": 421, "localhost:80:80": 421, "127.1": 421, "2130706433": 421, "[::]": 421,
	} {
		if got := get(t, h, "/tree", host(name)); got.Code != want {
			t.Errorf("%q: %d, want %d", name, got.Code, want)
		}
	}
	if got := get(t, h, "/nothing", host("evil.example")); got.Code != 421 || strings.Contains(got.Body.String(), "tree") {
		t.Errorf("a stranger is told what is here: %s", got.Body)
	}
	if got := get(t, admin.NewHandler(newTree(), admin.Options{Hosts: []string{"*"}}), "/tree", host("any.example")); got.Code != 200 {
		t.Errorf("*: %d", got.Code)
	}
}

// TestOrigin refuses what pages elsewhere ask for.
func TestOrigin(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	for _, c := range []struct {
		what   string
		method string
		target string
		status int
		edits  []edit
	}{
		{"a program", "POST", "/loggers/root", 200, nil},
		{"our page", "POST", "/loggers/root", 200, []edit{header("Sec-Fetch-Site", "same-origin"), header("Origin", "http://localhost:8080")}},
		{"another site", "POST", "/loggers/root", 403, []edit{header("Sec-Fetch-Site", "cross-site")}},
		{"another port", "POST", "/loggers/root", 403, []edit{header("Sec-Fetch-Site", "same-site")}},
		{"an old browser", "POST", "/loggers/root", 403, []edit{header("Origin", "http://evil.example")}},
		{"a sandboxed frame", "POST", "/loggers/root", 403, []edit{header("Origin", "null")}},
		{"a form", "POST", "/loggers/root", 415, []edit{header("Content-Type", "text/plain")}},
		{"a form of old", "POST", "/loggers/root", 415, []edit{header("Content-Type", "application/x-www-form-urlencoded")}},
		{"no type", "POST", "/loggers/root", 415, []edit{header("Content-Type", "")}},
		{"a type with a charset", "POST", "/loggers/root", 200, []edit{header("Content-Type", "application/json; charset=utf-8")}},
		{"another site reads", "GET", "/tree", 403, []edit{header("Sec-Fetch-Site", "cross-site")}},
		{"another site watches", "GET", "/tail", 403, []edit{header("Sec-Fetch-Site", "cross-site")}},
		{"a link", "GET", "/", 200, []edit{header("Sec-Fetch-Site", "cross-site")}},
		{"the address bar", "GET", "/tree", 200, []edit{header("Sec-Fetch-Site", "none")}},
	} {
		tree.Root().SetLevel(slog.LevelInfo)
		body := ""
		if c.method == "POST" {
			body = debug
		}
		got := request(t, h, c.method, c.target, body, c.edits...)
		if got.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", c.what, got.Code, c.status, got.Body)
		}
		if changed := tree.Root().Level() == slog.LevelDebug; changed != (c.method == "POST" && c.status == 200) {
			t.Errorf("%s: the level is %v", c.what, tree.Root().Level())
		}
	}
}

// TestHeaders are on each answer, and the page has a policy without any exception.
func TestHeaders(t *testing.T) {
	h := admin.NewHandler(newTree(), admin.Options{})
	for _, target := range []string{"/", "/tree", "/loggers", "/nothing", "/loggers/nobody"} {
		got := get(t, h, target).Header()
		policy := got.Get("Content-Security-Policy")
		if got.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") || got.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", target, got)
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
			t.Errorf("%s: %s", target, policy)
		}
	}
	page := get(t, h, "/")
	if n := strings.Count(page.Header().Get("Content-Security-Policy"), "'sha256-"); n != 2 {
		t.Errorf("%d hashes", n)
	}
	for _, remote := range []string{"src=\"http", "href=\"http", "url(", "@import", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=\"", " onclick="} {
		if strings.Contains(page.Body.String(), remote) {
			t.Errorf("the page has %s", remote)
		}
	}
}

// TestEnded refuses everything.
func TestEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	h := admin.NewHandler(newTree(), admin.Options{Context: ctx})
	if got := get(t, h, "/"); got.Code != 200 {
		t.Fatal(got.Code)
	}
	cancel()
	for _, target := range []string{"/", "/tree", "/tail"} {
		if got := get(t, h, target); got.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", target, got.Code)
		}
	}
}

// A stuck writer holds up whoever writes the answer.
type stuck struct {
	*httptest.ResponseRecorder
	in, out chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	s.in <- struct{}{}
	<-s.out
	return s.ResponseRecorder.Write(p)
}

// TestBusy serves 16 requests at a time.
func TestBusy(t *testing.T) {
	h := admin.NewHandler(newTree(), admin.Options{})
	s := &stuck{httptest.NewRecorder(), make(chan struct{}), make(chan struct{})}
	done := make(chan struct{})
	for range 16 {
		go func() {
			r := httptest.NewRequest("GET", "http://localhost/tree", nil)
			h.ServeHTTP(&stuck{httptest.NewRecorder(), s.in, s.out}, r)
			done <- struct{}{}
		}()
		<-s.in
	}
	if got := get(t, h, "/tree"); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d", got.Code)
	}
	close(s.out)
	for range 16 {
		<-done
	}
	if got := get(t, h, "/tree"); got.Code != 200 {
		t.Errorf("afterwards: %d", got.Code)
	}
}
