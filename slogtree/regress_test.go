package slogtree

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// The tests of this file hold what once went wrong.

// TestEndingTargets lets a target panic and the next end the goroutine: the
// others still get the record, OnError is told, and nothing stays in flight.
func TestEndingTargets(t *testing.T) {
	var reported error
	tree := New(Options{OnError: func(err error) { reported = err }})
	last := handlertest.NewRecorder(nil)
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { panic("first") }})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { runtime.Goexit(); return nil }})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { runtime.Goexit(); return nil }})
	tree.Root().AddHandler(last)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tree.Get("a").Info("m")
	}()
	<-ended
	wantMessages(t, last, "m")
	var p *handlers.PanicError
	if !errors.As(reported, &p) || p.Value != "first" {
		t.Errorf("reported %v, want the panic", reported)
	}
	if tree.flight.any(func(*effective) bool { return true }) {
		t.Error("a record is still in flight")
	}
}

// TestNamesWhileParentsAreMade is for the race detector.
func TestNamesWhileParentsAreMade(t *testing.T) {
	for range 100 {
		tree := New(Options{LastResort: slog.DiscardHandler})
		leaf := tree.Get("a.b.c")
		var wg sync.WaitGroup
		wg.Go(func() { tree.Get("a.b") })
		wg.Go(func() {
			if leaf.Name() != "a.b.c" || leaf.Child("d").Name() != "a.b.c.d" {
				t.Error(leaf.Name())
			}
			leaf.With("k", 1).Info("m")
		})
		wg.Wait()
	}
}

// TestRemovalWaitsForNoOther removes a handler from one logger while a record
// that came through another is in it.
func TestRemovalWaitsForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{LastResort: slog.DiscardHandler})
		release := make(chan struct{})
		h := &hooked{do: func(context.Context) error { <-release; return nil }}
		tree.Get("a").AddHandler(h)
		tree.Get("b").AddHandler(h)
		go tree.Get("b").Info("came through b")
		synctest.Wait()
		tree.Get("b").SetLevel(slog.LevelDebug) // its effective is retired now
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if removed, err := tree.Get("a").RemoveHandler(ctx, h); !removed || err != nil {
			t.Errorf("RemoveHandler returned %v, %v", removed, err)
		}
		close(release)
	})
}

// TestCloseSparesWhatIsInUse closes while a record is in one of two handlers
// that write to the same file.
func TestCloseSparesWhatIsInUse(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	f, err := handlers.NewFile(name, nil, nil, handlers.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	entered, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	wait := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		close(entered)
		<-release
		return r, true
	})
	tree := New(Options{OnError: func(err error) { t.Error(err) }, LastResort: slog.DiscardHandler})
	tree.Get("a").AddHandler(handlers.NewFilter(f, wait))
	tree.Get("b").AddHandler(handlers.NewLevel(f, slog.LevelInfo))
	go func() {
		defer close(done)
		tree.Get("a").Info("in flight")
	}()
	<-entered
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tree.Close(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Close returned %v", err)
	}
	close(release)
	<-done
	if got, err := os.ReadFile(name); err != nil || string(got) != "in flight\n" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}

// TestCloseOrder attaches handlers to loggers whose names sort otherwise.
func TestCloseOrder(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	var order []string
	for _, name := range []string{"zeta", "alpha", "root", "mid"} {
		tree.Get(name).AddHandler(&closing{name: name, order: &order})
	}
	if err := tree.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"mid closed", "root closed", "alpha closed", "zeta closed"}
	if got := slices.DeleteFunc(order, func(s string) bool { return strings.HasSuffix(s, "flushed") }); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBasicForceKeepsWhatItAttaches replaces a wrapper by what it wraps.
func TestBasicForceKeepsWhatItAttaches(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	f, err := handlers.NewFile(name, nil, nil, handlers.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tree := New(Options{OnError: func(err error) { t.Error(err) }})
	tree.Root().AddHandler(handlers.NewLevel(f, slog.LevelWarn))
	if _, err := tree.basic(BasicOptions{Handlers: []slog.Handler{f}, Force: true, Format: "%(message)s"}); err != nil {
		t.Fatal(err)
	}
	tree.Get("a").Info("m")
	if got, err := os.ReadFile(name); err != nil || string(got) != "m\n" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// levelOf is a Leveler that uses the tree.
type levelOf struct{ l *Logger }

func (l levelOf) Level() slog.Level { return l.l.Level() }

func TestBasicAsksLevelWithoutTheLock(t *testing.T) {
	tree := New(Options{})
	tree.Get("a").SetLevel(slog.LevelError)
	if _, err := tree.basic(BasicOptions{Stream: io.Discard, Level: levelOf{tree.Get("a")}}); err != nil {
		t.Fatal(err)
	}
	if got := tree.Root().Level(); got != slog.LevelError {
		t.Errorf("the root's level is %v", got)
	}
}

// TestLongChainsHoldLittle derives a logger 4,000 times and logs once. If each
// step kept what was made for it, that would be more than 100 MB.
func TestLongChainsHoldLittle(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	tree := New(Options{})
	tree.Root().AddHandler(handlers.NewStream(io.Discard, nil, nil))
	before := heap()
	l := tree.Get("a")
	for i := range 4000 {
		l = l.With("i", i)
	}
	l.Info("m")
	if used := int64(heap()) - int64(before); used > 8<<20 {
		t.Errorf("the chain holds %d bytes", used)
	}
	runtime.KeepAlive(l)
}

// TestOnErrorThatPanics spares the caller. What OnError panics with is a line
// on stderr, of which TestStderr sees how it looks.
func TestOnErrorThatPanics(t *testing.T) {
	tree := New(Options{OnError: func(error) { panic("in OnError") }})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { return errors.New("x") }})
	tree.Root().Info("m")
	if tree.Errors() != 1 {
		t.Errorf("%d errors counted", tree.Errors())
	}
}

func TestNilContext(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	entered, release := make(chan struct{}), make(chan struct{})
	h := &hooked{do: func(context.Context) error { close(entered); <-release; return nil }}
	tree.Root().AddHandler(h)
	go tree.Root().Info("m")
	<-entered
	removed := make(chan error)
	go func() {
		var none context.Context
		_, err := tree.Root().RemoveHandler(none, h)
		removed <- err
	}()
	close(release)
	if err := <-removed; err != nil {
		t.Error(err)
	}
}

// TestRebindLosesNothing derives loggers while the level of theirs changes.
func TestRebindLosesNothing(t *testing.T) {
	var got, sent atomic.Int64
	tree := New(Options{})
	tree.Root().AddHandler(&hooked{do: func(context.Context) error { got.Add(1); return nil }})
	base := tree.Get("a").With("k", 1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 20_000 {
				base.With("i", i).Warn("m")
				base.Warn("m")
				sent.Add(2)
			}
		})
	}
	wg.Go(func() {
		for i := range 20_000 {
			tree.Get("a").SetLevel(slog.Level(-i % 2))
		}
	})
	wg.Wait()
	if got.Load() != sent.Load() {
		t.Errorf("%d of %d records arrived", got.Load(), sent.Load())
	}
}

// TestOwnLoggersAreRefused attaches a tree to itself, as it is and wrapped.
func TestOwnLoggersAreRefused(t *testing.T) {
	var got []string
	tree := New(Options{OnError: func(err error) { got = append(got, err.Error()) }, LastResort: slog.DiscardHandler})
	for _, h := range []slog.Handler{
		tree.Root().Handler(),
		tree.Get("a").With("k", 1).Handler(),
		handlers.NewFanout(slog.DiscardHandler, handlers.NewLevel(tree.Handler("far"), slog.LevelInfo)),
	} {
		tree.Root().AddHandler(h)
	}
	if len(got) != 3 || !strings.Contains(got[2], "a logger of this tree") || len(tree.Root().Handlers()) != 0 {
		t.Errorf("reported %q, attached %d", got, len(tree.Root().Handlers()))
	}
	tree.Root().AddHandler(New(Options{LastResort: slog.DiscardHandler}).Root().Handler())
	if len(tree.Root().Handlers()) != 1 {
		t.Errorf("another tree was refused: %q", got)
	}
}

// TestSwapByHandlers changes handlers by AddHandler and RemoveHandler, and
// levels by SetLevel, while others log. Each record meets a handler at most
// once, at least one handler, and none after RemoveHandler returned.
func TestSwapByHandlers(t *testing.T) {
	tree := New(Options{})
	top, leaf := tree.Get("app"), tree.Get("app.db")
	current := newGeneration(0)
	top.AddHandler(current.own)
	var workers sync.WaitGroup
	stop := make(chan struct{})
	for i := range swapWorkers {
		workers.Go(func() {
			w := &worker{}
			l := w.derive(leaf, i)
			for {
				select {
				case <-stop:
					return
				default:
				}
				w.hits = w.hits[:0]
				l.Warn("swap")
				seen := map[*generation]bool{}
				for _, h := range w.hits {
					if h.closed || seen[h.generation] {
						t.Errorf("generation %d: closed %v, seen before %v", h.generation.id, h.closed, seen[h.generation])
					}
					seen[h.generation] = true
				}
				if len(w.hits) == 0 {
					t.Error("a record reached no handler")
				}
			}
		})
	}
	for i := range 2000 {
		next := newGeneration(i + 1)
		top.AddHandler(next.own)
		leaf.SetLevel(slog.Level(i % 4))
		if removed, err := top.RemoveHandler(t.Context(), current.own); !removed || err != nil {
			t.Error(removed, err)
		}
		current.closed.Store(true)
		current = next
	}
	close(stop)
	workers.Wait()
}
