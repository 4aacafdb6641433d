//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/slogsuite/slogsuite/rotate/rotatetest"
)

// pieces has writers come to a file that ends with a piece of a line, as one that was
// killed in the middle of a write leaves it, at the end of a page, or the power
// cut anywhere. A writer that is killed right after it wrote behind the piece must not
// lose its line by that either.
func pieces(r *run) error {
	if err := r.buildTrapped(); err != nil {
		return err
	}
	var errs []error
	n := 0
	for _, size := range []int{1, 4000, 4096, 8192} {
		for _, shared := range []bool{false, true} {
			for _, trap := range []string{"", "write.check:1:kill", "write.unlock:1:kill", "write.lock:2:kill"} {
				if trap != "" && !shared {
					continue
				}
				n++
				if err := r.pieceOnce(size, shared, trap); err != nil {
					errs = append(errs, fmt.Errorf("a piece of %d bytes, shared %t, %q: %w", size, shared, trap, err))
				}
			}
		}
	}
	r.logf("%d files with a piece at the end", n)
	return errors.Join(errs...)
}

func (r *run) pieceOnce(size int, shared bool, trap string) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	if err := os.WriteFile(s.name, rotatetest.AppendLine(nil, "dead", 1, 10_000)[:size], 0o666); err != nil {
		return err
	}
	for _, id := range []string{"w", "x"} {
		o := s.options(id)
		o.lines, o.shared = 3, shared
		p, err := s.start(r.trapped, o, "SLOGSUITE_FAILPOINT="+trap)
		if err != nil {
			return err
		}
		if err := r.waitFor("the end of "+id, 20*time.Second, p.ended); err != nil {
			return err
		}
		if res, err := p.wait(); !killed(p) {
			if err := errorsOf(err, res.check()); err != nil {
				return err
			}
		}
		trap = ""
	}
	_, err = s.verify("-torn", "1")
	return err
}

// buildTrapped builds the writer with failpoints.
func (r *run) buildTrapped() error {
	if r.trapped != "" {
		return nil
	}
	bin := filepath.Join(r.dir, "torture-failpoints")
	err := r.build(bin, "rotate_failpoints", "torture")
	if err == nil {
		r.trapped = bin
	}
	return err
}
