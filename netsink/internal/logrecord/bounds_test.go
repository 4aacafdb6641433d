package logrecord

import (
	"bytes"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// doubled returns a group that has the attrs twice at each of n levels, and so 2^n in all.
func doubled(n int, attrs ...slog.Attr) slog.Value {
	v := slog.GroupValue(attrs...)
	for range n {
		v = slog.GroupValue(slog.Attr{Key: "g", Value: v}, slog.Attr{Key: "h", Value: v})
	}
	return v
}

// Groups that share their members have as many as 2^n without the memory for it. The walk ends, and
// tells so, whoever gives them.
func TestSharedGroups(t *testing.T) {
	groups := map[string]slog.Attr{
		"members":      {Key: "a", Value: doubled(60, slog.Int("x", 1))},
		"a long key":   {Key: strings.Repeat("k", 1<<20), Value: doubled(60, slog.Int("x", 1))},
		"empty values": {Key: "a", Value: doubled(60, slog.Any("", nil))},
	}
	for name, a := range groups {
		for _, json := range []bool{false, true} {
			e := NewEncoder(json, 1<<20)
			r := slog.NewRecord(time.Now(), 0, "m", 0)
			with := e.WithAttrs([]slog.Attr{a}).Append(nil, nil, &r)
			twice := e.WithAttrs([]slog.Attr{a}).WithAttrs([]slog.Attr{slog.Int("late", 1)}).Append(nil, nil, &r)
			ctx := e.Append(nil, []slog.Attr{a}, &r)
			r.AddAttrs(a)
			for from, p := range map[string][]byte{"record": e.Append(nil, nil, &r), "With": with, "With twice": twice, "context": ctx} {
				if _, _, err := NewDecoder(usual).Decode(p); err != nil || !bytes.Contains(p, []byte("more attrs are left out")) || len(p) > 1<<20 {
					t.Errorf("%s, JSON %v, %s: %d bytes that tell nothing, %v", name, json, from, len(p), err)
				}
			}
		}
	}
}

// As many attrs as are allowed are written, in however many groups, and nothing is told of others.
func TestAllowedAttrs(t *testing.T) {
	var attrs []slog.Attr
	for i := range maxAttrs {
		attrs = append(attrs, slog.Group(fmt.Sprint("group", i), slog.Int("x", 1)))
	}
	for n, want := range map[int]string{maxAttrs: "", maxAttrs + 7: "7 more attrs are left out"} {
		r := slog.NewRecord(time.Now(), 0, "m", 0)
		r.AddAttrs(attrs...)
		for i := range n - maxAttrs {
			r.AddAttrs(slog.Int(fmt.Sprint("more", i), 1))
		}
		p := string(NewEncoder(true, 1<<30).Append(nil, nil, &r))
		if got := strings.Count(p, `.x":1`); got != maxAttrs || strings.Contains(p, "left out") != (want != "") || !strings.Contains(p, want) {
			t.Errorf("%d attrs: %d are written, want %q", n, got, want)
		}
	}
}

// A text that is much longer than a record may be is not looked at beyond that: it takes no memory, and is told of by
// its whole length.
func TestLongTexts(t *testing.T) {
	const long, max = 32 << 20, 1 << 14
	for name, v := range map[string]slog.Value{
		"bytes":     slog.AnyValue(make([]byte, long)),
		"ASCII":     slog.StringValue(strings.Repeat("x", long)),
		"no UTF-8":  slog.StringValue(strings.Repeat("\xff", long)),
		"controls":  slog.StringValue(strings.Repeat("\x00", long)),
		"a message": {},
	} {
		for _, json := range []bool{false, true} {
			e := NewEncoder(json, max)
			msg := "m"
			if name == "a message" {
				msg = strings.Repeat("\xff", long)
			}
			r := slog.NewRecord(time.Now(), 0, msg, 0)
			r.AddAttrs(slog.Attr{Key: "b", Value: v})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p := e.Append(nil, nil, &r)
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > long/4 {
				t.Errorf("%s, JSON %v: %d bytes of memory", name, json, n)
			}
			_, rec, err := NewDecoder(usual).Decode(p)
			if err != nil || len(p) > max {
				t.Fatalf("%s, JSON %v: %d bytes, %v", name, json, len(p), err)
			}
			text := rec.Message
			rec.Attrs(func(a slog.Attr) bool {
				if a.Key == "b" && name != "a message" {
					text = a.Value.String()
				}
				return true
			})
			_, mark, _ := strings.Cut(text, "... (")
			var missing int
			if _, err := fmt.Sscanf(mark, "%d bytes missing)", &missing); err != nil || missing < long-max || missing > long+3*max {
				t.Errorf("%s, JSON %v: %d bytes missing, %v", name, json, missing, err)
			}
		}
	}
}

// Many attrs of one text, long but not beyond what is allowed, cost no more than one record's length.
func TestLongTextsShared(t *testing.T) {
	const max = 1 << 16
	long := strings.Repeat("\xff", max-1)
	list := make([]any, 5000)
	for i := range list {
		list[i] = long
	}
	for _, json := range []bool{false, true} {
		e := NewEncoder(json, max)
		r := slog.NewRecord(time.Now(), 0, "m", 0)
		for i := range 2000 {
			r.AddAttrs(slog.String(fmt.Sprint("key", i), long))
		}
		allocated := testing.AllocsPerRun(1, func() {
			if p := e.Append(nil, nil, &r); len(p) > max {
				t.Errorf("JSON %v: %d bytes", json, len(p))
			}
		})
		if allocated > 100_000 {
			t.Errorf("JSON %v: %v allocations", json, allocated)
		}
		r = slog.NewRecord(time.Now(), 0, "m", 0)
		r.AddAttrs(slog.Any("list", list), formatters.Exc(fmt.Errorf("%s", long)))
		if p := e.Append(nil, nil, &r); len(p) > max || !bytes.Contains(p, []byte("bytes missing)")) {
			t.Errorf("JSON %v: a list: %d bytes", json, len(p))
		}
	}
}
