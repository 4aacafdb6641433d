package rotate

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// What clocks that are changed do to what is due, in all six zones, written down.
// Each line begins at the time from and has what is due from there on, one after
// the other, with the stamps.
func TestCronAcrossClockChanges(t *testing.T) {
	for _, c := range []struct {
		zone, cron, from string
		want             []string // the time with its zone, and the stamp
	}{
		// Skipped: 2:00 to 3:00. It is due at 3:00, and once.
		{"America/New_York", "30 2 * * *", "2024-03-09 12:00:00", []string{"03:00 EDT 2024-03-10_03-00-00", "02:30 EDT 2024-03-11_02-30-00"}},
		{"America/New_York", "10,30,50 2 * * *", "2024-03-10 01:00:00", []string{"03:00 EDT 2024-03-10_03-00-00", "02:10 EDT 2024-03-11_02-10-00"}},
		{"America/New_York", "0 2,3 * * *", "2024-03-10 01:00:00", []string{"03:00 EDT 2024-03-10_03-00-00", "02:00 EDT 2024-03-11_02-00-00"}},
		{"America/New_York", "*/30 * * * *", "2024-03-10 01:00:00", []string{"01:30 EST 2024-03-10_01-30-00", "03:00 EDT 2024-03-10_03-00-00", "03:30 EDT 2024-03-10_03-30-00"}},
		// Twice: 1:00 to 2:00. What is daily is due the first time.
		{"America/New_York", "30 1 * * *", "2024-11-02 12:00:00", []string{"01:30 EDT 2024-11-03_01-30-00", "01:30 EST 2024-11-04_01-30-00"}},
		{"America/New_York", "0 2 * * *", "2024-11-02 12:00:00", []string{"02:00 EST 2024-11-03_02-00-00"}},
		{"America/New_York", "*/20 1 * * *", "2024-11-03 00:50:00", []string{"01:00 EDT 2024-11-03_01-00-00", "01:20 EDT 2024-11-03_01-20-00", "01:40 EDT 2024-11-03_01-40-00", "01:00 EST 2024-11-04_01-00-00"}},
		// What is hourly goes on.
		{"America/New_York", "*/30 * * * *", "2024-11-03 00:50:00", []string{
			"01:00 EDT 2024-11-03_01-00-00", "01:30 EDT 2024-11-03_01-30-00", "01:00 EST 2024-11-03_01b-00-00", "01:30 EST 2024-11-03_01b-30-00", "02:00 EST 2024-11-03_02-00-00"}},
		{"America/New_York", "@hourly", "2024-11-03 00:10:00", []string{
			"01:00 EDT 2024-11-03_01-00-00", "01:00 EST 2024-11-03_01b-00-00", "02:00 EST 2024-11-03_02-00-00"}},
		{"Europe/London", "59 1 * * *", "2024-03-31 00:00:00", []string{"02:00 BST 2024-03-31_02-00-00", "01:59 BST 2024-04-01_01-59-00"}},
		{"Europe/London", "15 * * * *", "2024-10-27 00:30:00", []string{
			"01:15 BST 2024-10-27_01-15-00", "01:15 GMT 2024-10-27_01b-15-00", "02:15 GMT 2024-10-27_02-15-00"}},
		// Half an hour is skipped, 2:00 to 2:30, or comes twice, 1:30 to 2:00.
		{"Australia/Lord_Howe", "15 2 * * *", "2024-10-06 00:00:00", []string{"02:30 +11 2024-10-06_02-30-00", "02:15 +11 2024-10-07_02-15-00"}},
		{"Australia/Lord_Howe", "45 1 * * *", "2024-04-07 00:00:00", []string{"01:45 +11 2024-04-07_01-45-00", "01:45 +1030 2024-04-08_01-45-00"}},
		{"Australia/Lord_Howe", "*/15 * * * *", "2024-04-07 01:20:00", []string{
			"01:30 +11 2024-04-07_01-30-00", "01:45 +11 2024-04-07_01-45-00", "01:30 +1030 2024-04-07_01b-30-00", "01:45 +1030 2024-04-07_01b-45-00", "02:00 +1030 2024-04-07_02-00-00"}},
		// The day begins at 1:00, or its last hour comes twice.
		{"America/Sao_Paulo", "@daily", "2018-11-03 12:00:00", []string{"01:00 -02 2018-11-04_01-00-00", "00:00 -02 2018-11-05_00-00-00"}},
		{"America/Sao_Paulo", "30 23 * * *", "2018-02-17 12:00:00", []string{"23:30 -02 2018-02-17_23-30-00", "23:30 -03 2018-02-18_23-30-00"}},
		{"America/Sao_Paulo", "30 * * * *", "2018-02-17 22:40:00", []string{
			"23:30 -02 2018-02-17_23-30-00", "23:30 -03 2018-02-17_23b-30-00", "00:30 -03 2018-02-18_00-30-00"}},
		{"Pacific/Auckland", "30 2 * * 0", "2024-09-28 12:00:00", []string{"03:00 NZDT 2024-09-29_03-00-00", "02:30 NZDT 2024-10-06_02-30-00"}},
		{"Pacific/Auckland", "30 2 * * 0", "2024-04-06 12:00:00", []string{"02:30 NZDT 2024-04-07_02-30-00", "02:30 NZST 2024-04-14_02-30-00"}},
		{"Asia/Kolkata", "30 2 * * *", "2024-03-30 12:00:00", []string{"02:30 IST 2024-03-31_02-30-00", "02:30 IST 2024-04-01_02-30-00"}},
	} {
		s := mustSchedule(t, Options{Cron: c.cron, Location: loadZone(t, c.zone)})
		var got []string
		for now := local(t, loadZone(t, c.zone), c.from); len(got) < len(c.want); now = s.next(now) {
			due := s.next(now)
			got = append(got, due.Format("15:04 MST ")+s.stamp(due, due))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %q from %s: got\n%q, want\n%q", c.zone, c.cron, c.from, got, c.want)
		}
	}
}

// A cronCase is an expression, and what it means: which wall times are due.
type cronCase struct {
	cron      string
	everyHour bool
	due       func(t time.Time) bool
}

var cronCases = []cronCase{
	{"* * * * *", true, func(time.Time) bool { return true }},
	{"*/7 * * * *", true, func(t time.Time) bool { return t.Minute()%7 == 0 }},
	{"0 0-23 * * *", true, func(t time.Time) bool { return t.Minute() == 0 }},
	{"5 */2 * * *", false, func(t time.Time) bool { return t.Minute() == 5 && t.Hour()%2 == 0 }},
	{"@daily", false, func(t time.Time) bool { return t.Hour() == 0 && t.Minute() == 0 }},
	{"30 1-3 * * *", false, func(t time.Time) bool { return t.Minute() == 30 && t.Hour() >= 1 && t.Hour() <= 3 }},
	{"*/20 1,2,23 * * *", false, func(t time.Time) bool {
		return t.Minute()%20 == 0 && (t.Hour() == 1 || t.Hour() == 2 || t.Hour() == 23)
	}},
	{"45 1 * * sun,mon", false, func(t time.Time) bool {
		return t.Minute() == 45 && t.Hour() == 1 && t.Weekday() <= time.Monday
	}},
	// Where both are restricted, days of the month and of the week add up.
	{"15 2 1-7 * sat", false, func(t time.Time) bool {
		return t.Minute() == 15 && t.Hour() == 2 && (t.Day() <= 7 || t.Weekday() == time.Saturday)
	}},
	{"0 0 1,15 apr *", false, func(t time.Time) bool {
		return t.Minute() == 0 && t.Hour() == 0 && (t.Day() == 1 || t.Day() == 15) && t.Month() == time.April
	}},
}

// slowNext finds what is due after t by looking at each minute, for a month.
func (c cronCase) slowNext(t time.Time) (at time.Time, ok bool) {
	for at := t.Truncate(time.Minute).Add(time.Minute); at.Sub(t) < 31*24*time.Hour; at = at.Add(time.Minute) {
		for skipped := wall(at.Add(-time.Minute)).Add(time.Minute); skipped.Before(wall(at)); skipped = skipped.Add(time.Minute) {
			if c.due(skipped) {
				return at, true
			}
		}
		if c.due(at) && (c.everyHour || !isSecond(at)) {
			return at, true
		}
	}
	return t, false
}

// isSecond reports whether clocks have shown the same as at t before.
func isSecond(t time.Time) bool {
	for _, earlier := range []time.Duration{30 * time.Minute, time.Hour} {
		if at := t.Add(-earlier); at.Format(time.DateTime) == t.Format(time.DateTime) {
			return true
		}
	}
	return false
}

// eachChange calls f with each case at changes of the clock in all six zones.
func eachChange(t *testing.T, f func(c cronCase, s schedule, change time.Time)) {
	for _, zone := range zones {
		loc := loadZone(t, zone)
		changes := append(clockChanges(loc, 2014, 2020), time.Date(2024, 4, 1, 0, 0, 0, 0, loc))
		for _, c := range cronCases {
			s := mustSchedule(t, Options{Cron: c.cron, Location: loc})
			for _, change := range changes {
				f(c, s, change)
			}
		}
	}
}

// In all six zones next finds what a look at each minute finds, from before and
// within changes of the clock, and the same from each time until then.
func TestCronFindsEachTime(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	eachChange(t, func(c cronCase, s schedule, change time.Time) {
		c.check(t, s, change.Add(-time.Duration(random.IntN(6*hour))*time.Second))
		c.check(t, s, change.Add(-time.Second))
		c.check(t, s, change)
		c.check(t, s, change.Add(time.Duration(random.IntN(2*hour))*time.Second))
	})
}

func (c cronCase) check(t *testing.T, s schedule, from time.Time) {
	t.Helper()
	want, ok := c.slowNext(from)
	if !ok {
		return
	}
	for i := range 5 {
		at := from.Add(want.Sub(from) * time.Duration(i) / 5) // from at i == 0, never want
		if got := s.next(at); !got.Equal(want) || got.Location() != from.Location() {
			t.Fatalf("%q: next(%v) = %v, want %v", c.cron, at, got, want)
		}
	}
}

// In all six zones the stamps of successive rotations ascend, also of those that
// come before they are due.
func TestCronStampsAscend(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	eachChange(t, func(c cronCase, s schedule, change time.Time) {
		last := ""
		for now := change.Add(-3 * time.Hour); now.Before(change.Add(3 * time.Hour)); {
			due := s.next(now)
			if random.IntN(4) == 0 { // rotated by size, or by hand
				now = now.Add(time.Duration(random.Int64N(int64(due.Sub(now)))))
			} else {
				now = due
			}
			stamp := s.stamp(due, now)
			if stamp < last || stamp == last && now.Equal(due) {
				t.Fatalf("%q: %s after %s, at %v", c.cron, stamp, last, now)
			}
			last = stamp
		}
	})
}

// Where clocks are set back from one hour to another, stamps do not ascend, and
// still none comes twice.
func TestCronStampsDiffer(t *testing.T) {
	for _, zone := range []string{"Pacific/Chatham", "Antarctica/Troll"} {
		loc := loadZone(t, zone)
		s := mustSchedule(t, Options{Cron: "*/5 * * * *", Location: loc})
		for _, change := range clockChanges(loc, 2014, 2020) {
			seen := map[string]time.Time{}
			for now := change.Add(-3 * time.Hour); now.Before(change.Add(3 * time.Hour)); {
				now = s.next(now)
				stamp := s.stamp(now, now)
				if before, ok := seen[stamp]; ok {
					t.Fatalf("%s: %s at %v and at %v", zone, stamp, before, now)
				}
				seen[stamp] = now
			}
			if len(seen) != 72 {
				t.Errorf("%s, %v: %d rotations, want 72", zone, change, len(seen))
			}
		}
	}
}

// The rarest date, over the years without a 29 February too.
func TestCronLeapDay(t *testing.T) {
	s := mustSchedule(t, Options{Cron: "0 0 29 2 *", Location: time.UTC})
	now := time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, year := range []int{1892, 1896, 1904, 1908} {
		now = s.next(now)
		if want := time.Date(year, 2, 29, 0, 0, 0, 0, time.UTC); !now.Equal(want) {
			t.Fatalf("got %v, want %v", now, want)
		}
	}
}

// A rotation that comes late bears the time at which it was due.
func TestCronStampOfLateRotation(t *testing.T) {
	s := mustSchedule(t, Options{Cron: "30 4 * * 1-5", Location: time.UTC})
	due := s.next(time.Date(2024, 1, 12, 10, 0, 0, 0, time.UTC)) // a Friday
	for now, want := range map[time.Time]string{
		due:                                 "2024-01-15_04-30-00",
		due.Add(72*time.Hour + time.Second): "2024-01-15_04-30-00",
		due.Add(-time.Second):               "2024-01-15_04-29-59",
	} {
		if got := s.stamp(due, now); got != want {
			t.Errorf("at %v: %s, want %s", now, got, want)
		}
	}
}

// Time.ZoneBounds is wrong on that day, in years for which zones have a rule and
// no table.
func TestCronOnLastDayOfLeapYear(t *testing.T) {
	for _, zone := range zones {
		loc := loadZone(t, zone)
		for _, year := range []int{2028, 2096} {
			now := time.Date(year, 12, 30, 12, 0, 0, 0, loc)
			s := mustSchedule(t, Options{Cron: "0 */12 * * *", Location: loc})
			for _, want := range []time.Time{
				time.Date(year, 12, 31, 0, 0, 0, 0, loc), time.Date(year, 12, 31, 12, 0, 0, 0, loc), time.Date(year+1, 1, 1, 0, 0, 0, 0, loc),
			} {
				if now = s.next(now); !now.Equal(want) {
					t.Fatalf("%s: got %v, want %v", zone, now, want)
				}
			}
		}
	}
}
