// Manyprocesses is the recipe "Logging to a single file from multiple processes" of
// Python's logging cookbook: one process owns the file, and all others send it their
// records. The file rotates meanwhile, and that is of no concern to the others. Some of them are
// Python's, if there is a python3, and use its SocketHandler. At the end it reports what
// arrived of each.
//
// slogd, in netsink/cmd/slogd, is this receiver as a program of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/rotate"
)

var (
	writers  = flag.Int("go", 3, "how many writers are Go programs")
	pythons  = flag.Int("python", 2, "how many are Python programs, if there is a python3")
	records  = flag.Int("records", 500, "how many records each writes")
	maxBytes = flag.Int64("max-bytes", 20_000, "how long the file gets before it rotates")
)

func main() {
	flag.Parse()
	do := run
	if flag.NArg() > 0 { // this process is one of the writers
		do = func() error { return write(flag.Args()) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "manyprocesses:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "manyprocesses-")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "all.log")
	names, failed := receive(path)
	arrived := newArrivals(names, *records)
	files, err := arrived.addFiles(dir)
	if err != nil {
		return errors.Join(failed, err)
	}
	good := arrived.print(os.Stdout)
	fmt.Printf("written by one process to %s and %d backups\n", path, files-1)
	if !good {
		failed = errors.Join(failed, errors.New("this is not what was sent"))
	}
	return failed
}

// receive has the writers send, and writes what they send to a file. It returns
// the names of the writers.
func receive(path string) (names []string, err error) {
	format, err := formatters.Percent("%(asctime)s %(process)d %(name)s %(levelname)s %(message)s", nil)
	if err != nil {
		return nil, err
	}
	file, err := rotate.NewHandler(path, format, nil, rotate.Options{
		MaxBytes:   *maxBytes,
		Upward:     true, // keeps all backups
		Durability: rotate.Buffered,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	server := receiver.Server{Target: func(string) slog.Handler { return file }}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error)
	go func() { served <- server.Serve(ctx, listener) }()

	names, err = runWriters(listener.Addr().(*net.TCPAddr).Port)
	stop() // what has been sent is read and written all the same
	return names, errors.Join(err, <-served, file.Close())
}
