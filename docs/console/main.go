// Console draws what formatters.Console writes, on dark and on light, as SVG:
//
//	go run ./docs/console >docs/console.svg
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

func main() {
	if _, err := os.Stdout.WriteString(picture(demo(), dark, light)); err != nil {
		fmt.Fprintln(os.Stderr, "console:", err)
		os.Exit(1)
	}
}

// A demoRecord is a record of the picture.
type demoRecord struct {
	logger string
	level  slog.Level
	msg    string
	args   []any
}

var errRefused = errors.New("dial 10.0.0.7:443: connection refused")

var demoRecords = []demoRecord{
	{"root", slog.LevelInfo, "listening", []any{"addr", ":8080"}},
	{"shop.cart", slog.LevelDebug, "cart loaded", []any{"user", "ada", "items", 2, "took", 1300 * time.Microsecond}},
	{"shop.cart", slog.LevelInfo, "item added", []any{slog.Group("item", "sku", "A-17", "price", 9.5, "note", "a gift")}},
	{"shop.cart", slog.LevelWarn, "cart is nearly full", []any{"items", 99}},
	{"payments", slog.LevelError, "charge failed", []any{"order", 1250, "err", errRefused}},
	{"payments", slog.LevelError, "order lost", []any{"order", 1250, "err", errors.Join(errRefused, errors.New("the queue is full"))}},
	{"payments", formatters.LevelCritical, "out of money\nforged?", []any{"balance", -3, formatters.Exc(fmt.Errorf("order 1250: %w", errRefused))}},
}

// demo returns the lines of the picture, with colours.
func demo() string {
	f := formatters.Console(&formatters.Options{Color: formatters.ColorAlways, Location: time.UTC})
	now := time.Date(2024, 2, 29, 12, 30, 45, 678e6, time.UTC)
	var text []byte
	for _, d := range demoRecords {
		r := slog.NewRecord(now, d.level, d.msg, 0)
		r.Add(d.args...)
		text = f.WithLoggerName("logger", d.logger).Append(text, nil, r)
		text = append(text, '\n')
		now = now.Add(217 * time.Millisecond)
	}
	return string(text)
}
