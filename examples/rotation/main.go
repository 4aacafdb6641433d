// Rotation is the recipe "Using file rotation" of Python's logging cookbook. The
// flags change its names and numbers.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"path/filepath"

	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	rotfile  = flag.String("rotfile", "logging_rotatingfile_example.out", "file to log to")
	maxbytes = flag.Int64("maxbytes", 20, "size at which it rotates")
	backups  = flag.Int("backups", 5, "how many backups are kept")
	n        = flag.Int("n", 20, "how many messages")
	rotmsg   = flag.String("rotmsg", "i = %d", "their text")
)

func main() {
	flag.Parse()

	// Set up a specific logger with our desired output level
	myLogger := slogtree.Get("MyLogger")
	myLogger.SetLevel(slog.LevelDebug)

	// Add the log message handler to the logger
	handler, err := rotate.NewHandler(*rotfile, nil, nil, rotate.Options{MaxBytes: *maxbytes, BackupCount: *backups})
	if err != nil {
		log.Fatal(err)
	}
	myLogger.AddHandler(handler)

	// Log some messages
	for i := range *n {
		myLogger.Debug(fmt.Sprintf(*rotmsg, i))
	}

	// See what files are created
	logfiles, err := filepath.Glob(*rotfile + "*")
	if err != nil {
		log.Fatal(err)
	}
	for _, filename := range logfiles { // in order
		fmt.Println(filename)
	}

	// Python does this when a program ends
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
