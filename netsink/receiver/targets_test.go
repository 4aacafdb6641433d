package receiver

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// through serves records to what target returns, and returns when they have come.
func through(t *testing.T, s *Server, records ...[]byte) {
	t.Helper()
	r := serve(t, s)
	c := r.dial(t)
	for _, rec := range records {
		send(t, c, rec)
	}
	c.Close()
	for r.Stats().Records < uint64(len(records)) || r.Stats().Open > 0 {
		if r.Stats().Errors > 0 {
			t.Fatalf("%+v", r.Stats())
		}
		if err := r.end(); err != nil { // which reads all that was sent
			t.Fatal(err)
		}
	}
}

// A handler that serves all loggers prints their names: our handlers in their name field, others
// as an attr, each once.
func TestNames(t *testing.T) {
	percent := formatters.Must(formatters.Percent("%(name)s %(levelname)s %(message)s", nil))
	records := [][]byte{record("a.b", 30, "one"), record("", 30, "two"), record("a.b", 30, "three")}
	for _, c := range []struct {
		name, logger string
		target       func(*bytes.Buffer) slog.Handler
		want         []string
	}{
		{"Stream", "", func(b *bytes.Buffer) slog.Handler { return handlers.NewStream(b, percent, nil) },
			[]string{"a.b L one", " L two", "a.b L three"}},
		{"Stream behind others", "", func(b *bytes.Buffer) slog.Handler {
			return handlers.NewFanout(handlers.NewLevel(handlers.NewStream(b, percent, nil), slog.LevelInfo))
		}, []string{"a.b L one", " L two", "a.b L three"}},
		{"JSONHandler", "", func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
			[]string{`"msg":"one","logger":"a.b",`, `"msg":"two","logger":"",`, `"msg":"three","logger":"a.b",`}},
		{"Server.Logger", "mine", func(b *bytes.Buffer) slog.Handler { return handlers.NewStream(b, percent, nil) },
			[]string{"mine L one", "mine L two", "mine L three"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			h := c.target(&b)
			through(t, &Server{Logger: c.logger, Target: func(logger string) slog.Handler {
				if c.logger != "" && logger != c.logger {
					t.Errorf("asked for %q", logger)
				}
				return h
			}}, records...)
			for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
				if i >= len(c.want) || !strings.Contains(line, c.want[i]) || strings.Count(line, "logger") > 1 {
					t.Errorf("line %d is %s, want %q", i, line, c.want)
				}
			}
			if n := strings.Count(b.String(), "\n"); n != len(c.want) {
				t.Errorf("%d lines", n)
			}
		})
	}
}

// A handler's own level holds, and a nil handler drops.
func TestLevels(t *testing.T) {
	var b bytes.Buffer
	h := handlers.NewStream(&b, nil, slog.LevelWarn)
	s := &Server{Target: func(logger string) slog.Handler {
		if logger == "none" {
			return nil
		}
		return h
	}}
	through(t, s, record("l", 20, "info"), record("l", 30, "warning"), record("none", 50, "critical"), record("l", 50, "critical"))
	if b.String() != "warning\ncritical\n" {
		t.Errorf("got %q", b.String())
	}
	if st := s.Stats(); st.Records != 4 || st.Skipped != 2 || st.Failed != 0 {
		t.Errorf("%+v", st)
	}
}

// Names without end, and names as long as a record, take bounded memory; and the names that are in use
// stay.
func TestNamesWithoutEnd(t *testing.T) {
	asked := map[string]int{}
	ts := targets{target: func(name string) slog.Handler { asked[name]++; return slog.DiscardHandler }}
	most := 0
	for i := range 10 * maxNames {
		ts.get(fmt.Sprint("hostile", i))
		ts.get("good")
		most = max(most, len(ts.young)+len(ts.old))
	}
	if asked["good"] != 1 {
		t.Errorf("the good one was asked for %d times", asked["good"])
	}
	if most > 2*maxNames {
		t.Errorf("%d names were kept", most)
	}
	long := strings.Repeat("x", maxNameLen+1)
	ts.get(long)
	if ts.get(long); asked[long] != 2 {
		t.Errorf("a long name was asked for %d times of two", asked[long])
	}
	if short := long[1:]; asked[short] != 0 || ts.get(short) == nil || ts.get(short) == nil || asked[short] != 1 {
		t.Errorf("a shorter one was asked for %d times", asked[short])
	}
}

func TestTargetsConcurrently(t *testing.T) {
	ts := targets{target: func(name string) slog.Handler { return slog.DiscardHandler }}
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 3 * maxNames {
				if ts.get(fmt.Sprint(i*(g+1))) == nil {
					t.Error("no handler")
				}
			}
		})
	}
	group.Wait()
}
