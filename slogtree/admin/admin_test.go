package admin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// A reply is what a handler answered.
type reply struct {
	*httptest.ResponseRecorder
	json map[string]any
}

// at returns what stands at a path of keys in the JSON.
func (r reply) at(keys ...string) any {
	var v any = r.json
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

type edit func(*http.Request)

func header(key, value string) edit { return func(r *http.Request) { r.Header.Set(key, value) } }
func host(name string) edit         { return func(r *http.Request) { r.Host = name } }

// request asks h, as a program on this host does.
func request(t testing.TB, h http.Handler, method, target, body string, edits ...edit) reply {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edits {
		e(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	got := reply{ResponseRecorder: w}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &got.json); err != nil {
			t.Fatalf("%s %s: %v\n%s", method, target, err, w.Body)
		}
	}
	return got
}

func get(t testing.TB, h http.Handler, target string, edits ...edit) reply {
	t.Helper()
	return request(t, h, "GET", target, "", edits...)
}

func post(t testing.TB, h http.Handler, name, body string, edits ...edit) reply {
	t.Helper()
	return request(t, h, "POST", "/loggers?name="+url.QueryEscape(name), body, edits...)
}

// TestLoggers asks and changes as clients of Spring Boot Actuator do.
func TestLoggers(t *testing.T) {
	tree := newTree()
	db := tree.Get("app.db")
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	steps := []struct {
		method, path, body string
		want               string
	}{
		{"GET", "/loggers", "", `{"levels":["CRITICAL","ERROR","WARNING","INFO","DEBUG"],"loggers":{"app.db":{"configuredLevel":null,"effectiveLevel":"INFO"},"root":{"configuredLevel":"INFO","effectiveLevel":"INFO"}},"groups":{}}`},
		{"GET", "/loggers/app.db", "", `{"configuredLevel":null,"effectiveLevel":"INFO","explanation":"app.db: INFO, inherited from root, by Options.RootLevel"}`},
		{"POST", "/loggers/app.db", `{"configuredLevel":"DEBUG"}`, `{"configuredLevel":"DEBUG","effectiveLevel":"DEBUG","explanation":"app.db: DEBUG, by admin"}`},
		{"POST", "/loggers/root", `{"configuredLevel":"warn"}`, `{"configuredLevel":"WARNING","effectiveLevel":"WARNING","explanation":"root: WARNING, by admin"}`},
		{"GET", "/loggers/app.db", "", `{"configuredLevel":"DEBUG","effectiveLevel":"DEBUG","explanation":"app.db: DEBUG, by admin"}`},
		{"POST", "/loggers/app.db", `{"configuredLevel":null}`, `{"configuredLevel":null,"effectiveLevel":"WARNING","explanation":"app.db: WARNING, inherited from root, by admin"}`},
		{"POST", "/loggers/app.db", `{"configuredLevel":"INFO+2"}`, `{"configuredLevel":"INFO+2","effectiveLevel":"INFO+2","explanation":"app.db: INFO+2, by admin"}`},
		{"POST", "/loggers/app.db", `{}`, `{"configuredLevel":null,"effectiveLevel":"WARNING","explanation":"app.db: WARNING, inherited from root, by admin"}`},
		{"POST", "/loggers/root", `{"configuredLevel":"NOTSET"}`, `{"configuredLevel":"NOTSET","effectiveLevel":"NOTSET","explanation":"root: NOTSET, by admin"}`},
	}
	for _, s := range steps {
		got := request(t, h, s.method, s.path, s.body)
		if text := strings.TrimSpace(got.Body.String()); got.Code != 200 || text != s.want {
			t.Errorf("%s %s %s\n got %d %s\nwant 200 %s", s.method, s.path, s.body, got.Code, text, s.want)
		}
	}
	runtime.KeepAlive(db)
}

// TestWrongInput gets an error for each, which names the value and what is known, and
// changes nothing.
func TestWrongInput(t *testing.T) {
	tree := newTree()
	app := tree.Get("app")
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	for _, c := range []struct {
		method, path, body string
		status             int
		value, known       string
	}{
		{"POST", "/loggers/app", `{"configuredLevel":"LOUD"}`, 400, "LOUD", "CRITICAL ERROR WARNING INFO DEBUG NOTSET null"},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG+x"}`, 400, "DEBUG+x", "CRITICAL ERROR WARNING INFO DEBUG NOTSET null"},
		{"POST", "/loggers/app", `{"configuredLevel":10}`, 400, `{"configuredLevel":10}`, `{"configuredLevel":"DEBUG"} {"configuredLevel":null} {"configuredLevel":"DEBUG","for":"10m"}`},
		{"POST", "/loggers/app", `{"level":"DEBUG"}`, 400, `{"level":"DEBUG"}`, `{"configuredLevel":"DEBUG"} {"configuredLevel":null} {"configuredLevel":"DEBUG","for":"10m"}`},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG"} {}`, 400, `{"configuredLevel":"DEBUG"} {}`, ""},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG"`, 400, `{"configuredLevel":"DEBUG"`, `{"configuredLevel":"DEBUG"} {"configuredLevel":null} {"configuredLevel":"DEBUG","for":"10m"}`},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG","for":"soon"}`, 400, "soon", "30s 10m 1h30m"},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG","for":"-1s"}`, 400, "-1s", "30s 10m 1h30m"},
		{"POST", "/loggers/app", `{"configuredLevel":"DEBUG","for":"9000h"}`, 400, "9000h", "30s 10m 1h30m"},
		{"POST", "/loggers/app", `{"configuredLevel":"` + strings.Repeat("x", 5000) + `"}`, 413, "", ""},
		{"POST", "/loggers/root", `{"configuredLevel":null}`, 400, "null", "CRITICAL ERROR WARNING INFO DEBUG"},
		{"POST", "/loggers/nobody", `{"configuredLevel":"DEBUG"}`, 404, "nobody", ""},
		{"GET", "/loggers/nobody", "", 404, "nobody", ""},
		{"GET", "/loggers?nam=app", "", 400, "nam", "name"},
		{"GET", "/loggers?name=app&name=app", "", 400, "name", ""},
		{"GET", "/loggers/app?name=app", "", 400, "name", ""},
		{"GET", "/loggers?name=%zz", "", 400, "name=%zz", ""},
		{"GET", "/tail?level=LOUD", "", 400, "LOUD", "CRITICAL ERROR WARNING INFO DEBUG NOTSET"},
		{"GET", "/nothing", "", 404, "/nothing", "/ /explain /filters /handlers /loggers /tail /tree"},
		{"POST", "/loggers", `{"configuredLevel":"DEBUG"}`, 405, "", ""},
		{"DELETE", "/loggers/app", "", 405, "", ""},
		{"POST", "/tree", `{}`, 405, "", ""},
	} {
		got := request(t, h, c.method, c.path, c.body)
		var known []string
		if list, ok := got.at("known").([]any); ok {
			for _, k := range list {
				known = append(known, fmt.Sprint(k))
			}
		}
		value, _ := got.at("value").(string)
		if text, _ := got.at("error").(string); got.Code != c.status || text == "" || value != c.value || strings.Join(known, " ") != c.known {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, got.Code, got.Body)
		}
		if got.Code == 405 && got.Header().Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", c.method, c.path)
		}
	}
	if app.Level() != slogtree.LevelNotSet || tree.Root().Level() != slog.LevelInfo {
		t.Error("a level has changed:", tree)
	}
}

// TestReadsMakeNoLogger asks for names that no logger has.
func TestReadsMakeNoLogger(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	for _, target := range []string{"/loggers/a.b", "/explain?name=a.b", "/loggers", "/tree", "/handlers", "/filters"} {
		get(t, h, target)
	}
	post(t, h, "a.b", `{"configuredLevel":"DEBUG"}`)
	if n := len(slices.Collect(tree.All())); n != 1 {
		t.Errorf("there are %d loggers now", n)
	}
}

// TestCreate makes loggers, where that is allowed, up to the bound.
func TestCreate(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{Writable: true, Create: true})
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"new", `{"configuredLevel":"DEBUG"}`, 200},
		{"inherits", `{"configuredLevel":null}`, 404},
		{strings.Repeat("x", 1001), `{"configuredLevel":"DEBUG"}`, 400},
		{"\xff", `{"configuredLevel":"DEBUG"}`, 400},
	} {
		if got := post(t, h, c.name, c.body); got.Code != c.status {
			t.Errorf("%.20q: %d %s", c.name, got.Code, got.Body)
		}
	}
	for i := 1; i < 1000; i++ {
		if got := post(t, h, fmt.Sprint("n", i), `{"configuredLevel":"DEBUG"}`); got.Code != 200 {
			t.Fatalf("%d: %s", i, got.Body)
		}
	}
	if got := post(t, h, "beyond", `{"configuredLevel":"DEBUG"}`); got.Code != 503 || tree.Lookup("beyond") != nil {
		t.Errorf("beyond the bound: %d %s", got.Code, got.Body)
	}
	if l := tree.Get("new"); l.Level() != slog.LevelDebug {
		t.Error("the program does not find the level:", tree.Explain("new"))
	}
}

// hostile are names that somebody may have chosen with an evil mind.
var hostile = []string{
	`<img src=x onerror="window.pwned=1">`, `"><script>window.pwned=1</script>`, `'-window.pwned-'`, `javascript:window.pwned=1`, `</script><script>window.pwned=1</script>`,
	"a\x00b", "line\nbreak", "\x1b[31mred", "right\u202eto left", "zero\u200bwidth", "\xff\xfe", "\xff", "\ufffd", "a/b", "..", ".", "a..b", "/", "//x", "a?b=1&c", "a#b", "a%00b", "%2e%2e", "a b", "+", "ROOT",
	"Ünïcödé.日本語", "a.\xff.b", strings.Repeat("long", 2500), strings.Repeat("deep.", 200) + "end", "__proto__", "constructor.prototype",
}

// TestHostileNames finds and changes each by its name.
func TestHostileNames(t *testing.T) {
	tree := newTree()
	var keep []*slogtree.Logger
	for _, name := range hostile {
		keep = append(keep, tree.Get(name))
	}
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	for i, name := range hostile {
		level := fmt.Sprintf("INFO+%d", i%3+1)
		if got := post(t, h, name, `{"configuredLevel":"`+level+`"}`); got.Code != 200 || got.at("configuredLevel") != level {
			t.Errorf("%.40q: %d %.300s", name, got.Code, got.Body)
		}
		if tree.Levels().Name(keep[i].Level()) != level {
			t.Errorf("%.40q is at %v", name, keep[i].Level())
		}
		if got := get(t, h, "/loggers/"+url.PathEscape(name)); got.at("configuredLevel") != level {
			t.Errorf("by path, %.40q: %d %.300s", name, got.Code, got.Body)
		}
		if got := get(t, h, "/explain?name="+url.QueryEscape(name)); got.Code != 200 || got.at("exists") != true {
			t.Errorf("explain %.40q: %d %.300s", name, got.Code, got.Body)
		}
	}
	all, _ := get(t, h, "/loggers").at("loggers").(map[string]any)
	if len(all) != len(hostile)+1 {
		t.Errorf("%d loggers are listed, of %d", len(all), len(hostile)+1)
	}
	checkTree(t, get(t, h, "/tree"), h)
	runtime.KeepAlive(keep)
}

// checkTree asks for each logger of the answer by what the answer calls it.
func checkTree(t *testing.T, tree reply, h http.Handler) {
	t.Helper()
	rows, _ := tree.at("loggers").([]any)
	if len(rows) != len(hostile)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		row := r.([]any)
		name := url.QueryEscape(row[0].(string))
		if len(row) == 8 {
			name = row[7].(string)
		}
		if got := get(t, h, "/loggers?name="+name); got.at("configuredLevel") != row[1] {
			t.Errorf("%.60s: %v, the row has %v", name, got.at("configuredLevel"), row[1])
		}
	}
}

// FuzzRequests sends what has no meaning: no answer is without JSON, and none changes
// anything but a right POST.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/loggers/app", "", "localhost")
	f.Add("POST", "/loggers?name=app", `{"configuredLevel":"DEBUG","for":"1s"}`, "127.0.0.1:80")
	f.Add("POST", "/loggers/%ff", `{"configuredLevel":null}`, "[::1]:80")
	f.Add("PUT", "/tree?x", `[]`, "evil")
	f.Fuzz(func(t *testing.T, method, target, body, hostname string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || strings.HasPrefix(strings.TrimPrefix(u.Path, "/"), "tail") {
			return // a stream has no end
		}
		tree := newTree()
		app := tree.Get("app")
		h := admin.NewHandler(tree, admin.Options{Writable: true, Audit: slog.New(slog.DiscardHandler)})
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL, r.Host = method, u, hostname
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p := strings.TrimPrefix(u.Path, "/"); p != "" && method != "HEAD" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d without JSON: %q", w.Code, w.Body)
		}
		changed := app.Level() != slogtree.LevelNotSet || tree.Root().Level() != slog.LevelInfo
		if changed && (method != "POST" || w.Code != 200) {
			t.Errorf("%s %s has changed a level: %d", method, target, w.Code)
		}
		if n := len(slices.Collect(tree.All())); n > 2 {
			t.Errorf("%d loggers", n)
		}
		runtime.KeepAlive(app)
	})
}

// statistic has statistics that JSON can't hold, or that panic.
type statistic struct {
	slog.Handler
	say func() any
}

func (s *statistic) Stats() any     { return s.say() }
func (s *statistic) String() string { return "statistic" }

func TestHandlers(t *testing.T) {
	tree := slogtree.New(slogtree.Options{OnError: func(error) {}})
	inner := &counted{slog.DiscardHandler, demoStats{Records: 3, Sent: 2, Queued: 1}}
	shared := handlers.NewLevel(inner, slog.LevelWarn)
	tree.Root().AddHandler(shared)
	for i := range 30 {
		tree.Get(fmt.Sprintf("a%02d", i)).AddHandler(shared)
	}
	tree.Get("b").AddHandler(&statistic{slog.DiscardHandler, func() any { panic("no") }})
	tree.Get("c").AddHandler(&statistic{slog.DiscardHandler, func() any { return func() {} }})
	tree.Get("d").AddHandler(&statistic{slog.DiscardHandler, func() any { return strings.Repeat("x", 20_000) }})
	got := get(t, admin.NewHandler(tree, admin.Options{}), "/handlers")
	var answer struct {
		Handlers []struct {
			Loggers     []string
			MoreLoggers int
			Parts       []struct {
				Type, Text string
				Stats      json.RawMessage
			}
		}
		More int
	}
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != 200 {
		t.Fatal(got.Code, err)
	}
	if len(answer.Handlers) != 4 {
		t.Fatalf("%d handlers: %s", len(answer.Handlers), got.Body)
	}
	first := answer.Handlers[0]
	if len(first.Loggers) != 20 || first.MoreLoggers != 11 || len(first.Parts) != 3 {
		t.Errorf("%+v", first)
	}
	if s := string(first.Parts[1].Stats); s != `{"Records":3,"Sent":2,"Dropped":0,"Queued":1,"Errors":0,"Connected":false}` {
		t.Errorf("inside the wrapper: %s", s)
	}
	if first.Parts[0].Stats != nil || first.Parts[0].Type != "*handlers.level" || !strings.Contains(first.Parts[0].Text, "Level(WARNING") {
		t.Errorf("the wrapper: %+v", first.Parts[0])
	}
	for i, want := range []string{`{"panic":"no"}`, `{"text":"0x`, `{"text":"xxx`} {
		if s := string(answer.Handlers[i+1].Parts[0].Stats); !strings.HasPrefix(s, want) || len(s) > 2000 {
			t.Errorf("%.100s, want %s", s, want)
		}
	}
}

// TestHandlersQueue shows what a queue behind a level counts.
func TestHandlersQueue(t *testing.T) {
	tree := newTree()
	queue := handlers.NewQueue(handlertest.NewRecorder(nil), handlers.QueueOptions{})
	tree.Root().AddHandler(handlers.NewLevel(queue, slog.LevelWarn))
	tree.Root().Warn("one")
	if err := queue.Flush(); err != nil {
		t.Error(err)
	}
	if got := get(t, admin.NewHandler(tree, admin.Options{}), "/handlers").Body.String(); !strings.Contains(got, `"stats":{"In":1,"Out":1,"Dropped":0,"Held":0,`) {
		t.Error(got)
	}
	if err := tree.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestManyHandlers lists so many and counts the others.
func TestManyHandlers(t *testing.T) {
	tree := slogtree.New(slogtree.Options{OnError: func(error) {}})
	hs, fs := make([]slog.Handler, 1100), make([]handlers.Filter, 1100)
	for i := range hs {
		hs[i], fs[i] = handlertest.NewRecorder(nil), handlers.NameFilter("x")
	}
	if _, err := tree.Replace(t.Context(), map[string]slogtree.Setting{"": {Handlers: hs, Filters: fs}}); err != nil {
		t.Fatal(err)
	}
	h := admin.NewHandler(tree, admin.Options{})
	for _, what := range []string{"handlers", "filters"} {
		got := get(t, h, "/"+what)
		if list, _ := got.at(what).([]any); len(list) != 1000 || got.at("more") != 100.0 {
			t.Errorf("%s: %d, and %v more", what, len(list), got.at("more"))
		}
	}
}

func TestFilters(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{})
	if got := strings.TrimSpace(get(t, h, "/filters").Body.String()); got != `{"filters":[],"more":0}` {
		t.Error(got)
	}
	tree.Get("a").AddFilter(handlers.NameFilter("a.b"))
	want := `{"filters":[{"logger":"a","type":"*handlers.nameFilter","text":"NameFilter(a.b)"}],"more":0}`
	if got := strings.TrimSpace(get(t, h, "/filters").Body.String()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestExplain(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{})
	tree.Root().AddHandler(handlers.NewStream(io.Discard, nil, nil))
	tree.Get("a").AddHandler(handlertest.NewRecorder(nil))
	tree.Get("a").AddFilter(handlers.NameFilter("a"))
	for _, c := range []struct{ name, want string }{
		{"a", `{"name":"a","exists":true,"explanation":"a: INFO, inherited from root, by Options.RootLevel","path":[{"logger":"a","handlers":["Recorder"],"filters":["NameFilter(a)"]},{"logger":"root","handlers":["Stream(io.discard)"]}]}`},
		{"a.b", `{"name":"a.b","exists":false,"explanation":"a.b: INFO, inherited from root, by Options.RootLevel","path":[{"logger":"a","handlers":["Recorder"]},{"logger":"root","handlers":["Stream(io.discard)"]}]}`},
		{"", `{"name":"","exists":true,"explanation":"root: INFO, by Options.RootLevel","path":[{"logger":"root","handlers":["Stream(io.discard)"]}]}`},
	} {
		if got := strings.TrimSpace(get(t, h, "/explain?name="+c.name).Body.String()); got != c.want {
			t.Errorf("%s\nwant %s", got, c.want)
		}
	}
	tree.Get("a").SetPropagate(false)
	if got := get(t, h, "/explain?name=a.b.c").Body.String(); !strings.Contains(got, `"path":[{"logger":"a","handlers":["Recorder"],"propagateOff":true}]`) {
		t.Error(got)
	}
}

// TestTag asks twice: the second time there is nothing to send.
func TestTag(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{})
	tag := get(t, h, "/tree").Header().Get("ETag")
	if got := get(t, h, "/tree", header("If-None-Match", tag)); got.Code != 304 || got.Body.Len() != 0 {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	tree.Root().SetLevel(slog.LevelError)
	if got := get(t, h, "/tree", header("If-None-Match", tag)); got.Code != 200 {
		t.Error("a change is not seen:", got.Code)
	}
}

// TestOverruled tells that the environment decides.
func TestOverruled(t *testing.T) {
	t.Setenv("SLOG_LEVELS", "loud=error")
	tree := slogtree.Default() // no other test of this package uses it
	loud := tree.Get("loud")
	h := admin.NewHandler(tree, admin.Options{Writable: true, Audit: slog.New(slog.DiscardHandler)})
	got := post(t, h, "loud", `{"configuredLevel":"DEBUG"}`)
	if got.Code != 200 || got.at("overruled") != true || got.at("effectiveLevel") != "ERROR" || !strings.Contains(fmt.Sprint(got.at("explanation")), `rule "loud=error" in SLOG_LEVELS`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := post(t, h, "root", `{"configuredLevel":"DEBUG"}`); got.at("overruled") != nil {
		t.Error(got.Body)
	}
	runtime.KeepAlive(loud)
}

// TestLevelNames uses the names that the tree has.
func TestLevelNames(t *testing.T) {
	names := &formatters.LevelNames{}
	names.Add(-8, "TRACE")
	tree := slogtree.New(slogtree.Options{Levels: names, LastResort: slog.DiscardHandler})
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	a := tree.Get("a")
	if got := post(t, h, "a", `{"configuredLevel":"trace"}`); got.at("configuredLevel") != "TRACE" || got.at("overruled") != nil {
		t.Error(got.Body)
	}
	if levels := fmt.Sprint(get(t, h, "/loggers").at("levels")); levels != "[CRITICAL ERROR WARNING INFO DEBUG TRACE]" {
		t.Error(levels)
	}
	runtime.KeepAlive(a)
}

// TestMounted serves below a prefix, and behind ServeMux.
func TestMounted(t *testing.T) {
	tree := newTree()
	odd := tree.Get("a/b")
	mux := http.NewServeMux()
	mux.Handle("/debug/log/", http.StripPrefix("/debug/log", admin.NewHandler(tree, admin.Options{Writable: true})))
	for _, target := range []string{"/debug/log/", "/debug/log/loggers", "/debug/log/loggers/root", "/debug/log/loggers/a%2Fb", "/debug/log/loggers/a/b", "/debug/log/loggers?name=a/b"} {
		if got := get(t, mux, target); got.Code != 200 {
			t.Errorf("%s: %d %s", target, got.Code, got.Body)
		}
	}
	if got := request(t, mux, "POST", "/debug/log/loggers/a%2Fb", `{"configuredLevel":"ERROR"}`); got.Code != 200 || odd.Level() != slog.LevelError {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := request(t, mux, "HEAD", "/debug/log/loggers", ""); got.Code != 200 {
		t.Errorf("HEAD: %d", got.Code)
	}
}

// newTree returns a tree whose records, such as those of the audit, nobody sees.
func newTree() *slogtree.Tree { return slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler}) }
