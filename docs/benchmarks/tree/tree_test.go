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
			b.Run(group+"stdlib-text", func(b *testing.B) { lat.Parallel(b, func() { bare.Debug(shape.Message) }) })
			b.Run(group+"slogtree", func(b *testing.B) { lat.Parallel(b, func() { ours.Debug(shape.Message) }) })
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

// BenchmarkOverhead makes an enabled call to a handler: directly under
// slog.New, as the only target of a tree's root, and so through a logger that
// With has made. The handler knows the logger's name in all three.
func BenchmarkOverhead(b *testing.B) {
	name := shape.Dotted(4)
	for _, h := range handled {
		bare := slog.New(handlers.BindName(h.make(), "logger", name))
		ours := forest.Grow(10, h.make()).Tree.Get(name)
		with := ours.With("user", "fred")
		bareWith := bare.With("user", "fred")
		b.Run(h.name+"/bare", func(b *testing.B) { lat.Parallel(b, func() { bare.Info(shape.Message) }) })
		b.Run(h.name+"/tree", func(b *testing.B) { lat.Parallel(b, func() { ours.Info(shape.Message) }) })
		b.Run(h.name+"-with/bare", func(b *testing.B) { lat.Parallel(b, func() { bareWith.Info(shape.Message) }) })
		b.Run(h.name+"-with/tree", func(b *testing.B) { lat.Parallel(b, func() { with.Info(shape.Message) }) })
	}
}
