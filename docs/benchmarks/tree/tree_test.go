// Package tree measures what the tree of loggers adds to a call: what slog
// and a handler do without it stands beside each figure.
package tree

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/forest"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/limit"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// Both sides of a pair take several turns, so that each has its share of a
// slow spell. go test numbers what has the same name, and so does the report.
const turns = 4

func pair(b *testing.B, base string, without func(), ours string, with func()) {
	for range turns {
		b.Run(base, func(b *testing.B) { lat.Parallel(b, without) })
		b.Run(ours, func(b *testing.B) { lat.Parallel(b, with) })
	}
}

// BenchmarkDisabled makes a debug call that the root's level turns off, in
// trees of 10 and of 100,000 loggers.
func BenchmarkDisabled(b *testing.B) {
	for _, size := range []int{10, 100_000} {
		g := forest.Grow(size, slog.NewTextHandler(shape.Null{}, nil))
		for _, depth := range []int{1, 16} {
			name := shape.Dotted(depth)
			bare := slog.New(slog.NewTextHandler(shape.Null{}, nil)).With("logger", name)
			ours := g.Tree.Get(name)
			group := fmt.Sprintf("tree%d/depth%d/", size, depth)
			pair(b, group+"stdlib-text", func() { bare.Debug(shape.Message) }, group+"slogtree", func() { ours.Debug(shape.Message) })
		}
	}
}

// handled are the targets of BenchmarkOverhead, the first two lock-free.
var handled = []struct {
	name string
	make func() slog.Handler
}{
	{"accepting", func() slog.Handler { return shape.Accepting{} }},
	{"limit-text", func() slog.Handler { return limit.NewText(shape.Null{}) }},
	{"stdlib-text", func() slog.Handler { return slog.NewTextHandler(shape.Null{}, nil) }},
	{"slogsuite-stream", func() slog.Handler {
		return handlers.NewStream(shape.Null{}, formatters.Must(formatters.Percent(forest.Format, nil)), nil)
	}},
}

// BenchmarkOverhead makes an enabled call to a handler that knows the
// logger's name: directly under slog.New, and as the only one of a tree; and
// both again through a logger that With has made.
func BenchmarkOverhead(b *testing.B) {
	name := shape.Dotted(4)
	for _, h := range handled {
		bare := slog.New(handlers.BindName(h.make(), "logger", name))
		ours := forest.Grow(10, h.make()).Tree.Get(name)
		bareWith, oursWith := bare.With("user", "fred"), ours.With("user", "fred")
		pair(b, h.name+"/bare", func() { bare.Info(shape.Message) }, h.name+"/tree", func() { ours.Info(shape.Message) })
		pair(b, h.name+"-with/bare", func() { bareWith.Info(shape.Message) }, h.name+"-with/tree", func() { oursWith.Info(shape.Message) })
	}
}

// BenchmarkSourceless logs through the tree's own methods to a handler that does
// not print the source. "floor" is a call of slog's to a handler that does nothing.
func BenchmarkSourceless(b *testing.B) {
	for _, f := range []struct {
		name string
		make func() formatters.Formatter
	}{
		{"percent", func() formatters.Formatter { return formatters.Must(formatters.Percent(forest.Format, nil)) }},
		{"json", func() formatters.Formatter { return formatters.JSON(nil) }},
		{"logfmt", func() formatters.Formatter { return formatters.Logfmt(nil) }},
	} {
		floor := slog.New(shape.Accepting{})
		ours := forest.Grow(10, handlers.NewStream(shape.Null{}, f.make(), nil)).Tree.Get(shape.Dotted(4))
		pair(b, f.name+"/floor", func() { floor.Info(shape.Message) }, f.name+"/slogtree", func() { ours.Info(shape.Message) })
	}
}
