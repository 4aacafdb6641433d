package config

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// A mark is a record's own account of whom it met.
type mark struct{ met [2][]int64 } // generations, by place

// A witness is a handler of one generation and place.
type witness struct {
	generation int64
	place      int
	closed     *atomic.Bool
}

func (h *witness) Enabled(context.Context, slog.Level) bool   { return true }
func (h *witness) WithAttrs([]slog.Attr) slog.Handler         { return h }
func (h *witness) WithGroup(string) slog.Handler              { return h }
func (h *witness) WithLoggerName(string, string) slog.Handler { return h }
func (h *witness) AddsContextAttrs()                          {}
func (h *witness) Close() error                               { h.closed.Store(true); return nil }
func (h *witness) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		m := a.Value.Any().(*mark)
		m.met[h.place] = append(m.met[h.place], h.generation)
		return true
	})
	if h.closed.Load() {
		return errors.New("a record after Close")
	}
	return nil
}

func witnessKind() Kind {
	return Kind{
		Name: "witness", Options: []Option{{Name: "generation", Type: TypeInt}, {Name: "place", Type: TypeInt}},
		Handler: func(a *Args) (slog.Handler, error) {
			return &witness{a.Int("generation"), int(a.Int("place")), new(atomic.Bool)}, nil
		},
	}
}

// Ten thousand configurations are applied while eight goroutines log: each record meets each of
// its targets exactly once, all of one generation, and none that is closed.
func TestSwap(t *testing.T) {
	rounds := 10_000
	if testing.Short() || raceEnabled {
		rounds = 500
	}
	reg := DefaultRegistry()
	reg.Add(witnessKind())
	var failures atomic.Int64
	tree := slogtree.New(slogtree.Options{OnError: func(err error) { t.Error(err); failures.Add(1) }})
	generation := func(n int) *Config {
		return parse(t, m{
			"version": 1,
			"handlers": m{
				"top": m{"class": "witness", "generation": n, "place": 0},
				"own": m{"class": "witness", "generation": n, "place": 1, "level": []string{"DEBUG", "INFO"}[n%2]},
			},
			"loggers": m{"a.b": m{"level": "DEBUG", "handlers": []string{"own"}}},
			"root":    m{"level": "INFO", "handlers": []string{"top"}},
		}, Options{Registry: reg})
	}
	if _, err := generation(0).Apply(t.Context(), tree); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var workers sync.WaitGroup
	var records atomic.Int64
	for range 8 {
		workers.Go(func() {
			log := tree.Get("a.b")
			for failures.Load() == 0 {
				select {
				case <-done:
					return
				default:
				}
				var seen mark
				log.LogAttrs(t.Context(), slog.LevelInfo, "x", slog.Any("mark", &seen))
				records.Add(1)
				runtime.Gosched() // or a round takes as long as all time slices
				top, own := seen.met[0], seen.met[1]
				if len(top) != 1 || len(own) != 1 || top[0] != own[0] {
					t.Errorf("a record met %v and %v", top, own)
					failures.Add(1)
				}
			}
		})
	}
	for n := 1; n <= rounds && failures.Load() == 0; n++ {
		if _, err := generation(n).Apply(t.Context(), tree); err != nil {
			t.Error(err)
			break
		}
	}
	close(done)
	workers.Wait()
	t.Logf("%d records", records.Load())
	if records.Load() == 0 {
		t.Error("nothing was logged")
	}
}
