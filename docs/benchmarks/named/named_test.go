// Package named measures loggers that have a dotted name and inherit their
// level from the nearest ancestor that sets one.
//
// Ours stand in it twice: slogsuite is the handler alone under slog.New,
// slogtree the same handler as the only one of a tree.
package named

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	ipfs "github.com/ipfs/go-log/v2"
	"github.com/juju/loggo/v2"
	oplogging "github.com/op/go-logging"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/forest"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/limit"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

var depths = []int{1, 4, 8, 16}

func zapCore(level zapcore.LevelEnabler) zapcore.Core {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	return zapcore.NewCore(zapcore.NewConsoleEncoder(c), shape.Null{}, level)
}

// loggoFormat writes what the other peers write: loggo's own default format
// also looks up and prints the caller's file and line.
func loggoFormat(e loggo.Entry) string {
	return e.Timestamp.UTC().Format("2006-01-02 15:04:05.000") + " " + e.Module + " " + e.Level.String() + " " + e.Message
}

// peers returns, for a depth, one enabled and one disabled call per peer. The
// level is set at the root only, so depth is how far it is inherited.
var peers = []struct {
	name string
	make func(depth int) (info, debug func())
}{
	{"limit", func(d int) (func(), func()) {
		l := slog.New(limit.NewNamed(shape.Null{}, shape.Dotted(d)))
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"slogsuite", func(d int) (func(), func()) {
		h := handlers.NewStream(shape.Null{}, formatters.Must(formatters.Percent(forest.Format, nil)), slog.LevelInfo)
		l := slog.New(handlers.BindName(h, "logger", shape.Dotted(d)))
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"slogtree", func(d int) (func(), func()) {
		h := handlers.NewStream(shape.Null{}, formatters.Must(formatters.Percent(forest.Format, nil)), nil)
		l := forest.Grow(10, h).Tree.Get(shape.Dotted(d))
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"slog-with-name", func(d int) (func(), func()) {
		l := slog.New(slog.NewTextHandler(shape.Null{}, nil)).With("logger", shape.Dotted(d))
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"loggo", func(d int) (func(), func()) {
		c := loggo.NewContext(loggo.INFO)
		if err := c.AddWriter("null", loggo.NewSimpleWriter(shape.Null{}, loggoFormat)); err != nil {
			panic(err)
		}
		l := c.GetLogger(shape.Dotted(d))
		return func() { l.Infof(shape.Message) }, func() { l.Debugf(shape.Message) }
	}},
	{"loggo-default-format", func(d int) (func(), func()) {
		c := loggo.NewContext(loggo.INFO)
		if err := c.AddWriter("null", loggo.NewSimpleWriter(shape.Null{}, loggo.DefaultFormatter)); err != nil {
			panic(err)
		}
		l := c.GetLogger(shape.Dotted(d))
		return func() { l.Infof(shape.Message) }, func() { l.Debugf(shape.Message) }
	}},
	{"op-go-logging", func(d int) (func(), func()) {
		f := oplogging.MustStringFormatter("%{time:2006-01-02 15:04:05.000} %{module} %{level} %{message}")
		b := oplogging.AddModuleLevel(oplogging.NewBackendFormatter(oplogging.NewLogBackend(shape.Null{}, "", 0), f))
		b.SetLevel(oplogging.INFO, "")
		l := oplogging.MustGetLogger(shape.Dotted(d))
		l.SetBackend(b)
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"ipfs-go-log", func(d int) (func(), func()) {
		ipfs.SetPrimaryCore(zapCore(zapcore.DebugLevel))
		l := ipfs.Logger(shape.Dotted(d))
		if err := ipfs.SetLogLevel(shape.Dotted(d), "info"); err != nil {
			panic(err)
		}
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"hclog", func(d int) (func(), func()) {
		l := hclog.New(&hclog.LoggerOptions{Output: shape.Null{}, Level: hclog.Info})
		for _, p := range shape.Parts(d) {
			l = l.Named(p)
		}
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"hclog-independent", func(d int) (func(), func()) {
		l := hclog.New(&hclog.LoggerOptions{Output: shape.Null{}, Level: hclog.Info, IndependentLevels: true, SyncParentLevel: true})
		for _, p := range shape.Parts(d) {
			l = l.Named(p)
		}
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
	{"zap-named", func(d int) (func(), func()) {
		l := zap.New(zapCore(zapcore.InfoLevel))
		for _, p := range shape.Parts(d) {
			l = l.Named(p)
		}
		return func() { l.Info(shape.Message) }, func() { l.Debug(shape.Message) }
	}},
}

// TestSameLine checks that ours writes the line that the lower bound writes,
// so that the figures compare like with like.
func TestSameLine(t *testing.T) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, shape.Message, 0)
	var bound, ours bytes.Buffer
	f := formatters.Must(formatters.Percent(forest.Format, &formatters.Options{Location: time.UTC}))
	h := handlers.BindName(handlers.NewStream(&ours, f, nil), "logger", shape.Dotted(4))
	if err := h.Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := limit.NewNamed(&bound, shape.Dotted(4)).Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if ours.String() != bound.String() {
		t.Errorf("ours  %q\nlimit %q", &ours, &bound)
	}
}

// BenchmarkEnabled logs an info line through the named logger.
func BenchmarkEnabled(b *testing.B) {
	for _, d := range depths {
		for _, p := range peers {
			info, _ := p.make(d)
			b.Run(fmt.Sprintf("depth%d/%s", d, p.name), func(b *testing.B) { lat.Parallel(b, info) })
		}
	}
}

// BenchmarkDisabled makes a debug call that the inherited level turns off.
func BenchmarkDisabled(b *testing.B) {
	for _, d := range depths {
		for _, p := range peers {
			_, debug := p.make(d)
			b.Run(fmt.Sprintf("depth%d/%s", d, p.name), func(b *testing.B) { lat.Parallel(b, debug) })
		}
	}
}

// BenchmarkLookup asks for a logger by name that already exists, as code does
// that looks its logger up on every request.
func BenchmarkLookup(b *testing.B) {
	name := shape.Dotted(4)
	c := loggo.NewContext(loggo.INFO)
	c.GetLogger(name)
	ipfs.Logger(name)
	h := hclog.NewNullLogger()
	z := zap.NewNop()
	for _, size := range []int{10, 100_000} {
		g := forest.Grow(size, slog.DiscardHandler)
		held := g.Tree.Get(name)
		b.Run(fmt.Sprintf("slogtree%d", size), func(b *testing.B) { lat.Parallel(b, func() { g.Tree.Get(name) }) })
		runtime.KeepAlive(held)
	}
	b.Run("loggo", func(b *testing.B) { lat.Parallel(b, func() { c.GetLogger(name) }) })
	b.Run("ipfs-go-log", func(b *testing.B) { lat.Parallel(b, func() { ipfs.Logger(name) }) })
	b.Run("hclog-named", func(b *testing.B) { lat.Parallel(b, func() { h.Named(name) }) })
	b.Run("zap-named", func(b *testing.B) { lat.Parallel(b, func() { z.Named(name) }) })
}

// BenchmarkLine formats the line of Python's "%(asctime)s %(name)s
// %(levelname)s %(message)s" from a prepared record, without slog's front end.
func BenchmarkLine(b *testing.B) {
	r := slog.NewRecord(time.Now(), slog.LevelInfo, shape.Message, 0)
	h := limit.NewNamed(shape.Null{}, shape.Dotted(4))
	ctx := context.Background()
	b.Run("limit", func(b *testing.B) { lat.Parallel(b, func() { _ = h.Handle(ctx, r) }) })

	stream := handlers.BindName(handlers.NewStream(shape.Null{}, formatters.Must(formatters.Percent(forest.Format, nil)), nil), "logger", shape.Dotted(4))
	b.Run("slogsuite", func(b *testing.B) { lat.Parallel(b, func() { _ = stream.Handle(ctx, r) }) })
}
