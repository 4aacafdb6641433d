package files

import (
	"errors"
	"io"
	"os"

	"github.com/DeRuina/timberjack"
	phuslu "github.com/phuslu/log"
	"go.uber.org/zap/zapcore"
	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/slogsuite/slogsuite/rotate"
)

const (
	logName = "app.log"
	keepAll = 100_000 // backups, for a peer that keeps none unless told how many
)

// A peer is something that writes a log file. Its kind says what it is fair to
// compare it with: a direct one has handed the line to the system when Write
// returns.
type peer struct {
	kind  string
	name  string
	open  opener
	least int64 // limit that it takes
}

// An opener opens a file that rotates at limit bytes.
type opener func(path string, limit int64) io.WriteCloser

const (
	direct   = "direct"
	buffered = "buffered"
)

// peers are told to keep all backups, and to do nothing else with them. raw-file
// and zap-buffered do not rotate.
var peers = []peer{
	{kind: direct, name: "raw-file", open: openRaw},
	{kind: direct, name: "slogsuite-direct", open: ours(rotate.Options{})},
	{kind: direct, name: "slogsuite-shared", open: ours(rotate.Options{Shared: true})},
	{kind: direct, name: "limit-shared", open: openLocked},
	{kind: direct, name: "lumberjack", open: openLumberjack},
	{kind: direct, name: "timberjack", open: openTimberjack},
	{kind: direct, name: "phuslu-file", open: openPhuslu},
	{kind: buffered, name: "limit-buffered", open: openLimit},
	{kind: buffered, name: "slogsuite-buffered", open: ours(rotate.Options{Durability: rotate.Buffered})},
	{kind: buffered, name: "zap-buffered", open: openZap},
	{kind: buffered, name: "zap-buffered-lumberjack", open: openZapLumberjack},
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ours opens our file with its backups numbered upward.
func ours(o rotate.Options) opener {
	return func(path string, limit int64) io.WriteCloser { return openOurs(path, limit, o) }
}

func openOurs(path string, limit int64, o rotate.Options) *rotate.File {
	o.MaxBytes, o.Upward = limit, true
	return must(rotate.Open(path, o))
}

// openRaw is the floor of the direct ones: one write(2) a line, by whatever
// number of processes.
func openRaw(path string, _ int64) io.WriteCloser { return appending(path) }

func appending(path string) *os.File {
	return must(os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644))
}

func create(path string) *os.File { return must(os.Create(path)) }

// Both jacks take whole MiB.
func openLumberjack(path string, limit int64) io.WriteCloser {
	return &lumberjack.Logger{Filename: path, MaxSize: int(limit / mib)}
}

func openTimberjack(path string, limit int64) io.WriteCloser {
	return &timberjack.Logger{Filename: path, MaxSize: int(limit / mib)}
}

func openPhuslu(path string, limit int64) io.WriteCloser {
	return &phuslu.FileWriter{Filename: path, MaxSize: limit, MaxBackups: keepAll}
}

func openZap(path string, _ int64) io.WriteCloser {
	f := create(path)
	return zapBuffered{&zapcore.BufferedWriteSyncer{WS: f}, f}
}

func openZapLumberjack(path string, limit int64) io.WriteCloser {
	l := openLumberjack(path, limit)
	return zapBuffered{&zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(l)}, l}
}

// zapBuffered closes what zap's buffer leaves open.
type zapBuffered struct {
	*zapcore.BufferedWriteSyncer
	file io.Closer
}

func (z zapBuffered) Close() error { return errors.Join(z.Stop(), z.file.Close()) }
