package format

import (
	"io"
	"log/slog"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

type nop struct{}

func (n nop) WithAttrs([]slog.Attr) formatters.Formatter            { return n }
func (n nop) WithGroup(string) formatters.Formatter                 { return n }
func (n nop) WithLoggerName(string, string) formatters.Formatter    { return n }
func (n nop) Append(dst []byte, _ []slog.Attr, _ slog.Record) []byte { return append(dst, 'x') }
func (n nop) Key() any                                              { return n }

func init() {
	peers = append(peers, struct {
		name string
		make func(io.Writer) slog.Handler
	}{"nop-stream", func(w io.Writer) slog.Handler { return handlers.NewStream(w, nop{}, slog.LevelInfo) }},
		struct {
			name string
			make func(io.Writer) slog.Handler
		}{"floor", func(w io.Writer) slog.Handler { return shape.Accepting{} }})
}
