package rotate

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// A rolloverVector is a line of rollover_times.jsonl.
type rolloverVector struct {
	ID, TZ, When          string
	Interval              int
	UTC                   bool
	AtTime                []int
	CurrentTime, Rollover int64
}

// timedOptions are the constructor's arguments of TimedRotatingFileHandler.
func timedOptions(t testing.TB, tz, when string, interval int, utc bool, atTime []int) Options {
	o := Options{When: when, Interval: interval, Location: time.UTC}
	if !utc {
		o.Location = loadZone(t, tz)
	}
	if atTime != nil {
		o.AtTime = time.Date(0, 1, 1, atTime[0], atTime[1], atTime[2], 0, time.UTC).Format(time.TimeOnly)
	}
	return o
}

func TestOracleRolloverTimes(t *testing.T) {
	tally := oracle.NewTally("rollover_times")
	for _, v := range oracle.Load[rolloverVector](t, "rollover_times") {
		s := mustSchedule(t, timedOptions(t, v.TZ, v.When, v.Interval, v.UTC, v.AtTime))
		// CPython cuts off what is less than a second.
		for _, nanos := range []int64{0, 999999999} {
			if got := s.next(time.Unix(v.CurrentTime, nanos)).Unix(); got != v.Rollover {
				t.Errorf("%s: %+v: got %d", v.ID, v, got)
			}
		}
		tally.Replayed()
	}
	tally.Report(t)
}

// Backups are named as CPython names them, without a file of ours: what
// TestOracleRotation shows of files stands on it.
func TestOracleStamps(t *testing.T) {
	names := 0
	for _, v := range oracle.Load[rotationVector](t, "rotation") {
		if v.Kind == "timed" {
			names += replayStamps(t, &v)
		}
	}
	if t.Logf("%d names", names); names < 100 {
		t.Errorf("only %d names were compared", names)
	}
}

func replayStamps(t *testing.T, v *rotationVector) (names int) {
	var s schedule
	var due, now time.Time
	files := map[string]int64{}
	for _, file := range v.Initial {
		files[file[0].(string)] = 0
	}
	for i, step := range v.Steps {
		if step.Obs.Error != nil || step.Namer != nil {
			return names
		}
		if step.Now != nil {
			now = seconds(*step.Now)
		}
		if step.Op == "open" {
			s = mustSchedule(t, timedOptions(t, v.TZ, step.When, *step.Interval, step.UTC, step.AtTime))
		}
		for name := range step.Obs.Files {
			suffix, ok := strings.CutPrefix(name, "app.log.")
			if _, old := files[name]; old || !ok {
				continue
			}
			names++
			if got := s.stamp(due, now); got != suffix || !s.isStamp(suffix) {
				t.Errorf("%s step %d: stamp %q, want %q", v.ID, i, got, suffix)
			}
		}
		if step.Obs.Files != nil {
			files = step.Obs.Files
		}
		if step.Obs.RolloverAt != nil {
			due = time.Unix(*step.Obs.RolloverAt, 0)
		}
	}
	return names
}

func TestTimedIgnoresCase(t *testing.T) {
	now := time.Date(2024, 1, 15, 10, 30, 15, 0, time.UTC)
	for _, when := range []string{"S", "M", "H", "D", "midnight", "W0", "W6"} {
		want := mustSchedule(t, Options{When: strings.ToUpper(when), Location: time.UTC}).next(now)
		if got := mustSchedule(t, Options{When: strings.ToLower(when), Location: time.UTC}).next(now); !got.Equal(want) {
			t.Errorf("%s: %v and %v", when, got, want)
		}
	}
}

// AtTime without seconds, and a Location that is nil.
func TestTimedOptions(t *testing.T) {
	now := time.Date(2024, 1, 15, 10, 30, 15, 0, time.Local)
	o := Options{When: "midnight", Interval: 1, AtTime: "09:05"}
	s, err := newSchedule(&o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.next(now), time.Date(2024, 1, 16, 9, 5, 0, 0, time.Local); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// In all six zones, across each change of the clock, what is due is later, and the
// names of backups ascend. They may repeat where CPython takes the interval for
// the difference of two clocks: with "H" and "D", and on Lord Howe, where a
// half-hour's change makes it rotate at 23:30 and at 0:00. With "M" and "S" names
// of the hour that was skipped are out of order there.
func TestTimedAcrossClockChanges(t *testing.T) {
	for _, zone := range zones {
		loc := loadZone(t, zone)
		for _, when := range []string{"S", "M", "H", "D", "midnight", "W0", "W6"} {
			for _, at := range []string{"", "00:00", "00:30", "01:45", "02:30", "23:30"} {
				s := mustSchedule(t, Options{When: when, AtTime: at, Location: loc}).(*timed)
				for _, change := range clockChanges(loc, 2005, 2030) {
					checkTimed(t, zone+" "+when+" "+at, s, change, zone != "Australia/Lord_Howe")
				}
			}
		}
	}
}

func checkTimed(t *testing.T, what string, s *timed, change time.Time, wholeHour bool) {
	t.Helper()
	last := ""
	for now, i := change.Add(-time.Duration(4*s.unit)*time.Second), 0; i < 8; i++ {
		due := s.next(now)
		if !due.After(now) {
			t.Fatalf("%s: next(%v) = %v", what, now, due)
		}
		stamp := s.stamp(due, due)
		switch {
		case s.unit < hour:
		case stamp < last, stamp == last && s.daily && wholeHour:
			t.Errorf("%s: stamp %s after %s, due %v", what, stamp, last, due)
		}
		now, last = due, stamp
	}
}

// Where the clock is changed by an hour, a daily file rotates at its time of day,
// whenever in between it was opened.
func TestTimedIsDaily(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Europe/London", "Pacific/Auckland", "Asia/Kolkata", "UTC"} {
		loc := loadZone(t, zone)
		for _, h := range []int{0, 4, 12, 23} {
			at := strconv.Itoa(h) + ":15"
			s := mustSchedule(t, Options{When: "midnight", AtTime: at, Location: loc})
			changes := append(clockChanges(loc, 2010, 2030), time.Date(2024, 1, 1, 0, 0, 0, 0, loc))
			for _, change := range changes {
				for minutes := -3000; minutes < 3000; minutes += 37 {
					now := change.Add(time.Duration(minutes) * time.Minute)
					want := time.Date(now.Year(), now.Month(), now.Day(), h, 15, 0, 0, loc)
					if !want.After(now) {
						want = time.Date(now.Year(), now.Month(), now.Day()+1, h, 15, 0, 0, loc)
					}
					if got := s.next(now); !got.Equal(want) {
						t.Fatalf("%s %s: next(%v) = %v, want %v", zone, at, now, got, want)
					}
				}
			}
		}
	}
}
