//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"
)

// faults has strace let system calls fail that touch the log, and only those.
func faults(r *run) error {
	if err := needs("strace"); err != nil {
		return err
	}
	var errs []error
	for _, shared := range []bool{false, true} {
		for _, f := range []struct {
			inject     string
			durability int
			fails      bool // a Write has to fail by it
		}{
			{"write:error=ENOSPC:when=5+3", 0, true},
			{"write:error=EIO:when=7+11", 0, true},
			{"write:error=EDQUOT:when=5+7", 0, true}, // a quota
			{"write:error=EINTR:when=3+2", 0, false},
			{"renameat2:error=EACCES:when=1+2", 0, false},
			{"renameat2:error=EINVAL:when=1+1", 0, false}, // not on this file system: link and unlink
			{"renameat2,link,linkat:error=EPERM:when=1+2", 0, false},
			{"renameat2,rename,renameat,link,linkat:error=EROFS:when=1+1", 0, false},
			{"openat:error=EMFILE:when=3+2", 0, false},
			{"openat:error=ENOSPC:when=3+1", 0, false},
			{"newfstatat:error=EACCES:when=4+3", 0, false},
			{"newfstatat:error=EACCES:when=4+1", 0, false},
			{"fstat:error=EIO:when=5+7", 0, false},
			{"ftruncate:error=EIO:when=1+1", 0, false},
			{"close:error=EIO:when=1+2", 0, false},
			{"flock:error=EINTR:when=3+5", 0, false},
			{"flock:error=ENOLCK:when=9+5", 0, false},
			{"fdatasync:error=EIO:when=3+4", 2, true},
			{"write,ftruncate:error=ENOSPC:when=5+3", 0, true},
		} {
			if err := r.faultOnce(f.inject, f.durability, f.fails, shared); err != nil {
				errs = append(errs, fmt.Errorf("%s, durability %d, shared %t: %w", f.inject, f.durability, shared, err))
			}
		}
	}
	return errors.Join(errs...)
}

func (r *run) faultOnce(inject string, durability int, fails, shared bool) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	o := s.options("w")
	o.lines, o.maxBytes, o.shared, o.durability = uint64(r.pick(1000, 10_000)), 4<<10, shared, durability
	if durability == 2 {
		o.lines /= 10
	}
	args := []string{"strace", "-f", "-qq", "-o", s.acks + ".trace", "-P", s.name, "-P", s.name + ".lock", "-e", "inject=" + inject, "--", r.self}
	p, err := r.startCommand("w", nil, append(args, o.args()...)...)
	if err != nil {
		return err
	}
	defer killAll([]*process{p})
	if err := r.waitFor("the writer under strace", time.Duration(r.pick(15, 120))*time.Second, p.ended); err != nil {
		return err
	}
	res, err := p.wait()
	if err != nil {
		return err
	}
	var flags []string
	if durability == 2 { // written, and not synced
		flags = append(flags, "-doubtful")
	}
	report, err := s.verify(flags...)
	if err != nil {
		return err
	}
	r.logf("%-58s shared %-5t: %d attempted = %d written + %d failed, %d rotations, %d errors, %d markers",
		inject, shared, res.Attempted, res.Written, res.Failed, res.Stats.Rotations, res.Stats.Errors, report.Markers)
	switch {
	case fails != (res.Failed > 0):
		return fmt.Errorf("%d lines failed: %s", res.Failed, res.Err)
	case durability == 2 && (res.Stats.Records+res.Stats.Lost != res.Attempted || res.Stats.Errors == 0):
		return fmt.Errorf("the Stats are %+v", res.Stats)
	case durability != 2 && (res.Stats.Records != res.Written || res.Stats.Lost != res.Failed):
		return fmt.Errorf("the Stats have %d records and %d lost, want %d and %d", res.Stats.Records, res.Stats.Lost, res.Written, res.Failed)
	case durability != 2 && report.Lines != res.Written:
		return errors.New("other lines are there")
	}
	return nil
}
