// Quickstart logs from several packages, through named loggers, to the
// console and to a file: the console gets INFO and up in a short format, the
// file DEBUG and up in full and with the time. Then it changes a level while
// it runs.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/slogsuite/slogsuite/examples/quickstart/internal/payments"
	"github.com/slogsuite/slogsuite/examples/quickstart/internal/shop"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "quickstart-")
	if err != nil {
		return err
	}
	logFile := filepath.Join(dir, "app.log")
	console := &counter{w: os.Stderr}
	if err := configure(console, logFile); err != nil {
		return err
	}

	serve()
	fmt.Println("--- shop logs warnings only from here on")
	slogtree.Get("shop").SetLevel(slog.LevelWarn)
	serve()

	if err := slogtree.Default().Close(context.Background()); err != nil {
		return err
	}
	text, err := os.ReadFile(logFile)
	if err != nil {
		return err
	}
	fmt.Printf("--- console: %d lines; %s: %d lines\n", console.lines, logFile, bytes.Count(text, []byte("\n")))
	return nil
}

// configure attaches the two destinations to the root logger, for all others
// to inherit.
func configure(console io.Writer, logFile string) error {
	short, err := formatters.Percent("%(levelname)-8s %(name)s: %(message)s", nil)
	if err != nil {
		return err
	}
	full, err := formatters.Percent("%(asctime)s %(levelname)-8s %(name)-10s %(message)s", nil)
	if err != nil {
		return err
	}
	file, err := handlers.NewFile(logFile, full, slog.LevelDebug, handlers.FileOptions{})
	if err != nil {
		return err
	}
	root := slogtree.Root()
	root.SetLevel(slog.LevelDebug)
	root.AddHandler(handlers.NewStream(console, short, slog.LevelInfo))
	root.AddHandler(file)
	return nil
}

// serve is what the program is there for.
func serve() {
	shop.Add("A-17", 12)
	shop.Add("B-04", 2)
	if err := payments.Charge("4000 0012 3456 7890", 1250); err != nil {
		slogtree.Root().Error("order lost", "err", err)
	}
	if err := payments.Charge("4000 0012 3456 7891", 1250); err != nil {
		slogtree.Root().Error("order lost", "err", err)
	}
}

// A counter counts the lines that go through it: a record is one Write.
type counter struct {
	w     io.Writer
	lines int
}

func (c *counter) Write(p []byte) (int, error) {
	c.lines++
	return c.w.Write(p)
}
