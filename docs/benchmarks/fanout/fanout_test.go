// Package fanout measures sending one record to several handlers.
package fanout

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/limit"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

// plainLoop is the floor: a loop over the handlers and nothing else.
type plainLoop []slog.Handler

func (p plainLoop) Enabled(context.Context, slog.Level) bool { return true }
func (p plainLoop) Handle(ctx context.Context, r slog.Record) error {
	for _, h := range p {
		if err := h.Handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}
func (p plainLoop) WithAttrs([]slog.Attr) slog.Handler { return p }
func (p plainLoop) WithGroup(string) slog.Handler      { return p }

var fans = []struct {
	name string
	join func([]slog.Handler) slog.Handler
}{
	{"loop", func(hs []slog.Handler) slog.Handler { return plainLoop(hs) }},
	{"stdlib-multi", func(hs []slog.Handler) slog.Handler { return slog.NewMultiHandler(hs...) }},
	{"slogsuite", func(hs []slog.Handler) slog.Handler { return handlers.NewFanout(hs...) }},
	{"samber-fanout", func(hs []slog.Handler) slog.Handler { return slogmulti.Fanout(hs...) }},
}

func repeat(n int, h func() slog.Handler) []slog.Handler {
	hs := make([]slog.Handler, n)
	for i := range hs {
		hs[i] = h()
	}
	return hs
}

// measure drives a handler directly with a prepared record, so that the cost
// of slog's front end does not drown that of the fan-out.
func measure(b *testing.B, h slog.Handler) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, shape.Message, 0)
	r.AddAttrs(shape.FiveAttrs()...)
	ctx := context.Background()
	lat.Parallel(b, func() {
		if h.Enabled(ctx, slog.LevelInfo) {
			_ = h.Handle(ctx, r)
		}
	})
}

// BenchmarkText fans out to n TextHandlers.
func BenchmarkText(b *testing.B) {
	for _, n := range []int{1, 2, 4, 8} {
		for _, f := range fans {
			b.Run(fmt.Sprintf("%d/%s", n, f.name), func(b *testing.B) {
				measure(b, f.join(repeat(n, func() slog.Handler { return slog.NewTextHandler(shape.Null{}, nil) })))
			})
		}
		b.Run(fmt.Sprintf("%d/limit-tee", n), func(b *testing.B) {
			ws := make([]io.Writer, n)
			for i := range ws {
				ws[i] = shape.Null{}
			}
			measure(b, limit.NewTee(ws...))
		})
	}
}

// BenchmarkOneFormat logs through the slog API to n destinations that want the
// same line; "one" is a single destination without a fan-out.
func BenchmarkOneFormat(b *testing.B) {
	stream := func() slog.Handler {
		return handlers.NewStream(shape.Null{}, formatters.Must(formatters.Percent("%(asctime)s %(levelname)s %(message)s", nil)), slog.LevelInfo)
	}
	run := func(name string, h slog.Handler) {
		b.Run(name, func(b *testing.B) {
			log, ctx := slog.New(h), context.Background()
			lat.Parallel(b, func() {
				log.LogAttrs(ctx, slog.LevelInfo, shape.Message,
					slog.String("path", shape.Path), slog.Int("status", shape.Status), slog.Duration("took", shape.Took),
					slog.Time("since", shape.Since), slog.Any("cause", shape.ErrCause))
			})
		})
	}
	for _, n := range []int{2, 8} {
		for range turns {
			run(fmt.Sprintf("%d/one", n), stream())
			for _, f := range fans[1:] {
				run(fmt.Sprintf("%d/%s", n, f.name), f.join(repeat(n, stream)))
			}
		}
	}
}

// turns is how often what is compared takes its turn, so that each has its share
// of a slow spell.
const turns = 3

// BenchmarkEmpty fans out to n handlers that do nothing: the overhead alone.
func BenchmarkEmpty(b *testing.B) {
	for _, n := range []int{1, 2, 4, 8} {
		for _, f := range fans {
			b.Run(fmt.Sprintf("%d/%s", n, f.name), func(b *testing.B) {
				measure(b, f.join(repeat(n, func() slog.Handler { return shape.Accepting{} })))
			})
		}
	}
}

// BenchmarkDisabled asks n handlers that are all above the level.
func BenchmarkDisabled(b *testing.B) {
	off := func() slog.Handler {
		return slog.NewTextHandler(shape.Null{}, &slog.HandlerOptions{Level: slog.LevelError})
	}
	for _, n := range []int{1, 2, 4, 8} {
		for _, f := range fans[1:] {
			b.Run(fmt.Sprintf("%d/%s", n, f.name), func(b *testing.B) { measure(b, f.join(repeat(n, off))) })
		}
	}
}
