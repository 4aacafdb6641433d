package formatters

import (
	"log/slog"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"
)

// testTime is 2023-11-14 22:13:20.123 UTC.
var testTime = time.Unix(1700000000, 123456789)

// newRecord returns a record of testTime without a PC.
func newRecord(level slog.Level, msg string, args ...any) slog.Record {
	r := slog.NewRecord(testTime, level, msg, 0)
	r.Add(args...)
	return r
}

// record0 returns an INFO record without a time.
func record0(msg string, args ...any) slog.Record {
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, msg, 0)
	r.Add(args...)
	return r
}

// newRecordAt returns a record of that second since 1970.
func newRecordAt(unix int64) slog.Record {
	return slog.NewRecord(time.Unix(unix, 0), slog.LevelInfo, "", 0)
}

// render returns what f makes of a record.
func render(f Formatter, r slog.Record) string { return string(f.Append(nil, nil, r)) }

func TestPercentFields(t *testing.T) {
	for _, test := range []struct {
		format string
		args   []any
		want   string
	}{
		{"", nil, "hello"},
		{"%(asctime)s %(name)s %(levelname)s %(message)s", nil, "2023-11-14 22:13:20,123 app.db WARNING hello"},
		{"%(name)-8s|%(levelname)10s|%(levelno)05d", nil, "app.db  |   WARNING|00030"},
		{"%(message)s", []any{"k", 1, "s", "a b"}, `hello k=1 s="a b"`},
		{"%(message)s\n", []any{"k", 1}, "hello k=1\n"},
		{"%(attrs)s: %(message)s", []any{"k", 1, "s", "x"}, "k=1 s=x: hello"},
		{"%(ip)s %(message)s", []any{"ip", "::1", "k", 1}, "::1 hello k=1"},
		{"%(req.ip)s", []any{slog.Group("req", "ip", "::1", "n", 2)}, "::1 req.n=2"},
		{"%(req)s", []any{slog.Group("req", "ip", "::1", "n", 2)}, "{'ip': '::1', 'n': 2}"},
		{"%(ip)s", []any{"ip", 1, "ip", 2}, "2 ip=1"},
		{"%(nosuch)s %(message)s", nil, "%!nosuch(MISSING) hello"},
		{"%(message)s", []any{"message", "mine"}, "hello message=mine"},
		{"%(levelname)s %(req.ip)s %(message)s", []any{"status", 200, slog.Group("req", "ip", "127.0.0.1", "path", "/x")}, "WARNING 127.0.0.1 hello status=200 req.path=/x"},
	} {
		f := Must(Percent(test.format, &Options{Location: time.UTC})).WithLoggerName("", "app.db")
		if got := render(f, newRecord(slog.LevelWarn, "hello", test.args...)); got != test.want {
			t.Errorf("%s with %v:\n got %q\nwant %q", test.format, test.args, got, test.want)
		}
	}
}

// The comment of Percent lists every field, and no other.
func TestFieldsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("percent.go")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range regexp.MustCompile(`(?m)^//\t(\w+)(?:, (\w+))?  +\S`).FindAllStringSubmatch(string(source), -1) {
		got = append(got, m[1])
		if m[2] != "" {
			got = append(got, m[2])
		}
	}
	for f := fieldName; f < numFields; f++ {
		want = append(want, fieldTable[f].name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the comment lists %v\nthe fields are   %v", got, want)
	}
}
