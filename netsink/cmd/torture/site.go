//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// A site is a slogd that comes and goes, its files, and those who send to it.
type site struct {
	*run
	kind    string // tcp, unix or tls
	dir     string
	file    string
	address string // of slogd, once it has one
	extra   []string
	slogd   *process
	senders []*process
	ended   uint64 // slogds
	killed  int
	written int64 // bytes, when this slogd was started
}

// site returns one whose slogd runs.
func (r *run) site(kind string, flags ...string) (*site, error) {
	r.sites++
	s := &site{run: r, kind: kind, extra: flags, dir: filepath.Join(r.dir, strconv.Itoa(r.sites))}
	if err := os.Mkdir(s.dir, 0o777); err != nil {
		return nil, err
	}
	s.file = filepath.Join(s.dir, "log")
	s.address = "127.0.0.1:0"
	if kind == "unix" {
		s.address = filepath.Join(s.dir, "s")
	}
	return s, s.up()
}

func (s *site) network() string {
	if s.kind == "unix" {
		return "unix"
	}
	return "tcp"
}

// up starts slogd, at the address that it had before.
func (s *site) up() (err error) {
	args := append([]string{"-listen", s.network() + ":" + s.address, "-file", s.file, "-format", "%(message)s",
		"-max-bytes", "4MB", "-backups", "10000"}, s.extra...)
	if s.kind == "tls" {
		args = append(args, "-tls-cert", s.ca, "-tls-key", s.ca)
	}
	s.written = size(s.files())
	var address string
	if s.slogd, address, err = s.startSlogd(args...); err == nil {
		s.address = strings.TrimPrefix(address, "unix:")
	}
	return err
}

// down ends slogd in order.
func (s *site) down() error {
	s.ended++
	return s.terminate(s.slogd)
}

// kill kills slogd.
func (s *site) kill() {
	s.killed++
	s.slogd.kill()
}

// grown waits until slogd has written something.
func (s *site) grown() error {
	return s.waitFor("more in the file", 30*time.Second, func() bool { return size(s.files()) > s.written })
}

// files returns the files, the oldest first.
func (s *site) files() (names []string) {
	var numbers []int
	matches, _ := filepath.Glob(s.backup(0) + ".*") // the pattern has no brackets
	for _, name := range matches {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, s.file+".")); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range slices.Backward(numbers) { // a kill may have left a gap
		names = append(names, s.backup(n))
	}
	return append(names, s.file)
}

func (s *site) backup(n int) string {
	if n == 0 {
		return s.file
	}
	return s.file + "." + strconv.Itoa(n)
}

// send starts n senders.
func (s *site) send(n int, set func(o *sendOptions)) error {
	for range n {
		o := sendOptions{
			ID: fmt.Sprintf("p%d", len(s.senders)), Network: s.network(), Address: s.address, JSON: s.rng.IntN(2) == 0,
			MaxWait: time.Minute, Handlers: 2, Goroutines: 3, Size: 400, Pause: 20 * time.Millisecond, CloseTime: 30 * time.Second,
		}
		if s.kind == "tls" {
			o.CA = s.ca
		}
		set(&o)
		p, err := s.startSender(o)
		if err != nil {
			return err
		}
		s.senders = append(s.senders, p)
	}
	return nil
}

// A total is what all senders have done.
type total struct {
	result
	senders int
}

// finish has the senders end.
func (s *site) finish() (*total, error) {
	t := &total{result: result{Errs: map[string]uint64{}}}
	var errs []error
	for _, p := range s.senders {
		p.stdin.Close() // they all end at once
	}
	for _, p := range s.senders {
		res, err := s.result(p)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		t.add(res)
	}
	s.senders = nil
	return t, errors.Join(errs...)
}

func (t *total) add(res *result) {
	t.senders++
	t.Writers = append(t.Writers, res.Writers...)
	for kind, n := range res.Errs {
		t.Errs[kind] += n
	}
	t.CloseErrs = append(t.CloseErrs, res.CloseErrs...)
	t.Wait, t.Close = max(t.Wait, res.Wait), max(t.Close, res.Close)
	t.Goroutines += res.Goroutines
	t.Heap = max(t.Heap, res.Heap)
	addStats(&t.Stats, res.Stats)
}

// sound returns what is wrong with what the senders did, whatever became of the records.
func (t *total) sound() error {
	s := t.Stats
	switch {
	case t.Goroutines > 0:
		return fmt.Errorf("%d goroutines are left", t.Goroutines)
	case s.Queued > 0 || s.Records != s.Sent+s.Dropped:
		return fmt.Errorf("the counts do not add up: %+v", s)
	}
	return nil
}

// dropped returns how many records Handle has refused.
func (t *total) refused() (n uint64) {
	for _, w := range t.Writers {
		n += count(w.Dropped)
	}
	return n
}

func count(ranges []rotatetest.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

// close ends all that still runs.
func (s *site) close() {
	for _, p := range append(s.senders, s.slogd) {
		if p != nil && !p.ended() {
			p.kill()
		}
	}
	if s.ctx.Err() == nil {
		os.RemoveAll(s.dir)
	}
}

// judge compares what is in the files with what was sent. Records that were refused, and, if windows says
// so, those in the windows that the senders have told, may be missing; torn lines are a killed
// slogd's.
//
// Where connections broke the order is no matter: the rest of one and the next are read side by side.
func (s *site) judge(t *total, windows bool) (*rotatetest.Report, error) {
	c := rotatetest.Check{Acks: map[string]rotatetest.Ack{}, Doubtful: true, AnyOrder: windows, Torn: s.killed, Foreign: isMarker, Open: s.openAll}
	for _, w := range t.Writers {
		may := w.Dropped
		if windows {
			may = append(may, w.Windows...)
		}
		c.Acks[w.Name] = rotatetest.Ack{Last: w.Last, Failed: merged(may)}
	}
	return c.Verify(s.file)
}

// isMarker reports whether a line is a Handler's own.
func isMarker(line []byte) bool { return strings.HasSuffix(string(line), " records dropped") }

// openAll opens all files, as one: the order has to be right across them too.
func (s *site) openAll(string) (io.ReadCloser, error) {
	all := &chain{}
	var readers []io.Reader
	for _, name := range s.files() {
		f, err := os.Open(name)
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
		all.files = append(all.files, f)
		readers = append(readers, f)
	}
	all.Reader = io.MultiReader(readers...)
	return all, nil
}

type chain struct {
	io.Reader
	files []*os.File
}

func (c *chain) Close() error {
	var errs []error
	for _, f := range c.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// summary tells what was sent.
func (t *total) summary() string {
	s := t.Stats
	return fmt.Sprintf("%d senders, %d records, %d connections, %d unconfirmed, %d dropped, longest Handle %v, longest Close %v",
		t.senders, s.Records, s.Connects, s.Unconfirmed, s.Dropped, t.Wait.Round(time.Microsecond), t.Close.Round(time.Millisecond))
}
