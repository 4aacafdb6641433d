package slogtree

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func seen(r *handlertest.Recorder) string {
	var b strings.Builder
	for _, e := range r.Records() {
		b.WriteString(e.Logger + ":" + e.Message + " ")
	}
	return strings.TrimSpace(b.String())
}

// Watch sees each record that passes, once, whoever else gets it.
func TestWatch(t *testing.T) {
	var last lockedBuffer
	tree := New(Options{LastResort: handlers.NewStream(&last, nil, nil)})
	attached, watcher := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	before := tree.Get("a.b").With("k", 1)
	stop, err := tree.Watch(watcher)
	if err != nil {
		t.Fatal(err)
	}
	before.Info("last resort")
	tree.Get("alone").AddHandler(attached)
	tree.Get("alone").SetPropagate(false)
	tree.Get("alone.below").Info("does not propagate")
	tree.Get("off").SetPropagate(false)
	tree.Get("off").Info("has nobody")
	tree.Get("filtered").AddFilter(denyAll{})
	tree.Get("filtered").Info("refused")
	tree.Get("a").Debug("too low")
	if err := slog.New(tree.Handler("remote")).Handler().Handle(t.Context(), slog.Record{Message: "from afar"}); err != nil {
		t.Error(err)
	}
	want := "a.b:last resort alone.below:does not propagate off:has nobody remote:from afar"
	if got := seen(watcher); got != want {
		t.Errorf("seen: %s\nwant: %s", got, want)
	}
	if got := seen(attached); got != "alone.below:does not propagate" {
		t.Errorf("attached: %s", got)
	}
	if got := strings.Count(string(last.Bytes()), "\n"); got != 3 {
		t.Errorf("the last resort has %d lines, want 3:\n%s", got, last.Bytes())
	}
	if e := watcher.Records()[0]; e.Attrs["k"] == nil {
		t.Error("an attr of With is missing:", e.Attrs)
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	before.Info("later")
	if got := seen(watcher); got != want {
		t.Errorf("seen after stop: %s", got)
	}
	if err := stop(t.Context()); err != nil {
		t.Error("stop, called again:", err)
	}
}

// The configuration does not show a watcher, and does not take it away.
func TestWatchIsNoConfiguration(t *testing.T) {
	tree := New(Options{})
	watcher := handlertest.NewRecorder(nil)
	first, err := tree.Watch(watcher)
	if err != nil {
		t.Fatal(err)
	}
	second, err := tree.Watch(watcher)
	if err != nil {
		t.Fatal(err)
	}
	if hs := tree.Root().Handlers(); len(hs) != 0 || strings.Contains(tree.String(), "Recorder") {
		t.Errorf("the root has %v", hs)
	}
	tree.Root().AddHandler(slog.DiscardHandler)
	if _, err := tree.Replace(t.Context(), map[string]Setting{"": {}}, watcher); err != nil {
		t.Error(err)
	}
	if err := tree.Close(t.Context()); err != nil {
		t.Error(err)
	}
	tree.Root().AddHandler(slog.DiscardHandler)
	tree.Root().Info("twice")
	if err := first(t.Context()); err != nil {
		t.Error(err)
	}
	tree.Root().Info("once")
	if got := seen(watcher); got != "root:twice root:twice root:once" {
		t.Error(got)
	}
	if err := second(t.Context()); err != nil {
		t.Error(err)
	}
	if len(tree.watchers) != 0 {
		t.Error("watchers are left")
	}
}

func TestWatchRefuses(t *testing.T) {
	tree := New(Options{})
	for _, h := range []slog.Handler{nil, tree.Root().Handler(), handlers.NewLevel(tree.Handler("x"), nil)} {
		if _, err := tree.Watch(h); err == nil {
			t.Errorf("%v may watch", h)
		}
	}
}

// stop waits for the record in the watcher, as long as its ctx allows.
func TestWatchStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := New(Options{})
		release := make(chan struct{})
		stop, err := tree.Watch(&hooked{do: func(context.Context) error { <-release; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		tree.Root().AddHandler(slog.DiscardHandler)
		go tree.Get("a").Info("in flight")
		synctest.Wait()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := stop(ended); err != context.Canceled {
			t.Errorf("stop with a ctx that has ended: %v", err)
		}
		var returned bool
		go func() { _ = stop(context.Background()); returned = true }()
		synctest.Wait()
		if returned {
			t.Error("stop did not wait")
		}
		close(release)
		synctest.Wait()
		if !returned {
			t.Error("stop waits for nothing")
		}
	})
}

// Loggers that log and change while watchers come and go lose and double no record.
func TestWatchConcurrently(t *testing.T) {
	tree := New(Options{LastResort: slog.DiscardHandler})
	always, attached := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	tree.Root().AddHandler(attached)
	if _, err := tree.Watch(always); err != nil {
		t.Fatal(err)
	}
	const loggers, records = 4, 200
	var wg sync.WaitGroup
	for i := range loggers {
		log := tree.Get("a."+string(rune('a'+i))).With("k", i)
		wg.Go(func() {
			for range records {
				log.Info("x")
			}
		})
	}
	wg.Go(func() {
		for i := range 50 {
			stop, err := tree.Watch(handlertest.NewRecorder(nil))
			if err != nil {
				t.Error(err)
			}
			tree.Get("a").SetPropagate(i%2 == 0)
			tree.Get("a").SetPropagate(true)
			if err := stop(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if n := len(always.Records()); n != loggers*records {
		t.Errorf("the watcher has seen %d records of %d", n, loggers*records)
	}
	if slices.ContainsFunc(always.Records(), func(e handlertest.Entry) bool { return e.Attrs["k"] == nil }) {
		t.Error("a record has lost its attr")
	}
}

// Nodes that inherit everything share the slice of their targets, watched or not.
func TestWatchShares(t *testing.T) {
	tree := New(Options{})
	stop, err := tree.Watch(slog.DiscardHandler)
	if err != nil {
		t.Fatal(err)
	}
	l := tree.Get("a.b.c")
	if &l.node.published.Load().targets[0] != &tree.root.published.Load().targets[0] {
		t.Error("each logger has targets of its own")
	}
	_ = stop(t.Context())
}
