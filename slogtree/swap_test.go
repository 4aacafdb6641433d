package slogtree

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A generation is what one configuration of the swap test attaches: shared is
// on two loggers of the path, own on the leaf.
type generation struct {
	id     int
	level  slog.Level // of the leaf's root while it lasts
	closed atomic.Bool
	shared *swapHandler
	own    *swapHandler
}

func newGeneration(id int) *generation {
	g := &generation{id: id, level: []slog.Level{slog.LevelInfo, slog.LevelWarn}[id%2]}
	g.shared = &swapHandler{generation: g, kind: "shared"}
	g.own = &swapHandler{generation: g, kind: "own"}
	return g
}

// A worker logs one record at a time and sees what its handlers made of it:
// handlers run on the goroutine that logs, so there is no lock.
type worker struct {
	hits []hit
}

type hit struct {
	generation *generation
	kind       string
	closed     bool // the handler had been taken out before
}

// swapHandler notes each record with the worker that the derived logger
// brought along as an attr.
type swapHandler struct {
	generation *generation
	kind       string
	worker     *worker
}

func (h *swapHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *swapHandler) Handle(_ context.Context, r slog.Record) error {
	h.worker.hits = append(h.worker.hits, hit{h.generation, h.kind, h.generation.closed.Load()})
	runtime.Gosched() // stay in flight while somebody swaps
	if h.generation.closed.Load() {
		h.worker.hits[len(h.worker.hits)-1].closed = true
	}
	return nil
}

func (h *swapHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	for _, a := range attrs {
		if w, ok := a.Value.Any().(*worker); ok {
			c.worker = w
		}
	}
	return &c
}

func (h *swapHandler) WithGroup(string) slog.Handler                { return h }
func (h *swapHandler) WithLoggerName(key, name string) slog.Handler { return h }

// check returns what is wrong with what a record at level met.
func (w *worker) check(level slog.Level) error {
	if len(w.hits) == 0 {
		if level >= slog.LevelWarn {
			return fmt.Errorf("a record that every generation lets through was lost")
		}
		return nil
	}
	count := map[string]int{}
	for _, h := range w.hits {
		count[h.kind]++
		switch {
		case h.closed:
			return fmt.Errorf("generation %d met a record after its removal had returned", h.generation.id)
		case h.generation != w.hits[0].generation:
			return fmt.Errorf("a record met generations %d and %d", w.hits[0].generation.id, h.generation.id)
		case level < h.generation.level:
			return fmt.Errorf("generation %d lets %v through and met %v", h.generation.id, h.generation.level, level)
		}
	}
	if count["shared"] != 2 || count["own"] != 1 {
		return fmt.Errorf("a record met the handlers %v times, want shared 2, own 1", count)
	}
	return nil
}

// derive returns a logger that knows w, at one of several depths.
func (w *worker) derive(leaf *Logger, depth int) *Logger {
	l := leaf.With("worker", w)
	for i := range depth {
		l = l.With("depth", i).WithGroup("g")
	}
	return l
}

const (
	swapWorkers = 8
	swapWanted  = 1000 // swaps that met a record in flight
	swapLeast   = 5000 // swaps
)

// TestSwap changes handlers and levels while others log through derived
// loggers. Each record must meet the handlers of one generation, each once
// for each logger that holds it, at that generation's level, and none after
// its removal returned. It must fail with each of the build tags
// slogtree_mutant_noretry, slogtree_mutant_nolevel and slogtree_mutant_norebind.
func TestSwap(t *testing.T) {
	tree := New(Options{})
	top, leaf := tree.Get("app"), tree.Get("app.db.pool")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	swap := func(g *generation) (met bool, old detachment) {
		tree.configure(func() {
			old = detachment{targets: slices.Concat(tree.root.targets, leaf.node.targets), version: tree.version}
			tree.root.level = g.level
			tree.root.targets = targets{newTarget(g.shared)}
			top.node.targets = targets{newTarget(g.shared)}
			leaf.node.targets = targets{newTarget(g.own)}
		})
		return tree.flight.any(old.busy), old
	}
	current := newGeneration(0)
	swap(current)

	var workers sync.WaitGroup
	failed := make(chan error, swapWorkers)
	stop := make(chan struct{})
	for i := range swapWorkers {
		workers.Go(func() {
			w := &worker{}
			early := w.derive(leaf, i)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				l, level := early, slog.LevelInfo
				if n%16 == 0 {
					l = w.derive(leaf, i)
				}
				if n%2 == 0 {
					level = slog.LevelWarn
				}
				w.hits = w.hits[:0]
				l.Log(ctx, level, "swap", "n", n)
				if err := w.check(level); err != nil {
					failed <- err
					return
				}
			}
		})
	}

	met, swaps := 0, 0
	var failure error
	for failure == nil && (met < swapWanted || swaps < swapLeast) && ctx.Err() == nil {
		swaps++
		next := newGeneration(swaps)
		inFlight, old := swap(next)
		if inFlight {
			met++
		}
		if err := tree.flight.wait(ctx, old.busy); err != nil {
			failure = err
			break
		}
		current.closed.Store(true)
		current = next
		select {
		case failure = <-failed:
		default:
		}
	}
	close(stop)
	workers.Wait()
	select {
	case failure = <-failed:
	default:
	}
	if failure != nil {
		t.Fatalf("after %d swaps, %d with a record in flight: %v", swaps, met, failure)
	}
	if met < swapWanted {
		t.Fatalf("only %d of %d swaps met a record in flight, want %d", met, swaps, swapWanted)
	}
	t.Logf("%d swaps, %d with a record in flight", swaps, met)
}
