package rotate

import "time"

// A schedule says when a file rotates by the clock, and which times its backups bear.
type schedule interface {
	// next returns when a file that began at t, or was rotated at t, rotates. Its
	// result is after t.
	next(t time.Time) time.Time

	// stamp returns the time that the name of a backup bears which was due at due
	// and is made now, as in "2006-01-02".
	stamp(due, now time.Time) string

	// isStamp reports whether the whole of s could be a stamp of this schedule.
	isStamp(s string) bool

	// findStamps returns where in s stamps could stand, as pairs of offsets.
	findStamps(s string) [][]int
}

// newSchedule returns the schedule of valid Options, nil if the clock does not
// rotate, or an error that names the option and the value.
func newSchedule(o *Options) (schedule, error) { return nil, nil }
