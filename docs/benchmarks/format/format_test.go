// Package format measures turning one record into one line. The destination is
// shape.Null, so what is left is the formatting.
package format

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	charm "github.com/charmbracelet/log"
	"github.com/lmittmann/tint"
	console "github.com/phsym/console-slog"
	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/limit"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

func init() { zerolog.TimeFieldFormat = time.RFC3339Nano }

func zapCore(w io.Writer) zapcore.Core {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	return zapcore.NewCore(zapcore.NewJSONEncoder(c), zapcore.AddSync(w), zapcore.InfoLevel)
}

func percent(w io.Writer, format string) slog.Handler {
	return handlers.NewStream(w, formatters.Must(formatters.Percent(format, nil)), slog.LevelInfo)
}

// consoleOf is what people read, with a full timestamp as its peers write it.
func consoleOf(w io.Writer, source bool) slog.Handler {
	f := formatters.Console(&formatters.Options{DateFmt: "%FT%T%z", Source: source, Color: formatters.ColorNever})
	return handlers.NewStream(w, f, slog.LevelInfo)
}

// unlocked are ours without a stream's lock, for a writer that promises to do
// without: so do phuslu, zerolog, zap and console-slog call whatever writer they get.
func unlocked(make func(io.Writer) slog.Handler) func(io.Writer) slog.Handler {
	return func(w io.Writer) slog.Handler { return make(handlers.Concurrent(w)) }
}

func ourPercent(w io.Writer) slog.Handler { return percent(w, "%(asctime)s %(levelname)s %(message)s") }
func ourJSON(w io.Writer) slog.Handler {
	return handlers.NewStream(w, formatters.JSON(nil), slog.LevelInfo)
}
func ourLogfmt(w io.Writer) slog.Handler {
	return handlers.NewStream(w, formatters.Logfmt(nil), slog.LevelInfo)
}

// peers are what plugs into slog. All are told to write full
// timestamps and no colour.
var peers = []struct {
	name string
	make func(io.Writer) slog.Handler
}{
	{"limit", func(w io.Writer) slog.Handler { return limit.NewText(w) }},
	{"slogsuite", ourPercent},
	{"slogsuite-json", ourJSON},
	{"slogsuite-logfmt", ourLogfmt},
	{"slogsuite-unlocked", unlocked(ourPercent)},
	{"slogsuite-json-unlocked", unlocked(ourJSON)},
	{"slogsuite-logfmt-unlocked", unlocked(ourLogfmt)},
	{"slogsuite-console", func(w io.Writer) slog.Handler { return consoleOf(w, false) }},
	{"stdlib-text", func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }},
	{"stdlib-json", func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }},
	{"phuslu-json", func(w io.Writer) slog.Handler { return phuslu.SlogNewJSONHandler(w, nil) }},
	{"zerolog-json", func(w io.Writer) slog.Handler { return zerolog.NewSlogHandler(zerolog.New(w)) }},
	{"zapslog-json", func(w io.Writer) slog.Handler { return zapslog.NewHandler(zapCore(w)) }},
	{"tint", func(w io.Writer) slog.Handler {
		return tint.NewTextHandler(w, &tint.Options{NoColor: true, TimeFormat: time.RFC3339Nano})
	}},
	{"console-slog", func(w io.Writer) slog.Handler {
		return console.NewHandler(w, &console.HandlerOptions{NoColor: true, TimeFormat: time.RFC3339Nano})
	}},
	{"charm-text", func(w io.Writer) slog.Handler {
		return charm.NewWithOptions(w, charm.Options{ReportTimestamp: true, TimeFormat: time.RFC3339Nano})
	}},
}

var shapes = []struct {
	name string
	with []any
	call func(context.Context, *slog.Logger)
}{
	{"msg", nil, func(ctx context.Context, l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message)
	}},
	{"5attrs", nil, func(ctx context.Context, l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message,
			slog.String("path", shape.Path), slog.Int("status", shape.Status), slog.Duration("took", shape.Took),
			slog.Time("since", shape.Since), slog.Any("cause", shape.ErrCause))
	}},
	{"10ctx+2", shape.TenContextArgs(), func(ctx context.Context, l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status))
	}},
}

// TestSample logs the line each handler writes for the five attributes, so that
// a reader can see whether the figures compare like with like.
func TestSample(t *testing.T) {
	for _, h := range peers {
		var buf bytes.Buffer
		shapes[1].call(context.Background(), slog.New(h.make(&buf)))
		t.Logf("%-17s %3d bytes %s", h.name, buf.Len(), bytes.TrimSpace(buf.Bytes()))
	}
}

// BenchmarkSlog formats through the slog API.
func BenchmarkSlog(b *testing.B) {
	for _, s := range shapes {
		for _, h := range peers {
			b.Run(s.name+"/"+h.name, func(b *testing.B) {
				l := slog.New(h.make(shape.Null{}))
				if s.with != nil {
					l = l.With(s.with...)
				}
				ctx := context.Background()
				lat.Parallel(b, func() { s.call(ctx, l) })
			})
		}
	}
}

// BenchmarkSource adds the caller's file and line to the message-only record.
func BenchmarkSource(b *testing.B) {
	opts := &slog.HandlerOptions{AddSource: true}
	for _, h := range []struct {
		name string
		make func(io.Writer) slog.Handler
	}{
		{"limit", func(w io.Writer) slog.Handler { return limit.NewSource(w) }},
		{"slogsuite", func(w io.Writer) slog.Handler {
			return percent(w, "%(asctime)s %(levelname)s %(pathname)s:%(lineno)d %(message)s")
		}},
		{"slogsuite-json", func(w io.Writer) slog.Handler {
			return handlers.NewStream(w, formatters.JSON(&formatters.Options{Source: true}), slog.LevelInfo)
		}},
		{"slogsuite-logfmt", func(w io.Writer) slog.Handler {
			return handlers.NewStream(w, formatters.Logfmt(&formatters.Options{Source: true}), slog.LevelInfo)
		}},
		{"slogsuite-console", func(w io.Writer) slog.Handler { return consoleOf(w, true) }},
		{"stdlib-text", func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, opts) }},
		{"stdlib-json", func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, opts) }},
		{"phuslu-json", func(w io.Writer) slog.Handler { return phuslu.SlogNewJSONHandler(w, opts) }},
		{"zapslog-json", func(w io.Writer) slog.Handler { return zapslog.NewHandler(zapCore(w), zapslog.WithCaller(true)) }},
		{"tint", func(w io.Writer) slog.Handler {
			return tint.NewTextHandler(w, &tint.Options{NoColor: true, AddSource: true, TimeFormat: time.RFC3339Nano})
		}},
		{"console-slog", func(w io.Writer) slog.Handler {
			return console.NewHandler(w, &console.HandlerOptions{NoColor: true, AddSource: true, TimeFormat: time.RFC3339Nano})
		}},
	} {
		b.Run("msg/"+h.name, func(b *testing.B) {
			l := slog.New(h.make(shape.Null{}))
			ctx := context.Background()
			lat.Parallel(b, func() { l.LogAttrs(ctx, slog.LevelInfo, shape.Message) })
		})
	}
}

// BenchmarkNative formats the same records through the peers' own APIs.
func BenchmarkNative(b *testing.B) {
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			lat.Parallel(b, f)
		})
	}

	z := zerolog.New(shape.Null{}).With().Timestamp().Logger()
	zc := z.With().Str("service", "orders").Str("version", "1.42.0").Str("host", "node-17").Str("zone", "eu-west-1b").
		Int("pid", 4711).Str("tenant", "acme").Str("trace", "4bf92f3577b34da6a3ce929d0e0e4736").
		Str("span", "00f067aa0ba902b7").Bool("sampled", true).Dur("budget", 250*time.Millisecond).Logger()
	run("msg/zerolog", func() { z.Info().Msg(shape.Message) })
	run("5attrs/zerolog", func() {
		z.Info().Str("path", shape.Path).Int("status", shape.Status).Dur("took", shape.Took).
			Time("since", shape.Since).AnErr("cause", shape.ErrCause).Msg(shape.Message)
	})
	run("10ctx+2/zerolog", func() { zc.Info().Str("path", shape.Path).Int("status", shape.Status).Msg(shape.Message) })

	u := zap.New(zapCore(shape.Null{}))
	uc := u.With(zap.String("service", "orders"), zap.String("version", "1.42.0"), zap.String("host", "node-17"),
		zap.String("zone", "eu-west-1b"), zap.Int("pid", 4711), zap.String("tenant", "acme"),
		zap.String("trace", "4bf92f3577b34da6a3ce929d0e0e4736"), zap.String("span", "00f067aa0ba902b7"),
		zap.Bool("sampled", true), zap.Duration("budget", 250*time.Millisecond))
	run("msg/zap", func() { u.Info(shape.Message) })
	run("5attrs/zap", func() {
		u.Info(shape.Message, zap.String("path", shape.Path), zap.Int("status", shape.Status), zap.Duration("took", shape.Took),
			zap.Time("since", shape.Since), zap.NamedError("cause", shape.ErrCause))
	})
	run("10ctx+2/zap", func() { uc.Info(shape.Message, zap.String("path", shape.Path), zap.Int("status", shape.Status)) })

	p := phuslu.Logger{Level: phuslu.InfoLevel, Writer: phuslu.IOWriter{Writer: shape.Null{}}}
	pc := p
	pc.Context = phuslu.NewContext(nil).Str("service", "orders").Str("version", "1.42.0").Str("host", "node-17").
		Str("zone", "eu-west-1b").Int("pid", 4711).Str("tenant", "acme").Str("trace", "4bf92f3577b34da6a3ce929d0e0e4736").
		Str("span", "00f067aa0ba902b7").Bool("sampled", true).Dur("budget", 250*time.Millisecond).Value()
	run("msg/phuslu", func() { p.Info().Msg(shape.Message) })
	run("5attrs/phuslu", func() {
		p.Info().Str("path", shape.Path).Int("status", shape.Status).Dur("took", shape.Took).
			Time("since", shape.Since).AnErr("cause", shape.ErrCause).Msg(shape.Message)
	})
	run("10ctx+2/phuslu", func() { pc.Info().Str("path", shape.Path).Int("status", shape.Status).Msg(shape.Message) })
}
