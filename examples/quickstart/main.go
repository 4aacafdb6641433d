// Quickstart logs from several packages, through named loggers, to the
// console, to a file and over the network: the console gets INFO and up in a short format, the
// others DEBUG and up, in full and with the time. Then it changes a level while
// it runs. What receives from the network, and writes a file that rotates, is here too;
// else it is another process, on another machine.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/slogsuite/slogsuite/examples/quickstart/internal/payments"
	"github.com/slogsuite/slogsuite/examples/quickstart/internal/shop"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
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
	far, err := listen(filepath.Join(dir, "all.log"))
	if err != nil {
		return err
	}
	logFile := filepath.Join(dir, "app.log")
	console := &counter{w: os.Stderr}
	sender, err := configure(console, logFile, far.address())
	if err != nil {
		return errors.Join(err, far.close())
	}

	serve()
	fmt.Println("--- shop logs warnings only from here on")
	slogtree.Get("shop").SetLevel(slog.LevelWarn)
	serve()
	fmt.Println("--- its loggers, and what is attached:")
	fmt.Print(slogtree.Default())

	if err := errors.Join(slogtree.Default().Close(context.Background()), far.close()); err != nil {
		return err
	}
	lines, _, err := count(logFile)
	if err != nil {
		return err
	}
	arrived, backups, err := count(far.path)
	if err != nil {
		return err
	}
	fmt.Printf("--- console: %d lines; %s: %d lines\n", console.lines, logFile, lines)
	fmt.Printf("--- network: %d records sent; %s and %d backups: %d lines\n", sender.Stats().Sent, far.path, backups, arrived)
	return nil
}

var (
	short = formatters.Must(formatters.Percent("%(levelname)-8s %(name)s: %(message)s", nil))
	full  = formatters.Must(formatters.Percent("%(asctime)s %(levelname)-8s %(name)-10s %(message)s", nil))
)

// configure attaches the destinations to the root logger, for all others to
// inherit.
func configure(console io.Writer, logFile, address string) (*netsink.Handler, error) {
	file, err := handlers.NewFile(logFile, full, slog.LevelDebug, handlers.FileOptions{})
	if err != nil {
		return nil, err
	}
	sender, err := netsink.NewHandler("tcp", address, netsink.Options{Level: slog.LevelDebug})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	root := slogtree.Root()
	root.SetLevel(slog.LevelDebug)
	root.AddHandler(handlers.NewStream(console, short, slog.LevelInfo))
	root.AddHandler(file)
	root.AddHandler(sender)
	return sender, nil
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

// count counts the lines of a file and its backups, and the backups.
func count(path string) (lines, backups int, err error) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, 0, err
	}
	backups = -1
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filepath.Base(path)) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return 0, 0, err
		}
		lines += bytes.Count(text, []byte("\n"))
		backups++
	}
	return lines, backups, nil
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

// Name is what the table of loggers calls it.
func (c *counter) Name() string { return "stderr" }
