package netsink

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// Handle allocates nothing but what encoding the record does.
func TestAllocs(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's sync.Pool forgets")
	}
	tape := newTape()
	s := startServer(t, "tcp", func(c net.Conn, _ int) {
		defer c.Close()
		_ = tape.readAll(c)
	})
	for protocol, name := range map[Protocol]string{Pickle: "pickle", JSON: "json"} {
		t.Run(name, func(t *testing.T) {
			o := quick(s, &told{})
			o.Protocol = protocol
			h := newHandler(t, "tcp", "127.0.0.1:1", o)
			derived, _ := h.WithLoggerName("logger", "app").WithAttrs([]slog.Attr{slog.Int("id", 1)}).WithGroup("g").(*Handler)
			ctx := contextattrs.With(context.Background(), "request", "r1")
			r := slog.NewRecord(time.Now(), slog.LevelInfo, "a message", 0)
			r.AddAttrs(slog.String("s", "text"), slog.Int("i", -5), slog.Bool("b", true), slog.Duration("d", time.Second), slog.Float64("f", 1.5))
			var buf []byte
			attrs := contextattrs.Attrs(ctx)
			encoding := testing.AllocsPerRun(2000, func() { buf = derived.encoder.Append(buf[:0], attrs, &r) })
			if n := testing.AllocsPerRun(2000, func() { _ = derived.Handle(ctx, r) }); n > encoding {
				t.Errorf("%v allocations, %v of them for encoding", n, encoding)
			}
			closed(t, h)
		})
	}
}
