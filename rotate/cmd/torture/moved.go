//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// moved renames the file under its writers, as logrotate does, while they rotate
// it themselves.
func moved(r *run) error {
	for _, shared := range []bool{true, false} {
		if err := r.movedOnce(shared); err != nil {
			return fmt.Errorf("shared %t: %w", shared, err)
		}
	}
	return nil
}

func (r *run) movedOnce(shared bool) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	writers := 1
	if shared {
		writers = 4
	}
	if err := s.startAll(writers, func(o *writeOptions) { o.maxBytes, o.shared = 256<<10, shared }); err != nil {
		return err
	}
	moves := 0
	for i := range r.pick(30, 1000) {
		time.Sleep(r.between(time.Millisecond, 20*time.Millisecond))
		if err := os.Rename(s.name, filepath.Join(s.dir, fmt.Sprint("moved.", i))); err == nil {
			moves++
		}
		// One process looks once a second; there is nothing to move till then.
		if err := r.waitFor("the file", 5*time.Second, func() bool { _, err := os.Stat(s.name); return err == nil }); err != nil {
			return err
		}
		if !shared && i >= r.pick(2, 20) {
			break
		}
	}
	sum, err := r.finishAll(s.all)
	if err != nil {
		return err
	}
	report, err := s.verify()
	if err != nil {
		return err
	}
	r.logf("shared %t: moved %d times; %d lines in %d files, %d rotations", shared, moves, report.Lines, report.Files, sum.Stats.Rotations)
	if err := sum.check(); err != nil {
		return err
	}
	return atLeast("moves", moves, 2)
}
