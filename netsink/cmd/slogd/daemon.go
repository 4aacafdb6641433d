package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/rotate"
)

// flushInterval is how long a record may stay in memory before it goes to the file.
const flushInterval = 100 * time.Millisecond

// A daemon is a running slogd.
type daemon struct {
	o       *options
	server  *receiver.Server
	file    *rotate.Handler // nil without -file
	streams []net.Listener
	packets []net.PacketConn
	tree    *configured // nil without -config

	mu       sync.Mutex // guards what follows
	stderr   io.Writer
	since    time.Time // when this second's first error was told
	told     int       // since then
	unspoken int       // errors that were not told
	over     bool      // the last line was printed
}

// start opens everything, or nothing and tells all that is in the way.
func start(o *options, stdout, stderr io.Writer) (*daemon, error) {
	d := &daemon{o: o, stderr: stderr}
	tlsConfig, errTLS := o.tls.config()
	errs := []error{errTLS}
	for _, l := range o.listen {
		errs = append(errs, o.refuse(l))
	}
	format, err := o.formatter()
	if errs = append(errs, err); errors.Join(errs...) != nil {
		return nil, errors.Join(errs...)
	}
	target, err := d.destination(format, stdout)
	if err != nil {
		return nil, err
	}
	d.server = &receiver.Server{
		Target:      target,
		Logger:      o.logger,
		TLS:         tlsConfig,
		MaxConns:    o.maxConns,
		MaxFrame:    int(min(o.maxFrame, math.MaxInt32)),
		IdleTimeout: o.idle,
		OnError:     d.trouble,
	}
	if err := d.tree.listen(tlsConfig); err != nil {
		d.close()
		return nil, err
	}
	if err := d.listen(); err != nil {
		d.close()
		return nil, err
	}
	d.tree.announce()
	return d, nil
}

// destination returns what the handlers for a logger's records are.
func (d *daemon) destination(format formatters.Formatter, stdout io.Writer) (func(logger string) slog.Handler, error) {
	if d.o.config != "" {
		var err error
		if d.tree, err = configure(d); err != nil {
			return nil, err
		}
		return d.tree.tree.Handler, nil
	}
	h, err := d.target(format, stdout)
	return func(string) slog.Handler { return h }, err
}

// listen opens all addresses, and then says so: who reads that can send.
func (d *daemon) listen() error {
	var errs []error
	var open []listen
	for _, l := range d.o.listen {
		nl, pc, err := l.open()
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("-listen %s: %w", l, err))
		case pc != nil:
			d.packets = append(d.packets, pc)
			open = append(open, listen{l.network, pc.LocalAddr().String()})
		default:
			d.streams = append(d.streams, nl)
			open = append(open, listen{l.network, nl.Addr().String()})
		}
	}
	for _, l := range open { // a name may have got another meaning meanwhile
		if err := d.o.refuse(l); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for _, l := range open {
		d.say("listening on %s", l)
	}
	return nil
}

// serve receives records until ctx ends or a listener fails, writes what has come, and
// returns what the program exits with.
func (d *daemon) serve(ctx context.Context, cancel func()) int {
	var group errgroup.Group
	serve := func(do func() error) {
		group.Go(func() error {
			defer cancel() // of the others
			return do()
		})
	}
	for _, l := range d.streams {
		serve(func() error { return d.server.Serve(ctx, l) })
	}
	for _, pc := range d.packets {
		serve(func() error { return d.server.ServePacket(ctx, pc) })
	}
	d.tree.serve(ctx, serve)
	stop := d.tick()
	err := group.Wait()
	stop()
	return d.end(err)
}

// end closes the file, and says what was done.
func (d *daemon) end(err error) int {
	if err = errors.Join(err, d.close()); err != nil {
		complain(d, err)
	}
	d.rest()
	d.sayLast("ended %s", d.stats())
	if err != nil || d.server.Stats().Failed > 0 || d.lost() > 0 {
		return exitFailed
	}
	return exitDone
}

// close closes what start has opened.
func (d *daemon) close() error {
	for _, l := range d.streams {
		l.Close()
	}
	for _, pc := range d.packets {
		pc.Close()
	}
	if d.tree != nil {
		return d.tree.close()
	}
	if d.file == nil {
		return nil
	}
	return d.file.Close()
}

// lost returns how many records the file has lost, or how many errors the handlers of -config had.
func (d *daemon) lost() uint64 {
	switch {
	case d.tree != nil:
		return d.tree.failed.Load()
	case d.file == nil:
		return 0
	}
	return d.file.File().Stats().Lost
}

// stats returns what was done so far, on one line.
func (d *daemon) stats() string {
	s := d.server.Stats()
	return fmt.Sprintf("records=%d bytes=%d skipped=%d failed=%d lost=%d refused=%d connections=%d open=%d timeouts=%d errors=%d",
		s.Records, s.Bytes, s.Skipped, s.Failed, d.lost(), s.Refused, s.Connections, s.Open, s.Timeouts, s.Errors)
}

// tick prints the stats every so often, until stop.
func (d *daemon) tick() (stop func()) {
	if d.o.stats == 0 {
		return func() {}
	}
	ticker, quit, ended := time.NewTicker(d.o.stats), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				d.say("%s", d.stats())
			case <-quit:
				return
			}
		}
	}()
	return func() { ticker.Stop(); close(quit); <-ended }
}

// reopen opens the file anew, as after a logrotate that has moved it, or configures anew.
func (d *daemon) reopen() {
	if d.tree != nil {
		d.tree.reload()
		return
	}
	if d.file == nil {
		return
	}
	if err := d.file.File().Reopen(); err != nil {
		d.say("%v", err)
		return
	}
	d.say("reopened %s", d.o.file)
}
