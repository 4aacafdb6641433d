package admin

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// The tests of this file make parts of docs/admin.md.

var docPage = filepath.Join("docs", "admin.md")

// TestPageExamples shows the example, which go test runs, with its output.
func TestPageExamples(t *testing.T) {
	if n := oracle.ParseSource(t, "example_test.go").CheckExamples(t, docPage); n == 0 {
		t.Error("no example")
	}
}

// TestPageOptions makes the table of options from their comments.
func TestPageOptions(t *testing.T) {
	oracle.CheckSection(t, docPage, "options", oracle.ParseSource(t, "admin.go").FieldTable(t, "Options"))
}

// calls are the API.
var calls = []struct{ method, path, body, what string }{
	{"GET", "/", "", "the page"},
	{"GET", "/loggers", "", "all loggers and their levels"},
	{"GET", "/loggers/NAME", "", "one logger, and what decides its level"},
	{"POST", "/loggers/NAME", `{"configuredLevel":"DEBUG"}`, "sets its level; null, or no level at all, makes it inherit"},
	{"POST", "/loggers/NAME", `{"configuredLevel":"DEBUG","for":"10m"}`, "the same for a time, as Go writes durations"},
	{"GET", "/explain?name=NAME", "", "what decides the level, and which handlers get the records; also of a name that no logger has"},
	{"GET", "/handlers", "", "what is attached where, with what each counts and what it wraps; how many errors there were"},
	{"GET", "/filters", "", "the filters that are attached to loggers"},
	{"GET", "/tail?level=INFO&name=NAME", "", "records as they are logged; level and name may be left out"},
	{"GET", "/tree", "", "for the page: in the tree's order, with an ETag, a row for each logger of name, own level, effective level, flags (1 turned off, 2 does not propagate), handlers, filters, and where need be until, raw"},
}

// TestPageAPI makes the table of the API, and does each call.
func TestPageAPI(t *testing.T) {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	log := tree.Get("NAME")
	h := NewHandler(tree, Options{Writable: true})
	var b strings.Builder
	b.WriteString("| request | body | answer |\n|---|---|---|\n")
	var seen []string
	for _, c := range calls {
		method := c.method
		if strings.HasPrefix(c.path, "/tail") {
			method = "HEAD" // it has no end
		}
		r := httptest.NewRequest(method, "http://localhost"+c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(c.path, "/NAME"), "/"), "?")
		seen = append(seen, path)
		body := ""
		if c.body != "" {
			body = "`" + c.body + "`"
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", c.method, c.path, body, c.what)
	}
	for path := range routes {
		if !slices.Contains(seen, path) {
			t.Errorf("/%s is not in the table", path)
		}
	}
	if log.Level() != slog.LevelDebug {
		t.Error("a call did nothing")
	}
	oracle.CheckSection(t, docPage, "api", b.String())
}

// TestPageWrong shows what wrong requests are answered.
func TestPageWrong(t *testing.T) {
	tree := slogtree.New(slogtree.Options{LastResort: slog.DiscardHandler})
	h := NewHandler(tree, Options{Writable: true})
	var b strings.Builder
	b.WriteString("```text\n")
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/loggers/root", `{"configuredLevel":"LOUD"}`},
		{"POST", "/loggers/root", `{"configuredLevel":"DEBUG","for":"soon"}`},
		{"GET", "/loggers/nobody", ""},
	} {
		r := httptest.NewRequest(c.method, "http://localhost"+c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Fprintf(&b, "%s\n%d %s", strings.TrimSpace(c.method+" "+c.path+" "+c.body), w.Code, w.Body)
	}
	b.WriteString("```\n")
	oracle.CheckSection(t, docPage, "wrong", b.String())
}

// TestPageBounds makes the table of what is bounded.
func TestPageBounds(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	var b strings.Builder
	b.WriteString("| what | at most | then |\n|---|---|---|\n")
	for _, row := range [][3]any{
		{"requests served at a time, without `/tail`", maxRequests, "503"},
		{"time for a request and its answer, if the server has no time-outs", patience, "the connection ends"},
		{"clients of `/tail`", maxClients, "503"},
		{"records that wait for one of them", fmt.Sprintf("%d and %d MiB", maxQueued, queueBytes/mib), "dropped and counted"},
		{"time that one of them may read nothing", writeTimeout, "it is sent away"},
		{"records kept while somebody watches", fmt.Sprintf("%d and %d MiB", watchedRing, ringBytes/mib), "the oldest go"},
		{"`Options.Recent`", fmt.Sprintf("%d and %d MiB", maxRecent, ringBytes/mib), "the oldest go"},
		{"message and attrs of a record in `/tail`", fmt.Sprintf("%d and %d KiB", maxMessage/kib, maxAttrs/kib), "cut"},
		{"body of a POST", fmt.Sprintf("%d KiB", maxBody/kib), "413"},
		{"levels set for a time", maxPending, "503"},
		{"such a time", fmt.Sprintf("%d days", maxFor/day), "400"},
		{"loggers made by POST", maxCreated, "503"},
		{"bytes of the name of one", maxName, "400"},
		{"bytes of a name that no logger has, in a query", maxAsked, "400"},
		{"audit records of changes refused to who may not, in a second", maxTold, "counted"},
		{"handlers, and filters, in an answer", maxListed, "the others are counted"},
		{"bytes of what one says of itself", maxText, "cut"},
	} {
		fmt.Fprintf(&b, "| %v | %v | %v |\n", row[0], row[1], row[2])
	}
	oracle.CheckSection(t, docPage, "bounds", b.String())
}
