//go:build linux

package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// kill kills writers at any time; the next one goes on in the same file.
func kill(r *run) error {
	kills := r.pick(40, 1000)
	var errs []error
	for _, k := range []struct {
		what  string
		slots int
		kills int
		set   func(*writeOptions)
	}{
		{"shared", 4, kills, func(o *writeOptions) {}},
		{"shared, lines up to 100 KB", 4, kills / 2, func(o *writeOptions) { o.sizeMax, o.maxBytes = 100_000, 1<<20 }},
		{"shared, shifting", 4, kills / 4, func(o *writeOptions) { o.upward, o.backups, o.maxBytes = false, 500, 1<<20 }},
		{"shared, compressed", 4, kills / 4, func(o *writeOptions) { o.gzip = true }},
		{"alone, lines up to 100 KB", 1, kills / 2, func(o *writeOptions) { o.shared, o.sizeMax, o.maxBytes = false, 100_000, 1<<20 }},
	} {
		text, err := r.killOnce(k.slots, k.kills, k.set)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", k.what, err))
			continue
		}
		r.logf("%s: %s", k.what, text)
	}
	return errors.Join(errs...)
}

// A killing is some writers in their slots, of which one and another is killed. The
// writer in the last of several slots is spared.
type killing struct {
	*site
	set    func(*writeOptions)
	slots  []*process
	starts int
	midway int // kills of writers that had written something
}

func (k *killing) fill(slot int) error {
	k.starts++
	o := k.options("w" + strconv.Itoa(slot) + "." + strconv.Itoa(k.starts))
	k.set(&o)
	p, err := k.start(k.r.self, o)
	if err == nil {
		k.slots[slot] = p
	}
	return err
}

// killOnce kills, verifies, and says what it has done.
func (r *run) killOnce(slots, kills int, set func(*writeOptions)) (text string, err error) {
	s, err := r.site()
	if err != nil {
		return "", err
	}
	defer s.close()
	k := &killing{site: s, set: set, slots: make([]*process, slots)}
	if err := k.killMany(kills); err != nil {
		return "", err
	}
	sum, err := r.finishAll(k.slots)
	if err != nil {
		return "", err
	}
	o := s.options("tidy")
	set(&o)
	if err := s.tidied(o); err != nil {
		return "", err
	}
	report, err := s.verify("-torn", strconv.Itoa(kills))
	if err != nil {
		return "", err
	}
	text = fmt.Sprintf("%d kills, %d of them of writers at work, %d backups, %d lines, %d pieces of lines; survivors put off %d rotations",
		kills, k.midway, s.backups(), report.Lines, report.Torn, sum.Stats.PutOff)
	return text, errorsOf(sum.check(), atLeast("kills of writers at work", k.midway, kills/2), atLeast("backups", s.backups(), 1))
}

func (k *killing) killMany(kills int) error {
	for slot := range k.slots {
		if err := k.fill(slot); err != nil {
			return err
		}
	}
	spared := max(1, len(k.slots)-1)
	for range kills {
		time.Sleep(k.r.between(0, 15*time.Millisecond))
		slot := k.r.rng.IntN(spared)
		p := k.slots[slot]
		// One that has not yet begun is no victim.
		if err := k.r.waitFor("a first line of "+p.id, 10*time.Second, func() bool { return p.ended() || hasWritten(p.ack) }); err != nil {
			return err
		}
		if p.ended() {
			_, err := p.wait()
			return fmt.Errorf("it ended before it was killed: %w", err)
		}
		p.kill()
		if hasWritten(p.ack) {
			k.midway++
		}
		if err := k.fill(slot); err != nil {
			return err
		}
	}
	return nil
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
