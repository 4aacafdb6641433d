package formatters

import (
	"fmt"
	"log/slog"
	"math"
	"sync"
	"testing"
	"time"
)

// Many goroutines, zones and seconds, in any order: each text is right.
func TestAsctimeConcurrently(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("half", 5*3600+1800)}
	if ny, err := time.LoadLocation("America/New_York"); err == nil {
		zones = append(zones, ny)
	}
	for _, dateFmt := range []string{"", "%Y-%m-%d %H:%M:%S", "%A %d %B %Y %H:%M:%S and more text than the cache has room for"} {
		for _, zone := range zones {
			f := Must(Percent("%(asctime)s", &Options{Location: zone, DateFmt: dateFmt}))
			var wg sync.WaitGroup
			for g := range 4 {
				wg.Go(func() {
					for i := range 2000 {
						at := testTime.Add(time.Duration(i*(g+1)%5) * time.Second).Add(time.Duration(i) * time.Millisecond)
						want := wantTime(at.In(zone), dateFmt)
						if got := render(f, slog.NewRecord(at, 0, "", 0)); got != want {
							t.Errorf("got %s, want %s", got, want)
							return
						}
					}
				})
			}
			wg.Wait()
		}
	}
}

// wantTime is the text by Go's own layouts.
func wantTime(t time.Time, dateFmt string) string {
	switch dateFmt {
	case "":
		return t.Format("2006-01-02 15:04:05") + fmt.Sprintf(",%03d", t.Nanosecond()/1e6)
	case "%Y-%m-%d %H:%M:%S":
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("Monday 02 January 2006 15:04:05") + " and more text than the cache has room for"
}

// A reader that meets a writer, or a torn text, misses.
func TestSecondCache(t *testing.T) {
	var c secondCache
	text := func(unix int64) string { return string(c.append(nil, unix, time.UTC)) }
	if got := text(0); got != "" {
		t.Errorf("an empty cache gives %q", got)
	}
	c.store([]byte("seven 7"), 1, time.UTC)
	if got := text(1); got != "seven 7" {
		t.Errorf("got %q", got)
	}
	if text(2) != "" || string(c.append(nil, 1, time.Local)) != "" {
		t.Error("another second or zone hits")
	}
	c.version.Add(1) // someone is storing
	if text(1) != "" {
		t.Error("a reader believes what is being written")
	}
	c.store([]byte("other"), 3, time.UTC)
	c.version.Add(1)
	if text(3) != "" {
		t.Error("two writers at a time")
	}
	long := make([]byte, 65)
	c.store(long, 4, time.UTC)
	c.store(nil, 5, time.UTC)
	if text(4)+text(5) != "" {
		t.Error("a text that is too long or empty is kept")
	}
	c.store(long[:64], 6, time.UTC)
	if got := text(6); got != string(long[:64]) {
		t.Errorf("64 bytes come back as %d", len(got))
	}
}

func TestAsctimeEdges(t *testing.T) {
	f := Must(Percent("%(asctime)s|%(created).1f|%(msecs)d", &Options{Location: time.UTC}))
	for at, want := range map[time.Time]string{
		{}:                         "|0.0|0",
		time.Unix(0, 0):            "1970-01-01 00:00:00,000|0.0|0",
		time.Unix(-1, 500_000_000): "1969-12-31 23:59:59,500|-0.5|500",
		time.Date(800, 2, 3, 4, 5, 6, 7e6, time.UTC):   "800-02-03 04:05:06,007|-36918791694.0|7",
		time.Date(12345, 2, 3, 4, 5, 6, 7e6, time.UTC): "12345-02-03 04:05:06,007|327406248306.0|7",
	} {
		if got := render(f, slog.NewRecord(at, 0, "", 0)); got != want {
			t.Errorf("%v renders %s, want %s", at, got, want)
		}
	}
}

// An Origin's times are what is printed, unless it has none.
func TestAsctimeOfOrigin(t *testing.T) {
	f := Must(Percent("%(asctime)s|%(created)s|%(msecs)s|%(relativeCreated)s", &Options{Location: time.UTC}))
	for _, test := range []struct {
		o    Origin
		want string
	}{
		{Origin{Created: 1.5, MSecs: 500, RelativeCreated: 7}, "1970-01-01 00:00:01,500|1.5|500.0|7.0"},
		{Origin{Created: -0.5, MSecs: 12345}, "1969-12-31 23:59:59,12345|-0.5|12345.0|0.0"},
		{Origin{RelativeCreated: 2.5}, "2023-11-14 22:13:20,123|1700000000.1234567|123.0|2.5"},
		{Origin{Created: 1e300}, "%!asctime(created is out of range: 1e+300)|1e+300|0.0|0.0"},
	} {
		r := newRecord(0, "", test.o.Attr())
		if got := render(f, r); got != test.want {
			t.Errorf("%+v renders %s, want %s", test.o, got, test.want)
		}
	}
}

// What the strftime library and glibc see differently.
func TestTimeLayout(t *testing.T) {
	at := time.Date(2023, 11, 4, 5, 6, 7, 89e6, time.FixedZone("XST", -3*3600-1800))
	for format, want := range map[string]string{
		"%Y-%m-%d":      "2023-11-04",
		"%f%v%+%:z%L":   "%f%v%+%:z%L",
		"%Ey %OH %EF":   "23 05 %EF",
		"%5% %05T":      "    % 05:06:07",
		"%12T|%012T|":   "    05:06:07|000005:06:07|",
		"%^a%#Z%P%^P":   "SATxstamam",
		"%_Y%-d%_d%03d": "20234 4004",
		"%%Y%":          "%Y%",
		"%E":            "%E",
		"%^年%OC%-1H":    "%^年205",
		"%5":            "   %5",
		"%99999d":       fmt.Sprintf("%01024d", 4),
		"%s":            "1699086967",
		"%z %c":         "-0330 Sat Nov  4 05:06:07 2023",
	} {
		if got := string(newTimeLayout(format).append(nil, at)); got != want {
			t.Errorf("%q gives %q, want %q", format, got, want)
		}
	}
	year := time.Date(800, 1, 2, 3, 4, 5, 0, time.UTC)
	if got, want := string(newTimeLayout("%Y %F %c").append(nil, year)), "800 800-01-02 Sun Jan  2 03:04:05 800"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A program may set time.Local at any time.
func TestLocalIsReadEachTime(t *testing.T) {
	old := time.Local
	defer func() { time.Local = old }()
	f := Must(Percent("%(asctime)s", nil))
	for _, offset := range []int{0, 3600, -7200} {
		time.Local = time.FixedZone("", offset)
		if got, want := render(f, newRecord(0, "")), wantTime(testTime.In(time.Local), ""); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAppendStamp(t *testing.T) {
	for _, offset := range []int{0, 3600, -3600, 5*3600 + 1800, -(3*3600 + 1800), 1, -61, 14 * 3600} {
		for _, year := range []int{-1, 0, 1, 999, 1970, 2024, 9999, 10000, 12345} {
			for _, nanos := range []int{0, 999_999, 1e6, 120e6, 999_999_999} {
				at := time.Date(year, 12, 3, 4, 59, 6, nanos, time.FixedZone("", offset))
				if got, want := string(appendStamp(nil, at)), at.Format(timeText); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		}
	}
}

// Every day up to the year 9999 has its date.
func TestCivil(t *testing.T) {
	day := time.Unix(0, 0).UTC()
	for n := range lastStamp/86400 + 1 {
		if y, m, d := civil(int64(n)); y != day.Year() || m != int(day.Month()) || d != day.Day() {
			t.Fatalf("day %d: got %d-%d-%d, want %s", n, y, m, d, day.Format(time.DateOnly))
		}
		day = day.AddDate(0, 0, 1)
	}
}

// Durations print as their String method has them.
func FuzzDuration(f *testing.F) {
	for _, d := range []time.Duration{0, 1, -1, time.Second, -time.Second, 61 * time.Second, 90 * time.Minute, math.MaxInt64, math.MinInt64, 1234567 * time.Microsecond, time.Hour, -25*time.Hour - 10} {
		f.Add(int64(d))
	}
	f.Fuzz(func(t *testing.T, n int64) {
		if got, want := string(appendDuration(nil, time.Duration(n))), time.Duration(n).String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
