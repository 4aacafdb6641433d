//go:build linux

package main

import (
	"errors"
	"fmt"
	"strings"
)

// controls has writers do what loses, tears or doubles lines. The check has to say
// so, each time: one that can't fail proves nothing.
func controls(r *run) error {
	for _, c := range []struct {
		what string
		want string // in what verify says
		set  func(*writeOptions)
		kill bool
	}{
		{"several processes without Shared", "lost", func(o *writeOptions) { o.shared, o.maxBytes, o.upward, o.backups = false, 16<<10, false, 50 }, false},
		{"opening with O_TRUNC", "lost", func(o *writeOptions) { o.wrong = "truncate" }, false},
		{"a line by two system calls", "torn", func(o *writeOptions) { o.wrong = "split" }, false},
		{"acknowledging before writing, and kills", "lost", func(o *writeOptions) { o.ack = "before" }, true},
		{"a buffer, and kills", "lost", func(o *writeOptions) { o.durability = 1 }, true},
	} {
		run := r.controlFlood
		if c.kill {
			run = r.controlKill
		}
		err := untilBroken(func() error { return run(c.set) })
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), c.want) {
			return fmt.Errorf("%s: verify has to say %q, but: %w", c.what, c.want, orNone(err))
		}
		text, _, _ := strings.Cut(err.Error(), "\n")
		r.logf("%s is seen: %s", c.what, text)
	}
	return nil
}

// untilBroken runs a control until it does its damage: that hangs on who comes first, so a try may pass.
func untilBroken(try func() error) (err error) {
	for range 20 {
		if err = try(); err != nil {
			break
		}
	}
	return err
}

func orNone(err error) error {
	if err == nil {
		return errors.New("nothing is wrong")
	}
	return err
}

// controlFlood has writers write side by side.
func (r *run) controlFlood(set func(*writeOptions)) error {
	s, err := r.site()
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.startAll(4, func(o *writeOptions) { o.lines = 30_000; set(o) }); err != nil {
		return err
	}
	if _, err := waitAll(s.all); err != nil {
		return err
	}
	_, err = s.verify()
	return err
}

func (r *run) controlKill(set func(*writeOptions)) error {
	_, err := r.killOnce(4, 30, set)
	return err
}
