package rotate

import (
	"fmt"
	"strings"
	"time"
)

// A timed is the schedule of TimedRotatingFileHandler of CPython 3.13, to the
// second, its ways around changes of the clock included: it takes each of them
// for an hour, and two backups may get one stamp. Times are seconds since 1970, as
// there.
type timed struct {
	stampLayouts
	unit     int64 // what When counts in, in seconds
	interval int64 // between rotations, in seconds
	daily    bool  // rotates at a time of day, not when the interval has passed
	weekly   bool  // rotates on a day of the week
	weekday  time.Weekday
	atTime   int64 // the time of day, in seconds; a whole day is the day's end
	loc      *time.Location
}

const (
	hour = 60 * 60
	day  = 24 * hour
)

// maxInterval is a hundred years: times have to keep four digits for the year.
const maxInterval = 36525 * day

func newTimed(when string, interval int, atTime int64, loc *time.Location) (*timed, error) {
	s := &timed{atTime: atTime, loc: loc}
	name := strings.ToUpper(when)
	layout := time.DateOnly
	switch {
	case name == "S":
		s.unit, layout = 1, "2006-01-02_15-04-05"
	case name == "M":
		s.unit, layout = 60, "2006-01-02_15-04"
	case name == "H":
		s.unit, layout = hour, "2006-01-02_15"
	case name == "D":
		s.unit = day
	case name == "MIDNIGHT":
		s.unit, s.daily = day, true
	case len(name) == 2 && name[0] == 'W' && '0' <= name[1] && name[1] <= '6':
		s.unit, s.daily, s.weekly = 7*day, true, true
		s.weekday = time.Weekday(name[1]-'0'+1) % 7 // Monday is 0 in CPython
	default:
		return nil, fmt.Errorf(`Options.When %q is unknown: it is "S", "M", "H", "D", "midnight", or "W0" (Monday) to "W6"`, when)
	}
	if int64(interval) > maxInterval/s.unit {
		return nil, fmt.Errorf("Options.Interval %d of Options.When %q is more than a hundred years", interval, when)
	}
	s.interval = s.unit * int64(interval)
	s.stampLayouts = stampLayouts{layout}
	return s, nil
}

// parseAtTime parses Options.AtTime to seconds.
func parseAtTime(s string) (int64, error) {
	if s == "" {
		return day, nil
	}
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(layout, s); err == nil && t.Nanosecond() == 0 {
			return secondOfDay(t), nil
		}
	}
	return 0, fmt.Errorf(`Options.AtTime %q is no time of day such as "15:04" or "15:04:05"`, s)
}

func secondOfDay(t time.Time) int64 {
	h, m, s := t.Clock()
	return int64(h*hour + m*60 + s)
}

func (s *timed) at(t int64) time.Time { return time.Unix(t, 0).In(s.loc) }

// next is computeRollover.
func (s *timed) next(t time.Time) time.Time {
	now := t.Unix()
	if !s.daily {
		return s.at(now + s.interval)
	}
	local := s.at(now)
	wait, weekday := s.atTime-secondOfDay(local), local.Weekday()
	if wait <= 0 {
		wait += day
		weekday++
	}
	due := now + wait + s.interval - s.unit
	if s.weekly {
		due += int64(s.weekday-weekday+7) % 7 * day
	}
	return s.at(due + s.clockChange(local.IsDST(), due))
}

// clockChange returns what to add to due, which was computed as if the clock were
// never changed, from a time that was in daylight saving time or not.
func (s *timed) clockChange(wasDST bool, due int64) int64 {
	switch {
	case wasDST == s.at(due).IsDST():
		return 0
	case wasDST:
		return hour
	case s.at(due - hour).IsDST():
		return -hour
	}
	return 0 // due is in the hour that the clock skips
}

// stamp is the time at which the interval began that ends at due, as doRollover
// computes it.
func (s *timed) stamp(due, now time.Time) string {
	began := s.at(due.Unix() - s.interval)
	switch nowDST := now.In(s.loc).IsDST(); {
	case nowDST && !began.IsDST():
		began = began.Add(time.Hour)
	case !nowDST && began.IsDST():
		began = began.Add(-time.Hour)
	}
	return began.Format(s.stampLayouts[0])
}
