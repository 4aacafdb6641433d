// Package ctxattrs measures ways to give every record of a request the same
// three attrs. The others are hand-written renderings of the usual designs.
package ctxattrs

import (
	"context"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

type key struct{}

// attrs returns the attrs of a request.
func attrs(user int) []slog.Attr {
	return []slog.Attr{
		slog.String("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
		slog.String("tenant", "acme"),
		slog.Int("user", user),
	}
}

// adding reads attrs from the context and adds them to each record.
type adding struct{ slog.Handler }

func (h adding) Handle(ctx context.Context, r slog.Record) error {
	if a, ok := ctx.Value(key{}).([]slog.Attr); ok {
		r = r.Clone()
		r.AddAttrs(a...)
	}
	return h.Handler.Handle(ctx, r)
}

// binding does the same by deriving a handler for each record.
type binding struct{ slog.Handler }

func (h binding) Handle(ctx context.Context, r slog.Record) error {
	if a, ok := ctx.Value(key{}).([]slog.Attr); ok {
		return h.Handler.WithAttrs(a).Handle(ctx, r)
	}
	return h.Handler.Handle(ctx, r)
}

func text() slog.Handler { return slog.NewTextHandler(shape.Null{}, nil) }

// logfmt is what writes the lines of slog's TextHandler here.
func logfmt() slog.Handler { return handlers.NewStream(shape.Null{}, formatters.Logfmt(nil), nil) }

func tree() *slogtree.Logger {
	t := slogtree.New(slogtree.Options{})
	t.Root().AddHandler(logfmt())
	return t.Get(shape.Dotted(4))
}

// record logs a record with two attrs of its own.
func record(ctx context.Context, l *slog.Logger) {
	l.LogAttrs(ctx, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status))
}

func measure(b *testing.B, name string, f func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		defer lat.Meter(b)()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				f()
			}
		})
	})
}

func deep(ctx context.Context) context.Context {
	for range 8 {
		ctx = context.WithValue(ctx, new(int), 0)
	}
	return ctx
}

// BenchmarkRecord logs one record, whose context is there already.
func BenchmarkRecord(b *testing.B) {
	by := context.WithValue(b.Context(), key{}, attrs(7))
	ours := contextattrs.WithAttrs(b.Context(), attrs(7)...)
	for _, c := range []struct {
		name string
		h    slog.Handler
		ctx  context.Context
	}{
		{"bound-once", text().WithAttrs(attrs(7)), b.Context()},
		{"none", text(), b.Context()},
		{"added-per-record", adding{text()}, by},
		{"added-per-record-deep", adding{text()}, deep(by)},
		{"bound-per-record", binding{text()}, by},
		{"slogsuite-around", contextattrs.NewHandler(text()), ours},
		{"slogsuite-around-deep", contextattrs.NewHandler(text()), deep(ours)},
		{"slogsuite", logfmt(), ours},
		{"slogsuite-deep", logfmt(), deep(ours)},
	} {
		l := slog.New(c.h)
		measure(b, c.name, func() { record(c.ctx, l) })
	}
	l := tree()
	measure(b, "slogtree", func() {
		l.LogAttrs(ours, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status))
	})
}

// BenchmarkRequest gives a request its attrs and logs one record.
func BenchmarkRequest(b *testing.B) {
	ctx := b.Context()
	added, bound, around, ours := slog.New(adding{text()}), text(), slog.New(contextattrs.NewHandler(text())), slog.New(logfmt())
	measure(b, "added-per-record", func() { record(context.WithValue(ctx, key{}, attrs(7)), added) })
	measure(b, "bound-once", func() { record(ctx, slog.New(bound.WithAttrs(attrs(7)))) })
	measure(b, "slogsuite-around", func() { record(contextattrs.WithAttrs(ctx, attrs(7)...), around) })
	measure(b, "slogsuite-around-args", func() {
		record(contextattrs.With(ctx, "trace", "4bf92f3577b34da6a3ce929d0e0e4736", "tenant", "acme", "user", 7), around)
	})
	measure(b, "slogsuite", func() { record(contextattrs.WithAttrs(ctx, attrs(7)...), ours) })
	measure(b, "slogsuite-args", func() {
		record(contextattrs.With(ctx, "trace", "4bf92f3577b34da6a3ce929d0e0e4736", "tenant", "acme", "user", 7), ours)
	})
}
