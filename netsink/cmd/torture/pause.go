//go:build linux

package main

import (
	"bufio"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/netsink"
)

// slack is by how much a busy machine may have a caller wait too long.
const slack = 5 * time.Second

// pause stops slogd and lets it go on. Who is patient loses nothing; who is not waits no longer than he
// may, and what he loses is counted and told in its place.
func pause(r *run) error {
	for _, patient := range []bool{true, false} {
		if err := r.pauses(patient, r.pick(3, 40)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) pauses(patient bool, times int) error {
	s, err := r.site("tcp")
	if err != nil {
		return err
	}
	defer s.close()
	wait := 50 * time.Millisecond
	if patient {
		wait = time.Minute
	}
	err = s.send(4, func(o *sendOptions) {
		o.Buffer, o.MaxWait, o.Pause, o.Goroutines = 64<<10, wait, time.Millisecond, 4
		o.Overflow = []netsink.Overflow{netsink.Block, netsink.DropNew}[len(s.senders)%2]
		if patient {
			o.Overflow = netsink.Block
		}
	})
	for i := 0; i < times && err == nil; i++ {
		if err = s.grown(); err == nil {
			s.slogd.signal(syscall.SIGSTOP)
			r.sleep(700 * time.Millisecond)
			r.pause(300 * time.Millisecond)
			s.written = size(s.files())
			s.slogd.signal(syscall.SIGCONT)
		}
	}
	if err != nil {
		return err
	}
	t, err := s.settled()
	if err != nil {
		return err
	}
	return s.judgePauses(t, patient, times, wait)
}

func (s *site) judgePauses(t *total, patient bool, times int, wait time.Duration) error {
	report, err := s.judge(t, false)
	if err != nil {
		return err
	}
	markers, told, err := s.markers()
	if err != nil {
		return err
	}
	who := map[bool]string{true: "patient", false: "impatient"}[patient]
	s.logf("%s: %d stops, %s: %d lines, %d lost, %d doubled, %d refused, %d markers of %d dropped", who, times, t.summary(), report.Lines,
		report.Total().Lost, report.Total().Doubled, t.refused(), markers, told)
	switch {
	case report.Err() != nil:
		return fmt.Errorf("%s: %w\n%s", who, report.Err(), report)
	case t.refused() != t.Stats.Dropped || told != t.Stats.Dropped:
		return fmt.Errorf("%s: %d records were refused, %d are counted, and of %d the log tells", who, t.refused(), t.Stats.Dropped, told)
	case t.Wait > wait+slack:
		return fmt.Errorf("%s: a caller waited for %v", who, t.Wait)
	case patient:
		if t.Wait < 100*time.Millisecond {
			return fmt.Errorf("nobody had to wait, the longest %v", t.Wait)
		}
		return none(map[string]uint64{"lines": report.Lines, "nothing dropped": boolCount(told == 0)})
	}
	return none(map[string]uint64{"lines": report.Lines, "dropped": t.Stats.Dropped, "markers": markers})
}

func boolCount(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// markers returns how many lines tell of dropped records, and of how many of them.
func (s *site) markers() (n, dropped uint64, err error) {
	f, err := s.openAll("")
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if isMarker(lines.Bytes()) {
			var k uint64
			if _, err := fmt.Sscan(strings.Fields(lines.Text())[0], &k); err != nil {
				return 0, 0, fmt.Errorf("%q: %w", lines.Text(), err)
			}
			n++
			dropped += k
		}
	}
	return n, dropped, lines.Err()
}
