// Multihandlers is the recipe "Multiple handlers and formatters" of Python's
// logging cookbook. The flags change its names.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	simple  = flag.String("simple", "simple_example", "name of the logger")
	file    = flag.String("file", "spam.log", "file to log to")
	console = flag.String("console", "ERROR", "level of the console")
	format  = flag.String("fmt", "%(asctime)s - %(name)s - %(levelname)s - %(message)s", "format of both")
)

func main() {
	flag.Parse()
	consoleLevel, err := formatters.ParseLevel(*console)
	if err != nil {
		log.Fatal(err)
	}

	logger := slogtree.Get(*simple)
	logger.SetLevel(slog.LevelDebug)
	// create the formatter of both handlers
	formatter, err := formatters.Percent(*format, nil)
	if err != nil {
		log.Fatal(err)
	}
	// create file handler which logs even debug messages
	fh, err := handlers.NewFile(*file, formatter, slog.LevelDebug, handlers.FileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	// create console handler with a higher log level
	ch := handlers.NewStream(os.Stderr, formatter, consoleLevel)
	// add the handlers to logger
	logger.AddHandler(ch)
	logger.AddHandler(fh)

	// 'application' code
	logger.Debug("debug message")
	logger.Info("info message")
	logger.Warn("warn message")
	logger.Error("error message")
	logger.Critical("critical message")

	// Python does this when a program ends
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
