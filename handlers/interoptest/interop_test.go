package interoptest

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// inGroup is what zerolog's handler, of version 1.35.1, does otherwise: what was bound before a group
// was opened, it shows within that group.
var inGroup = map[string]string{
	"with a group": "WARN m g.a=1 g.h.b=2 g.logger=app.db g.w=1",
}

// TestTarget has the name of the logger, what With and the context carry, and groups, arrive at a
// handler of somebody else in a tree.
func TestTarget(t *testing.T) {
	for name, open := range peers {
		t.Run(name, func(t *testing.T) {
			h, lines := open(t)
			tree := slogtree.New(slogtree.Options{OnError: func(err error) { t.Error(err) }})
			tree.Root().AddHandler(h)
			log := tree.Get("app.db")
			ctx := contextattrs.With(context.Background(), "request", 7)
			log.Debug("not-enabled")
			log.Info("m", "a", 1)
			log.With("w", 1).WithGroup("g").Warn("m", "a", 1, slog.Group("h", "b", 2))
			log.With("w", 1).WithGroup("g").ErrorContext(ctx, "m", "a", 1)
			log.With("password", "x").ErrorContext(ctx, "m")
			wants := []struct{ what, line string }{
				{"plain", "INFO m a=1 logger=app.db"},
				{"with a group", "WARN m g.a=1 g.h.b=2 logger=app.db w=1"},
				{"with a group and a context", "ERROR m g.a=1 logger=app.db request=7 w=1"},
				{"with a context", "ERROR m logger=app.db password=x request=7"},
			}
			got := lines()
			if len(got) != len(wants) {
				t.Fatalf("%d records, want %d: %v", len(got), len(wants), got)
			}
			for i, w := range wants {
				if other, ok := inGroup[w.what]; ok && name == "zerolog" {
					w.line = other
				}
				if got[i].String() != w.line {
					t.Errorf("%s: %s, want %s", w.what, got[i], w.line)
				}
			}
		})
	}
}

// TestWrappers has wrappers of this module over each handler.
func TestWrappers(t *testing.T) {
	for name, open := range peers {
		t.Run(name, func(t *testing.T) {
			h, lines := open(t)
			queue := handlers.NewQueue(handlers.NewRedact(h, handlers.RedactOptions{Patterns: []*regexp.Regexp{regexp.MustCompile("hunter2")}, Keys: []string{"password"}, Replacement: "***"}), handlers.QueueOptions{})
			log := slog.New(handlers.NewLevel(queue, slog.LevelInfo)).With("password", "x")
			log.Debug("not-enabled")
			log.InfoContext(contextattrs.With(context.Background(), "password", "y"), "hunter2", "a", "hunter2")
			if err := handlers.Close(context.Background(), queue); err != nil {
				t.Error(err)
			}
			got := lines()
			if len(got) != 1 || got[0].message != "***" || strings.Contains(got[0].String(), "hunter2") || strings.Count(got[0].String(), "=***") < 2 {
				t.Errorf("%v", got)
			}
		})
	}
}

// TestReconfiguration logs from many goroutines, by loggers derived before and while the handlers are
// exchanged, between two of a kind: each record arrives once, with the attrs of its logger.
func TestReconfiguration(t *testing.T) {
	const workers, each, swaps = 4, 500, 200
	for name, open := range peers {
		t.Run(name, func(t *testing.T) {
			var hs [2]slog.Handler
			var lines [2]func() []line
			for i := range hs {
				hs[i], lines[i] = open(t)
			}
			tree := slogtree.New(slogtree.Options{OnError: func(err error) { t.Error(err) }})
			swap := func(i int) {
				_, err := tree.Replace(context.Background(), map[string]slogtree.Setting{"": {
					Level: []slog.Level{slog.LevelInfo, slog.LevelDebug}[i%3%2], Propagate: true, Handlers: []slog.Handler{hs[i%2]},
				}})
				if err != nil {
					t.Error(err)
				}
			}
			swap(0)
			var done atomic.Bool
			var all sync.WaitGroup
			for w := range workers {
				all.Go(func() { work(tree.Get(fmt.Sprint("w", w)), w, each) })
			}
			swapped := make(chan int)
			go func() {
				i := 0
				for ; i < swaps || !done.Load(); i++ {
					swap(i)
				}
				swapped <- i
			}()
			all.Wait()
			done.Store(true)
			n := <-swapped
			both := append(lines[0](), lines[1]()...)
			check(t, both, workers, each)
			t.Logf("%d exchanges, %d and %d records", n, len(lines[0]()), len(lines[1]()))
		})
	}
}

// work logs each record by one of three loggers.
func work(log *slogtree.Logger, w, each int) {
	old := log.With("old", w)
	for i := range each {
		message := fmt.Sprintf("%d-%d", w, i)
		switch i % 3 {
		case 0:
			log.Info(message, "i", i)
		case 1:
			old.Info(message, "i", i)
		case 2:
			old.With("new", i).Info(message, "i", i)
		}
	}
}

// check wants each of the records of work once.
func check(t *testing.T, lines []line, workers, each int) {
	t.Helper()
	if len(lines) != workers*each {
		t.Errorf("%d records, want %d", len(lines), workers*each)
	}
	got := map[string]string{}
	for _, l := range lines {
		got[l.message] = strings.Join(l.attrs, " ")
	}
	wrong := 0
	for w := range workers {
		for i := range each {
			want := fmt.Sprintf("i=%d logger=w%d", i, w)
			switch i % 3 {
			case 1:
				want += fmt.Sprintf(" old=%d", w)
			case 2:
				want += fmt.Sprintf(" new=%d old=%d", i, w)
			}
			if attrs := got[fmt.Sprintf("%d-%d", w, i)]; attrs != want && wrong < 5 {
				t.Errorf("record %d of %d: %q, want %q", i, w, attrs, want)
				wrong++
			}
		}
	}
}
