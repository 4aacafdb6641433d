// Package floor measures what log/slog itself costs, before any handler does
// any work. Every other figure in this module sits on top of these.
package floor

import (
	"context"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

var calls = []struct {
	name string
	call func(context.Context, *slog.Logger)
}{
	{"msg", func(_ context.Context, l *slog.Logger) { l.Info(shape.Message) }},
	{"5args", func(_ context.Context, l *slog.Logger) {
		l.Info(shape.Message, "path", shape.Path, "status", shape.Status, "took", shape.Took, "since", shape.Since, "cause", shape.ErrCause)
	}},
	{"5attrs", func(ctx context.Context, l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message,
			slog.String("path", shape.Path), slog.Int("status", shape.Status), slog.Duration("took", shape.Took),
			slog.Time("since", shape.Since), slog.Any("cause", shape.ErrCause))
	}},
}

func run(b *testing.B, h slog.Handler) {
	for _, c := range calls {
		b.Run(c.name, func(b *testing.B) {
			l := slog.New(h)
			ctx := context.Background()
			lat.Parallel(b, func() { c.call(ctx, l) })
		})
	}
}

// BenchmarkAccepting is the API floor.
func BenchmarkAccepting(b *testing.B) { run(b, shape.Accepting{}) }

// BenchmarkDiscard is slog.DiscardHandler, which is disabled at every level.
func BenchmarkDiscard(b *testing.B) { run(b, slog.DiscardHandler) }

// BenchmarkDisabled is a call below the level of a live handler.
func BenchmarkDisabled(b *testing.B) {
	run(b, slog.NewTextHandler(shape.Null{}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// BenchmarkDisabledLevelVar is the same with a level that can change.
func BenchmarkDisabledLevelVar(b *testing.B) {
	v := new(slog.LevelVar)
	v.Set(slog.LevelWarn)
	run(b, slog.NewTextHandler(shape.Null{}, &slog.HandlerOptions{Level: v}))
}
