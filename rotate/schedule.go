package rotate

import (
	"cmp"
	"time"
)

// A schedule says when a file rotates by the clock, and which times its backups
// bear. It is never changed.
type schedule interface {
	// next returns when a file that began at t, or was rotated at t, rotates. Its
	// result is after t.
	next(t time.Time) time.Time

	// stamp returns the time that the name of a backup bears which was due at due
	// and is made now, as in "2006-01-02".
	stamp(due, now time.Time) string

	// isStamp reports whether the whole of s could be a stamp of this schedule.
	isStamp(s string) bool

	// findStamps returns where in s stamps could stand, as pairs of offsets. They
	// may overlap.
	findStamps(s string) [][]int
}

// newSchedule returns the schedule of Options whose defaults are filled in, nil
// if the clock does not rotate, or an error that names the option and the value.
func newSchedule(o *Options) (schedule, error) {
	loc := cmp.Or(o.Location, time.Local)
	at, err := parseAtTime(o.AtTime)
	if err != nil {
		return nil, err
	}
	switch {
	case o.When != "":
		s, err := newTimed(o.When, o.Interval, at, loc)
		if err != nil {
			return nil, err
		}
		return s, nil
	case o.Cron != "":
		s, err := newCron(o.Cron, loc)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	return nil, nil
}

// stampLayouts are the layouts of a schedule's stamps. They are more than one
// where some times need a mark.
type stampLayouts []string

func (l stampLayouts) isStamp(s string) bool {
	for _, layout := range l {
		if len(s) == len(layout) && looksLike(s, layout) {
			return true
		}
	}
	return false
}

// findStamps finds those that no digit stands next to: else "12024-01-01" would
// hold one.
func (l stampLayouts) findStamps(s string) (found [][]int) {
	for i := range len(s) {
		if i > 0 && isDigit(s[i-1]) {
			continue
		}
		for _, layout := range l {
			end := i + len(layout)
			if end <= len(s) && looksLike(s[i:end], layout) && (end == len(s) || !isDigit(s[end])) {
				found = append(found, []int{i, end})
			}
		}
	}
	return found
}

// looksLike reports whether s, which is as long as layout, has a digit where
// layout has one, and else is equal. As in CPython the time need not exist.
func looksLike(s, layout string) bool {
	for i := range len(layout) {
		if isDigit(layout[i]) != isDigit(s[i]) || !isDigit(s[i]) && s[i] != layout[i] {
			return false
		}
	}
	return true
}
