package rotate

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
)

// TestClockSetBackWithoutSize has the newest backup kept, though the clock says 1970.
func TestClockSetBackWithoutSize(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{When: "D", BackupCount: 2, now: c.now, Location: time.UTC})
	for i, line := range []string{"aaa", "bbb", "ccc", "ddd"} {
		if i == 2 {
			c.add(-56 * 365 * 24 * time.Hour)
		}
		write(t, f, line)
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
		f.mill.settle()
	}
	wantFiles(t, dir, "app.log", "", "app.log.2026-03-04.2", "ccc|", "app.log.2026-03-04.3", "ddd|")
}

// TestAcrossClockChanges rotates in six zones while their clocks are set.
func TestAcrossClockChanges(t *testing.T) {
	for _, zone := range []string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Kolkata"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		changes := clockChanges(loc, 2017, 2018)
		if want := 2; len(changes) != want && zone != "Asia/Kolkata" {
			t.Fatalf("%s: the clock is set at %v", zone, changes)
		}
		for _, at := range append(changes, time.Date(2017, 6, 1, 0, 0, 0, 0, loc)) {
			for _, o := range []Options{{When: "H"}, {When: "M", Interval: 30}, {When: "midnight"}, {Cron: "30 * * * *"}, {When: "H", MaxBytes: 21}} {
				acrossChange(t, o, at)
			}
		}
	}
}

// acrossChange writes a record every half hour of four days, and looks whether all are
// there, and whether the backups are in their order.
func acrossChange(t *testing.T, o Options, at time.Time) {
	t.Helper()
	from := at.AddDate(0, 0, -2)
	c := &clock{t: from}
	dir := t.TempDir()
	o.now, o.Location = c.now, from.Location()
	f := opened(t, dir, o)
	n := 0
	for ; c.t.Before(at.AddDate(0, 0, 2)); c.add(30 * time.Minute) {
		write(t, f, fmt.Sprintf("%06d", n))
		n++
	}
	backups, err := f.names.list()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, path := range append(backups, backup{path: f.Name()}) {
		text, err := os.ReadFile(path.path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	f.Close()
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "%06d\n", i)
	}
	if all.String() != want.String() {
		t.Errorf("%v, %s%s %d: the records are not all there in their order", from, o.When, o.Cron, o.MaxBytes)
	}
}
