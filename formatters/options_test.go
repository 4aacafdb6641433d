package formatters

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// line1 renders one record in the format with the options.
func line1(t *testing.T, format string, opts *Options, r slog.Record) string {
	t.Helper()
	f, err := Percent(format, opts)
	if err != nil {
		t.Fatal(err)
	}
	return render(f, r)
}

func TestOptionDateFmt(t *testing.T) {
	r := newRecord(slog.LevelInfo, "m")
	for dateFmt, want := range map[string]string{
		"":             "2023-11-14 22:13:20,123",
		"%H:%M":        "22:13",
		"%d/%m/%y %Z":  "14/11/23 UTC",
		"no directive": "no directive",
		"%d %b %H:%M":  "14 Nov 22:13",
	} {
		if got := line1(t, "%(asctime)s", &Options{DateFmt: dateFmt, Location: time.UTC}, r); got != want {
			t.Errorf("DateFmt %q gives %q, want %q", dateFmt, got, want)
		}
	}
}

// A layout of Go's package time, which strftime would copy, shows as a mistake.
func TestDateFmtIsNoGoLayout(t *testing.T) {
	for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339, time.Kitchen, time.DateOnly, "02.01.06", time.StampMilli} {
		opts := &Options{DateFmt: layout, Location: time.UTC}
		for style, format := range map[string]func(string, *Options) (Formatter, error){"%(message)s": Percent, "{message}": Brace, "$message": Dollar} {
			var fe *FormatError
			if _, err := format(style, opts); !errors.As(err, &fe) || fe.Format != layout || !strings.Contains(fe.Reason, "%Y-%m-%d") {
				t.Errorf("%s: the error is %v", layout, err)
			}
		}
		for _, f := range []Formatter{JSON(opts), Logfmt(opts), Console(opts)} {
			if line := render(f, newRecord(slog.LevelInfo, "m")); !strings.Contains(line, "%!asctime(DateFmt is a layout of Go's package time; it takes directives such as %Y-%m-%d %H:%M:%S)") {
				t.Errorf("%s: no mark in %s", layout, line)
			}
		}
		raw := *opts
		raw.NoValidate = true
		if got := line1(t, "%(asctime)s", &raw, newRecord(slog.LevelInfo, "m")); got != layout {
			t.Errorf("with NoValidate it is %q, want %q as in CPython", got, layout)
		}
	}
}

// A name that is nearly a field's gets a question.
func TestSuggestions(t *testing.T) {
	for name, want := range map[string]string{
		"mesage": "message", "messagge": "message", "massage": "message", "Message": "message", "funcname": "funcName", "levelName": "levelname",
		"level": "", "nme": "", "user": "", "": "", "messages.x": "", "linenx": "lineno", "liney_": "", "NAME": "name", "ascitime": "asctime", "processname": "processName",
	} {
		got := suggestField(name)
		if want == "" && got != "" || want != "" && got != "; did you mean "+want+"?" {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestOptionLocation(t *testing.T) {
	r := newRecord(slog.LevelInfo, "m")
	zone := time.FixedZone("X", 3600)
	if got := line1(t, "%(asctime)s", &Options{Location: zone}, r); got != "2023-11-14 23:13:20,123" {
		t.Errorf("got %s", got)
	}
	if got, want := line1(t, "%(asctime)s", nil, r), wantTime(testTime.Local(), ""); got != want {
		t.Errorf("without Location: got %s, want %s", got, want)
	}
}

func TestOptionDefaults(t *testing.T) {
	defaults := map[string]any{"ip": "none", "n": 7, "message": "ignored", "req.id": nil}
	opts := &Options{Defaults: defaults}
	f := Must(Percent("%(ip)s %(n)03d %(req.id)s %(message)s", opts))
	defaults["ip"] = "changed"
	delete(defaults, "n")
	if got := render(f, record0("m")); got != "none 007 None m" {
		t.Errorf("got %s", got)
	}
	if got := render(f, record0("m", "ip", "::1", slog.Group("req", "id", 5))); got != "::1 007 5 m" {
		t.Errorf("got %s", got)
	}
	unused := Must(Percent("%(message)s", opts))
	if got := render(unused, record0("m")); got != "m" {
		t.Errorf("a default that no field names shows: %s", got)
	}
}

func TestOptionStrict(t *testing.T) {
	r := record0("m", "k", 1, "ip", "x")
	for _, test := range []struct {
		format string
		strict bool
		want   string
	}{
		{"%(message)s", false, "m k=1 ip=x"},
		{"%(message)s", true, "m"},
		{"%(message)s %(ip)s", false, "m x k=1"},
		{"%(message)s %(ip)s", true, "m x"},
		{"%(attrs)s %(message)s", true, "k=1 ip=x m"},
		{"%(message)s|\n", false, "m| k=1 ip=x\n"},
		{"%(message)s\r\n\n", false, "m k=1 ip=x\r\n\n"},
	} {
		if got := line1(t, test.format, &Options{Strict: test.strict}, r); got != test.want {
			t.Errorf("%q, Strict %v: got %q, want %q", test.format, test.strict, got, test.want)
		}
	}
}

func TestOptionRaw(t *testing.T) {
	r := record0("a\nb\x1b", "ip", "c\rd", Exc(errBench))
	if got := line1(t, "%(message)s %(ip)s", &Options{Raw: true}, r); got != "a\nb\x1b c\rd\nerror: no route to host" {
		t.Errorf("Raw: got %q", got)
	}
	if got := line1(t, "%(message)s %(ip)s", nil, r); got != `a\nb\x1b c\rd`+"\n    error: no route to host" {
		t.Errorf("safe: got %q", got)
	}
	// The tail quotes what it must, Raw or not. A tab stays a tab elsewhere.
	for _, raw := range []bool{false, true} {
		got := line1(t, "%(message)s|%(ip)s", &Options{Raw: raw}, record0("a\tb", "ip", "c\td", "k", "e\tf", "n", "g\nh"))
		if got != "a\tb|c\td"+` k="e\tf" n="g\nh"` {
			t.Errorf("Raw %v: got %q", raw, got)
		}
	}
}

// The caller's Options are copied.
func TestOptionsAreCopied(t *testing.T) {
	opts := &Options{Location: time.UTC}
	f := Must(Percent("%(asctime)s %(message)s", opts))
	*opts = Options{DateFmt: "%H", Strict: true}
	if got := render(f, newRecord(slog.LevelInfo, "m", "k", 1)); got != "2023-11-14 22:13:20,123 m k=1" {
		t.Errorf("got %s", got)
	}
}

func TestMust(t *testing.T) {
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "%(message)S") {
			t.Errorf("recovered %v", err)
		}
	}()
	Must(Percent("%(message)S", nil))
}

// Every attribute of a LogRecord, without an Origin and with one.
func TestEveryField(t *testing.T) {
	var names []string
	for f := fieldName; f < fieldAttrs; f++ {
		names = append(names, "%("+fieldTable[f].name+")s")
	}
	format := strings.Join(names, "|")
	r := newRecord(slog.LevelWarn, "m")
	got := line1(t, format, &Options{Location: time.UTC}, r)
	if pattern := "root|m|()|WARNING|30||||None|None|None|0|None|1700000000.1234567|123.0|"; !strings.HasPrefix(got, pattern) {
		t.Errorf("got %s, want it to begin with %s", got, pattern)
	}
	if !strings.HasSuffix(got, "|None|m|2023-11-14 22:13:20,123") || !strings.Contains(got, "|0|MainThread|MainProcess|") {
		t.Errorf("got %s", got)
	}
	o := &Origin{LevelNo: 35, LevelName: "L\n", PathName: "/p/f.x.py", FileName: "f.x.py", Module: "f.x", LineNo: 9, FuncName: "fn", Created: 1.25, MSecs: 250,
		RelativeCreated: 3.5, Thread: 11, ThreadName: "T", Process: 12, ProcessName: "P", TaskName: "K"}
	got = line1(t, format, &Options{Location: time.UTC}, newRecord(slog.LevelWarn, "m", o.Attr()))
	if want := `root|m|()|L\n|35|/p/f.x.py|f.x.py|f.x|None|None|None|9|fn|1.25|250.0|3.5|11|T|P|12|K|m|1970-01-01 00:00:01,250`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// An unkeyed %s prints the record as CPython does: all attributes.
func TestUnkeyed(t *testing.T) {
	got := line1(t, "%s", &Options{NoValidate: true, Location: time.UTC}, newRecord(slog.LevelInfo, "m", "k", 1, Exc(errBench)))
	for _, want := range []string{"{'name': 'root', 'msg': 'm', 'args': (), 'levelname': 'INFO', 'levelno': 20, ", "'taskName': None, 'k': 1, 'message': 'm'} k=1\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}
