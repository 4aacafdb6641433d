package admin_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

// TestExpiry sets levels for a time: each returns to what was before, unless somebody has
// changed it since.
func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		name      string
		meanwhile func(t *testing.T, l *slogtree.Logger, p func(body string))
		want      slog.Level
		expired   int // audit records
	}{
		{"nothing happens", func(*testing.T, *slogtree.Logger, func(string)) {}, slog.LevelWarn, 1},
		{"the program sets a level", func(_ *testing.T, l *slogtree.Logger, _ func(string)) { l.SetLevel(slog.LevelError) }, slog.LevelError, 0},
		{"somebody sets another", func(_ *testing.T, _ *slogtree.Logger, p func(string)) { p(`{"configuredLevel":"CRITICAL"}`) }, slogtree.LevelCritical, 0},
		{"somebody resets it", func(_ *testing.T, _ *slogtree.Logger, p func(string)) { p(`{"configuredLevel":null}`) }, slogtree.LevelNotSet, 0},
		{"somebody sets another for a time", func(_ *testing.T, _ *slogtree.Logger, p func(string)) {
			p(`{"configuredLevel":"CRITICAL","for":"30s"}`)
		}, slog.LevelWarn, 1},
		{"somebody prolongs it", func(t *testing.T, l *slogtree.Logger, p func(string)) {
			p(`{"configuredLevel":"DEBUG","for":"1h"}`)
			time.Sleep(30 * time.Minute)
			if l.Level() != slog.LevelDebug {
				t.Error("the first time has ended the second")
			}
		}, slog.LevelWarn, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tree := slogtree.New(slogtree.Options{})
				records := handlertest.NewRecorder(nil)
				tree.Root().AddHandler(records)
				l := tree.Get("a")
				l.SetLevel(slog.LevelWarn)
				h := admin.NewHandler(tree, admin.Options{Writable: true})
				send := func(body string) {
					if got := post(t, h, "a", body); got.Code != 200 {
						t.Error(got.Code, got.Body)
					}
				}
				send(`{"configuredLevel":"DEBUG","for":"10m"}`)
				if got, want := get(t, h, "/loggers/a").at("until"), time.Now().Add(10*time.Minute).Format(time.RFC3339Nano); got != want {
					t.Errorf("until %v, want %v", got, want)
				}
				if got := tree.Explain("a"); !strings.HasPrefix(got, "a: DEBUG, by admin for 10m0s, until ") {
					t.Error(got)
				}
				time.Sleep(time.Minute)
				c.meanwhile(t, l, send)
				if c.expired == 0 && get(t, h, "/loggers/a").at("until") != nil {
					t.Error("what nobody will set back is said to expire")
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				if l.Level() != c.want {
					t.Errorf("the level is %v, want %v", l.Level(), c.want)
				}
				if n := strings.Count(fmt.Sprint(records.Messages()), "level expired"); n != c.expired {
					t.Errorf("%d records of it: %v", n, records.Messages())
				}
				if get(t, h, "/loggers/a").at("until") != nil {
					t.Error("it is still said to expire")
				}
			})
		})
	}
}

// TestContextSetsBack ends the handler before its levels expire: its timers end, and the levels are what
// they were.
func TestContextSetsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		audit := handlertest.NewRecorder(nil)
		ctx, cancel := context.WithCancel(t.Context())
		h := admin.NewHandler(tree, admin.Options{Writable: true, Context: ctx, Audit: slog.New(audit)})
		post(t, h, "root", `{"configuredLevel":"DEBUG","for":"10m"}`)
		if tree.Root().Level() != slog.LevelDebug {
			t.Fatal("not set")
		}
		cancel()
		synctest.Wait()
		if tree.Root().Level() != slog.LevelInfo {
			t.Error("not set back:", tree.Explain(""))
		}
		if got := fmt.Sprint(audit.Messages()); got != "[level changed level set back]" {
			t.Error(got)
		}
		time.Sleep(time.Hour)
		if n := len(audit.Records()); n != 2 {
			t.Errorf("%d records: a timer is left", n)
		}
	})
}

// TestManyExpiries allows 1,000 at a time.
func TestManyExpiries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := newTree()
		var keep []*slogtree.Logger
		for i := range 1001 {
			keep = append(keep, tree.Get(fmt.Sprint("a", i)))
		}
		h := admin.NewHandler(tree, admin.Options{Writable: true})
		for i, l := range keep {
			want := 200
			if i == 1000 {
				want = 503
			}
			if got := post(t, h, l.Name(), `{"configuredLevel":"DEBUG","for":"1m"}`); got.Code != want {
				t.Fatalf("%d: %d %s", i, got.Code, got.Body)
			}
		}
		if keep[1000].Level() != slogtree.LevelNotSet {
			t.Error("what was refused has changed the level")
		}
		if got := post(t, h, "a0", `{"configuredLevel":"ERROR","for":"1m"}`); got.Code != 200 {
			t.Error("one that is pending can't be changed:", got.Code)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := post(t, h, "a1000", `{"configuredLevel":"DEBUG","for":"1m"}`); got.Code != 200 {
			t.Error("there is no place though all have expired:", got.Code)
		}
		for _, l := range keep[:1000] {
			if l.Level() != slogtree.LevelNotSet {
				t.Fatal(tree.Explain(l.Name()))
			}
		}
	})
}

// TestAudit tells of each change, and of nothing else, whatever levels hold.
func TestAudit(t *testing.T) {
	tree := newTree()
	records := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(records)
	tree.Root().SetLevel(slogtree.LevelCritical)
	h := admin.NewHandler(tree, admin.Options{Writable: true})
	get(t, h, "/loggers")
	post(t, h, "nobody", debug)
	post(t, h, "root", `{"configuredLevel":"LOUD"}`)
	if n := len(records.Records()); n != 0 {
		t.Errorf("%d records: %v", n, records.Messages())
	}
	ctx := contextattrs.With(t.Context(), "user", "ada")
	r := post(t, h, "root", `{"configuredLevel":"ERROR","for":"1h"}`, func(r *http.Request) { *r = *r.WithContext(ctx) })
	if r.Code != 200 {
		t.Fatal(r.Code)
	}
	if n := len(records.Records()); n != 1 {
		t.Fatalf("%d records", n)
	}
	e := records.Records()[0]
	got := fmt.Sprint(e.Logger, " ", e.Level, " ", e.Message, " ", e.Attrs)
	want := "slogtree.admin INFO level changed map[for:1h0m0s from:CRITICAL name:root remote:192.0.2.1:1234 to:ERROR user:ada]"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if tree.Lookup(admin.AuditLogger) != nil {
		t.Error("the audit has made a logger")
	}
}
