package rotate

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	robfig "github.com/robfig/cron/v3"
)

// A cron is a schedule of five fields. The library parses them and knows which
// times they mean, on a clock that is never changed; what changes of the clock
// do is decided here, since the library's own ways skip and shift times:
//
//   - A time that the clock skips is due when the clock has skipped it.
//   - A time that comes twice, as the clock is set back, is due the first time
//     alone, so that what is daily stays daily. But if the schedule is for every
//     hour, as "*/5 * * * *" is, it is due both times: the clock of a file that
//     rotates every five minutes does not stop for an hour.
//
// A wall time is what a clock in loc shows, as a time in UTC.
type cron struct {
	stampLayouts
	spec      *robfig.SpecSchedule
	everyHour bool
	loc       *time.Location
}

const everyHour = 1<<24 - 1 // the bits of SpecSchedule.Hour

var cronParser = robfig.NewParser(robfig.Minute | robfig.Hour | robfig.Dom | robfig.Month | robfig.Dow | robfig.Descriptor)

// cronLayouts are those of the stamps of a cron. The second one is for times that
// have come before, as the clock was set back: 01b is after all of 01 and before
// 02. So no stamp comes twice, and their order is that of time, if clocks are set
// back within one hour of the day. So it is wherever they are changed each year,
// but on Chatham (from 3:45 to 2:45) and at Troll (by two hours).
var cronLayouts = stampLayouts{"2006-01-02_15-04-05", "2006-01-02_15b-04-05"}

func newCron(expr string, loc *time.Location) (*cron, error) {
	spec, err := parseCron(expr)
	if err != nil {
		return nil, fmt.Errorf("Options.Cron %q: %w", expr, err)
	}
	return &cron{stampLayouts: cronLayouts, spec: spec, everyHour: spec.Hour&everyHour == everyHour, loc: loc}, nil
}

func parseCron(expr string) (*robfig.SpecSchedule, error) {
	if strings.Contains(expr, "TZ=") { // the parser panics at some of these
		return nil, errors.New("the time zone is Options.Location")
	}
	parsed, err := cronParser.Parse(expr)
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*robfig.SpecSchedule)
	if !ok {
		return nil, errors.New("it has no times of day; Options.Interval counts from the last rotation")
	}
	spec.Location = time.UTC
	// From here the next five years have all dates that there are.
	if spec.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("there is no such date")
	}
	return spec, nil
}

func (s *cron) next(t time.Time) time.Time {
	t = t.In(s.loc)
	for after := wall(t); ; {
		due := s.nextWall(after)
		at := due.Add(-offset(t)).In(s.loc) // if the clock is not changed before
		change, changed := nextChange(t, at)
		switch {
		case changed && !due.After(wall(change)): // the clock skips it
			return change
		case changed:
			t, after = change, wall(change).Add(-time.Second) // that second counts
		case s.everyHour || !isRepeated(at):
			return at
		default:
			t, after = at, due
		}
	}
}

// nextWall returns the wall time after t that is due. The library looks five years
// ahead; from 2096 the next 29 February is in 2104.
func (s *cron) nextWall(t time.Time) time.Time {
	due := s.spec.Next(t)
	if due.IsZero() {
		due = s.spec.Next(t.AddDate(5, 0, 0))
	}
	return due
}

// stamp is the time at which the rotation was due, or at which it is done, if
// something else than the clock rotates the file before.
func (s *cron) stamp(due, now time.Time) string {
	if now.Before(due) {
		due = now
	}
	due = due.In(s.loc)
	if isRepeated(due) {
		return due.Format(s.stampLayouts[1])
	}
	return due.Format(s.stampLayouts[0])
}

func wall(t time.Time) time.Time { return t.UTC().Add(offset(t)) }

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// isRepeated reports whether clocks have shown the same as at t within the day
// before.
func isRepeated(t time.Time) bool {
	before := offset(t.Add(-24 * time.Hour))
	back := before - offset(t)
	return back > 0 && offset(t.Add(-back)) == before
}

// nextChange returns when after t, and not after end, clocks are changed for the
// first time. Time.ZoneBounds is no help: on 31 December of a leap year the end that
// it returns may lie before t (golang.org/issue/81583).
func nextChange(t, end time.Time) (change time.Time, ok bool) {
	const step = 12 * hour // clocks are not changed twice within it
	t = t.Truncate(time.Second)
	for ; t.Before(end); t = t.Add(step * time.Second) {
		seconds := min(step, int(end.Sub(t)/time.Second))
		isChanged := func(i int) bool { return offset(t.Add(time.Duration(i)*time.Second)) != offset(t) }
		if isChanged(seconds) {
			i := sort.Search(seconds, isChanged)
			return t.Add(time.Duration(i) * time.Second), true
		}
	}
	return t, false
}
