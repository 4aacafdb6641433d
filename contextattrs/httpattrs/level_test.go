package httpattrs_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
)

// TestLevelHeader asks who may set a level, and only if there is one to set.
func TestLevelHeader(t *testing.T) {
	asked := 0
	allow := func(r *http.Request) bool {
		asked++
		return r.Header.Get("Authorization") == "yes"
	}
	for _, c := range []struct {
		name      string
		sent      []string
		authorize func(*http.Request) bool
		who       string
		want      slog.Level
		leveled   bool
		asked     int
	}{
		{"nobody", []string{"debug"}, nil, "yes", 0, false, 0},
		{"somebody", []string{"debug"}, allow, "yes", slog.LevelDebug, true, 1},
		{"another", []string{"debug"}, allow, "no", 0, false, 1},
		{"none", nil, allow, "yes", 0, false, 0},
		{"bad", []string{"loud"}, allow, "yes", 0, false, 0},
		{"two", []string{"debug", "info"}, allow, "yes", 0, false, 0},
		{"long", []string{"debug+0000000000000000000000000000"}, allow, "yes", 0, false, 0},
		{"Python's", []string{"WARNING"}, allow, "yes", slog.LevelWarn, true, 1},
		{"Python's highest", []string{"critical"}, allow, "yes", 12, true, 1},
		{"between", []string{"INFO-2"}, allow, "yes", -2, true, 1},
	} {
		asked = 0
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Log-Level"] = c.sent
		r.Header.Set("Authorization", c.who)
		h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if level, ok := contextattrs.Level(r.Context()); level != c.want || ok != c.leveled {
				t.Errorf("%s: %v, %t", c.name, level, ok)
			}
		})
		o := httpattrs.Options{Logger: slog.New(slog.DiscardHandler), Authorize: c.authorize}
		httpattrs.Middleware(h, o).ServeHTTP(httptest.NewRecorder(), r)
		if asked != c.asked {
			t.Errorf("%s: asked %d times", c.name, asked)
		}
	}
}
