//go:build linux

package main

import (
	"fmt"
	"time"
)

// kill kills slogd, again and again. What is missing has to lie in the windows that the senders were told, and
// something has to be missing: else it has proved nothing.
func kill(r *run) error {
	lost := uint64(0)
	for _, kind := range r.kinds() {
		for _, direct := range []bool{false, true} {
			n, err := r.kills(kind, direct, r.pick(8, 100))
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			lost += n
		}
	}
	return none(map[string]uint64{"records that were lost": lost})
}

// kills returns how many records were lost.
func (r *run) kills(kind string, direct bool, times int) (uint64, error) {
	var flags []string
	if direct {
		flags = append(flags, "-direct")
	}
	s, t, err := r.killed(kind, times, 0, flags...)
	if err != nil {
		return 0, err
	}
	defer s.close()
	report, err := s.judge(t, true)
	if err != nil {
		return 0, err
	}
	without, err := s.judge(t, false)
	if err != nil {
		return 0, err
	}
	windows, told := t.windows()
	total := report.Total()
	lost := without.Total().Lost
	r.logf("%s%s: %d kills, %s: %d windows of %d records, %d lost in them and %d outside, %d doubled, %d torn, %d out of order", kind, append(flags, "")[0], s.killed,
		t.summary(), windows, told, lost-total.Lost, total.Lost, total.Doubled, report.Torn, total.Disordered)
	if err := report.Err(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, report)
	}
	return lost, none(map[string]uint64{"records": t.Stats.Records, "lines": report.Lines, "kills": uint64(s.killed), "windows": uint64(windows)})
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
	t, err := s.killing(times, window)
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, t, nil
}

func (s *site) killing(times, window int) (*total, error) {
	if err := s.send(4, func(o *sendOptions) { o.Numbered, o.Window = true, window }); err != nil {
		return nil, err
	}
	for range times {
		if err := s.grown(); err != nil {
			return nil, err
		}
		s.pause(50 * time.Millisecond)
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
