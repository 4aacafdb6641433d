package logrecord

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// sizedRecords are records that are too long for some.
func sizedRecords() map[string]*sent {
	long := strings.Repeat("0123456789", 20_000)
	make := func(msg string, attrs ...slog.Attr) *sent {
		s := &sent{name: "app", record: slog.NewRecord(time.Now(), 0, msg, testSites[0])}
		s.record.AddAttrs(attrs...)
		return s
	}
	var many, keys []slog.Attr
	for i := range 1000 {
		many = append(many, slog.String(fmt.Sprint("key", i), fmt.Sprint("value ", i, strings.Repeat("!", i))))
		keys = append(keys, slog.Int(fmt.Sprint(long[:2000], i), i))
	}
	origin := &formatters.Origin{PathName: long, FileName: long, Module: long, FuncName: long, LevelName: long, ThreadName: long, ProcessName: long,
		TaskName: long, ExcText: long, StackInfo: long}
	return map[string]*sent{
		"a long message":         make(long),
		"a long value":           make("m", slog.String("a", long), slog.Int("b", 1)),
		"several long values":    make(long[:5000], slog.String("a", long), slog.String("b", long[:3000]), slog.String("c", "short")),
		"a long list":            make("m", slog.Any("a", strings.Split(long, "9"))),
		"a long traceback":       make("m", formatters.Exc(fmt.Errorf("%s", long))),
		"1000 attrs":             make("m", many...),
		"1000 long keys":         make("m", keys...),
		"control characters":     make(strings.Repeat("\x01", 50_000), slog.String("a", strings.Repeat("\xff", 50_000))),
		"characters of 4 bytes":  make(strings.Repeat("😀", 50_000)),
		"an origin of long ones": make(long, origin.Attr(), slog.Int("a", 1)),
	}
}

// A record that is too long is cut to nearly what is allowed, and tells what is missing.
func TestFit(t *testing.T) {
	for name, s := range sizedRecords() {
		for _, json := range []bool{false, true} {
			whole := len(s.encoder(json, 1<<30).Append(nil, nil, &s.record))
			for _, max := range []int{0, 1, minRecord, 10_000, 65_000, 150_000, whole - 1, whole} {
				limit := max
				if limit < minRecord {
					limit = minRecord
				}
				p := s.encoder(json, max).Append([]byte("before"), nil, &s.record)[len("before"):]
				if len(p) > limit {
					t.Errorf("%s, JSON %v: %d bytes, where %d are allowed", name, json, len(p), limit)
				}
				_, r, err := NewDecoder(usual).Decode(p)
				if err != nil {
					t.Fatalf("%s, JSON %v: %v", name, json, err)
				}
				if whole <= limit {
					continue
				}
				text := describe("", r)
				if !strings.Contains(text, "bytes missing)") && !strings.Contains(text, "more attrs are left out") {
					t.Errorf("%s, JSON %v, %d bytes: nothing tells that something is missing: %.500s", name, json, max, text)
				}
				if name == "several long values" && (!strings.Contains(text, `"short"`) && !strings.Contains(text, "'short'") || max >= 65_000 && strings.Contains(text, "left out")) {
					t.Errorf("%s: a short text is cut: %.300s", name, text)
				}
				if len(p) < limit-limit/8-700 && !strings.Contains(name, "1000") {
					t.Errorf("%s, JSON %v: %d bytes, where %d are allowed", name, json, len(p), limit)
				}
			}
		}
	}
}

func TestCut(t *testing.T) {
	for _, s := range []string{strings.Repeat("a", 1000), strings.Repeat("é", 500), strings.Repeat("😀", 250), strings.Repeat("\x80", 1000)} {
		for n := minText; n < len(s); n++ {
			got := cut(s, n, 0)
			kept, mark, found := strings.Cut(got, "... (")
			var missing int
			if _, err := fmt.Sscanf(mark, "%d bytes missing)", &missing); err != nil || !found {
				t.Fatalf("%q: %v", got, err)
			}
			if len(got) > n || !strings.HasPrefix(s, kept) || len(kept)+missing != len(s) || isUTF8(s) && !isUTF8(kept) {
				t.Fatalf("%d bytes: %q", n, got)
			}
		}
	}
}
