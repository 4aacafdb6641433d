package slogtree

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// counted is a formatter that counts the records that it renders.
type counted struct {
	formatters.Formatter
	n *atomic.Int64
}

func (f counted) WithAttrs(attrs []slog.Attr) formatters.Formatter {
	return counted{f.Formatter.WithAttrs(attrs), f.n}
}

func (f counted) WithGroup(name string) formatters.Formatter {
	return counted{f.Formatter.WithGroup(name), f.n}
}

func (f counted) WithLoggerName(key, name string) formatters.Formatter {
	return counted{f.Formatter.WithLoggerName(key, name), f.n}
}

func (f counted) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	f.n.Add(1)
	return f.Formatter.Append(dst, ctxAttrs, r)
}

// TestTargetsShareRenderings has targets of one format at several loggers.
func TestTargetsShareRenderings(t *testing.T) {
	var n atomic.Int64
	stream := func(format string) (*bytes.Buffer, slog.Handler) {
		buf := new(bytes.Buffer)
		return buf, handlers.NewStream(buf, counted{formatters.Must(formatters.Percent(format, nil)), &n}, nil)
	}
	own, ownHandler := stream("%(name)s %(message)s")
	middle, middleHandler := stream("other %(message)s")
	root, rootHandler := stream("%(name)s %(message)s")
	tree := New(Options{})
	tree.Get("a.b").AddHandler(ownHandler)
	tree.Get("a").AddHandler(middleHandler)
	tree.Root().AddHandler(handlers.NewLevel(rootHandler, slog.LevelInfo))
	log := tree.Get("a.b")
	with := log.With("k", 1).WithGroup("g")
	check := func(renderings int64, wantOwn, wantMiddle, wantRoot string) {
		t.Helper()
		if own.String() != wantOwn || middle.String() != wantMiddle || root.String() != wantRoot {
			t.Errorf("got %q, %q and %q", own, middle, root)
		}
		if got := n.Swap(0); got != renderings {
			t.Errorf("%d renderings, want %d", got, renderings)
		}
		own.Reset()
		middle.Reset()
		root.Reset()
	}
	log.Info("m")
	check(2, "a.b m\n", "other m\n", "a.b m\n")
	with.Info("m", "x", 2)
	check(2, "a.b m k=1 g.x=2\n", "other m k=1 g.x=2\n", "a.b m k=1 g.x=2\n")

	// A filter of the logger replaces the record for all; they go on sharing.
	replace := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.Message = "replaced"
		return r, true
	})
	log.AddFilter(replace)
	with.Info("m")
	check(2, "a.b replaced k=1\n", "other replaced k=1\n", "a.b replaced k=1\n")
	log.RemoveFilter(replace)

	if _, err := tree.Get("a.b").RemoveHandler(t.Context(), ownHandler); err != nil {
		t.Fatal(err)
	}
	with.Info("m")
	check(2, "", "other m k=1\n", "a.b m k=1\n")
	tree.Get("a").AddHandler(ownHandler)
	with.Info("m")
	check(2, "a.b m k=1\n", "other m k=1\n", "a.b m k=1\n")
	tree.Get("a").Info("m") // another name, another text
	check(2, "a m\n", "other m\n", "a m\n")
	tree.Get("a").SetPropagate(false)
	with.Info("m")
	check(2, "a.b m k=1\n", "other m k=1\n", "")
}

// TestSharingUnderReconfiguration attaches and removes destinations of one
// format while others log: the two that stay get every record, once and whole.
func TestSharingUnderReconfiguration(t *testing.T) {
	f := formatters.Must(formatters.Percent("%(name)s %(message)s", nil))
	var first, last lockedBuffer
	tree := New(Options{})
	tree.Get("a.b").AddHandler(handlers.NewStream(&first, f, nil))
	tree.Root().AddHandler(handlers.NewStream(&last, f, nil))
	const each = 2000
	var wg sync.WaitGroup
	for g := range 4 {
		log := tree.Get("a.b").With("g", g)
		wg.Go(func() {
			for i := range each {
				log.Info("m", "i", i)
			}
		})
	}
	done := make(chan struct{})
	go func() { defer close(done); wg.Wait() }()
	swaps := 0
	for running := true; running; swaps++ {
		var passing lockedBuffer
		h := handlers.NewStream(&passing, f, nil)
		tree.Get("a").AddHandler(h)
		if _, err := tree.Get("a").RemoveHandler(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(passing.Bytes())) {
			if !strings.HasPrefix(line, "a.b m g=") || !strings.HasSuffix(line, "\n") {
				t.Fatalf("a torn line: %q", line)
			}
		}
		select {
		case <-done:
			running = false
		default:
		}
	}
	for _, buf := range []*lockedBuffer{&first, &last} {
		seen := map[string]int{}
		for line := range strings.Lines(string(buf.Bytes())) {
			seen[line]++
		}
		for g := range 4 {
			for i := range each {
				if line := fmt.Sprintf("a.b m g=%d i=%d\n", g, i); seen[line] != 1 {
					t.Fatalf("%q was written %d times", line, seen[line])
				}
			}
		}
		if len(seen) != 4*each {
			t.Errorf("%d different lines, want %d", len(seen), 4*each)
		}
	}
	t.Logf("%d swaps", swaps)
}
