//go:build linux

package main

import (
	"fmt"
	"syscall"
	"time"
)

// kill kills slogd, again and again. What is missing has to lie in the windows that the senders were told, and
// something has to be missing: else it has proved nothing.
func kill(r *run) error {
	lost := uint64(0)
	for i, kind := range r.kinds() {
		for _, direct := range []bool{false, true} {
			if r.short && direct != (i == 1) {
				continue
			}
			n, err := r.kills(kind, direct, r.pick(3, 100))
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			lost += n
		}
	}
	return none(map[string]uint64{"records that were lost": lost})
}

// unixWindow is more than a socket of unix, slogd and its file hold: 208 KiB, 64 KiB and 64 KiB. A connection carries
// much more, of which nothing may be missing.
const unixWindow = 1 << 20

// kills returns how many records were lost.
func (r *run) kills(kind string, direct bool, times int) (uint64, error) {
	var flags []string
	if direct {
		flags = append(flags, "-direct")
	}
	window := 0
	if kind == "unix" {
		window = unixWindow
	}
	s, t, err := r.killed(kind, times, window, flags...)
	if err != nil {
		return 0, err
	}
	defer s.close()
	lost, outside, err := s.judgeBoth(fmt.Sprintf("%s %v: %d kills", kind, flags, s.killed), t)
	if err != nil {
		return 0, err
	}
	windows, told := t.windows()
	counts := map[string]uint64{"records": t.Stats.Records, "kills": uint64(s.killed), "windows": uint64(windows)}
	if kind == "unix" {
		counts["records that were in no window"] = t.Stats.Records - told
	}
	if outside > 0 {
		return 0, fmt.Errorf("%d records are missing in no window", outside)
	}
	return lost, none(counts)
}

// judgeBoth judges the files with the windows and without, and says what it has found. The error is about all but
// records that are missing.
func (s *site) judgeBoth(what string, t *total) (lost, outside uint64, err error) {
	report, err := s.judge(t, true)
	if err != nil {
		return 0, 0, err
	}
	without, err := s.judge(t, false)
	if err != nil {
		return 0, 0, err
	}
	windows, told := t.windows()
	total := report.Total()
	lost, outside = without.Total().Lost, total.Lost
	s.logf("%s, %s: %d windows of %d records, %d lost in them and %d outside, %d doubled, %d torn", what, t.summary(), windows, told, lost-outside,
		outside, total.Doubled, report.Torn)
	if total.Doubled > 0 || report.Torn > report.Allowed || report.Lines == 0 {
		return 0, 0, fmt.Errorf("%w\n%s", report.Err(), report)
	}
	return lost, outside, nil
}

// windows returns how many there are, and of how many records.
func (t *total) windows() (n int, records uint64) {
	for _, w := range t.Writers {
		n += len(w.Windows)
		records += count(w.Windows)
	}
	return n, records
}

// killed returns a site where slogd was killed so often, and what was sent there.
func (r *run) killed(kind string, times, window int, flags ...string) (*site, *total, error) {
	s, err := r.site(kind, flags...)
	if err != nil {
		return nil, nil, err
	}
	t, err := s.killing(times, window, false)
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, t, nil
}

func (s *site) killing(times, window int, drain bool) (*total, error) {
	if err := s.send(4, func(o *sendOptions) { o.Numbered, o.Window = true, window }); err != nil {
		return nil, err
	}
	for range times {
		if err := s.grown(); err != nil {
			return nil, err
		}
		s.pause(time.Duration(s.pick(300, 1500)) * time.Millisecond)
		if drain {
			s.slogd.signal(syscall.SIGTERM)
			s.pause(20 * time.Millisecond)
		}
		s.kill()
		s.pause(50 * time.Millisecond)
		if err := s.up(); err != nil {
			return nil, err
		}
	}
	if err := s.grown(); err != nil { // all senders are to find it before they end
		return nil, err
	}
	t, err := s.settled()
	if err == nil && t.Stats.Dropped > 0 { // the numbers would not be those of the windows any longer
		err = fmt.Errorf("%d records were dropped", t.Stats.Dropped)
	}
	return t, err
}

// killDrain kills slogd while it drains. Its peers have been told by then that it reads what they have sent, and take that for
// read: what is missing then lies in no window, which is counted, and no more is promised. By TLS an end is told only by
// who has read all.
func killDrain(r *run) error {
	for _, kind := range r.kinds() {
		s, err := r.site(kind)
		if err != nil {
			return err
		}
		defer s.close()
		t, err := s.killing(r.pick(2, 100), 0, true)
		if err != nil {
			return err
		}
		if _, _, err := s.judgeBoth(fmt.Sprintf("%s: %d kills", kind, s.killed), t); err != nil {
			return err
		}
	}
	return nil
}

// stall kills a slogd that has read as fast as it can, and then nothing for a while: the system's buffers have grown, and are
// full. The window has to be larger.
func stall(r *run) error {
	s, err := r.site("tcp")
	if err != nil {
		return err
	}
	defer s.close()
	err = s.send(1, func(o *sendOptions) { o.Numbered, o.Handlers, o.Size, o.Pause = true, 1, 4000, time.Microsecond })
	for i := 0; i < r.pick(2, 20) && err == nil; i++ {
		if err = s.grown(); err == nil {
			r.sleep(time.Duration(r.pick(1000, 2500)) * time.Millisecond)
			s.slogd.signal(syscall.SIGSTOP)
			r.sleep(time.Duration(r.pick(500, 1500)) * time.Millisecond)
			s.kill()
			err = s.up()
		}
	}
	if err == nil {
		err = s.grown()
	}
	if err != nil {
		return err
	}
	t, err := s.settled()
	if err != nil {
		return err
	}
	lost, outside, err := s.judgeBoth(fmt.Sprintf("%d kills", s.killed), t)
	if err != nil {
		return err
	}
	if outside > 0 {
		return fmt.Errorf("%d records are missing in no window", outside)
	}
	_, told := t.windows()
	return none(map[string]uint64{"records that were lost": lost, "records that were in no window": t.Stats.Records - told})
}
