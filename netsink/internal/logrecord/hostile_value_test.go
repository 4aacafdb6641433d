package logrecord

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// Values whose methods misbehave.
type (
	panicValuer  struct{}
	endless      struct{}
	panicError   struct{}
	panicPointer struct{ s string }
	wide         struct{}
	named        struct{ A, b int }
	flatInt      int8
	flatText     string
	textKey      struct{ s string }
)

func (panicValuer) LogValue() slog.Value { panic("no value") }
func (endless) LogValue() slog.Value     { return slog.AnyValue(endless{}) }
func (panicError) Error() string         { panic(errors.New("no text")) }
func (p *panicPointer) String() string   { return p.s }
func (wide) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", wide{}), slog.Any("b", wide{}))
}
func (k textKey) MarshalText() ([]byte, error) { return []byte(k.s), nil }

// decodeOne returns what a receiver makes of a value, in each of the protocols.
func decodeOne(t *testing.T, attrs ...slog.Attr) [2][]slog.Attr {
	t.Helper()
	var got [2][]slog.Attr
	for i := range got {
		r := slog.NewRecord(time.Now(), 0, "m", testSites[0])
		r.AddAttrs(attrs...)
		p := NewEncoder(i == 1, 1<<20).Append(nil, nil, &r)
		_, r, err := NewDecoder(usual).Decode(p)
		if err != nil {
			t.Fatalf("%v: %v", attrs, err)
		}
		r.Attrs(func(a slog.Attr) bool {
			if _, ok := a.Value.Any().(*formatters.Origin); !ok {
				got[i] = append(got[i], a)
			}
			return true
		})
	}
	return got
}

func TestValues(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	loop := []any{nil}
	loop[0] = loop
	var null *int
	seven := 7
	huge, _ := new(big.Int).SetString(strings.Repeat("9", 5000), 10)
	for _, test := range []struct {
		v            any
		pickle, json string // as Python prints it; the same if json is ""
	}{
		{panicValuer{}, "%!k(PANIC in LogValue: no value)", ""},
		{endless{}, "%!k(LogValue nested too deep)", ""},
		{panicError{}, "%!k(PANIC in Error: no text)", ""},
		{(*panicPointer)(nil), "None", ""},
		{[]any{panicError{}, panicValuer{}}, `['%!k(PANIC in Error: no text)', '%!k(PANIC in LogValue: no value)']`, ""},
		{named{1, 2}, "{A:1 b:2}", ""},
		{&named{1, 2}, "{A:1 b:2}", ""},
		{flatInt(-3), "-3", ""},
		{flatText("x\xff"), `x\xff`, ""},
		{null, "None", ""},
		{&seven, "7", ""},
		{[]*int{null, &seven}, "[None, 7]", ""},
		{[]byte("a\x00\xff"), `b'a\x00\xff'`, ""},
		{[][]byte{{1}}, `[b'\x01']`, ""},
		{[2]bool{true}, "(True, False)", "[True, False]"},
		{[0]int{}, "()", "[]"},
		{[]int{}, "[]", ""},
		{[]int(nil), "[]", ""},
		{map[string]int{}, "{}", ""},
		{map[string]int(nil), "None", ""},
		{map[string]any{"b": 1, "a": []float64{1, 2.5}}, "{'a': [1.0, 2.5], 'b': 1}", ""},
		{map[int]string{10: "x", 9: "y"}, "{9: 'y', 10: 'x'}", "{'9': 'y', '10': 'x'}"},
		{map[any]any{1: 2, "1": 3, true: 4, nil: 5}, "{'1#2': 2, '1': 3, 'None': 5, 'True': 4}", ""},
		{map[textKey]int{{"k"}: 1}, "{'k': 1}", ""},
		{map[uint64]int{math.MaxUint64: 1}, "{18446744073709551615: 1}", "{'18446744073709551615': 1}"},
		{pickle.Dict{{Key: "a\xff", Value: int64(1)}, {Key: `a\xff`, Value: int64(2)}}, `{'a\\xff#2': 1, 'a\\xff': 2}`, ""},
		{math.NaN(), "nan", ""},
		{math.Inf(-1), "-inf", ""},
		{uint64(math.MaxUint64), "18446744073709551615", ""},
		{int64(math.MinInt64), "-9223372036854775808", ""},
		{big.NewInt(5), "5", ""},
		{(*big.Int)(nil), "None", ""},
		{huge, huge.String(), ""},
		{time.Date(2024, 2, 29, 1, 2, 3, 4, time.FixedZone("", 3600)), "2024-02-29T01:02:03.000000004+01:00", ""},
		{[]time.Duration{time.Second}, "['1s']", ""},
		{slog.GroupValue(), "", ""},
		{[]any{slog.GroupValue(slog.Int("a", 1), slog.Any("b", time.Second))}, "[{'a': 1, 'b': '1s'}]", ""},
		{func() {}, "0x", ""},
		{pickle.Dict{{Key: "a", Value: pickle.Tuple{nil}}}, "{'a': (None,)}", "{'a': [None]}"},
		{pickle.Set{int64(1)}, "{1}", ""},
		{[]any{pickle.Set{int64(1)}}, "[{1}]", ""},
		{pickle.Complex(1 + 2i), "(1+2j)", ""},
	} {
		for i, attrs := range decodeOne(t, slog.Any("k", test.v)) {
			got := ""
			if len(attrs) == 1 {
				got = string(pickle.AppendText(nil, attrs[0].Value.Any(), false))
			}
			want := test.pickle
			if i == 1 && test.json != "" {
				want = test.json
			}
			if got != want && (want != "0x" || !strings.HasPrefix(got, want)) {
				t.Errorf("%T, JSON %v: %s, want %s", test.v, i == 1, got, want)
			}
		}
	}
	for _, v := range []any{cycle, loop} {
		for _, attrs := range decodeOne(t, slog.Any("k", v)) {
			if text := attrs[0].Value.String(); attrs[0].Value.Kind() != slog.KindString || !strings.Contains(text, "...") {
				t.Errorf("a cycle is %.100v", attrs)
			}
		}
	}
}

// What has no end, or hardly one, is a text or a mark, and a receiver's bounds let it pass.
func TestBoundsOfValues(t *testing.T) {
	deep := slog.Int("x", 1)
	for range 200 {
		deep = slog.Group("g", deep)
	}
	square := make([][]int, 200)
	for i := range square {
		square[i] = make([]int, 200)
	}
	var nested any = 1
	for range 100 {
		nested = []any{nested}
	}
	for depth := 50; depth < 70; depth++ { // all around what receivers take
		var v any
		for range depth {
			v = []any{v}
		}
		for _, got := range decodeOne(t, slog.Any("v", v)) {
			if text := pickle.AppendText(nil, got[0].Value.Any(), false); depth <= maxDepth && strings.Count(string(text), "[") != depth {
				t.Errorf("depth %d: %s", depth, text)
			}
		}
	}
	many := make([]slog.Attr, 60_000)
	for i := range many {
		many[i] = slog.Int(fmt.Sprint("key", i), i)
	}
	for name, attrs := range map[string][]slog.Attr{
		"deep groups":      {deep},
		"many values":      {slog.Any("a", square), slog.Any("b", square), slog.Any("c", []int{1})},
		"deep lists":       {slog.Any("a", nested)},
		"endless groups":   {slog.Any("a", wide{})},
		"many attrs":       many,
		"a group of many":  {slog.GroupAttrs("g", many...)},
		"a list of 20,001": {slog.Any("a", make([]bool, 20_001))},
	} {
		for _, got := range decodeOne(t, attrs...) {
			if len(got) == 0 {
				t.Errorf("%s: nothing is left", name)
			}
			if strings.Contains(name, "many") && len(attrs) > 3 && got[len(got)-1].Key != missingKey {
				t.Errorf("%s: it is not told: %v", name, got[len(got)-1])
			}
		}
	}
}

// Names of fields, keys that are there twice, and what marks the end of the attrs.
func TestKeys(t *testing.T) {
	for _, test := range []struct {
		ctx, with, attrs []any
		want             string
	}{
		{nil, nil, []any{"name", 1, "msg", 2, "message", 3, "asctime", 4, "taskName", 5, "levelno", 6}, "attr.name=1 attr.msg=2 attr.message=3 attr.asctime=4 attr.taskName=5 attr.levelno=6"},
		{nil, nil, []any{"a", 1, "a", 2, "a", 3}, "a#2=1 a#3=2 a=3"},
		{nil, nil, []any{"a", 1, "a#2", 5, "a", 2}, "a#3=1 a#2=5 a=2"},
		{[]any{"a", 1}, []any{"a", 2}, nil, "a=2 a#2=1"},
		{[]any{"a", 1}, []any{"a", 2}, []any{"a", 3}, "a#2=2 a#3=1 a=3"},
		{[]any{"a", 1}, nil, []any{"a", 3}, "a#2=1 a=3"},
		{nil, []any{"name", 1}, []any{"attr.name", 2}, "attr.name#2=1 attr.name=2"},
		{nil, nil, []any{missingKey, 1}, "attr.attrs#missing=1"},
		{nil, nil, []any{"", 1, "", 2}, "#2=1 =2"},
		{nil, nil, []any{"x\xff", 1, `x\xff`, 2}, `x\xff#2=1 x\xff=2`},
		{nil, nil, []any{slog.Group("g", "a", 1, slog.Group("", "b", 2), slog.Group("empty")), "g.a", 3}, "g.a#2=1 g.b=2 g.a=3"},
		{nil, nil, []any{slog.Attr{}, slog.Any("", nil), slog.Any("n", nil)}, "n=None"},
	} {
		for _, json := range []bool{false, true} {
			r := slog.NewRecord(time.Now(), 0, "m", testSites[0])
			r.Add(test.attrs...)
			e := NewEncoder(json, 1<<20).WithAttrs(attrsOf(test.with))
			if got := pairsOf(t, e.Append(nil, attrsOf(test.ctx), &r)); got != test.want {
				t.Errorf("JSON %v: %s, want %s", json, got, test.want)
			}
		}
	}
}

func attrsOf(args []any) (attrs []slog.Attr) {
	var r slog.Record
	r.Add(args...)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// dictOf returns the dict that a frame holds.
func dictOf(t *testing.T, p []byte) pickle.Dict {
	t.Helper()
	if p[0] == '{' {
		d, err := readJSON(p, usual)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	v, err := pickle.Load(p, pickle.Limits(usual))
	if err != nil {
		t.Fatal(err)
	}
	d, _ := v.(pickle.Dict)
	return d
}

// pairsOf returns the extras of a frame.
func pairsOf(t *testing.T, p []byte) string {
	var b []string
	for _, item := range dictOf(t, p)[fixedPairs:] {
		b = append(b, fmt.Sprintf("%s=%s", item.Key, pickle.AppendText(nil, item.Value, false)))
	}
	return strings.Join(b, " ")
}

// The error of an Exc and an Origin are fields, wherever they come from; the last one counts.
func TestErrorsAndOrigins(t *testing.T) {
	first, second := formatters.Exc(errors.New("first")), formatters.Exc(errors.New("second"))
	origin := (&formatters.Origin{LevelName: "NOTICE", LevelNo: 25, ExcText: "theirs", Created: 5.25, MSecs: 250, RelativeCreated: 7, StackInfo: "stack"}).Attr()
	for _, test := range []struct {
		with, attrs []slog.Attr
		want        string
	}{
		{nil, nil, "INFO None None"},
		{nil, []slog.Attr{first}, "INFO error: first None"},
		{[]slog.Attr{first}, nil, "INFO error: first None"},
		{[]slog.Attr{first}, []slog.Attr{second}, "INFO error: second None attr.exc_info=first"},
		{nil, []slog.Attr{first, second}, "INFO error: second None attr.exc_info=first"},
		{nil, []slog.Attr{origin}, "NOTICE theirs stack"},
		{[]slog.Attr{origin}, []slog.Attr{first}, "NOTICE theirs stack attr.exc_info=error: first"},
		{nil, []slog.Attr{slog.Any("origin", (*formatters.Origin)(nil))}, "INFO None None"},
		{nil, []slog.Attr{slog.Any("err", errors.New("plain"))}, "INFO None None err=plain"},
	} {
		for _, json := range []bool{false, true} {
			r := slog.NewRecord(time.Now(), 0, "m", testSites[0])
			r.AddAttrs(test.attrs...)
			p := NewEncoder(json, 1<<20).WithAttrs(test.with).Append(nil, nil, &r)
			d := dictOf(t, p)
			got := ""
			for _, key := range []string{"levelname", "exc_text", "stack_info"} {
				v, _ := d.Get(key)
				got += " " + string(pickle.AppendText(nil, v, false))
			}
			if extras := pairsOf(t, p); extras != "" {
				got += " " + extras
			}
			if got[1:] != test.want {
				t.Errorf("JSON %v: %s, want %s", json, got[1:], test.want)
			}
		}
	}
}
