package formatters

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// slogText returns what slog's TextHandler writes.
func slogText(p *slogRepair, opts *slog.HandlerOptions, steps []jsonStep, r slog.Record, attrs []slog.Attr) string {
	var buf bytes.Buffer
	return slogLine(p, &buf, slog.NewTextHandler(&buf, opts), steps, r, attrs)
}

// wideYear finds years that do not have four digits, after which Go 1.26's
// TextHandler loses characters.
var wideYear = regexp.MustCompile(`(-\d+|\d{5,})-\d\d-\d\dT`)

// address finds the addresses of channels, of which each maker makes its own.
var address = regexp.MustCompile(`0x[0-9a-f]{8,}`)

// sameAsText compares Logfmt with slog's TextHandler. It reports false for a
// line with a value that fails, which the two say in other words, with a year that
// slog's does not write well, or with a DEL that it does not quote.
func sameAsText(t *testing.T, data []byte) bool {
	t.Helper()
	m, twin := newJSONMaker(data), newJSONMaker(data)
	steps, r, attrs := m.steps(), m.record(), m.attrs(0)
	var p slogRepair
	want := slogText(&p, nil, steps, r, attrs)
	f := withSteps(Logfmt(nil), twin.steps())
	r2 := twin.record()
	r2.AddAttrs(twin.attrs(0)...)
	got := render(f, r2)
	checkLogfmt(t, got)
	if strings.Contains(got, "%!") || wideYear.MatchString(got) || strings.Contains(want, "\x7f") {
		return false
	}
	if got, want := address.ReplaceAllString(got, "0xADDR"), address.ReplaceAllString(want, "0xADDR"); got != want {
		t.Fatalf("\ngot  %q\nwant %q", got, want)
	}
	return true
}

// A pair is what a line of logfmt has been read back to.
type pair struct{ key, value string }

// checkLogfmt reads a line back and returns its pairs.
func checkLogfmt(t *testing.T, line string) []pair {
	t.Helper()
	pairs, err := readLogfmt(line)
	if err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return pairs
}

// readLogfmt reads a line back. It is an error if there is more to the line than
// pairs, or something that can't be seen.
func readLogfmt(line string) (pairs []pair, err error) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return nil, errors.New("what can't be seen")
	}
	for rest := line; rest != ""; {
		var p pair
		if p.key, rest, err = cutWord(rest, "= \""); err != nil || !strings.HasPrefix(rest, "=") {
			return nil, fmt.Errorf("no value after %q", p.key)
		}
		if p.value, rest, err = cutWord(rest[1:], " "); err != nil || rest != "" && (rest[0] != ' ' || rest == " ") {
			return nil, fmt.Errorf("no pair at %q", rest)
		}
		rest = strings.TrimPrefix(rest, " ")
		pairs = append(pairs, p)
	}
	return pairs, nil
}

// cutWord returns the word that text begins with, quoted or up to one of end.
func cutWord(text, end string) (word, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		n := strings.IndexAny(text, end)
		if n < 0 {
			n = len(text)
		}
		return text[:n], text[n:], nil
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", err
	}
	word, err = strconv.Unquote(quoted)
	return word, text[len(quoted):], err
}

// By default Logfmt is slog's TextHandler, and can be read back.
func FuzzLogfmt(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 50 {
		f.Add(randomBytes(rng, 300))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameAsText(t, data) })
}

func TestLogfmtIsTextHandlers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	same := 0
	const n = 20_000
	for range n {
		if sameAsText(t, randomBytes(rng, rng.IntN(300))) {
			same++
		}
	}
	t.Logf("%d of %d lines are slog's; in the others a value fails, or slog's text is no good", same, n)
	if same < n/2 {
		t.Errorf("only %d of %d lines could be compared", same, n)
	}
}

// What goes in comes back out.
func FuzzLogfmtReadBack(f *testing.F) {
	f.Add("k", "v", "m", "g", int64(0))
	f.Add("a b", "x=\"y\"\n", "\x1b[31m\u202e", "g.h", int64(253402300800))
	f.Add("", "", "", "", int64(-1))
	f.Fuzz(func(t *testing.T, key, value, message, group string, unix int64) {
		r := slog.NewRecord(time.Unix(unix%(1<<40), 0).UTC(), slog.LevelWarn, message, 0)
		r.AddAttrs(slog.String(key, value))
		line := render(Logfmt(nil).WithLoggerName("logger", value).WithGroup(group).WithAttrs([]slog.Attr{slog.Int(key, 7)}), r)
		path := key
		if group != "" {
			path = group + "." + key
		}
		stamp := r.Time.Format(timeText)
		want := []pair{{"time", stamp}, {"level", "WARN"}, {"msg", message}, {"logger", value}, {path, "7"}, {path, value}}
		if value == "" {
			want[3].value = "root"
		}
		got := checkLogfmt(t, line)
		for i := range want { // what is no UTF-8 comes back as it was
			if i >= len(got) || got[i] != want[i] {
				t.Fatalf("%q: got %q, want %q", line, got, want)
			}
		}
	})
}

// A control: what forges a pair or a line is noticed.
func TestReadLogfmtNotices(t *testing.T) {
	for _, line := range []string{"a=1\nb=2", "a=1 b", `a="x`, `a=1  b=2`, "a=\x1b[31m", `a="x"y`, "a=\xff", "a=\u202e", `"a"b=1`, "a=1 "} {
		if pairs, err := readLogfmt(line); err == nil {
			t.Errorf("%q passed as %q", line, pairs)
		}
	}
	if pairs, err := readLogfmt(`a= "b c"="\n" d=x`); err != nil || fmt.Sprint(pairs) != "[{a } {b c \n} {d x}]" {
		t.Errorf("got %q, %v", pairs, err)
	}
}

func TestLogfmt(t *testing.T) {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	site := fmt.Sprintf("%s:%d", frame.File, frame.Line)
	r := slog.NewRecord(testTime, slog.LevelWarn, "a message", pcs[0])
	r.AddAttrs(slog.Int("k", 1))
	stamp := "time=" + testTime.Format(timeText) + " "
	names := new(LevelNames)
	names.Add(slog.LevelWarn, "low battery")
	err := fmt.Errorf("outer: %w", errors.New("inner"))
	origin := &Origin{LevelNo: 30, LevelName: "WARNING", PathName: "/a/b.py", FileName: "b.py", Module: "b", LineNo: 7, FuncName: "f", Created: 1.5, MSecs: 500, Process: 12, ProcessName: "P", ThreadName: "T", StackInfo: "Stack:\n  x"}
	for name, c := range map[string]struct {
		f    Formatter
		more []slog.Attr
		want string
	}{
		"default":       {Logfmt(nil), nil, stamp + `level=WARN msg="a message" k=1`},
		"name":          {Logfmt(nil).WithLoggerName("logger", "a b"), nil, stamp + `level=WARN msg="a message" logger="a b" k=1`},
		"no name":       {Logfmt(nil).WithLoggerName("", "a b"), nil, stamp + `level=WARN msg="a message" k=1`},
		"name late":     {Logfmt(nil).WithAttrs([]slog.Attr{slog.Int("w", 2)}).WithGroup("g").WithLoggerName("logger", "a"), nil, stamp + `level=WARN msg="a message" logger=a w=2 g.k=1`},
		"source":        {Logfmt(&Options{Source: true}), nil, stamp + `level=WARN source=` + site + ` msg="a message" k=1`},
		"levels":        {Logfmt(&Options{Levels: names}), nil, stamp + `level="low battery" msg="a message" k=1`},
		"keys":          {Logfmt(&Options{Keys: map[string]string{"time": "", "msg": "my message", "logger": "who"}}).WithLoggerName("logger", "a"), nil, `level=WARN "my message"="a message" who=a k=1`},
		"no keys":       {Logfmt(&Options{Keys: map[string]string{"time": "", "msg": "", "level": ""}}), nil, `k=1`},
		"DateFmt":       {Logfmt(&Options{DateFmt: "%H h", Location: time.UTC}), nil, `time="` + testTime.UTC().Format("15") + ` h" level=WARN msg="a message" k=1`},
		"TimeUnit":      {Logfmt(&Options{TimeUnit: time.Millisecond}), nil, fmt.Sprintf(`time=%d level=WARN msg="a message" k=1`, testTime.UnixMilli())},
		"Location":      {Logfmt(&Options{Location: time.FixedZone("x", 5400)}), nil, "time=" + testTime.In(time.FixedZone("x", 5400)).Format(timeText) + ` level=WARN msg="a message" k=1`},
		"Strict":        {Logfmt(&Options{Strict: true}), nil, stamp + `level=WARN msg="a message" k=1`},
		"exc":           {Logfmt(nil).WithGroup("g"), []slog.Attr{Exc(err), slog.Int("l", 2)}, stamp + `level=WARN msg="a message" g.k=1 g.l=2 exc_info="error: outer: inner\ncaused by error: inner"`},
		"two exc":       {Logfmt(nil).WithAttrs([]slog.Attr{Exc(errors.New("old"))}), []slog.Attr{Exc(err)}, stamp + `level=WARN msg="a message" exc_info=old k=1 exc_info="error: outer: inner\ncaused by error: inner"`},
		"exc key":       {Logfmt(&Options{Keys: map[string]string{"exc_info": "error"}}), []slog.Attr{Exc(err)}, stamp + `level=WARN msg="a message" k=1 error="error: outer: inner\ncaused by error: inner"`},
		"fields":        {Logfmt(&Options{Fields: []string{"levelname", "name", "message", "lineno", "taskName", "exc_info"}}).WithLoggerName("logger", "a"), nil, fmt.Sprintf(`levelname=WARNING name=a message="a message" lineno=%d k=1`, frame.Line)},
		"no field":      {Logfmt(&Options{Fields: []string{"levelname", "mesage"}}), nil, `levelname=WARNING mesage="%!mesage(no such field; did you mean message?)" k=1`},
		"fields keys":   {Logfmt(&Options{Fields: []string{"levelname", "message"}, Keys: map[string]string{"levelname": "severity", "message": ""}}), nil, `severity=WARNING k=1`},
		"fields attrs":  {Logfmt(&Options{Fields: []string{"levelname", "attrs", "message"}, Strict: true}), []slog.Attr{Exc(err)}, `levelname=WARNING k=1 message="a message" exc_info="error: outer: inner\ncaused by error: inner"`},
		"fields strict": {Logfmt(&Options{Fields: []string{"levelname", "message"}, Strict: true}), nil, `levelname=WARNING message="a message"`},
		"fields exc":    {Logfmt(&Options{Fields: []string{"exc_info", "message"}}), []slog.Attr{Exc(err)}, `exc_info="error: outer: inner\ncaused by error: inner" message="a message" k=1`},
		"fields origin": {Logfmt(&Options{Fields: []string{"asctime", "levelno", "pathname", "lineno", "funcName", "process", "created", "message"}, Location: time.UTC}), []slog.Attr{origin.Attr()},
			`asctime="1970-01-01 00:00:01,500" levelno=30 pathname=/a/b.py lineno=7 funcName=f process=12 created=1.5 message="a message" k=1 stack_info="Stack:\n  x"`},
		"replace": {Logfmt(&Options{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			return slog.String(a.Key, fmt.Sprint(groups, a.Value))
		}}).WithGroup("g"), nil, stamp + `level=WARN msg="a message" g.k="[g] 1"`},
	} {
		r := r.Clone()
		r.AddAttrs(c.more...)
		if got := render(c.f, r); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
	line := render(Logfmt(nil), record0("m", "k", 1, origin.Attr()))
	if !strings.Contains(line, ` k=1 origin.levelno=30 origin.levelname=WARNING origin.pathname=/a/b.py `) {
		t.Errorf("an Origin by default: %s", line)
	}
	if got := render(Logfmt(&Options{Keys: map[string]string{"msg": "", "level": ""}}), record0("m")); got != "" {
		t.Errorf("a line of nothing is %q", got)
	}
}

func TestLogfmtNeedsSource(t *testing.T) {
	for want, opts := range map[bool][]*Options{
		false: {nil, {}, {Fields: []string{"message"}}, {Fields: []string{"message"}, Source: true}, {Source: true, Keys: map[string]string{"source": ""}}},
		true:  {{Source: true}, {Fields: []string{"lineno"}}, {Fields: []string{"message", "funcName"}}},
	} {
		for _, o := range opts {
			if got := Logfmt(o).(interface{ NeedsSource() bool }).NeedsSource(); got != want {
				t.Errorf("%+v: NeedsSource is %t", o, got)
			}
		}
	}
}

// Times of seconds that come and go are right, cached or not, also in years
// of other lengths.
func TestLogfmtTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 3))
	f := Logfmt(nil)
	zones := []*time.Location{time.UTC, time.Local, time.FixedZone("", 19800), time.FixedZone("", -3601)}
	for i := range 30_000 {
		at := time.Unix(1e9+rng.Int64N(3), rng.Int64N(1e9)).In(zones[rng.IntN(len(zones))])
		if i%3 == 0 {
			at = at.AddDate(rng.IntN(14000)-3000, 0, 0)
		}
		r := slog.NewRecord(at, slog.LevelInfo, "m", 0)
		if got, want := render(f, r), "time="+at.Format(timeText)+" level=INFO msg=m"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestLogfmtKeys(t *testing.T) {
	same := func() Formatter {
		return Logfmt(&Options{Fields: []string{"message", "name"}, Keys: map[string]string{"name": "n"}, Location: time.UTC}).WithLoggerName("logger", "a").WithAttrs([]slog.Attr{slog.Int("k", 1)})
	}
	if same().Key() != same().Key() {
		t.Error("equal formatters have other keys")
	}
	keys := map[any]string{}
	for name, f := range map[string]Formatter{
		"default": Logfmt(nil), "source": Logfmt(&Options{Source: true}), "fields": Logfmt(&Options{Fields: []string{"message"}}),
		"keys": Logfmt(&Options{Keys: map[string]string{"msg": "m"}}), "unit": Logfmt(&Options{TimeUnit: 1}),
		"name": Logfmt(nil).WithLoggerName("logger", "a"), "name key": Logfmt(nil).WithLoggerName("l", "a"), "percent": Must(Percent("", nil)),
		"json": JSON(nil), "attrs": Logfmt(nil).WithAttrs([]slog.Attr{slog.Int("k", 1)}), "group": Logfmt(nil).WithGroup("g"),
	} {
		if other, ok := keys[f.Key()]; ok {
			t.Errorf("%s and %s have one key", name, other)
		}
		keys[f.Key()] = name
	}
}

func TestLogfmtAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, s := range shapes {
		for name, f := range map[string]Formatter{
			"default": Logfmt(nil).WithLoggerName("logger", "a.b"),
			"source":  Logfmt(&Options{Source: true, Location: time.UTC}),
			"fields":  Logfmt(&Options{Fields: []string{"asctime", "levelname", "name", "message", "lineno"}}),
			"grouped": Logfmt(nil).WithGroup("request.of.some.length").WithAttrs(fiveAttrs[:2]),
		} {
			log := slog.New(newStreamHandler(nowhereWriter{}, f.WithAttrs(s.with)))
			got := testing.AllocsPerRun(200, func() {
				log.LogAttrs(context.Background(), slog.LevelInfo, benchMessage, s.attrs...)
			})
			if got != 0 {
				t.Errorf("%s, %s: %v allocations", name, s.name, got)
			}
		}
	}
}
