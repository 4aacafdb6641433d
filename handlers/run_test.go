package handlers_test

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// opened makes a handler at level, and says what it put out.
type opened func(t *testing.T, level slog.Leveler) (slog.Handler, func() []map[string]any)

func pass(_ context.Context, _ string, r slog.Record) (slog.Record, bool) { return r, true }

// over returns a wrapper over a Recorder that somebody else made.
func over(wrap func(slog.Handler) slog.Handler) opened {
	return func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		rec := handlertest.NewRecorder(l)
		return wrap(rec), rec.Results
	}
}

func openStream(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
	var buf syncBuffer
	return handlers.NewStream(&buf, percent(parsable), l), results(t, buf.String)
}

func openFile(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
	name := filepath.Join(t.TempDir(), "app.log")
	f, err := handlers.NewFile(name, percent(parsable), l, handlers.FileOptions{Delay: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, results(t, func() string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		return string(text)
	})
}

// openMemory has a Memory whose target is set while loggers exist already.
func openMemory(t *testing.T, _ slog.Leveler) (slog.Handler, func() []map[string]any) {
	rec := handlertest.NewRecorder(nil)
	m := handlers.NewMemory(nil, handlers.MemoryOptions{Capacity: 7})
	return m, func() []map[string]any {
		m.SetTarget(rec)
		if err := m.Flush(); err != nil {
			t.Error(err)
		}
		return rec.Results()
	}
}

func openQueue(o handlers.QueueOptions) opened {
	return func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		rec := handlertest.NewRecorder(l)
		q := handlers.NewQueue(rec, o)
		return q, func() []map[string]any {
			if err := q.Flush(); err != nil {
				t.Error(err)
			}
			return rec.Results()
		}
	}
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		open    opened
		leveled bool
	}{
		"Stream":                         {openStream, true},
		"File":                           {openFile, true},
		"Stream with Console":            {openConsole(formatters.ColorNever), true},
		"Stream with Console in colours": {openConsole(formatters.ColorAlways), true},
		"Level": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			rec := handlertest.NewRecorder(nil)
			return handlers.NewLevel(rec, l), rec.Results
		}, true},
		"Level over somebody else's": {over(func(h slog.Handler) slog.Handler { return handlers.NewLevel(foreign{h}, nil) }), true},
		"Filter": {over(func(h slog.Handler) slog.Handler {
			return handlers.NewFilter(h, handlers.FilterFunc(pass), handlers.NameFilter(""))
		}), true},
		"Filter over Stream": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			h, r := openStream(t, l)
			return handlers.NewFilter(h, handlers.FilterFunc(pass)), r
		}, true},
		"Fanout of one": {over(func(h slog.Handler) slog.Handler { return handlers.NewFanout(h) }), true},
		"Fanout of three": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			h, r := openStream(t, l)
			a, b := handlertest.NewRecorder(l), handlertest.NewRecorder(l)
			return handlers.NewFanout(foreign{a}, h, b), func() []map[string]any {
				maps := r()
				if len(a.Records()) != len(maps) || len(b.Records()) != len(maps) {
					t.Errorf("%d, %d and %d records", len(a.Records()), len(maps), len(b.Records()))
				}
				return maps
			}
		}, true},
		"Stream without a lock": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			var buf syncBuffer
			return handlers.NewStream(handlers.Concurrent(&buf), percent(parsable), l), results(t, buf.String)
		}, true},
		"Fanout that shares": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			var bufs [3]syncBuffer
			h := handlers.NewFanout(
				handlers.NewStream(&bufs[0], percent(parsable), l),
				handlers.NewLevel(handlers.NewStream(&bufs[1], percent(parsable), nil), l),
				handlers.NewFilter(handlers.NewStream(&bufs[2], percent(parsable), l), handlers.FilterFunc(pass)))
			return h, func() []map[string]any {
				lines := strings.Count(bufs[0].String(), "\n")
				for i := range bufs {
					if n := strings.Count(bufs[i].String(), "\n"); n != lines {
						t.Errorf("%d lines in one, %d in another", lines, n)
					}
				}
				return results(t, bufs[1].String)()
			}
		}, true},
		"Memory": {openMemory, false},
		"Memory with a target": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			h, r := openStream(t, l)
			m := handlers.NewMemory(h, handlers.MemoryOptions{Capacity: 5})
			return m, func() []map[string]any {
				if err := m.Flush(); err != nil {
					t.Error(err)
				}
				return r()
			}
		}, false},
		"Queue":             {openQueue(handlers.QueueOptions{}), true},
		"Queue that blocks": {openQueue(handlers.QueueOptions{Records: 2}), true},
		"FlightRecorder": {over(func(h slog.Handler) slog.Handler {
			return handlers.NewFlightRecorder(h, handlers.FlightOptions{})
		}), false},
		"Failover": {over(func(h slog.Handler) slog.Handler {
			return handlers.NewFailover(handlers.FailoverOptions{OnError: func(error) {}}, failing(errTest), h)
		}), false},
		"Retry":   {over(func(h slog.Handler) slog.Handler { return handlers.NewRetry(h, handlers.RetryOptions{}) }), true},
		"Recover": {over(newRecover), true},
		"Router": {over(func(h slog.Handler) slog.Handler {
			return handlers.NewRouter(handlers.RouterOptions{}, handlers.Route{To: slog.DiscardHandler, Attr: slog.Int("no such", 1)}, handlers.Route{To: h})
		}), true},
		"all in one": {func(t *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
			h, r := openFile(t, nil)
			m := handlers.NewMemory(handlers.NewFanout(handlers.NewFilter(foreign{h}, handlers.NameFilter(""))), handlers.MemoryOptions{})
			return handlers.NewLevel(m, l), func() []map[string]any {
				if err := m.Flush(); err != nil {
					t.Error(err)
				}
				return r()
			}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var opts []handlertest.Option
			if c.leveled {
				opts = append(opts, handlertest.Leveled(c.open))
			}
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return c.open(t, slog.LevelInfo) }, opts...)
		})
	}
}

// TestRunStdLog adds to its lines what the checks look for, and the handler never
// shows.
func TestRunStdLog(t *testing.T) {
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		var buf syncBuffer
		h := adopted(t, &buf, log.Lmsgprefix, "", slog.Default())
		return h, func() []map[string]any {
			var lines bytes.Buffer
			for _, line := range stdLines(buf.String()) {
				lines.WriteString(line + "\n")
			}
			return results(t, lines.String)()
		}
	}, handlertest.Except("slogtest", "the lines have no keys for time, level and message; the times are tested elsewhere"))
}
