package network

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"

	"github.com/fluent/fluent-logger-golang/fluent"
	phuslu "github.com/phuslu/log"
	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
	"github.com/slogsuite/slogsuite/netsink"
)

const (
	recordLen = 300
	agent     = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0"
)

// A sender sends a record at each call of send. What close returns for is with the system.
type sender struct {
	send  func() error
	close func() error
}

// A peer is something that sends records to an address.
type peer struct {
	name string
	open func(addr string) sender
}

// ours returns our handler's call of one kind. Not one record may be lost.
func ours(p netsink.Protocol, kind func(slog.Handler) func()) func(addr string) sender {
	return func(addr string) sender {
		h := must(netsink.NewHandler("tcp", addr, netsink.Options{Protocol: p}))
		send := kind(h)
		return sender{func() error { send(); return nil }, func() error {
			if err := h.Close(context.Background()); err != nil {
				return err
			}
			if s := h.Stats(); s.Sent != s.Records || s.Unconfirmed != 0 || s.Connects != 1 {
				return fmt.Errorf("not all was sent, through one connection: %+v", s)
			}
			return nil
		}}
	}
}

// fiveAttrs logs what all peers log.
func fiveAttrs(h slog.Handler) func() {
	l := slog.New(h)
	ctx := context.Background()
	return func() {
		l.LogAttrs(ctx, slog.LevelInfo, shape.Message, slog.String("path", shape.Path), slog.Int("status", shape.Status),
			slog.Duration("took", shape.Took), slog.Time("since", shape.Since), slog.String("agent", agent))
	}
}

// messageOnly logs a message without attrs, as the program in Python does.
func messageOnly(h slog.Handler) func() {
	l := slog.New(h)
	ctx := context.Background()
	return func() { l.LogAttrs(ctx, slog.LevelInfo, "served /api/v1/orders in 17 ms") }
}

// overConn makes a peer of what writes to a connection. flush writes what is held back.
func overConn(name string, make func(net.Conn) (send, flush func() error)) peer {
	return peer{name, func(addr string) sender {
		c := must(net.Dial("tcp", addr))
		send, flush := make(c)
		return sender{send, func() error {
			if err := flush(); err != nil {
				return err
			}
			return c.Close()
		}}
	}}
}

func none() error { return nil }

// raws only send frames of 300 bytes that were made before.
var raws = []peer{
	overConn("raw-prefix-bufio", func(c net.Conn) (func() error, func() error) {
		w := bufio.NewWriterSize(c, 64<<10)
		p := shape.Line(recordLen)
		var head [4]byte
		return func() error {
			binary.BigEndian.PutUint32(head[:], uint32(len(p)))
			if _, err := w.Write(head[:]); err != nil {
				return err
			}
			_, err := w.Write(p)
			return err
		}, w.Flush
	}),
	overConn("raw-prefix-unbuffered", func(c net.Conn) (func() error, func() error) {
		p := rawFrame()
		return func() error { _, err := c.Write(p); return err }, none
	}),
	overConn("raw-writev-64", func(c net.Conn) (func() error, func() error) {
		p := rawFrame()
		var batch, work net.Buffers
		flush := func() error {
			work = append(work[:0], batch...)
			batch = batch[:0]
			v := work
			_, err := v.WriteTo(c)
			return err
		}
		return func() error {
			if batch = append(batch, p); len(batch) == 64 {
				return flush()
			}
			return nil
		}, flush
	}),
}

func rawFrame() []byte {
	p := binary.BigEndian.AppendUint32(nil, recordLen)
	return append(p, shape.Line(recordLen)...)
}

// loggers are others' that write to a connection.
var loggers = []peer{
	overConn("stdlib-json-unbuffered", func(c net.Conn) (func() error, func() error) { return stdlib(c), none }),
	overConn("stdlib-json-bufio", func(c net.Conn) (func() error, func() error) {
		w := bufio.NewWriterSize(c, 64<<10)
		return stdlib(&locked{w: w}), w.Flush
	}),
	overConn("zap-unbuffered", func(c net.Conn) (func() error, func() error) { return zapped(zapcore.AddSync(c)), none }),
	overConn("zap-buffered", func(c net.Conn) (func() error, func() error) {
		s := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(c)}
		return zapped(s), s.Stop
	}),
	overConn("zerolog-unbuffered", func(c net.Conn) (func() error, func() error) {
		l := zerolog.New(c).With().Timestamp().Logger()
		return func() error {
			l.Info().Str("path", shape.Path).Int("status", shape.Status).Dur("took", shape.Took).
				Time("since", shape.Since).Str("agent", agent).Msg(shape.Message)
			return nil
		}, none
	}),
	overConn("phuslu-unbuffered", func(c net.Conn) (func() error, func() error) {
		l := phuslu.Logger{Level: phuslu.InfoLevel, Writer: phuslu.IOWriter{Writer: c}}
		return func() error {
			l.Info().Str("path", shape.Path).Int("status", shape.Status).Dur("took", shape.Took).
				Time("since", shape.Since).Str("agent", agent).Msg(shape.Message)
			return nil
		}, none
	}),
	{"fluent-sync", fluentd(false)},
	{"fluent-async", fluentd(true)},
}

func stdlib(w io.Writer) func() error {
	send := fiveAttrs(slog.NewJSONHandler(w, nil))
	return func() error { send(); return nil }
}

func zapped(ws zapcore.WriteSyncer) func() error {
	c := zap.NewProductionEncoderConfig()
	c.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(c), ws, zapcore.InfoLevel))
	return func() error {
		l.Info(shape.Message, zap.String("path", shape.Path), zap.Int("status", shape.Status),
			zap.Duration("took", shape.Took), zap.Time("since", shape.Since), zap.String("agent", agent))
		return nil
	}
}

// fluentd sends maps by the forward protocol.
func fluentd(async bool) func(addr string) sender {
	return func(addr string) sender {
		host, port, err := net.SplitHostPort(addr)
		must(host, err)
		f := must(fluent.New(fluent.Config{FluentHost: host, FluentPort: must(strconv.Atoi(port)), Async: async, SubSecondPrecision: true}))
		return sender{func() error {
			return f.Post("app.orders", map[string]any{"level": "INFO", "msg": shape.Message, "path": shape.Path,
				"status": shape.Status, "took": shape.Took.String(), "since": shape.Since.String(), "agent": agent})
		}, f.Close}
	}
}

// locked serialises writes for a writer that does not do it itself.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
