package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// Values that the table of docs/from-python.md leaves out, see TestValues.
func TestValuesInFieldsAndTail(t *testing.T) {
	for _, test := range []struct {
		v           any
		field, tail string
	}{
		{stringer{"text"}, "text", "v=text"},
		{(*stringer)(nil), "None", "v=<nil>"},
		{[]any{errors.New("e"), stringer{"s"}, time.Second, testTime.UTC()}, "['e', 's', '1s', '2023-11-14T22:13:20.123Z']", ""},
		{[]slog.Value{slog.IntValue(1)}, "[1]", "v=[1]"},
		{[]slog.Attr{slog.String("k", "v")}, "{'k': 'v'}", "v.k=v"},
		{[]*int{nil}, "[None]", ""},
	} {
		r := record0("", slog.Any("v", test.v))
		if got := render(Must(Percent("%(v)s", nil)), r); got != test.field {
			t.Errorf("%T in a field: got %s, want %s", test.v, got, test.field)
		}
		if got := render(Must(Percent("%(attrs)s", nil)), r); got != test.tail && test.tail != "" {
			t.Errorf("%T in the tail: got %s, want %s", test.v, got, test.tail)
		}
	}
}

// The short way and the long way give the same bytes.
func TestSimpleLineIsTheLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	fields := []string{"%(asctime)s", "%(levelname)s", "%(message)s", "%(name)s", " ", "", " - ", "%%", "\n", "%(attrs)s"}
	levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelInfo + 1, slog.LevelError, LevelCritical, LevelNotSet}
	named := new(LevelNames)
	named.Add(slog.LevelInfo, "IN\nFO")
	short := 0
	for range 5000 {
		format := ""
		for range 1 + rng.IntN(7) {
			format += fields[rng.IntN(len(fields))]
		}
		opts := &Options{NoValidate: true, Raw: rng.IntN(2) == 0, Strict: rng.IntN(2) == 0, Location: time.UTC, Levels: []*LevelNames{nil, named}[rng.IntN(2)]}
		f := Must(Percent(format, opts)).WithLoggerName("", "a\nb")
		if rng.IntN(2) == 0 {
			f = f.WithAttrs([]slog.Attr{slog.String("k", "v\n")})
		}
		r := slog.NewRecord([]time.Time{{}, testTime, testTime.Add(time.Second)}[rng.IntN(3)], levels[rng.IntN(len(levels))], []string{"", "plain", "a longer message, é\n", "\xff"}[rng.IntN(4)], 0)
		p := f.(*template)
		got, want := string(p.Append(nil, nil, r)), string(p.appendLine(nil, nil, &r))
		if got != want {
			t.Fatalf("%q: the short way gives %q, the long way %q", format, got, want)
		}
		if p.simple.able {
			short++
		}
	}
	if short < 500 {
		t.Errorf("only %d formats took the short way", short)
	}
}

// What a Formatter is not given changes nothing.
func TestWithNothing(t *testing.T) {
	f := Must(Percent("%(name)s %(message)s", nil)).WithLoggerName("logger", "app")
	if f.WithAttrs(nil).Key() != f.Key() || f.WithGroup("").Key() != f.Key() {
		t.Error("no attrs or an empty group make another Formatter")
	}
	if got := render(f.WithLoggerName("other", ""), record0("m")); got != "root m" {
		t.Errorf("an empty name prints %q", got)
	}
	if got := render(f.WithLoggerName("key", "x").WithLoggerName("", "y"), record0("m")); got != "y m" {
		t.Errorf("the later name: %q", got)
	}
}

// The key of the name is for formatters that write keys: Percent has none.
func TestLoggerNameKeyIsNoAttr(t *testing.T) {
	f := Must(Percent("%(message)s", nil)).WithLoggerName("logger", "app")
	if got := render(f, record0("m")); got != "m" {
		t.Errorf("got %q", got)
	}
}

// Times and levels that a record can't have otherwise.
func TestRelativeCreated(t *testing.T) {
	f := Must(Percent("%(relativeCreated)d", nil))
	r := slog.NewRecord(programStart.Add(1234567*time.Microsecond), 0, "", 0)
	if got := render(f, r); got != "1234" {
		t.Errorf("got %s ms", got)
	}
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

// LogValuers are resolved wherever they stand, those of With when With is called.
func TestLogValuers(t *testing.T) {
	v := &valuer{slog.StringValue("first")}
	f := Must(Percent("%(a)s %(g.b)s %(message)s", nil))
	g := f.WithAttrs([]slog.Attr{slog.Any("a", v), slog.Any("t", v)})
	v.v = slog.GroupValue(slog.Any("b", valuer{slog.IntValue(7)}), slog.Any("c", valuer{slog.AnyValue(valuer{slog.BoolValue(true)})}))
	if got := render(g, record0("m", "g", v)); got != "first 7 m t=first g.c=true" {
		t.Errorf("got %s", got)
	}
	if got := render(f, record0("m", "a", v)); got != "{'b': 7, 'c': True} %!g.b(MISSING) m" {
		t.Errorf("a group by LogValue in a field: got %s", got)
	}
}

// ReplaceAttr sees values as they are, and what it returns may be anything.
func TestReplaceAttrWithHostileValues(t *testing.T) {
	values := []any{&panics{}, (*panics)(nil), panicValuer{}, self{}, endless(1), badMarshaler{}, valuer{slog.GroupValue(slog.Int("k", 1))}}
	for _, in := range values {
		for _, out := range values {
			f := Must(Percent("%(v)s %(message)s", &Options{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				return slog.Any(a.Key, out)
			}}))
			text := render(f.WithAttrs([]slog.Attr{slog.Any("w", in)}), record0("the message", "v", in, slog.Group("g", "v", in)))
			checkLine(t, fmt.Sprintf("%T becomes %T", in, out), text, 1<<20)
		}
	}
}

// A value is bounded, and what is cut off shows.
func TestValuesAreBounded(t *testing.T) {
	long := make([]int, maxNodes+10)
	f := Must(Percent("%(v)s|", nil))
	got := render(f, record0("", "v", long))
	if want := "[" + strings.Repeat("0, ", maxNodes) + "...]|"; got != want {
		t.Errorf("a long list ends in %q", got[max(0, len(got)-40):])
	}
	deep := any("x")
	for range maxDepth + 5 {
		deep = []any{deep}
	}
	if got := render(f, record0("", "v", deep)); !strings.Contains(got, "[...]") || len(got) > 100 {
		t.Errorf("a deep list is %q", got)
	}
	if got := clip(strings.Repeat("é", 1000)); len(got) > maxReason+20 || !strings.HasSuffix(got, "... (2000 bytes)") {
		t.Errorf("a long reason is %q", got)
	}
}

func TestTooDeep(t *testing.T) {
	type list struct{ Next *list }
	chain := &list{}
	for range 1000 {
		chain = &list{chain}
	}
	for name, x := range map[string]any{
		"nil": nil, "int": 1, "flat": []int{1}, "map": map[string][]string{"a": {"b"}}, "struct": struct{ A, B any }{1, "x"}, "long": make([]int, 1<<22),
		"pointers, which fmt prints as numbers": chain, "nil map": map[string]any(nil),
	} {
		if tooDeep(x) {
			t.Errorf("%s is too deep", name)
		}
	}
	followed := map[string]bool{"map": true, "slice": true, "wide": true, "in struct": true} // fmt follows no inner pointer
	for name, x := range loops() {
		if got := tooDeep(x); got != followed[name] {
			t.Errorf("a loop by %s: %v", name, got)
		}
	}
}

// Spaces, zeros and signs, where prefix and width meet.
func TestSpecPads(t *testing.T) {
	for _, test := range []struct {
		s    spec
		text string
		want string
	}{
		{spec{width: 5, prec: -1}, "é", "    é"},
		{spec{width: 5, prec: -1, left: true}, "é", "é    "},
		{spec{width: 1, prec: -1}, "abc", "abc"},
		{spec{width: 4, prec: 2}, "日本語", "  日本"},
		{spec{prec: 0}, "abc", ""},
		{spec{prec: 9}, "abc", "abc"},
		{spec{width: 3, prec: 1}, "\xff\xfe", `\xff`},
	} {
		if got := string(test.s.finishText([]byte("before"+test.text), 6, true)); got != "before"+test.want {
			t.Errorf("%+v of %q: got %q, want %q", test.s, test.text, got, test.want)
		}
	}
	buf := insertRepeated([]byte("abcd"), 1, '-', 3)
	if string(buf) != "a---bcd" {
		t.Errorf("insertRepeated gives %s", buf)
	}
	if buf = insertRepeated([]byte("abcdefgh"), 1, '-', 2); string(buf) != "a--bcdefgh" {
		t.Errorf("insertRepeated gives %s", buf)
	}
	if buf = insertRepeated([]byte("ab"), 2, '-', 2); string(buf) != "ab--" {
		t.Errorf("insertRepeated at the end gives %s", buf)
	}
}
