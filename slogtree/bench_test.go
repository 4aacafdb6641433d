package slogtree

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"
)

// accepting is the least a handler can be.
type accepting struct{}

func (accepting) Enabled(context.Context, slog.Level) bool       { return true }
func (accepting) Handle(context.Context, slog.Record) error      { return nil }
func (h accepting) WithAttrs([]slog.Attr) slog.Handler           { return h }
func (h accepting) WithGroup(string) slog.Handler                { return h }
func (h accepting) WithLoggerName(key, name string) slog.Handler { return h }
func (accepting) AddsContextAttrs()                              {}

// deep returns a logger at depth, in a tree that has n others.
func deep(depth, n int) *Logger {
	tree := New(Options{})
	tree.Root().AddHandler(accepting{})
	l := tree.Root()
	for i := range depth {
		l = l.Child(fmt.Sprintf("part%d", i))
	}
	for i := range n {
		tree.Get(fmt.Sprintf("other%d.part", i)).SetLevel(slog.LevelInfo)
	}
	return l
}

func parallel(b *testing.B, f func()) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f()
		}
	})
}

func BenchmarkEnabled(b *testing.B) {
	bare := slog.New(accepting{})
	b.Run("bare", func(b *testing.B) { parallel(b, func() { bare.Info("m") }) })
	for _, depth := range []int{1, 16} {
		l := deep(depth, 0)
		b.Run(fmt.Sprintf("tree/depth%d", depth), func(b *testing.B) { parallel(b, func() { l.Info("m") }) })
	}
	with := deep(1, 0).With("k", 1).WithGroup("g").With("k", 2)
	b.Run("tree/with", func(b *testing.B) { parallel(b, func() { with.Info("m") }) })
}

// BenchmarkHandle leaves out what slog itself costs.
func BenchmarkHandle(b *testing.B) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{
		{"bare", accepting{}},
		{"tree", deep(1, 0).Handler()},
		{"tree/with", deep(1, 0).With("k", 1).Handler()},
	} {
		b.Run(c.name, func(b *testing.B) { parallel(b, func() { _ = c.h.Handle(context.Background(), r) }) })
	}
}

func BenchmarkDisabled(b *testing.B) {
	bare := slog.New(slog.NewTextHandler(io.Discard, nil))
	b.Run("bare", func(b *testing.B) { parallel(b, func() { bare.Debug("m") }) })
	for _, depth := range []int{1, 16} {
		for _, others := range []int{10, 100_000} {
			l := deep(depth, others)
			b.Run(fmt.Sprintf("tree/depth%d/loggers%d", depth, others), func(b *testing.B) { parallel(b, func() { l.Debug("m") }) })
		}
	}
}

func BenchmarkGet(b *testing.B) {
	tree := deep(4, 0).node.tree
	b.Run("depth4", func(b *testing.B) { parallel(b, func() { tree.Get("part0.part1.part2.part3") }) })
}
