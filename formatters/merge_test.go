package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// mergeCases are in Go and in Python.
var mergeCases = []struct {
	msg    string
	args   []any
	python string // the arguments
}{
	{"%", []any{1}, "(1,)"},
	{"%-", []any{1}, "(1,)"},
	{"%5", []any{1}, "(1,)"},
	{"%5.", []any{1}, "(1,)"},
	{"%5.2", []any{1}, "(1,)"},
	{"%5.2l", []any{1}, "(1,)"},
	{"%*", []any{1}, "(1,)"},
	{"%*", []any{"x"}, "('x',)"},
	{"%.*", []any{1}, "(1,)"},
	{"%.*s|", []any{-3, "abc"}, "(-3, 'abc')"},
	{"%*s|", []any{-5, "abc"}, "(-5, 'abc')"},
	{"%*s|", []any{true, "abc"}, "(True, 'abc')"},
	{"%*s|", []any{new(big.Int).Lsh(big.NewInt(1), 70), "abc"}, "(1 << 70, 'abc')"},
	{"%.*s|", []any{int64(1) << 33, "abc"}, "(1 << 33, 'abc')"},
	{"%.2147483647s|", []any{"abc"}, "('abc',)"},
	{"%.2147483648s|", []any{"abc"}, "('abc',)"},
	{"%q", []any{}, "()"},
	{"%q", []any{1}, "(1,)"},
	{"é%(", []any{1}, "(1,)"},
	{"é€%y", []any{1}, "(1,)"},
	{"%\x1f", []any{1}, "(1,)"},
	{"%€", []any{1}, "(1,)"},
	{"% %", []any{1}, "(1,)"},
	{"%ld %hs %Lr", []any{1, 2, 3}, "(1, 2, 3)"},
	{"%lld", []any{1}, "(1,)"},
	{"%c%c", []any{int64(0x1F600), "é"}, "(0x1F600, 'é')"},
	{"%c", []any{1.5}, "(1.5,)"},
	{"%c", []any{nil}, "(None,)"},
	{"%c", []any{-1}, "(-1,)"},
	{"%5c|%-5c|", []any{65, "B"}, "(65, 'B')"},
	{"%x %o", []any{true, false}, "(True, False)"},
	{"%X", []any{[]any{}}, "([],)"},
	{"%d", []any{[]byte("1")}, "(b'1',)"},
	{"%i", []any{nil}, "(None,)"},
	{"%d", []any{math.Inf(-1)}, "(float('-inf'),)"},
	{"%d", []any{1e300}, "(1e300,)"},
	{"%g %g %e", []any{true, new(big.Int).Lsh(big.NewInt(1), 100), -5}, "(True, 1 << 100, -5)"},
	{"%s %r %a", []any{[]any{nil, true, 1.5, "é", []byte{0, 0xff}}, "é'", "é'"}, "([None, True, 1.5, 'é', b'\\x00\\xff'], \"é'\", \"é'\")"},
	{"%s%s", []any{1}, "(1,)"},
	{"%%", []any{1}, "(1,)"},
}

// pythonMerges is what python3 makes of the cases.
func pythonMerges(t *testing.T) []string {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no python3")
	}
	var script strings.Builder
	script.WriteString("import sys\nsys.stdout.reconfigure(encoding='utf-8')\ndef f(msg, args):\n" +
		"  try: r = msg % args\n  except Exception as e: r = type(e).__name__ + ': ' + str(e)\n  print(repr(r))\n")
	for _, c := range mergeCases {
		fmt.Fprintf(&script, "f(%s, %s)\n", appendRepr(nil, c.msg, true), c.python)
	}
	cmd := exec.Command(python, "-")
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// The cases that the vectors lack, as python3 has them.
func TestMergeAsPython(t *testing.T) {
	want := pythonMerges(t)
	if len(want) != len(mergeCases) {
		t.Fatalf("%d answers to %d cases", len(want), len(mergeCases))
	}
	for i, c := range mergeCases {
		got, err := Merge(c.msg, c.args, nil, 1<<20)
		if len(c.args) == 0 { // an empty tuple is no arguments to Merge, so that nothing is merged
			continue
		}
		if err != nil {
			got = err.Error()
		}
		if got := string(appendRepr(nil, got, false)); got != want[i] {
			t.Errorf("%q %% %s = %s, want %s", c.msg, c.python, got, want[i])
		}
	}
}

func TestMergeMapping(t *testing.T) {
	m := map[string]any{"a": 1, "b": "x", "(c)": 2.5}
	get := func(key string) (any, bool) { v, ok := m[key]; return v, ok }
	for _, test := range []struct{ msg, want string }{
		{"%(a)d%(b)s%((c))s", "1x2.5"},
		{"100%%", "100%"},
		{"no field", "no field"},
		{"%s", "{'(c)': 2.5, 'a': 1, 'b': 'x'}"},
		{"%s %s", "TypeError: not enough arguments for format string"},
		{"%(a)d %s", "TypeError: not enough arguments for format string"},
		{"%(a)*d", "TypeError: not enough arguments for format string"},
		{"%(z)d", "KeyError: 'z'"},
		{"%(z", "ValueError: incomplete format key"},
		{"%(a)", "ValueError: incomplete format"},
	} {
		got, err := Merge(test.msg, []any{m}, get, 1000)
		if err != nil {
			if got != test.msg {
				t.Errorf("%q: beside an error the message is %q", test.msg, got)
			}
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q = %q, want %q", test.msg, got, test.want)
		}
	}
}

// What asks for much text gets an error, and makes little.
func TestMergeIsBounded(t *testing.T) {
	const max = 10_000
	long := strings.Repeat("x", max/2)
	list := []any{long, long}
	for range 12 {
		list = []any{list, list, list}
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 8*max)
	for _, test := range []struct {
		msg  string
		args []any
	}{
		{strings.Repeat("%1000000s", 10), []any{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{"%-99999999999999999999d", []any{1}},
		{"%*d", []any{-math.MaxInt, 1}},
		{"%.2000000000f", []any{1.5}},
		{"%#.2000000000g", []any{1.5}},
		{"%.*d", []any{math.MaxInt32, 1}},
		{"%1000000c", []any{"x"}},
		{"%s", []any{list}},
		{"%a", []any{list}},
		{"%s%s%s", []any{long, long, long}},
		{"%s", []any{strings.Repeat("x", max+1)}},
		{"%a", []any{strings.Repeat("\U0010ffff", max/4)}},
		{"%s", []any{huge}},
		{"%x", []any{huge}},
		{strings.Repeat("x", max) + "%s", []any{1}},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := Merge(test.msg, test.args, nil, max)
		runtime.ReadMemStats(&after)
		var me *MergeError
		if !errors.As(err, &me) || me.Class != "MemoryError" || got != test.msg {
			t.Errorf("%.20q: %v", test.msg, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 100*max {
			t.Errorf("%.20q: %d bytes allocated", test.msg, n)
		}
	}
	if got, err := Merge("%.800g%s", []any{0.1, long}, nil, max); err != nil {
		t.Errorf("%.20q, %v", got, err)
	}
	if got, err := Merge("%.2s", []any{strings.Repeat("x", max)}, nil, max); got != "xx" {
		t.Errorf("%.20q, %v", got, err)
	}
}

// A value without text is an error, not a panic.
func TestMergePanics(t *testing.T) {
	got, err := Merge("%s", []any{panicking{}}, nil, 100)
	if err == nil || !strings.Contains(err.Error(), "PANIC in AppendPython: oh") || got != "%s" {
		t.Errorf("%q, %v", got, err)
	}
}

type panicking struct{}

func (panicking) AppendPython([]byte, bool) []byte { panic("oh") }

// A PythonText is what it says, in fields, containers and tails, by all formatters of lines.
func TestPythonText(t *testing.T) {
	v := typed{[2]any{"a b", nil}, "tuple"}
	in := func(f Formatter, attr any) string { return render(f, record0("m", "v", attr)) }
	percent := func(format string) Formatter { return Must(Percent(format, &Options{Strict: true})) }
	for _, test := range []struct{ got, want string }{
		{in(percent("%(v)s"), v), "('a b', None)"},
		{in(percent("%(v)15r|"), v), "  ('a b', None)|"},
		{in(percent("%(v)s"), []any{v, 1}), "[('a b', None), 1]"},
		{in(percent("%(v)s"), typedText("it's")), "it's"},
		{in(percent("%(v)s"), map[string]any{"k": typedText("it's")}), `{'k': "it's"}`},
		{in(Must(Percent("", nil)), v), `m v="('a b', None)"`},
		{in(Must(Percent("", nil)), typedText("x")), `m v=x`},
		{in(Must(Percent("", nil)), typedText("")), `m v=""`},
		{in(percent("%(v)s"), panicking{}), "%!v(PANIC in AppendPython: oh)"},
		{in(Must(Percent("", nil)), panicking{}), `m v="%!v(PANIC in AppendPython: oh)"`},
		{in(percent("%(v)s"), []any{(*typed)(nil)}), "[None]"},
	} {
		if test.got != test.want {
			t.Errorf("got  %s\nwant %s", test.got, test.want)
		}
	}
}

// typedText is of a kind whose own texts are others.
type typedText []byte

func (v typedText) AppendPython(dst []byte, repr bool) []byte {
	if repr {
		return appendRepr(dst, string(v), false)
	}
	return append(dst, v...)
}

func TestExcTextOfAttr(t *testing.T) {
	if text, ok := ExcText(Exc(errors.New("x")).Value); text != "error: x" || !ok {
		t.Errorf("%q, %v", text, ok)
	}
	if text, ok := ExcText(Exc(nil).Value); text != "NoneType: None" || !ok {
		t.Errorf("%q, %v", text, ok)
	}
	for _, v := range []slog.Value{slog.AnyValue(errors.New("x")), slog.StringValue("x"), (&Origin{}).Attr().Value, {}} {
		if text, ok := ExcText(v); text != "" || ok {
			t.Errorf("%v: %q", v, text)
		}
	}
}

// TestMergeBoundsWhatIsCut: a precision cuts what is written, but does not make writing it
// over and over again free.
func TestMergeBoundsWhatIsCut(t *testing.T) {
	value := []any{strings.Repeat("x", 1000)}
	get := func(string) (any, bool) { return value, true }
	if got, err := Merge(strings.Repeat("%(k).1s", 3), nil, get, 1000+100); got != "[[[" || err != nil {
		t.Errorf("3 fields: %q, %v", got, err)
	}
	var e *MergeError
	if _, err := Merge(strings.Repeat("%(k).1s", 10), nil, get, 1000+100); !errors.As(err, &e) || e.Class != "MemoryError" {
		t.Errorf("10 fields: %v", err)
	}
}
