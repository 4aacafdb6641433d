package logrecord

import (
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

func TestDecodeAllocates(t *testing.T) {
	payloads := everydayJSON(t)
	payloads["plain.pickle"], payloads["exception.pickle"] = load(t, "plain.pickle"), load(t, "exception.pickle")
	for name, most := range map[string]float64{
		"plain.pickle": 2, "exception.pickle": 3, "plain.json": 2, "exception.json": 3, "attrs.json": 6, "slog.json": 3,
	} {
		if raceEnabled && name == "attrs.json" {
			most++ // slices.Grow makes what it appends
		}
		p, d := payloads[name], NewDecoder(usual)
		if got := testing.AllocsPerRun(100, func() {
			if _, _, err := d.Decode(p); err != nil {
				t.Fatal(err)
			}
		}); got > most {
			t.Errorf("%s: %v allocations, want %v", name, got, most)
		}
	}
}

// TestMessage: msg and args are merged as getMessage merges them, and no record is lost if
// they do not fit.
func TestMessage(t *testing.T) {
	long := strings.Repeat("x", 1000)
	many := pickle.Dict{}
	for _, c := range "abcdefghijkl" {
		many = append(many, pickle.Item{Key: string(c), Value: int64(c)})
	}
	for _, test := range []struct {
		msg, args any
		want      string
	}{
		{"hello", nil, "hello"},
		{"100%", pickle.Tuple{}, "100%"},
		{int64(42), nil, "42"},
		{nil, nil, "None"},
		{[]any{"a", int64(1)}, nil, "['a', 1]"},
		{"%s-%r", pickle.Tuple{"a", "b"}, "a-'b'"},
		{"%s", pickle.Tuple{pickle.Tuple{int64(1)}}, "(1,)"},
		{"%(a)s", pickle.Dict{{Key: "a", Value: "b"}}, "b"},
		{"%(l)d%(a)d", many, "10897"},
		{"%s", []any{int64(1), int64(2)}, "[1, 2]"},
		{"%s", "x", "x"},
		{"%d", pickle.Tuple{"x"}, "%d %!args(TypeError: %d format: a real number is required, not str): ('x',)"},
		{"%(z)s", many[:1], "%(z)s %!args(KeyError: 'z'): {'a': 97}"},
		{"%999999999d", pickle.Tuple{int64(1)}, "%999999999d %!args(MemoryError: the merged message is longer than 500 bytes): (1,)"},
		{"%s%%", pickle.Tuple{long}, "%s%% %!args(MemoryError: the merged message is longer than 500 bytes): ('" + long + "',)"},
	} {
		if got := message(test.msg, test.args, 500); got != test.want {
			t.Errorf("%v %% %v is %q, want %q", test.msg, test.args, got, test.want)
		}
	}
}

// fields makes a dict of a record of Python's, with other values for some keys; noValue leaves one out.
func fields(change pickle.Dict) pickle.Dict {
	d := pickle.Dict{
		{Key: "name", Value: "a.b"}, {Key: "msg", Value: "hello"}, {Key: "levelname", Value: "INFO"}, {Key: "levelno", Value: int64(20)},
		{Key: "created", Value: 1700000000.25}, {Key: "msecs", Value: 250.0},
	}
	var out pickle.Dict
	for _, item := range append(d, change...) {
		if v, changed := change.Get(item.Key.(string)); changed {
			if item.Value = v; v == (noValue{}) {
				continue
			}
		}
		if _, done := out.Get(item.Key.(string)); !done {
			out = append(out, item)
		}
	}
	return out
}

type noValue struct{}

// TestOddFields: what is not of its type becomes what comes nearest.
func TestOddFields(t *testing.T) {
	format := formatters.Must(formatters.Percent("%(name)s %(levelname)s %(levelno)d %(lineno)d %(funcName)s %(threadName)s %(message)s %(attrs)s", &formatters.Options{Location: time.UTC}))
	for _, test := range []struct {
		key   string
		value any
		want  string
	}{
		{"x", int64(1), "a.b INFO 20 0 None None hello x=1"},
		{"name", noValue{}, "root INFO 20 0 None None hello"},
		{"name", nil, "root INFO 20 0 None None hello"},
		{"name", int64(5), "5 INFO 20 0 None None hello"},
		{"name", "a\nb", `a\nb INFO 20 0 None None hello`},
		{"levelno", noValue{}, "a.b INFO 20 0 None None hello"},
		{"levelno", "WARNING", "a.b INFO 30 0 None None hello"},
		{"levelno", 20.5, "a.b INFO 20 0 None None hello"},
		{"levelno", true, "a.b INFO 1 0 None None hello"},
		{"levelname", noValue{}, "a.b INFO 20 0 None None hello"},
		{"levelname", "LOUD", "a.b LOUD 20 0 None None hello"},
		{"msg", noValue{}, "a.b INFO 20 0 None None"},
		{"msg", []byte("hi"), "a.b INFO 20 0 None None b'hi'"},
		{"lineno", "12", "a.b INFO 20 12 None None hello"},
		{"lineno", "x", "a.b INFO 20 0 None None hello"},
		{"funcName", int64(3), "a.b INFO 20 0 3 None hello"},
		{"threadName", "T", "a.b INFO 20 0 None T hello"},
		{"exc_text", "Traceback", "a.b INFO 20 0 None None hello\nTraceback"},
		{"exc_text", []any{}, "a.b INFO 20 0 None None hello"},
		{"exc_info", pickle.Tuple{nil, nil, nil}, "a.b INFO 20 0 None None hello\nNoneType: None"},
		{"exc_info", "boom", "a.b INFO 20 0 None None hello\nboom"},
		{"stack_info", "Stack", "a.b INFO 20 0 None None hello\nStack"},
		{"message", "stale", "a.b INFO 20 0 None None hello"},
		{"asctime", "stale", "a.b INFO 20 0 None None hello"},
		{"attr.name", "mine", "a.b INFO 20 0 None None hello name=mine"},
		{"attr.other", "mine", "a.b INFO 20 0 None None hello attr.other=mine"},
	} {
		logger, r, err := NewDecoder(usual).record(fields(pickle.Dict{{Key: test.key, Value: test.value}}), 1000)
		if err != nil {
			t.Errorf("%s %v: %v", test.key, test.value, err)
			continue
		}
		text := string(format.WithLoggerName("logger", logger).Append(nil, nil, r))
		if got := strings.ReplaceAll(strings.TrimRight(text, " "), " \n    ", "\n"); got != test.want {
			t.Errorf("%s %v:\n%q, want\n%q", test.key, test.value, got, test.want)
		}
	}
}

func TestNoRecord(t *testing.T) {
	d := NewDecoder(usual)
	for _, p := range []string{"", "}.", "N.", "].", "{}", `{"x":1}`, `{"msg":"a"`, `{"msg":"a"} 1`, "[1]", `{"msg":[[}`, "}}s."} {
		if _, r, err := d.Decode([]byte(p)); err == nil {
			t.Errorf("%q is %v", p, r)
		}
	}
	deep := `{"msg":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}"
	wide := `{"msg":[` + strings.Repeat("1,", 100_000) + "1]}"
	digits := `{"msg":` + strings.Repeat("1", 5000) + "}"
	for _, p := range []string{deep, wide, digits} {
		if _, _, err := d.Decode([]byte(p)); err == nil {
			t.Errorf("%.20q... passes", p)
		}
	}
}

// TestImpossibleTime: such a record is of now.
func TestImpossibleTime(t *testing.T) {
	for _, created := range []any{noValue{}, nil, "now", 1e300, -1e300} {
		before := time.Now().Truncate(time.Microsecond)
		_, r, err := NewDecoder(usual).record(fields(pickle.Dict{{Key: "created", Value: created}}), 1000)
		o, _ := parts(r)
		if err != nil || r.Time.Before(before) || r.Time.After(time.Now()) || o.Created < float64(before.Unix()) || o.MSecs < 0 || o.MSecs >= 1000 {
			t.Errorf("created %v: %v, %v, %v", created, r.Time, o, err)
		}
	}
}

// TestSlogJSON: what slog.JSONHandler writes is the record again.
func TestSlogJSON(t *testing.T) {
	var text strings.Builder
	h := slog.NewJSONHandler(&text, &slog.HandlerOptions{AddSource: true, Level: slog.LevelDebug})
	slog.New(h).With("logger", "a.b").Warn("hello", "n", 7, "big", uint64(1<<63), "f", 1.5, "s", "x", slog.Group("g", "a", true, slog.Group("h", "b", nil)))
	logger, r, err := NewDecoder(usual).Decode([]byte(text.String()))
	if err != nil || logger != "a.b" || r.Level != slog.LevelWarn || r.Message != "hello" || time.Since(r.Time) > time.Minute {
		t.Fatalf("%s: %s %v %v", &text, logger, r, err)
	}
	o, attrs := parts(r)
	if o.FuncName != "TestSlogJSON" || o.FileName != "decoder_test.go" || o.Module != "decoder_test" || o.LineNo == 0 || o.LevelNo != 30 || o.LevelName != "WARNING" {
		t.Errorf("origin %+v", o)
	}
	var again strings.Builder
	pruned := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Any() != any(o) {
			pruned.AddAttrs(a)
		}
		return true
	})
	if err := slog.NewJSONHandler(&again, nil).Handle(t.Context(), pruned); err != nil {
		t.Fatal(err)
	}
	_, want, _ := strings.Cut(text.String(), `"n":`)
	if _, got, _ := strings.Cut(again.String(), `"n":`); got != want || len(attrs) != 5 {
		t.Errorf("the attrs come back as %s, want %s", got, want)
	}
}

// TestInterned: what is remembered has bounds.
func TestInterned(t *testing.T) {
	var texts interner
	for i := range 10_000 {
		s := strings.Repeat("x", i%200) + string(rune('a'+i%26))
		if got := texts.field(keyName, []byte(s)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
		total := len(texts.last[keyName])
		for s := range texts.texts {
			total += len(s)
		}
		if total > (maxTexts+1)*maxTextLen {
			t.Fatalf("%d bytes are remembered", total)
		}
	}
}

// TestNothingIsRun: what decodes can neither start a program nor load code.
func TestNothingIsRun(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, name := range deps {
		switch name {
		case "os/exec", "plugin", "net", "syscall/js":
			t.Errorf("it depends on %s", name)
		}
	}
	if len(deps) < 10 || os.Getenv("PATH") == "" {
		t.Errorf("it depends on no more than %v", deps)
	}
}
