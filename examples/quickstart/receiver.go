package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/rotate"
)

// A collector receives records and writes them to a file that rotates.
type collector struct {
	path     string
	file     *rotate.Handler
	listener net.Listener
	stop     func()
	served   chan error
}

// listen starts a collector on a free port of this machine.
func listen(path string) (*collector, error) {
	file, err := rotate.NewHandler(path, full, nil, rotate.Options{MaxBytes: 600, BackupCount: 5})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &collector{path, file, listener, stop, make(chan error)}
	server := receiver.Server{Target: func(string) slog.Handler { return file }}
	go func() { c.served <- server.Serve(ctx, listener) }()
	return c, nil
}

func (c *collector) address() string { return c.listener.Addr().String() }

// close writes what has been sent, and ends.
func (c *collector) close() error {
	c.stop()
	return errors.Join(<-c.served, c.file.Close())
}
