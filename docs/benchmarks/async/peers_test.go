package async

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// A peer is a logger that writes through another goroutine, or beside it one that does not.
type peer struct {
	name  string
	whole bool // loses nothing
	open  func(w io.Writer, queue int) (log func(), closeLog func() error)
}

var peers = []peer{
	{"limit-nothing", false, func(io.Writer, int) (func(), func() error) { return func() {}, none }},
	{"slogsuite-sync", true, func(w io.Writer, _ int) (func(), func() error) {
		return slogCall(slog.New(stream(w))), none
	}},
	{"slogsuite-queue-block", true, func(w io.Writer, queue int) (func(), func() error) {
		q := handlers.NewQueue(stream(w), handlers.QueueOptions{Records: queue})
		return slogCall(slog.New(q)), closer(q)
	}},
	{"slogsuite-queue-drop", false, func(w io.Writer, queue int) (func(), func() error) {
		q := handlers.NewQueue(unmarked{stream(w)}, handlers.QueueOptions{Records: queue, Overflow: handlers.DropNew})
		return slogCall(slog.New(q)), closer(q)
	}},
	{"slogsuite-tree-queue-block", true, func(w io.Writer, queue int) (func(), func() error) {
		q := handlers.NewQueue(stream(w), handlers.QueueOptions{Records: queue})
		tree := slogtree.New(slogtree.Options{})
		tree.Root().AddHandler(q)
		l, ctx := tree.Get("orders.api"), context.Background()
		return func() {
			l.LogAttrs(ctx, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status))
		}, closer(q)
	}},
	{"slog-json-sync", true, func(w io.Writer, _ int) (func(), func() error) {
		return slogCall(slog.New(slog.NewJSONHandler(w, nil))), none
	}},
	{"chan-lines-block", true, func(w io.Writer, queue int) (func(), func() error) {
		c := newChanWriter(w, queue, false)
		return slogCall(slog.New(slog.NewJSONHandler(c, nil))), c.Close
	}},
	{"chan-lines-drop", false, func(w io.Writer, queue int) (func(), func() error) {
		c := newChanWriter(w, queue, true)
		return slogCall(slog.New(slog.NewJSONHandler(c, nil))), c.Close
	}},
	{"chan-records-block", true, func(w io.Writer, queue int) (func(), func() error) {
		c := newChanHandler(slog.NewJSONHandler(w, nil), queue)
		return slogCall(slog.New(c)), c.Close
	}},
	{"zerolog-diode-poll", false, func(w io.Writer, queue int) (func(), func() error) {
		return zerologCall(w, queue, 10*time.Millisecond)
	}},
	{"zerolog-diode-wait", false, func(w io.Writer, queue int) (func(), func() error) { return zerologCall(w, queue, 0) }},
	{"phuslu-async-block", false, func(w io.Writer, queue int) (func(), func() error) { return phusluCall(w, queue, false) }},
	{"phuslu-async-drop", false, func(w io.Writer, queue int) (func(), func() error) { return phusluCall(w, queue, true) }},
	{"zap-buffered", true, func(w io.Writer, _ int) (func(), func() error) {
		s := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(w)}
		l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), s, zapcore.InfoLevel))
		return func() { l.Info(shape.Message, zap.String("path", shape.Path), zap.Int("status", shape.Status)) }, s.Stop
	}},
}

func none() error { return nil }

// stream prints neither file nor line, so that the tree need not look for them.
func stream(w io.Writer) *handlers.Stream {
	return handlers.NewStream(w, formatters.Must(formatters.Percent("%(asctime)s %(name)s %(levelname)s %(message)s", nil)), slog.LevelInfo)
}

// unmarked leaves out the lines that tell of others: these are not to be counted.
type unmarked struct{ *handlers.Stream }

func (h unmarked) Enabled(_ context.Context, l slog.Level) bool { return l == slog.LevelInfo }

func closer(h slog.Handler) func() error {
	return func() error { return handlers.Close(context.Background(), h) }
}

func slogCall(l *slog.Logger) func() {
	ctx := context.Background()
	return func() {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status))
	}
}

func zerologCall(w io.Writer, queue int, poll time.Duration) (func(), func() error) {
	d := diode.NewWriter(w, queue, poll, nil)
	l := zerolog.New(d).With().Timestamp().Logger()
	return func() { l.Info().Str("path", shape.Path).Int("status", shape.Status).Msg(shape.Message) }, d.Close
}

func phusluCall(w io.Writer, queue int, drop bool) (func(), func() error) {
	a := &phuslu.AsyncWriter{ChannelSize: uint(queue), DiscardOnFull: drop, Writer: phuslu.IOWriter{Writer: w}}
	l := phuslu.Logger{Level: phuslu.InfoLevel, Writer: a}
	return func() { l.Info().Str("path", shape.Path).Int("status", shape.Status).Msg(shape.Message) }, a.Close
}

// chanWriter is the plain answer in Go: copy the line, send it down a channel.
type chanWriter struct {
	ch   chan *[]byte
	pool sync.Pool
	done chan struct{}
	drop bool
}

func newChanWriter(w io.Writer, queue int, drop bool) *chanWriter {
	c := &chanWriter{ch: make(chan *[]byte, queue), done: make(chan struct{}), drop: drop}
	c.pool.New = func() any { return new([]byte) }
	go func() {
		defer close(c.done)
		for p := range c.ch {
			_, _ = w.Write(*p)
			c.pool.Put(p)
		}
	}()
	return c
}

func (c *chanWriter) Write(p []byte) (int, error) {
	q := c.pool.Get().(*[]byte)
	*q = append((*q)[:0], p...)
	if !c.drop {
		c.ch <- q
		return len(p), nil
	}
	select {
	case c.ch <- q:
	default:
		c.pool.Put(q)
	}
	return len(p), nil
}

func (c *chanWriter) Close() error {
	close(c.ch)
	<-c.done
	return nil
}

// chanHandler is what people write by hand: it copies the record, and has another
// goroutine format it.
type chanHandler struct {
	slog.Handler
	ch   chan slog.Record
	done chan struct{}
}

func newChanHandler(h slog.Handler, queue int) *chanHandler {
	c := &chanHandler{Handler: h, ch: make(chan slog.Record, queue), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for r := range c.ch {
			_ = h.Handle(context.Background(), r)
		}
	}()
	return c
}

func (c *chanHandler) Handle(_ context.Context, r slog.Record) error {
	c.ch <- r.Clone()
	return nil
}

func (c *chanHandler) Close() error {
	close(c.ch)
	<-c.done
	return nil
}
