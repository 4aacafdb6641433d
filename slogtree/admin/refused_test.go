package admin_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// Who asks for a change that is not allowed is told of in the audit, but not more often than anybody can read.
func TestAuditRefused(t *testing.T) {
	nobody := func(*http.Request, admin.Action) error { return errors.New("log in first") }
	for _, c := range []struct {
		options admin.Options
		edit    edit
		reason  string
	}{
		{admin.Options{}, func(*http.Request) {}, "levels can only be looked at here"},
		{admin.Options{Writable: true, Authorize: nobody}, func(*http.Request) {}, "not allowed: log in first"},
		{admin.Options{Writable: true}, host("evil.example"), "the host \"evil.example\""},
		{admin.Options{Writable: true}, header("Sec-Fetch-Site", "cross-site"), "the request comes from a page of another origin"},
	} {
		synctest.Test(t, func(t *testing.T) {
			audit := handlertest.NewRecorder(nil)
			c.options.Audit = slog.New(audit)
			tree := newTree()
			h := admin.NewHandler(tree, c.options)
			get(t, h, "/loggers", c.edit) // is no change
			for range 25 {
				if got := post(t, h, "root", debug, c.edit); got.Code != 403 && got.Code != 421 {
					t.Fatal(got.Code)
				}
			}
			time.Sleep(time.Second)
			post(t, h, strings.Repeat("x", 5000), debug, c.edit)
			all := audit.Records()
			if len(all) != 11 || tree.Root().Level() != slog.LevelInfo {
				t.Fatalf("%d records", len(all))
			}
			first, last := all[0], all[10]
			got := fmt.Sprint(first.Level, " ", first.Message, " ", first.Attrs)
			if !strings.HasPrefix(got, "WARN level change refused map[name:root reason:"+c.reason) || !strings.HasSuffix(got, " remote:192.0.2.1:1234]") {
				t.Error(got)
			}
			if fmt.Sprint(last.Attrs["untold"]) != "15" || len(fmt.Sprint(last.Attrs["name"])) > 1010 {
				t.Errorf("%.200v", last.Attrs)
			}
		})
	}
}

// A name of half a million parts, which no logger has, is not looked for part by part.
func TestLongNames(t *testing.T) {
	tree := newTree()
	h := admin.NewHandler(tree, admin.Options{Writable: true, Create: true})
	long := strings.Repeat("a.", 100_000)
	for _, target := range []string{"/explain?name=" + long, "/loggers?name=" + long, "/tail?name=" + long, "/loggers/" + long} {
		if got := get(t, h, target); got.Code != 400 || !strings.Contains(got.Body.String(), "which no logger has") {
			t.Errorf("%.20s: %d %.100s", target, got.Code, got.Body)
		}
	}
	if got := post(t, h, long, debug); got.Code != 400 {
		t.Error(got.Code)
	}
	own := tree.Get(long[:20_000])
	if got := get(t, h, "/explain?name="+own.Name()); got.Code != 200 || got.at("exists") != true {
		t.Errorf("%d %.100s", got.Code, got.Body)
	}
	if got := get(t, h, "/explain?name="+long[:8<<10]); got.Code != 200 {
		t.Errorf("%d %.100s", got.Code, got.Body)
	}
}
