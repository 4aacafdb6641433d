package formatters

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// Formatting allocates nothing, whatever the shape of the record.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, s := range shapes {
		log := slog.New(newStreamHandler(nowhereWriter{}, Must(Percent(s.format, nil)).WithAttrs(s.with)))
		got := testing.AllocsPerRun(500, func() {
			log.LogAttrs(context.Background(), slog.LevelInfo, benchMessage, s.attrs...)
		})
		if got != 0 {
			t.Errorf("%s: %v allocations", s.name, got)
		}
	}
}

// Each new second allocates nothing either, in order or not.
func TestAllocationsOfSeconds(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, dateFmt := range []string{"", "%a %d %b %Y %H:%M:%S %Z"} {
		f := Must(Percent("%(asctime)s %(message)s", &Options{DateFmt: dateFmt}))
		r := newRecord(slog.LevelInfo, "m")
		buf := make([]byte, 0, 1024)
		i := 0
		got := testing.AllocsPerRun(500, func() {
			i++
			r.Time = testTime.Add(time.Duration(i*i%7) * time.Second)
			buf = f.Append(buf[:0], nil, r)
		})
		if got != 0 {
			t.Errorf("%q: %v allocations", dateFmt, got)
		}
	}
}

// A control: what does allocate is seen.
func TestAllocationsAreSeen(t *testing.T) {
	f := Must(Percent("%(message)r", nil))
	r := record0("m", slog.Any("v", []int{1}))
	if testing.AllocsPerRun(100, func() { _ = f.Append(nil, nil, r) }) == 0 {
		t.Error("nil buffers cost nothing")
	}
}
