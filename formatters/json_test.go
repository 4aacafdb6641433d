package formatters

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

var utcTime = time.Date(2024, 2, 29, 12, 30, 45, 678e6, time.UTC)

func at(t time.Time, level slog.Level, msg string, args ...any) slog.Record {
	r := slog.NewRecord(t, level, msg, 0)
	r.Add(args...)
	return r
}

func TestJSONOptions(t *testing.T) {
	names := new(LevelNames)
	names.Add(slog.LevelInfo+2, "NO\"TE")
	berlin := time.FixedZone("", 3600)
	r := at(utcTime, slog.LevelInfo, "m", "k", 1)
	for name, test := range map[string]struct {
		opts *Options
		r    slog.Record
		want string
	}{
		"default":           {nil, r, `{"time":"2024-02-29T12:30:45.678Z","level":"INFO","msg":"m","k":1}`},
		"no time":           {nil, record0("m"), `{"level":"INFO","msg":"m"}`},
		"location":          {&Options{Location: berlin}, r, `{"time":"2024-02-29T13:30:45.678+01:00","level":"INFO","msg":"m","k":1}`},
		"date":              {&Options{DateFmt: `%d "%H`}, r, `{"time":"29 \"12","level":"INFO","msg":"m","k":1}`},
		"date and location": {&Options{DateFmt: "%H", Location: berlin}, r, `{"time":"13","level":"INFO","msg":"m","k":1}`},
		"seconds":           {&Options{TimeUnit: time.Second, DateFmt: "%H"}, r, `{"time":1709209845,"level":"INFO","msg":"m","k":1}`},
		"milliseconds":      {&Options{TimeUnit: time.Millisecond}, r, `{"time":1709209845678,"level":"INFO","msg":"m","k":1}`},
		"a negative unit":   {&Options{TimeUnit: -1}, r, `{"time":"2024-02-29T12:30:45.678Z","level":"INFO","msg":"m","k":1}`},
		"slog's level":      {nil, at(utcTime, slog.LevelWarn+1, "m"), `{"time":"2024-02-29T12:30:45.678Z","level":"WARN+1","msg":"m"}`},
		"Python's levels":   {&Options{Levels: new(LevelNames)}, at(time.Time{}, slog.LevelWarn, "m"), `{"level":"WARNING","msg":"m"}`},
		"own levels":        {&Options{Levels: names}, at(time.Time{}, 2, "m"), `{"level":"NO\"TE","msg":"m"}`},
		"keys":              {&Options{Keys: map[string]string{"time": "ts", "level": "le\"vel", "msg": "message", "logger": "name", "k": "x"}}, r, `{"ts":"2024-02-29T12:30:45.678Z","le\"vel":"INFO","message":"m","k":1}`},
		"no level":          {&Options{Keys: map[string]string{"level": ""}}, r, `{"time":"2024-02-29T12:30:45.678Z","msg":"m","k":1}`},
		"no message":        {&Options{Keys: map[string]string{"msg": ""}}, r, `{"time":"2024-02-29T12:30:45.678Z","level":"INFO","k":1}`},
		"attrs only":        {&Options{Keys: map[string]string{"msg": "", "time": "", "level": ""}}, r, `{"k":1}`},
		"nothing":           {&Options{Keys: map[string]string{"msg": "", "time": "", "level": ""}}, record0("m"), `{}`},
		"only a time":       {&Options{Keys: map[string]string{"msg": "", "level": ""}, TimeUnit: time.Hour}, r, `{"time":474780,"k":1}`},
		"source without PC": {&Options{Source: true}, record0("m"), `{"level":"INFO","msg":"m"}`},
		"a bad PC":          {&Options{Source: true}, slog.NewRecord(time.Time{}, 0, "m", 1), `{"level":"INFO","msg":"m"}`},
		"strict and raw":    {&Options{Strict: true, Raw: true}, r, `{"time":"2024-02-29T12:30:45.678Z","level":"INFO","msg":"m","k":1}`},
	} {
		for range 2 { // the second from the cache
			if got := render(JSON(test.opts), test.r); got != test.want {
				t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
			}
		}
	}
}

// The time of a record is slog's at the second time of asking too, when its second is known.
func TestJSONTimes(t *testing.T) {
	f := JSON(&Options{Keys: map[string]string{"level": "", "msg": ""}})
	zones := []*time.Location{time.UTC, time.Local, time.FixedZone("", -9000), time.FixedZone("", 59), time.FixedZone("", -59), time.FixedZone("", 14*3600)}
	for _, nanos := range []int{0, 1, 10, 120, 123456789, 123456780, 100000000, 1000, 999999999, 5e8, 20000000} {
		for _, zone := range zones {
			for _, year := range []int{0, 1, 999, 1969, 2024, 9999} {
				at := time.Date(year, 7, 1, 3, 4, 5, nanos, zone)
				want := `{"time":"` + at.Format(time.RFC3339Nano) + `"}`
				r := slog.NewRecord(at, 0, "", 0)
				for range 2 {
					for _, room := range []int{0, 30, 500} {
						if got := string(f.Append(make([]byte, 0, room), nil, r)); got != want && at.Year() >= 0 && at.Year() <= 9999 {
							t.Errorf("got %s, want %s", got, want)
						}
					}
				}
			}
		}
	}
	for _, year := range []int{-1, 10000, -100000, min(292277026596, math.MaxInt)} {
		got := render(f, slog.NewRecord(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC), 0, "", 0))
		if want := `{"time":` + badYear + `}`; got != want {
			t.Errorf("year %d: got %s", year, got)
		}
	}
}

func TestJSONTimeUnits(t *testing.T) {
	far := time.Date(10000, 1, 1, 0, 0, 0, 1, time.UTC)
	for _, test := range []struct {
		t    time.Time
		unit time.Duration
		want string
	}{
		{time.Unix(0, -1), time.Second, "-1"},
		{time.Unix(-1, 0), time.Second, "-1"},
		{time.Unix(-1, 1), time.Millisecond, "-1000"},
		{time.Unix(1, 999), time.Nanosecond, "1000000999"},
		{time.Unix(100, 0), 7 * time.Second, "14"},
		{far, time.Second, "253402300800"},
		{far, time.Nanosecond, "253402300800000000001"},
		{time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC), time.Nanosecond, "-219951935999999999999"},
		{time.Date(-5000, 1, 1, 0, 0, 0, 1, time.UTC), time.Second, "-219951936000"},
	} {
		if got := string(appendUnits(nil, test.t, test.unit)); got != test.want {
			t.Errorf("%v in %v: got %s, want %s", test.t, test.unit, got, test.want)
		}
	}
}

func TestJSONSource(t *testing.T) {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	r := slog.NewRecord(utcTime, slog.LevelError, "m", pcs[0])
	r.AddAttrs(slog.Any("s", r.Source()))
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelError, 3} {
		r.Level = level
		want := slogJSON(new(slogRepair), &slog.HandlerOptions{AddSource: true}, nil, r, nil)
		if got := render(JSON(&Options{Source: true}), r); got != want || !strings.Contains(got, "TestJSONSource") {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
	}
	if got := render(JSON(&Options{Source: true, Keys: map[string]string{"source": ""}}), r); strings.Count(got, "TestJSONSource") != 1 {
		t.Errorf("a source without a key: %s", got)
	}
	if got := render(JSON(&Options{Source: true, Keys: map[string]string{"source": "caller"}}), r); !strings.Contains(got, `,"caller":{"function"`) {
		t.Errorf("a renamed source: %s", got)
	}
}

func TestJSONNeedsSource(t *testing.T) {
	for want, all := range map[bool][]*Options{
		false: {nil, {Fields: []string{"message"}}, {Source: true, Keys: map[string]string{"source": ""}}, {Source: true, Fields: []string{"message"}},
			{Fields: []string{"lineno"}, Keys: map[string]string{"lineno": ""}}},
		true: {{Source: true}, {Fields: []string{"pathname"}}, {Fields: []string{"filename"}}, {Fields: []string{"module"}}, {Fields: []string{"lineno"}}, {Fields: []string{"x", "funcName"}}},
	} {
		for _, opts := range all {
			if got := JSON(opts).(interface{ NeedsSource() bool }).NeedsSource(); got != want {
				t.Errorf("%+v: %v", opts, got)
			}
		}
	}
}

// The logger's name stands after the message, whatever came first.
func TestJSONLoggerName(t *testing.T) {
	f := JSON(&Options{Keys: map[string]string{"logger": "name", "off": ""}})
	with := func(f Formatter) Formatter {
		return f.WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("g")
	}
	r := record0("m", "k", 2)
	for want, f := range map[string]Formatter{
		`{"level":"INFO","msg":"m","w":1,"g":{"k":2}}`:                  with(f),
		`{"level":"INFO","msg":"m","app":"a\n","w":1,"g":{"k":2}}`:      with(f.WithLoggerName("app", "a\n")),
		`{"level":"INFO","msg":"m","app":"late","w":1,"g":{"k":2}}`:     with(f).WithLoggerName("app", "late"),
		`{"level":"INFO","msg":"m","name":"renamed","w":1,"g":{"k":2}}`: with(f).WithLoggerName("logger", "renamed"),
		`{"level":"INFO","msg":"m","name":"","w":1,"g":{"k":2}}`:        with(f).WithLoggerName("logger", ""),
		`{"level":"INFO","msg":"m","w":1,"g":{"k":2} }`:                 with(f).WithLoggerName("off", "x"),
		`{"level":"INFO","msg":"m","w":1,"g":{"k":2}  }`:                with(f).WithLoggerName("app", "x").WithLoggerName("", "y"),
	} {
		if got := render(f, r); got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
	}
	bound := slogJSON(new(slogRepair), nil, []jsonStep{{attrs: []slog.Attr{slog.String("logger", "a")}}, {attrs: []slog.Attr{slog.Int("w", 1)}}, {group: "g"}}, r, nil)
	if got := render(with(JSON(nil).WithLoggerName("logger", "a")), r); got != bound {
		t.Errorf("\ngot  %s\nwant %s, as BindName makes slog write", got, bound)
	}
}

func TestJSONContextAttrs(t *testing.T) {
	f := JSON(nil).WithAttrs([]slog.Attr{slog.Int("w", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("x", 2)}).WithGroup("h").WithLoggerName("logger", "n")
	ctx := []slog.Attr{slog.Int("c", 3), slog.Group("d", "e", 4), {}}
	for want, r := range map[string]slog.Record{
		`{"level":"INFO","msg":"m","logger":"n","c":3,"d":{"e":4},"w":1,"g":{"x":2}}`:             record0("m"),
		`{"level":"INFO","msg":"m","logger":"n","c":3,"d":{"e":4},"w":1,"g":{"x":2,"h":{"k":5}}}`: record0("m", "k", 5),
	} {
		if got := string(f.Append(nil, ctx, r)); got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
	}
	if got := string(JSON(&Options{Keys: map[string]string{"level": "", "msg": ""}}).Append(nil, ctx, record0(""))); got != `{"c":3,"d":{"e":4}}` {
		t.Errorf("got %s", got)
	}
}

// Groups that come to nothing leave no trace, and no comma is lost.
func TestJSONEmptyGroups(t *testing.T) {
	empty := slog.Group("e", slog.Group("f", slog.Attr{}), slog.Group("", slog.Attr{}), "v", valuer{slog.GroupValue()}, "s", &slog.Source{})
	for want, f := range map[string]Formatter{
		`{"level":"INFO","msg":"m","a":1,"b":2}`:             JSON(nil),
		`{"level":"INFO","msg":"m","g":{"a":1,"b":2}}`:       JSON(nil).WithGroup("g").WithAttrs([]slog.Attr{empty, {}}),
		`{"level":"INFO","msg":"m","g":{"h":{"a":1,"b":2}}}`: JSON(nil).WithGroup("g").WithGroup("").WithGroup("h"),
	} {
		if got := render(f, record0("m", empty, "a", 1, empty, slog.Attr{}, "b", 2, empty)); got != want {
			t.Errorf("\ngot  %s\nwant %s", got, want)
		}
		if got := render(f, record0("m", empty, empty)); got != `{"level":"INFO","msg":"m"}` {
			t.Errorf("empty groups alone give %s", got)
		}
	}
}

func TestJSONExc(t *testing.T) {
	one, two, three := Exc(errors.New("one")), Exc(errors.New("two\n")), Exc(errors.New("three"))
	with := func(attrs ...slog.Attr) Formatter { return JSON(nil).WithAttrs(attrs) }
	for name, test := range map[string]struct {
		f    Formatter
		r    slog.Record
		want string
	}{
		"record":           {JSON(nil), record0("m", two, "k", 1), `"k":1,"exc_info":"error: two\n"}`},
		"in open groups":   {JSON(nil).WithGroup("g"), record0("m", two, "k", 1), `"g":{"k":1},"exc_info":"error: two\n"}`},
		"alone in a group": {JSON(nil).WithGroup("g"), record0("m", one), `"exc_info":"error: one"}`},
		"With":             {with(one, slog.Int("w", 1)).WithGroup("g"), record0("m", "k", 1), `"w":1,"g":{"k":1},"exc_info":"error: one"}`},
		"the last one":     {JSON(nil).WithGroup("g"), record0("m", one, "k", 1, two), `"g":{"k":1,"exc_info":"one"},"exc_info":"error: two\n"}`},
		"With's loses":     {with(one).WithGroup("g"), record0("m", "k", 1, two), `"g":{"k":1},"exc_info":"one","exc_info":"error: two\n"}`},
		"With's loses to With's": {with(one).WithGroup("g").WithAttrs([]slog.Attr{two}), record0("m", three),
			`"g":{"exc_info":"one"},"exc_info":"two\n","exc_info":"error: three"}`},
		"twice the same": {with(one), record0("m", one), `"exc_info":"error: one"}`},
		"of nothing":     {JSON(nil), record0("m", Exc(nil)), `"exc_info":"NoneType: None"}`},
		"in a group":     {JSON(nil), record0("m", slog.Group("g", one)), `"g":{"exc_info":"one"}}`},
		"renamed":        {JSON(&Options{Keys: map[string]string{"exc_info": "error"}}), record0("m", one), `"error":"error: one"}`},
	} {
		if got, want := render(test.f, test.r), `{"level":"INFO","msg":"m",`+test.want; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
	if got := render(JSON(&Options{Keys: map[string]string{"exc_info": ""}}), record0("m", one)); got != `{"level":"INFO","msg":"m"}` {
		t.Errorf("without a key: %s", got)
	}
	if got := string(JSON(nil).WithGroup("g").Append(nil, []slog.Attr{one}, record0("m", "k", 1))); got != `{"level":"INFO","msg":"m","g":{"k":1},"exc_info":"error: one"}` {
		t.Errorf("from a context: %s", got)
	}
}

// An Origin is a group at top level, as slog writes it where no group is open.
func TestJSONOrigin(t *testing.T) {
	o := &Origin{LevelNo: 35, LevelName: "NOTICE", Created: math.Inf(1)}
	want := slogJSON(new(slogRepair), nil, nil, record0("m", "k", 1), []slog.Attr{o.Attr()})
	if got := render(JSON(nil), record0("m", o.Attr(), "k", 1)); got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
	if got := render(JSON(nil).WithAttrs([]slog.Attr{o.Attr()}).WithGroup("g"), record0("m")); got != strings.Replace(want, `"k":1,`, "", 1) {
		t.Errorf("of With: got %s", got)
	}
	if got := render(JSON(nil), record0("m", (*Origin)(nil).Attr())); got != `{"level":"INFO","msg":"m"}` {
		t.Errorf("nil: got %s", got)
	}
}

func TestJSONReplaceAttr(t *testing.T) {
	var seen []string
	replace := func(groups []string, a slog.Attr) slog.Attr {
		seen = append(seen, strings.Join(append(groups[:len(groups):len(groups)], a.Key), "."))
		switch a.Key {
		case "gone":
			return slog.Attr{}
		case "secret":
			return slog.String("secret", "***")
		}
		return a
	}
	f := JSON(&Options{ReplaceAttr: replace, Source: true}).WithAttrs([]slog.Attr{slog.Int("secret", 1)}).WithGroup("g")
	got := string(f.Append(nil, []slog.Attr{slog.Int("gone", 1), slog.Int("c", 2)}, record0("m", "gone", 1, slog.Group("h", "secret", 2), Exc(errBench))))
	if want := `{"level":"INFO","msg":"m","c":2,"secret":"***","g":{"h":{"secret":"***"}},"exc_info":"error: no route to host"}`; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
	if want := []string{"secret", "g.gone", "g.h.secret", "gone", "c"}; !reflect.DeepEqual(seen, want) {
		t.Errorf("called for %q, want %q", seen, want)
	}
}

func TestJSONEscapeControls(t *testing.T) {
	r := func(s string) slog.Record {
		return record0(s, s, s, "err", errors.New(s), "list", []string{s}, "raw", json.RawMessage(`"`+s+`"`), slog.Group(s, "k", s), Exc(errors.New(s)))
	}
	with := func(s string, opts *Options) Formatter {
		return JSON(opts).WithAttrs([]slog.Attr{slog.String(s, s)}).WithGroup(s).WithLoggerName(s, s)
	}
	escaped := 0
	for c := rune(0x20); c < 0x2100; c++ {
		if c == '"' || c == '\\' {
			continue
		}
		s := string(c)
		plain, safe := render(with(s, nil), r(s)), render(with(s, &Options{EscapeControls: true}), r(s))
		if !isControl(c) {
			if plain != safe {
				t.Errorf("%U: %s became %s", c, plain, safe)
			}
			continue
		}
		escaped++
		if strings.Contains(safe, s) || !strings.Contains(plain, s) {
			t.Errorf("%U is in %s", c, safe)
		}
		var a, b any
		if err := errors.Join(json.Unmarshal([]byte(plain), &a), json.Unmarshal([]byte(safe), &b)); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%U: %s and %s differ: %v", c, plain, safe, err)
		}
	}
	if want := 32 + 3 + 5 + 4; escaped != want {
		t.Errorf("%d characters are escaped, want %d", escaped, want)
	}
	names := new(LevelNames)
	names.Add(0, "\u202e")
	if got := render(JSON(&Options{EscapeControls: true, Levels: names, DateFmt: "\u009b"}), at(utcTime, 0, "")); got != `{"time":"\u009b","level":"\u202e","msg":""}` {
		t.Errorf("time and level: %s", got)
	}
}

// Every character is escaped as slog does it, in messages, keys and values, and
// so is every byte that begins none.
func TestJSONEscapesAsSlog(t *testing.T) {
	var texts []string
	for c := rune(0); c < 0x2100; c++ {
		texts = append(texts, string(c), "a text of more than sixteen bytes"+string(c))
	}
	for b := 0x80; b < 0x100; b++ {
		texts = append(texts, string([]byte{byte(b)}), string([]byte{'a', byte(b), 0xA8, 'z'}), string([]byte{0xE2, 0x80, byte(b)}))
	}
	for _, s := range append(texts, "\ufffd", "\ufeff", "\uffff", "\U0010ffff", "😀", "\xed\xa0\x80", "\xf4\x90\x80\x80") {
		want := slogJSON(new(slogRepair), nil, nil, record0(s), []slog.Attr{slog.String(s, s)})
		if got := render(JSON(nil), record0(s, s, s)); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", s, got, want)
		}
	}
}

func TestJSONFloats(t *testing.T) {
	for exp := -1080; exp < 1026; exp++ {
		for _, mantissa := range []float64{1, 1.5, 1.1, -1.999999999999999} {
			f := math.Ldexp(mantissa, exp)
			want := slogJSON(new(slogRepair), nil, nil, record0(""), []slog.Attr{slog.Float64("f", f)})
			if got := render(JSON(nil), record0("", "f", f)); got != want {
				t.Fatalf("%v: got %s, want %s", f, got, want)
			}
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, 1e21, 1e-6, 9.99e-7, 1e-10} {
		want := slogJSON(new(slogRepair), nil, nil, record0(""), []slog.Attr{slog.Float64("f", f)})
		if got := render(JSON(nil), record0("", "f", f)); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
}

// The fast ways agree with the slow one, at every length and offset.
func TestJSONText(t *testing.T) {
	for n := range 40 {
		for i := range n {
			for b := range 256 {
				s := strings.Repeat("x", i) + string([]byte{byte(b)}) + strings.Repeat("y", n-i-1)
				want := string(appendJSONSlow(nil, s, false))
				for _, room := range []int{0, 100} {
					if got := string(appendJSONText(make([]byte, 0, room), s, false)); got != want {
						t.Fatalf("%q: got %s, want %s", s, got, want)
					}
				}
				if plain := plainJSON(s); plain && want != s || !plain && want == s && n >= 8 && b < 0x80 {
					t.Fatalf("%q is plain: %v", s, plain)
				}
			}
		}
	}
}

// What went in comes out of a JSON reader.
func TestJSONRoundTrip(t *testing.T) {
	for _, s := range []string{"", "plain", "\x00\x1f\x7f", `"\/`, "é日本😀", "\u2028\u2029\u0085", strings.Repeat("long \"text\" ", 50)} {
		line := render(JSON(nil).WithGroup("g"+s), at(utcTime, 0, s, s, s, slog.Group("h"+s, s, s), "n", 7, "f", 2.5, "b", true, "nil", nil))
		var m map[string]any
		d := json.NewDecoder(bytes.NewReader([]byte(line)))
		if err := d.Decode(&m); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"time": "2024-02-29T12:30:45.678Z", "level": "INFO", "msg": s, "g" + s: map[string]any{s: s, "h" + s: map[string]any{s: s}, "n": 7.0, "f": 2.5, "b": true, "nil": nil}}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("got %v\nwant %v", m, want)
		}
	}
}
