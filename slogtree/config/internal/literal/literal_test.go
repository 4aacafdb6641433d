package literal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// Each refusal has its place, counted in characters and lines, and says why.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		expr, want string
		kind       Kind
	}{
		{"(1, open('x'))", `literal: line 1, column 5: "open": the name stands for code, which is not run`, Code},
		{"('é', os.system('rm'))", `literal: line 1, column 7: "os.system": the name stands for code, which is not run`, Code},
		{"(1,\n  2,\n  __import__('os'))", `literal: line 3, column 3: "__import__": the name stands for code, which is not run`, Code},
		{"('a'.upper(),)", `literal: line 1, column 5: ".": this reaches into a value, which is code and is not run`, Code},
		{"(sys.stdout(),)", `literal: line 1, column 12: "(": a call is code, which is not run`, Code},
		{"(10*1024,)", `literal: line 1, column 4: "*": this operator is code, which is not run; write the value that it gives`, Code},
		{"(1+2,)", `literal: line 1, column 3: "+": arithmetic is not done; write the number that it gives`, Code},
		{"f'{x}'", `literal: line 1, column 1: "f": a string with this prefix has code in it; write a plain string`, Code},
		{"(lambda: 1)", `literal: line 1, column 2: "lambda": this is code, which is not run`, Code},
		{"[x for x in y]", `literal: line 1, column 2: "x": the name stands for code, which is not run`, Code},
		{"[1 for x in y]", `literal: line 1, column 4: "for": this is code, which is not run`, Code},
		{"logging.DEBUG", `literal: line 1, column 1: "logging.DEBUG": the name stands for code, which is not run; did you mean DEBUG?`, Code},
		{"none", `literal: line 1, column 1: "none": the name stands for code, which is not run; did you mean None?`, Code},
		{"stdout", `literal: line 1, column 1: "stdout": the name stands for code, which is not run; did you mean sys.stdout?`, Code},
		{"handlers.SysLogHandler.log_user", `literal: line 1, column 1: "handlers.SysLogHandler.log_user": the name stands for code, which is not run; did you mean handlers.SysLogHandler.LOG_USER?`, Code},
		{"(1, [2)", `literal: line 1, column 7: ")": closing parenthesis ')' does not match opening parenthesis '['`, Invalid},
		{"(1, [2", `literal: line 1, column 5: "[": '[' was never closed`, Invalid},
		{"1)", `literal: line 1, column 2: ")": unmatched ')'`, Invalid},
		{"(1 2)", `literal: line 1, column 4: "2": invalid syntax. Perhaps you forgot a comma?`, Invalid},
		{"", `literal: line 1, column 1: invalid syntax: a value is missing`, Invalid},
		{"{1: 2, 3}", `literal: line 1, column 9: "}": unmatched '}'`, Invalid},
		{"{1, 2: 3}", `literal: line 1, column 6: ":": invalid syntax`, Invalid},
		{"{[]: 1}", `literal: line 1, column 2: unhashable type: 'list' cannot be a key`, Invalid},
		{"{([],): 1}", `literal: line 1, column 3: unhashable type: 'list' cannot be a key`, Invalid},
		{"'a' b'b'", `literal: line 1, column 1: "'a'": cannot mix bytes and nonbytes literals`, Invalid},
		{`'\x4'`, `literal: line 1, column 1: "'\\x4'": truncated \xXX escape`, Invalid},
		{`'\U00110000'`, `literal: line 1, column 1: "'\\U00110000'": illegal Unicode character in \U00110000`, Invalid},
		{`'\N{NO SUCH}'`, `literal: line 1, column 1: "'\\N{NO SUCH}'": unknown Unicode character name "NO SUCH"; write \uXXXX`, Invalid},
		{"b'é'", `literal: line 1, column 1: "'é'": bytes can only contain ASCII literal characters`, Invalid},
		{"1\\ 2", `literal: line 1, column 2: "\\": unexpected character after line continuation character`, Invalid},
		{"\xff", `literal: line 1, column 1: the text is not UTF-8`, Invalid},
	} {
		got, err := Parse(test.expr, Limits{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q = %v, no error", test.expr, got)
			continue
		}
		if err.Error() != test.want || e.Kind != test.kind {
			t.Errorf("%q:\ngot  %d %s\nwant %d %s", test.expr, e.Kind, err, test.kind, test.want)
		}
	}
}

// A value knows where its text begins.
func TestPlaces(t *testing.T) {
	v, err := Parse("('é', \n  -1, {'k': [None]})", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	items := v.V.(Tuple)
	d := items[2].V.(Dict)
	k, ok := d.Get("k")
	if _, found := d.Get("x"); !ok || found {
		t.Errorf("Get finds %v, %v", ok, found)
	}
	got := ""
	for _, v := range []Value{v, items[0], items[1], items[2], d[0].Key, k, k.V.(List)[0]} {
		got += fmt.Sprintf("%s %d:%d ", v.TypeName(), v.Line, v.Col)
	}
	if want := "tuple 1:1 str 1:2 int 2:3 dict 2:7 str 2:8 list 2:13 None 2:14 "; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// What a text costs is bounded.
func TestLimits(t *testing.T) {
	for name, test := range map[string]struct{ good, bad string }{
		"depth":  {nested(200), nested(201)},
		"bytes":  {"'" + strings.Repeat("x", 64<<10-2) + "'", "'" + strings.Repeat("x", 64<<10-1) + "'"},
		"digits": {strings.Repeat("9", 4300), strings.Repeat("9", 4301)},
		"braces": {strings.Repeat("{1:", 200) + "1" + strings.Repeat("}", 200), strings.Repeat("{1:", 201) + "1" + strings.Repeat("}", 201)},
	} {
		if _, err := Parse(test.good, Limits{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var e *Error
		if _, err := Parse(test.bad, Limits{}); !errors.As(err, &e) || e.Kind != Limit {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// FuzzPrint: a value is printed as a text that has that value, and no text makes
// reading panic.
func FuzzPrint(f *testing.F) {
	for _, v := range oracle.Load[literalVector](f, "literal_args") {
		f.Add(v.Expr)
	}
	for _, a := range atoms {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		v, err := Parse(expr, Limits{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Col < 1 || e.Reason == "" || e.Kind == 0 {
				t.Errorf("%q: %#v", expr, err)
			}
			return
		}
		printed := v.String()
		again, err := Parse(printed, Limits{Bytes: 1 << 20})
		if err != nil || !Equal(v, again) {
			t.Errorf("%q was printed as %s, which is %v, %v", expr, printed, again, err)
		}
	})
}
