//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// A site is a directory with one log and the acknowledgements of its writers.
type site struct {
	r    *run
	dir  string // of the log
	acks string
	name string // the log
	all  []*process
}

// site makes an empty site.
func (r *run) site() (*site, error) {
	r.dirs++
	return r.siteIn(filepath.Join(r.dir, r.name+strconv.Itoa(r.dirs), "log"))
}

// siteIn makes a site with its log in dir, and the acknowledgements elsewhere.
func (r *run) siteIn(dir string) (*site, error) {
	r.dirs++
	s := &site{r: r, dir: dir, acks: filepath.Join(r.dir, r.name+strconv.Itoa(r.dirs), "acks"), name: filepath.Join(dir, "app.log")}
	return s, errors.Join(os.MkdirAll(s.dir, 0o777), os.MkdirAll(s.acks, 0o777))
}

// start starts a writer. It ends at the latest with s.
func (s *site) start(bin string, o writeOptions, env ...string) (*process, error) {
	p, err := s.r.start(bin, o, env...)
	if err == nil {
		s.all = append(s.all, p)
	}
	return p, err
}

// startAll starts n writers, w0 and so on.
func (s *site) startAll(n int, set func(*writeOptions)) error {
	for i := range n {
		o := s.options(fmt.Sprint("w", i))
		set(&o)
		if _, err := s.start(s.r.self, o); err != nil {
			return err
		}
	}
	return nil
}

// close ends the writers and removes what is there.
func (s *site) close() {
	killAll(s.all)
	os.RemoveAll(s.dir)
	os.RemoveAll(filepath.Dir(s.acks))
}

// options are those of a writer of s, to be completed.
func (s *site) options(writer string) writeOptions {
	return writeOptions{name: s.name, writer: writer, size: 120, acks: s.acks, ack: "each", shared: true, upward: true,
		maxBytes: 64 << 10, lockWait: 50 * time.Millisecond}
}

// backups returns how many backups there are.
func (s *site) backups() int {
	files, _ := filepath.Glob(s.name + ".*")
	n := 0
	for _, f := range files {
		if filepath.Ext(f) != ".lock" {
			n++
		}
	}
	return n
}

// acked returns how many lines of all writers were acknowledged so far.
func (s *site) acked(except ...string) (n uint64) {
	acks, _ := rotatetest.ReadAcks(s.acks)
	for writer, a := range acks {
		if len(except) == 0 || writer != except[0] {
			n += a.Last
		}
	}
	return n
}

// errBroken wraps what verify says of files that are not as they should be.
var errBroken = errors.New("verify")

// verify has another program read the files, and returns what it says.
func (s *site) verify(flags ...string) (*rotatetest.Report, error) {
	args := append([]string{"-json", "-acks", s.acks}, flags...)
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		args = append(args, e.Name())
	}
	cmd := exec.CommandContext(s.r.ctx, s.r.verifier, args...)
	cmd.Dir = s.dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var report rotatetest.Report
	if jsonErr := json.Unmarshal(out, &report); jsonErr != nil {
		return nil, fmt.Errorf("verify: %w: %s", errors.Join(err, jsonErr), &errs)
	}
	if cmd.ProcessState.ExitCode() == 1 {
		return &report, fmt.Errorf("%w: %s\n%s", errBroken, strings.TrimSpace(errs.String()), report.Table(5))
	}
	return &report, err
}

// atLeast returns an error if a scenario has done less than it should.
func atLeast(what string, n, least int) error {
	if n < least {
		return fmt.Errorf("only %d %s, want %d at least", n, what, least)
	}
	return nil
}

// waitFor waits until something is so.
func (r *run) waitFor(what string, limit time.Duration, so func() bool) error {
	for start := time.Now(); !so(); time.Sleep(time.Millisecond) {
		if time.Since(start) > limit {
			return fmt.Errorf("waited %v for %s", limit, what)
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// between returns a random duration.
func (r *run) between(least, most time.Duration) time.Duration {
	return least + time.Duration(r.rng.Int64N(int64(most-least)))
}
