package formatters

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

type panics struct{}

func (*panics) String() string               { panic("no\nstring") }
func (*panics) Error() string                { panic("no\x1berror") }
func (*panics) MarshalText() ([]byte, error) { panic(errors.New("no text")) }

type panicValuer struct{}

func (panicValuer) LogValue() slog.Value { panic("no value") }

type nilPanicValuer struct{ v slog.Value }

func (p *nilPanicValuer) LogValue() slog.Value { return p.v }

// self is a group that holds itself, twice.
type self struct{}

func (s self) LogValue() slog.Value { return slog.GroupValue(slog.Any("a", s), slog.Any("b", s)) }

// endless returns another of its kind.
type endless int

func (e endless) LogValue() slog.Value { return slog.AnyValue(e + 1) }

type badMarshaler struct{}

func (badMarshaler) MarshalText() ([]byte, error) { return nil, errors.New("can't\nmarshal") }

type badFormatter struct{}

func (badFormatter) Format(fmt.State, rune) { panic("no format") }

type panicString struct{}

func (panicString) String() string { panic(panicString{}) }

// loops returns values that hold themselves.
func loops() map[string]any {
	m := map[string]any{}
	m["self"] = m
	s := []any{1, nil}
	s[1] = s
	type node struct {
		Next any
		All  []any
	}
	n := &node{}
	n.Next, n.All = n, []any{n, n}
	wide := []any{0, 0}
	for range 60 {
		wide = []any{wide, wide}
	}
	p := new(any)
	*p = p
	return map[string]any{"map": m, "slice": s, "node": n, "node value": *n, "wide": wide, "pointer": p, "in struct": struct{ M any }{m}}
}

// safeFormats are formats to try hostile values in.
var safeFormats = []string{"%(message)s", "%(v)s|%(message)s", "%(v)r|%(message)s", "%(v)a|%(attrs)s|%(message)s", "%(v)d|%(message)s", "%(v).3f|%(message)s", "%(v)c|%(message)s", "%(g.v)s|%(g)s|%(message)s", "%s %(message)s",
	"{v}|{message}", "{v:>9}|{message}", "{v:d}{v:.3f}{v:c}|{message}", "{v[0]}{v[k]}{v.real}{v[1][1][1]}|{message}", "{v!a:>3.99}{v:{v}}|{message}", "$v|${g.v}|$g|$message"}

// checkLine fails the test unless text is one line of bounded length that
// steers no terminal, and holds the message.
func checkLine(t *testing.T, what, text string, limit int) {
	t.Helper()
	if !strings.Contains(text, "the message") {
		t.Errorf("%s: the message is lost in %.300q", what, text)
	}
	if len(text) > limit {
		t.Errorf("%s: %d bytes, %.200q", what, len(text), text)
	}
	checkSafe(t, what, text)
}

func checkSafe(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s: invalid UTF-8 in %.300q", what, text)
	}
	for _, r := range text {
		if r != '\t' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s: %U in %.300q", what, r, text)
			return
		}
	}
}

// Nothing panics, and what can't be rendered is visible, bounded text.
func TestHostileValues(t *testing.T) {
	atLength(t)
	values := loops()
	for name, v := range map[string]any{
		"panics": &panics{}, "nil panics": (*panics)(nil), "LogValue panics": panicValuer{}, "LogValue of nil": (*nilPanicValuer)(nil),
		"LogValue of itself": self{}, "LogValue for ever": endless(0), "MarshalText fails": badMarshaler{}, "Format panics": badFormatter{},
		"panic with a panicking value": panicString{}, "nil error": error(nil), "channel": make(chan int), "func": func() {}, "reader": io.Reader(nil),
		"in a list": []any{&panics{}, (*panics)(nil), panicValuer{}, self{}, endless(1), "\n\x1b"}, "in a map": map[any]any{&panics{}: 1, "k": &panics{}, 3: self{}},
		"in a struct": struct{ P *panics }{&panics{}}, "in a group": slog.GroupValue(slog.Any("p", &panics{}), slog.Any("v", panicValuer{}), slog.Any("s", self{})),
		"unexported": struct{ a []struct{ b any } }{[]struct{ b any }{{1}, {"x\n"}}}, "array of one": [1]any{[0]int{}}, "nested pointer": new(*int),
		"attrs": []slog.Attr{slog.Any("self", self{})}, "value": slog.AnyValue(panicValuer{}),
	} {
		values[name] = v
	}
	for name, v := range values {
		for _, format := range safeFormats {
			for _, opts := range []*Options{nil, {Strict: true}, {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}} {
				what := fmt.Sprintf("%s in %s", name, format)
				f := Must(constructors[format[:1]](format, opts))
				r := record0("the message", "v", v, slog.Group("g", "v", v))
				checkLine(t, what, render(f, r), 3<<20)
				checkLine(t, what+" by With", render(f.WithAttrs(argsToAttrs([]any{"v", v})).WithGroup("g"), record0("the message", "v", v)), 3<<20)
				checkLine(t, what+" by context", string(f.Append(nil, argsToAttrs([]any{"v", v}), record0("the message"))), 3<<20)
			}
		}
	}
}

func TestHostileReasons(t *testing.T) {
	for _, test := range []struct {
		format string
		v      any
		want   string
	}{
		{"%(v)s", &panics{}, `%!v(PANIC in Error: no\x1berror)`},
		{"%(v)s", (*panics)(nil), "None"},
		{"%(v)s", panicValuer{}, "%!v(PANIC in LogValue: no value)"},
		{"%(v)d", panicValuer{}, "%!v(PANIC in LogValue: no value)"},
		{"%(v)s", endless(0), "%!v(LogValue returns LogValuers without end)"},
		{"%(v)s", badMarshaler{}, `%!v(MarshalText: can't\nmarshal)`},
		{"%(v)d", "x", "%!v(%d needs a number, not String)"},
		{"%(v)x", 1.5, "%!v(%x needs an integer, not a float)"},
		{"%(v)c", -1, "%!v(%c needs a number from 0 to 0x10FFFF)"},
		{"%(v)d", nil, "%!v(%d needs a number, not None)"},
		{"%(attrs)s", &panics{}, `v="%!v(PANIC in MarshalText: no text)"`},
		{"%(attrs)s", (*panics)(nil), "v=<nil>"},
		{"%(attrs)s", panicValuer{}, `v="%!v(PANIC in LogValue: no value)"`},
		{"%(attrs)s", loops()["map"], `v="%!v(nested too deep)"`},
		{"%(v)s", []any{&panics{}, 1}, `[%!v(PANIC in Error: no\x1berror), 1]`},
	} {
		if got := render(Must(Percent(test.format, nil)), record0("", "v", test.v)); got != test.want {
			t.Errorf("%s of %T: got %s, want %s", test.format, test.v, got, test.want)
		}
	}
}

func TestBigRecords(t *testing.T) {
	f := Must(Percent("%(message)s %(k9999)s", nil))
	msg := strings.Repeat("the message\n", 1<<20/12)
	if got := render(f, record0(msg, "k9999", 1)); got != strings.ReplaceAll(msg, "\n", `\n`)+" 1" {
		t.Errorf("a long message became %.100q, %d bytes", got, len(got))
	}
	var args []any
	want := "m 9999"
	for i := range 10_000 {
		args = append(args, fmt.Sprintf("k%d", i), i)
		if i < 9999 {
			want += fmt.Sprintf(" k%d=%d", i, i)
		}
	}
	if got := render(f, record0("m", args...)); got != want {
		t.Errorf("10,000 attrs became %.100q, %d bytes", got, len(got))
	}
	deep := slog.Int("k", 1)
	for range 10_000 {
		deep = slog.Attr{Key: "g", Value: slog.GroupValue(deep)}
	}
	if got := render(f, record0("the message", deep)); len(got) > 1000 || !strings.Contains(got, "groups nested too deep") {
		t.Errorf("deep groups became %.300q, %d bytes", got, len(got))
	}
}

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"tab\tstays":         "tab\tstays",
		"a\nb\r\n":           `a\nb\r\n`,
		"\x00\x1b[31m\x7f":   `\x00\x1b[31m\x7f`,
		"\u0085\u009f\u00a0": `\u0085\u009f` + "\u00a0",
		"\u2028\u2029":       `\u2028\u2029`,
		"\u202a\u202e\u202f": `\u202a\u202e` + "\u202f",
		"\u2066\u2069\u206a": `\u2066\u2069` + "\u206a",
		"\xff\xc3":           `\xff\xc3`,
		"a\xed\xa0\x80z":     `a\xed\xa0\x80z`,
		"\ufffd":             "\ufffd",
		"日本語 😀 é":            "日本語 😀 é",
		"long enough for the fast scan, and then\n":   `long enough for the fast scan, and then\n`,
		"long enough for the fast sca\x7f, and then ": `long enough for the fast sca\x7f, and then `,
	} {
		f := Must(Percent("%(message)s", nil))
		if got := render(f, record0(in)); got != want {
			t.Errorf("%q renders %q, want %q", in, got, want)
		}
		g := Must(Percent("%(v)s|%(name)s", nil)).WithLoggerName("", in)
		if got := render(g, record0("", "v", in)); got != want+"|"+want {
			t.Errorf("%q in fields renders %q", in, got)
		}
		raw := Must(Percent("%(message)s|%(v)s|%(name)s", &Options{Raw: true})).WithLoggerName("", in)
		if got := render(raw, record0(in, "v", in)); got != in+"|"+in+"|"+in {
			t.Errorf("%q with Raw renders %q", in, got)
		}
	}
}

// Escapes are never cut, and columns line up.
func TestEscapesAndWidth(t *testing.T) {
	f := Must(Percent("%(message)-8.3s|%(message)8s|", nil))
	if got, want := render(f, record0("a\nbc")), `a\nb    |   a\nbc|`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A group that holds another one twice, and that yet another, and so on: as many
// attrs as there are ways through come to an end, with and without ReplaceAttr.
func TestGroupsThatShareGroups(t *testing.T) {
	atLength(t)
	doubled := slog.GroupValue(slog.Int("k", 1))
	for range 40 {
		doubled = slog.GroupValue(slog.Attr{Key: "a", Value: doubled}, slog.Attr{Key: "b", Value: doubled})
	}
	keep := func(_ []string, a slog.Attr) slog.Attr { return a }
	attr := slog.Attr{Key: "g", Value: doubled}
	for _, replace := range []func([]string, slog.Attr) slog.Attr{nil, keep} {
		opts := &Options{ReplaceAttr: replace, Duplicates: DuplicatesRename}
		for name, f := range map[string]Formatter{
			"percent": Must(Percent("%(message)s", opts)), "slot": Must(Percent("%(g)s %(message)s", opts)), "brace": Must(Brace("{message} {g.a}", opts)),
			"json": JSON(&Options{ReplaceAttr: replace}), "renaming json": JSON(opts), "logfmt": Logfmt(opts), "console": Console(opts),
		} {
			for how, line := range map[string]string{
				"record": render(f, record0("m", attr, "last", true)),
				"with":   render(f.WithAttrs([]slog.Attr{attr}), record0("m", "last", true)),
			} {
				if len(line) > 64<<20 || !strings.Contains(line, "too many attrs") && !strings.Contains(line, "...") || !strings.Contains(line, "last") {
					t.Errorf("%s, %s, ReplaceAttr %t: %d bytes, %.60q", name, how, replace != nil, len(line), line)
				}
			}
		}
	}
}

// What a zone's name or a DateFmt brings along is escaped like any field.
func TestHostileZones(t *testing.T) {
	zone := time.FixedZone("X\n\x1b[31m", 0)
	for name, dateFmt := range map[string]string{"zone": "%Z", "newline": "%H%n%M", "literal": "a\nb\x1b"} {
		opts := &Options{Location: zone, DateFmt: dateFmt}
		for kind, f := range map[string]Formatter{
			"percent": Must(Percent("%(asctime)s %(message)s", opts)), "brace": Must(Brace("{asctime:>20} {message}", opts)), "console": Console(opts),
			"logfmt": Logfmt(opts), "json": JSON(opts), "fields": JSON(&Options{Location: zone, DateFmt: dateFmt, Fields: []string{"asctime"}}),
		} {
			for range 2 { // the second time from the cache
				if line := render(f, newRecord(slog.LevelInfo, "m")); strings.ContainsAny(line, "\n\x1b") {
					t.Errorf("%s, %s: %q", name, kind, line)
				}
			}
		}
		opts.Raw = true
		if line := render(Must(Percent("%(asctime)s", opts)), newRecord(slog.LevelInfo, "m")); !strings.ContainsAny(line, "\n") {
			t.Errorf("%s, raw: %q", name, line)
		}
	}
}

// A text in many places is bounded in bytes too.
func TestGroupsThatShareTexts(t *testing.T) {
	doubled := slog.GroupValue(slog.String("k", strings.Repeat("x", 1000)))
	for range 17 {
		doubled = slog.GroupValue(slog.Attr{Key: "a", Value: doubled}, slog.Attr{Key: "b", Value: doubled})
	}
	attr := slog.Attr{Key: "g", Value: doubled}
	for name, f := range map[string]Formatter{"percent": Must(Percent("%(message)s", nil)), "json": JSON(nil), "logfmt": Logfmt(nil)} {
		if line := render(f, record0("m", attr, "last", true)); len(line) > 2*maxGroupText || !strings.Contains(line, "too many attrs") || !strings.Contains(line, "last") {
			t.Errorf("%s: %d bytes", name, len(line))
		}
	}
}
