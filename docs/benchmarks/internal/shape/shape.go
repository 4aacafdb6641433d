// Package shape holds the records and sinks that every benchmark shares, so
// that two peers measured in different packages have logged the same thing.
package shape

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"
)

// Message is the text of every record.
const Message = "request served"

// The values of the five-attribute record: one each of string, int, duration,
// time and error, which are the kinds a service logs most.
var (
	Path     = "/api/v1/orders"
	Status   = 200
	Took     = 1234567 * time.Microsecond
	Since    = time.Date(2026, 3, 14, 15, 9, 26, 535897932, time.UTC)
	ErrCause = errors.New("upstream closed the connection")
)

// FiveAttrs returns the attributes of the five-attribute record.
func FiveAttrs() []slog.Attr {
	return []slog.Attr{
		slog.String("path", Path),
		slog.Int("status", Status),
		slog.Duration("took", Took),
		slog.Time("since", Since),
		slog.Any("cause", ErrCause),
	}
}

// TenContextArgs returns the key-value pairs of a logger that carries context:
// ten attributes bound once with Logger.With and repeated in every record.
func TenContextArgs() []any {
	return []any{
		slog.String("service", "orders"),
		slog.String("version", "1.42.0"),
		slog.String("host", "node-17"),
		slog.String("zone", "eu-west-1b"),
		slog.Int("pid", 4711),
		slog.String("tenant", "acme"),
		slog.String("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),
		slog.String("span", "00f067aa0ba902b7"),
		slog.Bool("sampled", true),
		slog.Duration("budget", 250*time.Millisecond),
	}
}

// Parts returns the n parts of a logger's name: "part0", "part1" and so on.
func Parts(n int) []string {
	p := make([]string, n)
	for i := range p {
		p[i] = fmt.Sprintf("part%d", i)
	}
	return p
}

// Dotted returns a logger's name of n parts, such as "part0.part1.part2".
func Dotted(n int) string { return strings.Join(Parts(n), ".") }

// Line returns a line of n bytes, the last of them a line feed.
func Line(n int) []byte { return Lines(n, 1)[0] }

// Lines returns lines of n bytes that differ, so that a compressor has work to
// do with them as it has with those of a service.
func Lines(n, count int) [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	lines := make([][]byte, count)
	for i := range lines {
		text := fmt.Sprintf("2026-03-14 15:09:26,%03d orders.api.http INFO %s path=%s trace=%016x status=%d took=%d ",
			i%1000, Message, Path, random.Uint64(), Status, random.IntN(1_000_000))
		lines[i] = []byte(strings.Repeat(text, n/len(text)+1)[:n])
		lines[i][n-1] = '\n'
	}
	return lines
}

// Null swallows writes. It is a type of its own because several loggers treat
// io.Discard as "do not even format", which would measure nothing.
type Null struct{}

func (Null) Write(p []byte) (int, error) { return len(p), nil }

// Sync makes Null usable where a flush is demanded.
func (Null) Sync() error { return nil }

// Accepting is a handler that is enabled and does nothing. Under slog.New it
// is the floor of the API: time.Now, runtime.Callers and building the record.
type Accepting struct{}

func (Accepting) Enabled(context.Context, slog.Level) bool  { return true }
func (Accepting) Handle(context.Context, slog.Record) error { return nil }
func (h Accepting) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h Accepting) WithGroup(string) slog.Handler           { return h }
