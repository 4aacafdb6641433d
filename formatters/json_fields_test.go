package formatters

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestJSONFields(t *testing.T) {
	usual := []string{"asctime", "name", "levelname", "message"}
	r := at(utcTime, slog.LevelWarn, "m", "k", 1)
	stack := &Origin{StackInfo: "stack\n", ExcText: "text", Created: 1.5, LevelName: "L\n"}
	const head = `{"asctime":"2024-02-29 12:30:45,678","name":"root","levelname":"WARNING","message":"m"`
	for name, test := range map[string]struct {
		opts Options
		r    slog.Record
		want string
	}{
		"usual":            {Options{Fields: usual}, r, head + `,"k":1}`},
		"date":             {Options{Fields: usual, DateFmt: "%H\""}, r, `{"asctime":"12\"","name":"root","levelname":"WARNING","message":"m","k":1}`},
		"keys":             {Options{Fields: usual, Keys: map[string]string{"asctime": "ts", "levelname": "", "msg": "x"}}, r, `{"ts":"2024-02-29 12:30:45,678","name":"root","message":"m","k":1}`},
		"attrs first":      {Options{Fields: []string{"attrs", "message"}}, r, `{"k":1,"message":"m"}`},
		"strict":           {Options{Fields: usual, Strict: true}, r, head + "}"},
		"strict and attrs": {Options{Fields: []string{"message", "attrs"}, Strict: true}, r, `{"message":"m","k":1}`},
		"unknown":          {Options{Fields: []string{"nope", "message", "msg "}}, r, `{"nope":"%!nope(no such field)","message":"m","msg ":"%!msg (no such field)","k":1}`},
		"only unknown":     {Options{Fields: []string{"nope"}}, r, `{"nope":"%!nope(no such field)","k":1}`},
		"misspelt":         {Options{Fields: []string{"levelame", "x\n"}}, record0("m"), `{"levelame":"%!levelame(no such field; did you mean levelname?)","x\n":"%!x\\n(no such field)"}`},
		"nothing":          {Options{Fields: []string{"message"}, Keys: map[string]string{"message": ""}}, record0("m"), `{}`},
		"twice":            {Options{Fields: []string{"message", "attrs", "message", "attrs", "msg"}, Keys: map[string]string{"msg": "message"}}, r, `{"message":"m","k":1}`},
		"no time":          {Options{Fields: []string{"asctime", "created", "msecs", "relativeCreated", "message"}}, record0("m"), `{"message":"m"}`},
		"no source":        {Options{Fields: []string{"message"}, Source: true}, r, `{"message":"m","k":1}`},
		"numbers": {Options{Fields: []string{"levelno", "created", "msecs", "lineno", "thread", "process", "args"}}, r,
			fmt.Sprintf(`{"levelno":30,"created":1709209845.678,"msecs":678.0,"lineno":0,"thread":0,"process":%d,"args":[],"k":1}`, processID)},
		"texts": {Options{Fields: []string{"threadName", "processName", "pathname", "filename", "module", "msg"}}, r,
			`{"threadName":"MainThread","processName":"MainProcess","pathname":"","filename":"","module":"","msg":"m","k":1}`},
		"none":              {Options{Fields: []string{"taskName", "exc_text", "exc_info", "stack_info", "funcName"}}, r, `{"taskName":null,"exc_text":null,"exc_info":null,"stack_info":null,"funcName":null,"k":1}`},
		"exception":         {Options{Fields: []string{"message"}}, record0("m", Exc(errors.New("e")), "k", 1), `{"message":"m","k":1,"exc_info":"error: e"}`},
		"exception, listed": {Options{Fields: []string{"exc_info", "message"}}, record0("m", Exc(errors.New("e")), "k", 1), `{"exc_info":"error: e","message":"m","k":1}`},
		"not wanted":        {Options{Fields: []string{"message"}, Keys: map[string]string{"exc_info": "", "stack_info": ""}}, record0("m", stack.Attr(), Exc(errors.New("e"))), `{"message":"m"}`},
		"origin": {Options{Fields: []string{"levelname", "levelno", "created", "process", "exc_text"}}, record0("m", stack.Attr(), "k", 1),
			`{"levelname":"L\n","levelno":0,"created":1.5,"process":0,"exc_text":"text","k":1,"exc_info":"text","stack_info":"stack\n"}`},
		"no numbers": {Options{Fields: []string{"created", "msecs", "relativeCreated", "asctime"}}, record0("m", (&Origin{Created: math.NaN(), MSecs: math.Inf(1), RelativeCreated: math.Inf(-1)}).Attr()),
			`{"created":"NaN","msecs":"Infinity","relativeCreated":"-Infinity","asctime":"%!asctime(created is out of range: NaN)"}`},
	} {
		test.opts.Location = time.UTC
		got := render(JSON(&test.opts), test.r)
		checkJSON(t, name, got)
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}

// Every field that Percent knows is written, under its name.
func TestJSONHasEveryField(t *testing.T) {
	o := &Origin{LevelName: "L", FuncName: "f", TaskName: "t", ExcText: "e", StackInfo: "s"}
	for f := fieldName; f < fieldAttrs; f++ {
		name := fieldTable[f].name
		line := render(JSON(&Options{Fields: []string{name}}).WithLoggerName("", "app"), newRecord(0, "m", o.Attr()))
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		v, ok := m[name]
		_, isNumber := v.(float64)
		if !ok || v == nil || isNumber != (fieldTable[f].kind != textField) {
			t.Errorf("%s is %v in %s", name, v, line)
		}
		if f == fieldName && v != "app" {
			t.Errorf("the name is %v", v)
		}
	}
}

// The fields of a record in groups of With stand at top level.
func TestJSONFieldsWithGroups(t *testing.T) {
	f := JSON(&Options{Fields: []string{"message", "attrs", "levelname"}}).WithAttrs([]slog.Attr{slog.Int("w", 1), Exc(errors.New("lost"))}).WithGroup("g")
	got := string(f.Append(nil, []slog.Attr{slog.Int("c", 2)}, record0("m", "k", 3, Exc(errors.New("won")))))
	if want := `{"message":"m","c":2,"w":1,"g":{"k":3},"exc_info":"lost","levelname":"INFO","exc_info":"error: won"}`; got != want {
		t.Errorf("\ngot  %s\nwant %s", got, want)
	}
}

// Python's own json module reads what JSON writes, as the dict that
// python-json-logger makes of such a record.
func TestPythonReadsJSON(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	fields := []string{"asctime", "name", "levelname", "levelno", "message", "created", "msecs", "thread", "taskName", "args"}
	f := JSON(&Options{Fields: fields, Location: time.UTC, Keys: map[string]string{"levelname": "level"}}).WithLoggerName("logger", "app.db")
	texts := []string{"plain", "\x00\n\"\\", "\xff\xfe", "é😀\u2028", "\ud7ff"}
	var lines strings.Builder
	for _, s := range texts {
		lines.WriteString(render(f, at(utcTime, slog.LevelError, s, "user", s, "n", int64(1<<53), "f", 0.1, Exc(errors.New(s)), "inf", math.Inf(1))) + "\n")
	}
	const script = `
import json, sys
for line in sys.stdin.buffer.read().split(b"\n")[:-1]:
    d = json.loads(line.decode("utf-8"))
    s = d["message"]
    assert list(d) == ["asctime", "name", "level", "levelno", "message", "created", "msecs", "thread", "taskName", "args", "user", "n", "f", "inf", "exc_info"], list(d)
    assert d == {"asctime": "2024-02-29 12:30:45,678", "name": "app.db", "level": "ERROR", "levelno": 40, "message": s, "created": 1709209845.678, "msecs": 678.0,
        "thread": 0, "taskName": None, "args": [], "user": s, "n": 1 << 53, "f": 0.1, "inf": "!ERROR:json: unsupported value: +Inf", "exc_info": "error: " + s}, d
    assert type(d["msecs"]) is float and type(d["levelno"]) is int
    print(json.dumps(s))
`
	cmd := exec.Command(python, "-c", script)
	cmd.Stdin = strings.NewReader(lines.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		var s string
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	var want []string
	for _, s := range texts {
		want = append(want, string([]rune(s)))
	}
	if !slices.Equal(got, want) {
		t.Errorf("Python read %q, want %q", got, want)
	}
}

// Options that JSON has are told apart by its keys, and copied.
func TestJSONKeys(t *testing.T) {
	keep := func(_ []string, a slog.Attr) slog.Attr { return a }
	keys := map[any]string{}
	base := JSON(nil)
	for name, f := range map[string]Formatter{
		"base": base, "source": JSON(&Options{Source: true}), "fields": JSON(&Options{Fields: []string{"message"}}), "fields 2": JSON(&Options{Fields: []string{"message", "name"}}),
		"keys": JSON(&Options{Keys: map[string]string{"msg": "m"}}), "keys 2": JSON(&Options{Keys: map[string]string{"msg": "n"}}), "unit": JSON(&Options{TimeUnit: 1}),
		"last": JSON(&Options{Duplicates: DuplicatesLast}), "rename": JSON(&Options{Duplicates: DuplicatesRename}), "controls": JSON(&Options{EscapeControls: true}),
		"location": JSON(&Options{Location: time.UTC}), "date": JSON(&Options{DateFmt: "%H"}), "levels": JSON(&Options{Levels: new(LevelNames)}), "replace": JSON(&Options{ReplaceAttr: keep}),
		"replace 2": JSON(&Options{ReplaceAttr: keep}), "name": base.WithLoggerName("logger", "x"), "name 2": base.WithLoggerName("logger", "y"), "name 3": base.WithLoggerName("name", "x"),
		"group": base.WithGroup("g"), "group 2": base.WithGroup("h"), "attr": base.WithAttrs([]slog.Attr{slog.Int("k", 1)}), "attr 2": base.WithAttrs([]slog.Attr{slog.Int("k", 2)}),
		"group and attr": base.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("k", 1)}), "attr and group": base.WithAttrs([]slog.Attr{slog.Int("k", 1)}).WithGroup("g"),
		"exc": base.WithAttrs([]slog.Attr{Exc(errBench)}), "exc 2": base.WithAttrs([]slog.Attr{Exc(errBench)}), "origin": base.WithAttrs([]slog.Attr{(&Origin{}).Attr()}),
		"percent": Must(Percent("", nil)),
	} {
		if other, ok := keys[f.Key()]; ok {
			t.Errorf("%s and %s have one key", name, other)
		}
		keys[f.Key()] = name
	}
	made := func() Formatter {
		return JSON(&Options{Keys: map[string]string{"msg": "m", "time": "t", "level": "l"}, Fields: []string{"message"}, Location: time.UTC}).WithLoggerName("logger", "x").
			WithAttrs([]slog.Attr{slog.Int("k", 1), slog.Any("v", []int{1})}).WithGroup("g").WithAttrs([]slog.Attr{slog.Time("t", testTime)}).WithGroup("h")
	}
	if made().Key() != made().Key() || base.Key() != JSON(&Options{}).Key() || base.WithGroup("").Key() != base.Key() || base.WithAttrs(nil).Key() != base.Key() {
		t.Error("equal ones have other keys")
	}
	fields, names := []string{"message"}, map[string]string{"message": "m"}
	f := JSON(&Options{Fields: fields, Keys: names})
	fields[0], names["message"] = "name", "x"
	if got := render(f, record0("text")); got != `{"m":"text"}` {
		t.Errorf("options changed later show: %s", got)
	}
}

// Equal keys promise equal bytes.
func TestJSONEqualKeysEqualBytes(t *testing.T) {
	values := []slog.Value{slog.IntValue(1), slog.StringValue("1"), slog.GroupValue(slog.Int("k", 1)), slog.AnyValue([]int{1}), slog.AnyValue(map[string]int{"k": 1}), slog.GroupValue()}
	records := []slog.Record{record0("m"), record0("m", "k", 1, "g", 2), newRecord(0, "", slog.Group("g", "k", 3))}
	seen, shared := map[any][]string{}, 0
	for n := range 6 * 6 * 6 * 6 * 2 {
		opts := &Options{Duplicates: []Duplicates{DuplicatesKeep, DuplicatesLast}[n%2]}
		f, n := JSON(opts), n/2
		for range 4 {
			switch choice := n % 6; {
			case choice < 2:
				f = f.WithGroup([]string{"g", "k"}[choice])
			case choice == 2:
				f = f.WithLoggerName("k", "x")
			default:
				f = f.WithAttrs([]slog.Attr{{Key: "k", Value: values[n/6%6]}})
			}
			n /= 6
		}
		var lines []string
		for _, r := range records {
			lines = append(lines, render(f, r))
		}
		if old, ok := seen[f.Key()]; ok {
			shared++
			if !reflect.DeepEqual(old, lines) {
				t.Fatalf("one key gives\n%q and\n%q", old, lines)
			}
		}
		seen[f.Key()] = lines
	}
	if shared == 0 {
		t.Error("no key came up again")
	}
}
