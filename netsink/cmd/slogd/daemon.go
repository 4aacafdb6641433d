package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
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

	mu       sync.Mutex // guards what follows
	stderr   io.Writer
	since    time.Time // when this second's first error was told
	told     int       // since then
	unspoken int       // errors that were not told
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
	target, err := d.target(format, stdout)
	if err != nil {
		return nil, err
	}
	d.server = &receiver.Server{
		Target:      func(string) slog.Handler { return target },
		Logger:      o.logger,
		TLS:         tlsConfig,
		MaxConns:    o.maxConns,
		IdleTimeout: o.idle,
		OnError:     d.trouble,
	}
	if err := d.listen(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

// formatter returns what the file's lines are made by.
func (o *options) formatter() (formatters.Formatter, error) {
	fo := &formatters.Options{DateFmt: o.dateFmt, Levels: new(formatters.LevelNames)}
	format := o.format
	if format == "" {
		format = defaultFormat
	}
	f, err := formatters.Percent(format, fo) // for -datefmt with -json, too
	if err != nil {
		return nil, fmt.Errorf("-format, -datefmt: %w", err)
	}
	if o.json {
		f = formatters.JSON(fo)
	}
	return f, nil
}

// target returns the handler for all records.
func (d *daemon) target(format formatters.Formatter, stdout io.Writer) (slog.Handler, error) {
	var all []slog.Handler
	if d.o.file != "" {
		h, err := rotate.NewHandler(d.o.file, format, d.o.level, d.rotation())
		if err != nil {
			return nil, err
		}
		d.file = h
		all = append(all, h)
	}
	if d.o.console {
		f := format
		if d.o.format == "" && !d.o.json {
			f = formatters.Console(&formatters.Options{DateFmt: d.o.dateFmt})
		}
		all = append(all, handlers.NewStream(stdout, f, d.o.level))
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return handlers.NewFanout(all...), nil
}

// rotation returns how the file rotates.
func (d *daemon) rotation() rotate.Options {
	o := rotate.Options{
		MaxBytes:      d.o.maxBytes,
		When:          d.o.when,
		Interval:      d.o.interval,
		Durability:    rotate.Buffered,
		FlushInterval: flushInterval,
		OnError:       d.trouble,
	}
	if d.o.maxBytes > 0 || d.o.when != "" {
		o.BackupCount = d.o.backups
	}
	if d.o.direct {
		o.Durability = rotate.Direct
	}
	if d.o.compress {
		o.Compress = rotate.Gzip
	}
	return o
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
	d.say("ended %s", d.stats())
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
	if d.file == nil {
		return nil
	}
	return d.file.Close()
}

// lost returns how many records the file has lost.
func (d *daemon) lost() uint64 {
	if d.file == nil {
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

// reopen opens the file anew, as after a logrotate that has moved it.
func (d *daemon) reopen() {
	if d.file == nil {
		return
	}
	if err := d.file.File().Reopen(); err != nil {
		d.say("%v", err)
		return
	}
	d.say("reopened %s", d.o.file)
}

// Write writes p to stderr.
func (d *daemon) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stderr.Write(p)
}

// say prints a line on stderr.
func (d *daemon) say(format string, args ...any) {
	fmt.Fprintf(d, "slogd: %s\n", oneLine(fmt.Sprintf(format, args...)))
}

// maxTold is how many errors are told in a second: peers may make as many as they
// like.
const maxTold = 10

// trouble tells of an error.
func (d *daemon) trouble(err error) {
	unspoken, ok := d.admit()
	switch {
	case !ok:
	case unspoken > 0:
		d.say("%v (and %d errors before it that were not told)", err, unspoken)
	default:
		d.say("%v", err)
	}
}

func (d *daemon) admit() (unspoken int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := time.Now(); now.Sub(d.since) >= time.Second {
		d.since, d.told = now, 0
	}
	if d.told++; d.told > maxTold {
		d.unspoken++
		return 0, false
	}
	unspoken, d.unspoken = d.unspoken, 0
	return unspoken, true
}

// rest tells how many errors were not told.
func (d *daemon) rest() {
	d.mu.Lock()
	n := d.unspoken
	d.unspoken = 0
	d.mu.Unlock()
	if n > 0 {
		d.say("%d errors were not told", n)
	}
}

// oneLine returns text with what could break or steer a line made visible.
func oneLine(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\n", "; ") {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}
