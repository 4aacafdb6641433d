//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// writeOptions are the flags of a writer.
type writeOptions struct {
	name       string
	writer     string
	lines      uint64
	size       int
	sizeMax    int
	maxBytes   int64
	backups    int
	shared     bool
	upward     bool
	gzip       bool
	durability int
	lock       int
	lockWait   time.Duration
	acks       string
	ack        string
	pause      time.Duration
	goroutines int
	wrong      string
}

// define defines the flags, whose defaults are what o has.
func (o *writeOptions) define(f *flag.FlagSet) {
	f.StringVar(&o.name, "name", o.name, "the file")
	f.StringVar(&o.writer, "writer", o.writer, "the writer's name")
	f.Uint64Var(&o.lines, "lines", o.lines, "so many lines; 0 is until SIGTERM")
	f.IntVar(&o.size, "size", o.size, "bytes of a line, at least")
	f.IntVar(&o.sizeMax, "size-max", o.sizeMax, "bytes of a line at most, if that is more")
	f.Int64Var(&o.maxBytes, "max-bytes", o.maxBytes, "Options.MaxBytes")
	f.IntVar(&o.backups, "backups", o.backups, "Options.BackupCount")
	f.BoolVar(&o.shared, "shared", o.shared, "Options.Shared")
	f.BoolVar(&o.upward, "upward", o.upward, "Options.Upward")
	f.BoolVar(&o.gzip, "gzip", o.gzip, "compress backups")
	f.IntVar(&o.durability, "durability", o.durability, "Options.Durability, as a number")
	f.IntVar(&o.lock, "lock", o.lock, "Options.Lock, as a number")
	f.DurationVar(&o.lockWait, "lock-wait", o.lockWait, "Options.LockWait")
	f.StringVar(&o.acks, "acks", o.acks, "the `directory` of acknowledgements; none if it is empty")
	f.StringVar(&o.ack, "ack", o.ack, "acknowledge \"each\" line, the last at the \"end\", or, wrongly, each \"before\" it is written")
	f.DurationVar(&o.pause, "pause", o.pause, "wait after each line")
	f.IntVar(&o.goroutines, "goroutines", o.goroutines, "as many writers, with -1, -2 and so on after the name; 0 is one without")
	f.StringVar(&o.wrong, "wrong", o.wrong, "for controls, do not use package rotate, but \"append\", \"truncate\" when opening, or \"split\" each line")
}

// args returns the flags as arguments.
func (o writeOptions) args() []string {
	args := []string{"write"}
	f := flag.NewFlagSet("write", flag.ContinueOnError)
	o.define(f)
	f.VisitAll(func(f *flag.Flag) { args = append(args, "-"+f.Name+"="+f.Value.String()) })
	return args
}

// A result is what a writer says when it ends.
type result struct {
	Attempted, Written, Failed uint64
	Stats                      rotate.Stats
	Err                        string // the first error of a Write
	CloseErr                   string
}

// write is the writer's program.
func write(args []string) error {
	var o writeOptions
	f := flag.NewFlagSet("write", flag.ContinueOnError)
	o.define(f)
	if err := f.Parse(args); err != nil {
		return err
	}
	out, err := o.open()
	if err != nil {
		return err
	}
	var stop atomic.Bool
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	go func() { <-c; stop.Store(true) }()

	sum, err := o.run(out, &stop)
	if err := out.Close(); err != nil {
		sum.CloseErr = err.Error()
	}
	if f, ok := out.(*rotate.File); ok {
		sum.Stats = f.Stats()
	}
	return errors.Join(err, json.NewEncoder(os.Stdout).Encode(sum))
}

func (o *writeOptions) open() (io.WriteCloser, error) {
	switch o.wrong {
	case "append", "split":
		f, err := os.OpenFile(o.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
		if o.wrong == "split" {
			return splitter{f}, err
		}
		return f, err
	case "truncate":
		return os.OpenFile(o.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o666)
	}
	opts := rotate.Options{
		MaxBytes: o.maxBytes, BackupCount: o.backups, Shared: o.shared, Upward: o.upward,
		Durability: rotate.Durability(o.durability), Lock: rotate.LockProtocol(o.lock), LockWait: o.lockWait,
	}
	if o.gzip {
		opts.Compress = gzipCodec{}
	}
	return rotate.Open(o.name, opts)
}

// A splitter writes a line by two system calls.
type splitter struct{ *os.File }

func (s splitter) Write(p []byte) (int, error) {
	n, err := s.File.Write(p[:len(p)/2])
	if err != nil {
		return n, err
	}
	m, err := s.File.Write(p[len(p)/2:])
	return n + m, err
}

// run lets all goroutines write.
func (o *writeOptions) run(out io.Writer, stop *atomic.Bool) (sum result, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, id := range o.ids() {
		wg.Go(func() {
			r, runErr := o.runOne(id, out, stop)
			mu.Lock()
			defer mu.Unlock()
			sum.Attempted += r.Attempted
			sum.Written += r.Written
			sum.Failed += r.Failed
			if sum.Err == "" {
				sum.Err = r.Err
			}
			err = errors.Join(err, runErr)
		})
	}
	wg.Wait()
	return sum, err
}

// ids returns the names of the writers.
func (o *writeOptions) ids() (ids []string) {
	for i := range o.goroutines {
		ids = append(ids, o.writer+"-"+strconv.Itoa(i+1))
	}
	if ids == nil {
		ids = []string{o.writer}
	}
	return ids
}

func (o *writeOptions) runOne(id string, out io.Writer, stop *atomic.Bool) (r result, err error) {
	a := &acknowledger{mode: o.ack}
	if o.acks != "" {
		if a.file, err = rotatetest.OpenAckFile(o.acks, id); err != nil {
			return r, err
		}
		defer a.file.Close()
	}
	last := o.lines
	if last == 0 {
		last = math.MaxUint64
	}
	var buf []byte
	for seq := uint64(1); seq <= last && !stop.Load(); seq++ {
		buf = rotatetest.AppendLine(buf[:0], id, seq, o.sizeOf(seq))
		a.before(seq)
		r.Attempted++
		if _, err := out.Write(buf); err == nil {
			r.Written++
			a.wrote(seq)
		} else {
			r.Failed++
			a.failed(seq)
			if r.Err == "" {
				r.Err = err.Error()
			}
		}
		if o.pause > 0 {
			time.Sleep(o.pause)
		}
	}
	return r, a.end()
}

// sizeOf spreads sizes from size to sizeMax.
func (o *writeOptions) sizeOf(seq uint64) int {
	if o.sizeMax <= o.size {
		return o.size
	}
	return o.size + int(seq*2654435761>>7%uint64(o.sizeMax-o.size))
}

// An acknowledger notes what was acknowledged as a flag says.
type acknowledger struct {
	file *rotatetest.AckFile // nil for none
	mode string
	last uint64
	err  error
}

func (a *acknowledger) before(seq uint64) {
	if a.mode == "before" && a.file != nil {
		a.note(a.file.Wrote(seq))
	}
}

func (a *acknowledger) wrote(seq uint64) {
	a.last = seq
	if a.mode == "each" && a.file != nil {
		a.note(a.file.Wrote(seq))
	}
}

func (a *acknowledger) failed(seq uint64) {
	if a.file != nil {
		a.note(a.file.Failed(seq))
	}
}

func (a *acknowledger) end() error {
	if a.file != nil {
		a.note(a.file.Wrote(a.last))
	}
	return a.err
}

func (a *acknowledger) note(err error) {
	if a.err == nil && err != nil {
		a.err = fmt.Errorf("acknowledgement: %w", err)
	}
}
