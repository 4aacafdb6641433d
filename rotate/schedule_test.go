package rotate

import (
	"math"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones, or old ones
)

// zones are those in which schedules are tested: their clocks are changed by an
// hour at 2:00 and at 1:00, by half an hour, at midnight (in the past), in the
// southern summer, and never.
var zones = []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Kolkata"}

func loadZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func mustSchedule(t testing.TB, o Options) schedule {
	t.Helper()
	o.fill()
	s, err := newSchedule(&o)
	if err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	if s == nil {
		t.Fatalf("%+v: no schedule", o)
	}
	return s
}

// local parses a time such as "2024-03-10 01:59:59" in loc.
func local(t testing.TB, loc *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// clockChanges returns when the clocks in loc were changed within some years.
func clockChanges(loc *time.Location, from, to int) (changes []time.Time) {
	end := time.Date(to, 1, 1, 0, 0, 0, 0, loc)
	for day := time.Date(from, 1, 1, 0, 0, 0, 0, loc); day.Before(end); day = day.Add(24 * time.Hour) {
		if offset(day) == offset(day.Add(24*time.Hour)) {
			continue
		}
		at := day
		for offset(at) == offset(day) {
			at = at.Add(time.Minute)
		}
		changes = append(changes, at)
	}
	return changes
}

func TestNoSchedule(t *testing.T) {
	for _, o := range []Options{{}, {MaxBytes: 1, AtTime: "10:00"}} {
		if s, err := newSchedule(&o); s != nil || err != nil {
			t.Errorf("%+v: %v, %v", o, s, err)
		}
	}
}

func TestScheduleErrors(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want []string
	}{
		{Options{When: "X"}, []string{"Options.When", `"X"`, `"midnight"`}},
		{Options{When: "W"}, []string{"Options.When", `"W"`}},
		{Options{When: "w9"}, []string{"Options.When", `"w9"`}},
		{Options{When: "W7"}, []string{"Options.When", `"W7"`}},
		{Options{When: "W00"}, []string{"Options.When", `"W00"`}},
		{Options{When: "midnight "}, []string{"Options.When", `"midnight "`}},
		{Options{When: "S", Interval: min(4_000_000_000, math.MaxInt)}, []string{"Options.Interval", "4000000000", `"S"`}},
		{Options{When: "W0", Interval: min(1<<62, math.MaxInt)}, []string{"Options.Interval", "hundred years"}},
		{Options{When: "midnight", AtTime: "24:00"}, []string{"Options.AtTime", `"24:00"`}},
		{Options{When: "midnight", AtTime: "noon"}, []string{"Options.AtTime", `"noon"`}},
		{Options{When: "W1", AtTime: "10:00:00.5"}, []string{"Options.AtTime", `"10:00:00.5"`}},
		{Options{When: "H", AtTime: "10"}, []string{"Options.AtTime", `"10"`}},
		{Options{AtTime: "10"}, []string{"Options.AtTime", `"10"`}},
		{Options{Cron: " "}, []string{"Options.Cron", `" "`}},
		{Options{Cron: "* * * *"}, []string{"Options.Cron", `"* * * *"`, "5 fields"}},
		{Options{Cron: "0 * * * * *"}, []string{"Options.Cron", "5 fields"}},
		{Options{Cron: "60 * * * *"}, []string{"Options.Cron", `"60 * * * *"`, "60"}},
		{Options{Cron: "0 0 * * 7"}, []string{"Options.Cron", "7"}},
		{Options{Cron: "*/0 * * * *"}, []string{"Options.Cron", "step"}},
		{Options{Cron: "0 0 30 2 *"}, []string{"Options.Cron", `"0 0 30 2 *"`, "no such date"}},
		{Options{Cron: "0 0 31 2,4,6,9,11 *"}, []string{"Options.Cron", "no such date"}},
		{Options{Cron: "@every 1h"}, []string{"Options.Cron", `"@every 1h"`, "Options.Interval"}},
		{Options{Cron: "@reboot"}, []string{"Options.Cron", `"@reboot"`}},
		{Options{Cron: "TZ=UTC"}, []string{"Options.Cron", "Options.Location"}},
		{Options{Cron: "CRON_TZ=Asia/Tokyo 0 0 * * *"}, []string{"Options.Cron", "Options.Location"}},
	} {
		c.o.fill()
		s, err := newSchedule(&c.o)
		if s != nil || err == nil {
			t.Errorf("%+v: %v, no error", c.o, s)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not tell %q", err, want)
			}
		}
	}
}

func TestStamps(t *testing.T) {
	for _, c := range []struct {
		o       Options
		s       string
		isStamp bool
		found   string // all stamps in s
	}{
		{Options{When: "S"}, "2024-01-15_10-30-15", true, "2024-01-15_10-30-15"},
		{Options{When: "S"}, "2024-01-15_10-30", false, ""},
		{Options{When: "m"}, "2024-01-15_10-30", true, "2024-01-15_10-30"},
		{Options{When: "H"}, "2024-01-15_10", true, "2024-01-15_10"},
		{Options{When: "H"}, "2024-01-15 10", false, ""},
		{Options{When: "D"}, "2024-01-15", true, "2024-01-15"},
		{Options{When: "Midnight"}, "9999-99-99", true, "9999-99-99"}, // CPython looks no closer
		{Options{When: "W0"}, "app.log.2024-01-15.gz", false, "2024-01-15"},
		{Options{When: "W0"}, "12024-01-15 2024-01-155", false, ""},
		{Options{When: "W0"}, "2024-01-15.2024-01-16-2024-01-17", false, "2024-01-15 2024-01-16 2024-01-17"},
		{Options{When: "W0"}, "٢٠٢٤-٠١-١٥", false, ""}, // re.ASCII
		{Options{When: "W0"}, "", false, ""},
		{Options{Cron: "@daily"}, "2024-01-15_10-30-15", true, "2024-01-15_10-30-15"},
		{Options{Cron: "@daily"}, "2024-11-03_01b-30-00", true, "2024-11-03_01b-30-00"},
		{Options{Cron: "@daily"}, "2024-11-03_01c-30-00", false, ""},
		{Options{Cron: "@daily"}, "x2024-11-03_01b-30-00x2024-01-15_10-30-15x", false, "2024-11-03_01b-30-00 2024-01-15_10-30-15"},
	} {
		s := mustSchedule(t, c.o)
		if got := s.isStamp(c.s); got != c.isStamp {
			t.Errorf("%+v: isStamp(%q) = %t", c.o, c.s, got)
		}
		var found []string
		for _, at := range s.findStamps(c.s) {
			found = append(found, c.s[at[0]:at[1]])
		}
		if got := strings.Join(found, " "); got != c.found {
			t.Errorf("%+v: findStamps(%q) finds %q, want %q", c.o, c.s, got, c.found)
		}
	}
}

// FuzzSchedule relates the four methods: what is due is later, and a name made of
// its stamp is found again.
func FuzzSchedule(f *testing.F) {
	f.Add("midnight", 1, "", "", int64(1710054000), int64(0), uint8(0), "", "")
	f.Add("W3", 2, "02:30", "", int64(1730606400), int64(3600), uint8(2), "app", ".log")
	f.Add("S", 7, "", "", int64(1e9), int64(1), uint8(5), "12024-01-01", "2024-01-01")
	f.Add("", 0, "", "*/5 * * * *", int64(1730610000), int64(-1), uint8(0), "b", "b")
	f.Add("", 0, "", "0 0 29 2 *", int64(3982000000), int64(1<<30), uint8(1), "", "")
	f.Add("", 0, "", "59/18446744073709551615 * * * *", int64(0), int64(0), uint8(4), "", "1")
	f.Fuzz(func(t *testing.T, when string, interval int, atTime, cron string, at, late int64, zone uint8, before, after string) {
		o := Options{When: when, Interval: interval, AtTime: atTime, Cron: cron, Location: loadZone(t, zones[int(zone)%len(zones)])}
		if interval < 0 {
			return // withDefaults refuses it
		}
		o.fill()
		s, err := newSchedule(&o)
		if err != nil || s == nil {
			if s != nil {
				t.Fatalf("both %v and error %v", s, err)
			}
			return
		}
		const end = 7258118400 // the year 2200
		now := time.Unix((at%end+end)%end, 0)
		due := s.next(now)
		if !due.After(now) {
			t.Fatalf("next(%v) = %v", now, due)
		}
		stamp := s.stamp(due, due.Add(time.Duration(late%end)*time.Second))
		if !s.isStamp(stamp) {
			t.Fatalf("stamp %q is none", stamp)
		}
		name := "app.log." + stamp + ".gz"
		if !finds(s, name, stamp) {
			t.Fatalf("stamp not found in %q", name)
		}
		// No digit may stand beside it.
		beside := strings.HasSuffix(strings.TrimRight(before, "0123456789"), before) && strings.HasPrefix(strings.TrimLeft(after, "0123456789"), after)
		if name := before + stamp + after; beside && !finds(s, name, stamp) {
			t.Fatalf("stamp not found in %q", name)
		}
	})
}

func finds(s schedule, name, stamp string) bool {
	for _, at := range s.findStamps(name) {
		if name[at[0]:at[1]] == stamp {
			return true
		}
	}
	return false
}
