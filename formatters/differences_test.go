package formatters

import (
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// TestDifferences proves each difference from CPython that docs/from-python.md
// lists for formats.
func TestDifferences(t *testing.T) { oracle.CheckDifferences(t, "formats", differences) }

// prints returns a check that the format makes want of the record.
func prints(format string, opts *Options, r slog.Record, want string) func(*testing.T) {
	return printsIn("%", format, opts, r, want)
}

// printsIn is prints for a format of any style.
func printsIn(style, format string, opts *Options, r slog.Record, want string) func(*testing.T) {
	return func(t *testing.T) {
		f, err := constructors[style](format, opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := render(f, r); got != want {
			t.Errorf("%s with %+v prints %q, want %q", format, opts, got, want)
		}
	}
}

// all returns a check that makes several.
func all(checks ...func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		for _, check := range checks {
			check(t)
		}
	}
}

// refuses returns a check that the format is an error with that field and column.
func refuses(format, field string, column int) func(*testing.T) {
	return refusesIn("%", format, field, column)
}

// refusesIn is refuses for a format of any style.
func refusesIn(style, format, field string, column int) func(*testing.T) {
	return func(t *testing.T) {
		_, err := constructors[style](format, nil)
		var fe *FormatError
		if !errors.As(err, &fe) || fe.Field != field || fe.Column != column {
			t.Errorf("%s: %v", format, err)
		}
		if _, err := constructors[style](format, &Options{NoValidate: true}); err != nil {
			t.Errorf("%s with NoValidate: %v", format, err)
		}
	}
}

var gmt = time.FixedZone("GMT", 0)

var differences = []oracle.Difference{
	{
		Here:    "Control characters, line breaks, escape sequences, characters that turn the direction of text, and bytes that are no UTF-8 print as `\\n`, `\\x1b`, `\\u202e` in messages, names and attrs.",
		CPython: "printed as they are",
		Why:     "No record can forge another, or steer a terminal.",
		Way:     "`Raw: true`",
		Check: func(t *testing.T) {
			const text, escaped = "a\n\x1b\u202e\xff", `a\n\x1b\u202e\xff`
			r := record0(text, "ip", text)
			for opts, want := range map[*Options]string{{}: escaped, {Raw: true}: text} {
				f := Must(Percent("%(message)s|%(name)s|%(ip)s", opts)).WithLoggerName("", text)
				if got := render(f, r); got != want+"|"+want+"|"+want {
					t.Errorf("Raw %v: got %q", opts.Raw, got)
				}
			}
		},
	},
	{
		Here:    "The lines of a traceback or stack are indented by four spaces.",
		CPython: "not indented",
		Why:     "None of them can pass for a record.",
		Way:     "`Raw: true`",
		Check: all(
			prints("%(message)s", nil, record0("m", (&Origin{ExcText: "T\nU", StackInfo: "S"}).Attr()), "m\n    T\n    U\n    S"),
			prints("%(message)s", &Options{Raw: true}, record0("m", (&Origin{ExcText: "T\nU", StackInfo: "S"}).Attr()), "m\nT\nU\nS"),
		),
	},
	{
		Here:    "Attrs that no field of the format prints stand at the line's end as `key=value`; `%(attrs)s` gives them another place.",
		CPython: "`extra` shows only where the format names it",
		Why:     "Attrs are never lost.",
		Way:     "`Strict: true`",
		Check: all(
			prints("%(message)s %(a)s", nil, record0("m", "a", 1, "b", 2), "m 1 b=2"),
			prints("[%(attrs)s] %(message)s %(a)s", nil, record0("m", "a", 1, "b", 2), "[b=2] m 1"),
			prints("%(message)s %(a)s", &Options{Strict: true}, record0("m", "a", 1, "b", 2), "m 1"),
		),
	},
	{
		Here:    "A format with a field that no record can fill, such as `%(message)S`, `%(name)d`, `%(lineno)*d`, `{message:d}`, `{args[0]}` or `{0}`, is an error when it is compiled, with field and column.",
		CPython: "an error for each record, printed to stderr, and the record is lost",
		Why:     "The mistake shows at once.",
		Way:     "`NoValidate: true` accepts it, and a mark such as `%!name(REASON)` is in the line",
		Check: all(
			refuses("%(message)S", "%(message)S", 1),
			refuses("é %(name)d", "%(name)d", 3),
			refuses("%(message)s %(lineno)*d", "%(lineno)*d", 13),
			refusesIn("{", "é {message:d}", "{message:d}", 3),
			refusesIn("{", "{args[0]}", "{args[0]}", 1),
			refusesIn("{", "{0} {message}", "{0}", 1),
			printsIn("{", "{message:d} {name}", &Options{NoValidate: true}, record0("m"), "%!message(type 'd' is for numbers, not for text) root"),
			prints("%(message)s %(name)d", &Options{NoValidate: true}, record0("m"), "m %!name(%d needs a number, and name is text)"),
		),
	},
	{
		Here:    "What a record can't fill, such as `%(user)s` without such an attr, prints as `%!user(MISSING)`; the rest of the line is as it should be.",
		CPython: "the record is lost",
		Why:     "A formatter never loses a record.",
		Way:     "-",
		Check: all(
			prints("%(user)s: %(message)s", nil, record0("m"), "%!user(MISSING): m"),
			prints("%(user)d: %(message)s", nil, record0("m", "user", "jim"), "%!user(%d needs a number, not String): m"),
		),
	},
	{
		Here:    "`%(req.ip)s`, `{req.ip}` and `${req.ip}` print the attr ip of the group req, and `%(user-id)s` the attr user-id.",
		CPython: "no such field; in the style `{`, the attribute ip of the object req; the style `$` refuses it",
		Why:     "slog has groups, and keys of any kind.",
		Way:     "-",
		Check: all(
			prints("%(req.ip)s", nil, record0("", slog.Group("req", "ip", "::1")), "::1"),
			printsIn("{", "{req.ip}", nil, record0("", slog.Group("req", "ip", "::1")), "::1"),
			printsIn("$", "${req.ip}", nil, record0("", slog.Group("req", "ip", "::1")), "::1"),
			prints("%(user-id)s", nil, record0("", "user-id", 7), "7"),
		),
	},
	{
		Here:    "In `{x.name}` the name is an attr in the group x, or else real, imag, numerator or denominator of a number; in `{x[key]}` the key is one of a group, map, slice, array or text.",
		CPython: "any attribute and any item of any object",
		Why:     "Values of slog are data: they have keys, and no attributes.",
		Way:     "`{x[key]}`, or an attr for what the format needs",
		Check: all(
			printsIn("{", "{x.real} {x.imag} {lineno.denominator}", &Options{Strict: true}, record0("", "x", 2.5), "2.5 0.0 1"),
			printsIn("{", "{x[0]} {y[k]} {z[k]} {name[0]}", &Options{Strict: true}, record0("", "x", []int{7}, "y", map[string]int{"k": 8}, slog.Group("z", "k", 9)), "7 8 9 r"),
			printsIn("{", "{x.A}", nil, record0("", "x", struct{ A int }{7}), "%!x.A(MISSING) x={A:7}"),
			refusesIn("{", "{x[0].upper}", "{x[0].upper}", 1),
		),
	},
	{
		Here:    "An attr that `{x[key]}` prints a part of is in the tail too.",
		CPython: "`extra` shows only where the format names it",
		Why:     "Attrs are never lost.",
		Way:     "`Strict: true`",
		Check: all(
			printsIn("{", "{x[0]}", nil, record0("", "x", []int{7, 8}), `7 x="[7 8]"`),
			printsIn("{", "{x[0]} {x}", nil, record0("", "x", []int{7, 8}), "7 [7, 8]"),
		),
	},
	{
		Here:    "In the style `{` a value with a text of its own (error, Stringer, TextMarshaler, duration) takes the specs of text, and if it is a number those types too: `{took:>8}`, `{took:.3f}`.",
		CPython: "an object without a `__format__` of its own takes no spec: TypeError",
		Why:     "Columns should line up whatever is in them.",
		Way:     "-",
		Check: all(
			printsIn("{", "{took:>8}|{took:.3f}", nil, record0("", "took", 1500*time.Millisecond), "    1.5s|1.500"),
			printsIn("{", "{e:>8}", nil, record0("", "e", errors.New("e")), "       e"),
			printsIn("{", "{a:>5}", nil, record0("", "a", netip.MustParseAddr("::1")), "  ::1"),
		),
	},
	{
		Here:    "In the style `{` a spec is strftime's for a time if it has a `%`, and else that of the time's text.",
		CPython: "always strftime's: `{at:>30}` prints `>30`",
		Why:     "Who writes it wants a column.",
		Way:     "-",
		Check: all(
			printsIn("{", "{at:>25}", nil, record0("", "at", time.Unix(0, 0).UTC()), " 1970-01-01T00:00:00.000Z"),
			printsIn("{", "{at:%H:%M}", &Options{NoValidate: true}, record0("", "at", time.Unix(0, 0).UTC()), "00:00"),
			refusesIn("{", "{at:%H:%M}", "{at:%H:%M}", 1), // as CPython does
		),
	},
	{
		Here:    "A field such as `%(name)s` prints the record's own, whatever attr has that name too; the attr is in the tail.",
		CPython: "`extra` may not overwrite it: KeyError",
		Why:     "A library's attr must not break the caller.",
		Way:     "-",
		Check:   prints("%(name)s", nil, record0("", "name", "x"), "root name=x"),
	},
	{
		Here:    "`%(msg)s` is the message, and `%(args)s` is `()`.",
		CPython: "the message before its arguments are put in, and the arguments",
		Why:     "A message of slog has no arguments.",
		Way:     "-",
		Check:   prints("%(msg)s %(message)s %(args)s", nil, record0("100%d"), "100%d 100%d ()"),
	},
	{
		Here:    "`%(thread)d` is 0, `%(threadName)s` MainThread and `%(taskName)s` None in every goroutine.",
		CPython: "the thread's id and name, and the task's name",
		Why:     "Goroutines have neither.",
		Way:     "`Origin.Attr`, for records that come from elsewhere",
		Check: all(
			prints("%(thread)d %(threadName)s %(taskName)s", nil, record0(""), "0 MainThread None"),
			prints("%(thread)d %(threadName)s %(taskName)s", nil, record0("", (&Origin{Thread: 7, ThreadName: "T", TaskName: "K"}).Attr()), "7 T K"),
		),
	},
	{
		Here:    "`%(asctime)s` of a record without a time is empty.",
		CPython: "there is always a time",
		Why:     "slog wants a zero time left out.",
		Way:     "-",
		Check:   prints("[%(asctime)s]", nil, record0(""), "[]"),
	},
	{
		Here:    "`%(exc_info)s` prints the error's message.",
		CPython: "the repr of a tuple of class, exception and traceback",
		Why:     "Go has no such tuple.",
		Way:     "-",
		Check:   prints("%(exc_info)s", nil, record0("", Exc(errBench)), "no route to host\n    error: no route to host"),
	},
	{
		Here:    "An empty exc_text, stack_info, funcName or taskName is None.",
		CPython: "'' and None differ",
		Why:     "A Go string has no None.",
		Way:     "-",
		Check:   prints("%(exc_text)s %(stack_info)s %(funcName)s %(taskName)s", nil, record0("", new(Origin).Attr()), "None None None None"),
	},
	{
		Here:    "The text of an error names its type and message, then those that it wraps, and a stack if it carries one: 64 errors at most, and 1 MiB. It is made once for all formatters.",
		CPython: "a traceback, cached by the first formatter",
		Why:     "Go errors carry no traceback of their own.",
		Way:     "-",
		Check: func(t *testing.T) {
			made := 0
			a := Exc(fmt.Errorf("w: %w", errors.Join(countError{&made}, stackError{"s"})))
			const want = "m\n    error: w: counted\n    s\n    caused by error: counted\n    s\n" +
				"      caused by formatters.countError: counted\n      caused by formatters.stackError: s\n      main.f\n      main.main"
			prints("%(message)s", nil, record0("m", a), want)(t)
			before := made
			prints("m", &Options{NoValidate: true}, record0("", a), want)(t)
			if made != before {
				t.Error("it is made again")
			}
			if maxErrors != 64 || maxExcWhole != 1<<20 {
				t.Error("other bounds") // that they hold is TestExcIsBounded
			}
		},
	},
	{
		Here:    "A width is at most 1,048,576, and so is the precision of a number.",
		CPython: "no limit but memory",
		Why:     "A format can't eat the memory.",
		Way:     "-",
		Check: all(
			refuses("%(name)1048577s", "%(name)1048577s", 1),
			refuses("%(lineno).1048577d", "%(lineno).1048577d", 1),
			prints("%(name)1048576s", nil, record0(""), strings.Repeat(" ", 1048572)+"root"),
			prints("%(name).1048577s", nil, record0(""), "root"),
			refusesIn("{", "{name:1048577}", "{name:1048577}", 1),
			refusesIn("{", "{created:.1048577f}", "{created:.1048577f}", 1),
			printsIn("{", "{name:.1048577}", nil, record0(""), "root"),
		),
	},
	{
		Here:    "`%Z` with `Location: time.UTC` is UTC.",
		CPython: "with `converter = time.gmtime`, GMT",
		Why:     "It is the zone's name in Go.",
		Way:     "`Location: time.FixedZone(\"GMT\", 0)`",
		Check: all(
			prints("%(asctime)s", &Options{DateFmt: "%Z", Location: time.UTC}, newRecordAt(0), "UTC"),
			prints("%(asctime)s", &Options{DateFmt: "%Z", Location: gmt}, newRecordAt(0), "GMT"),
		),
	},
	{
		Here:    "`%s`, the seconds since 1970, is right in every zone.",
		CPython: "with `converter = time.gmtime` it is off by the local zone's offset",
		Why:     "It is an accident of C's mktime.",
		Way:     "-",
		Check: all(
			prints("%(asctime)s", &Options{DateFmt: "%s", Location: time.UTC}, newRecordAt(1700000000), "1700000000"),
			prints("%(asctime)s", &Options{DateFmt: "%s", Location: time.FixedZone("x", 3600)}, newRecordAt(1700000000), "1700000000"),
		),
	},
}

// pyValues tells how values of Go print.
var pyValues = []struct {
	source     string // of v
	v          any
	field      string
	want, tail string
}{
	{`true`, true, "%(v)s", "True", "v=true"},
	{`nil`, nil, "%(v)s", "None", "v=<nil>"},
	{`(*int)(nil)`, (*int)(nil), "%(v)s", "None", "v=<nil>"},
	{`"it's"`, "it's", "%(v)s", "it's", "v=it's"},
	{`"it's"`, "it's", "%(v)r", `"it's"`, "v=it's"},
	{`"a b"`, "a b", "%(v)s", "a b", `v="a b"`},
	{`7`, 7, "%(v)03d", "007", "v=7"},
	{`big.NewInt(255)`, big.NewInt(255), "%(v)x", "ff", "v=255"},
	{`1.0`, 1.0, "%(v)s", "1.0", "v=1"},
	{`1e16`, 1e16, "%(v)s", "1e+16", "v=1e+16"},
	{`[]string{"a"}`, []string{"a"}, "%(v)s", "['a']", "v=[a]"},
	{`[1]string{"a"}`, [1]string{"a"}, "%(v)s", "('a',)", "v=[a]"},
	{`map[string]int{"k": 1}`, map[string]int{"k": 1}, "%(v)s", "{'k': 1}", "v=map[k:1]"},
	{`slog.GroupValue(slog.Int("k", 1))`, slog.GroupValue(slog.Int("k", 1)), "%(v)s", "{'k': 1}", "v.k=1"},
	{`struct{ A *int }{}`, struct{ A *int }{}, "%(v)s", "{A:<nil>}", "v={A:<nil>}"},
	{`[]byte("x")`, []byte("x"), "%(v)s", "b'x'", `v="x"`},
	{`1500 * time.Millisecond`, 1500 * time.Millisecond, "%(v)s", "1.5s", "v=1.5s"},
	{`1500 * time.Millisecond`, 1500 * time.Millisecond, "%(v).3f", "1.500", "v=1.5s"},
	{`time.Unix(0, 0).UTC()`, time.Unix(0, 0).UTC(), "%(v)s", "1970-01-01T00:00:00.000Z", "v=1970-01-01T00:00:00.000Z"},
	{`errors.New("no route")`, errors.New("no route"), "%(v)s", "no route", `v="no route"`},
	{`errors.New("no route")`, errors.New("no route"), "%(v)r", "'no route'", `v="no route"`},
	{`netip.MustParseAddr("::1")`, netip.MustParseAddr("::1"), "%(v)s", "::1", "v=::1"},
	{`[]any{errors.New("e"), time.Second}`, []any{errors.New("e"), time.Second}, "%(v)s", "['e', '1s']", "v=\"[e 1s]\""},
}

// TestValues proves the table of docs/from-python.md that tells how values of
// Go print.
func TestValues(t *testing.T) {
	table := "| Go | field | prints | in the tail |\n|---|---|---|---|\n"
	for _, test := range pyValues {
		r := record0("", slog.Any("v", test.v))
		prints(test.field, &Options{Strict: true}, r, test.want)(t)
		prints("%(attrs)s", nil, r, test.tail)(t)
		table += fmt.Sprintf("| `%s` | `%s` | `%s` | `%s` |\n", test.source, test.field, test.want, test.tail)
	}
	oracle.CheckSection(t, filepath.Join("docs", "from-python.md"), "values", table)
}
