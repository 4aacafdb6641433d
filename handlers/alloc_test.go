package handlers_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// plain is a formatter that allocates nothing for certain.
type plain struct{}

func (plain) WithAttrs([]slog.Attr) formatters.Formatter      { return plain{} }
func (plain) WithGroup(string) formatters.Formatter           { return plain{} }
func (plain) WithLoggerName(_, _ string) formatters.Formatter { return plain{} }
func (plain) Key() any                                        { return plain{} }
func (plain) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	for _, a := range ctxAttrs {
		dst = append(dst, a.Key...)
	}
	return append(dst, r.Message...)
}

func TestHandlersAllocateNothing(t *testing.T) {
	stream := func() slog.Handler { return handlers.NewStream(io.Discard, plain{}, slog.LevelInfo) }
	ctx := contextattrs.With(context.Background(), "req", 1)
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "message", 0)
	for i := range 7 {
		r.AddAttrs(slog.Int("k", i))
	}
	for name, h := range map[string]slog.Handler{
		"Stream":         stream(),
		"Level":          handlers.NewLevel(stream(), slog.LevelInfo),
		"Filter":         handlers.NewFilter(stream(), handlers.FilterFunc(pass), handlers.NameFilter("root")),
		"Fanout of two":  handlers.NewFanout(stream(), stream()),
		"Failover":       handlers.NewFailover(handlers.FailoverOptions{}, stream(), stream()),
		"Retry":          handlers.NewRetry(stream(), handlers.RetryOptions{}),
		"Recover":        handlers.NewRecover(stream()),
		"FlightRecorder": handlers.NewFlightRecorder(stream(), handlers.FlightOptions{}),
		"Router": handlers.NewRouter(handlers.RouterOptions{}, handlers.Route{To: stream(), Logger: "a"},
			handlers.Route{To: stream(), Attr: slog.Int("k", 6)}),
		"Level over somebody else's": handlers.NewLevel(foreign{slog.DiscardHandler}, nil),
		"Level of Filter of Fanout":  handlers.NewLevel(handlers.NewFilter(handlers.NewFanout(stream(), stream())), slog.LevelInfo),
	} {
		ctx := ctx
		if name == "Level over somebody else's" {
			ctx = context.Background() // else contextattrs makes a record
		}
		n := testing.AllocsPerRun(200, func() {
			if h.Enabled(ctx, r.Level) {
				_ = h.Handle(ctx, r)
			}
		})
		if n != 0 && !raceEnabled { // with -race, a sync.Pool drops what it is given
			t.Errorf("%s: %v allocations for a record", name, n)
		}
	}
}

// TestHugeRecordIsNotKept logs one record of 8 MB, and sees the buffer go.
func TestHugeRecordIsNotKept(t *testing.T) {
	huge := slog.NewRecord(time.Now(), slog.LevelInfo, string(make([]byte, 8<<20)), 0)
	h := handlers.NewStream(io.Discard, plain{}, nil)
	handle(t, h, huge)
	n := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = h.Handle(context.Background(), huge)
		}
	}).AllocedBytesPerOp()
	if n < 8<<20 {
		t.Errorf("%d bytes allocated for a record of 8 MB: its buffer was kept", n)
	}
}
