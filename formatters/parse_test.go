package formatters

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestFormatErrors(t *testing.T) {
	testErrors(t, "%", []errorTest{
		{"no fields", "", 0, "has no field"},
		{"100%%", "", 0, "has no field"},
		{"%(message)S", "%(message)S", 1, "unsupported conversion 'S'"},
		{"é✓ %(message)S", "%(message)S", 4, "unsupported conversion"},
		{"%(message)s %(name)d", "%(name)d", 13, "name is text"},
		{"%(created)x", "%(created)x", 1, "created is a float"},
		{"%(lineno)*d", "%(lineno)*d", 1, "*"},
		{"%(lineno).*f", "%(lineno).*f", 1, "*"},
		{"%(message)%", "%(message)", 1, "no conversion: write %(message)s"},
		{"%(asctime) %(message)s", "%(asctime)", 1, "no conversion: write %(asctime)s"},
		{"[%(levelname)] %(message)s", "%(levelname)", 2, "no conversion: write %(levelname)s"},
		{"%(asctime) - %(name)-8 %(message)s", "%(asctime)", 1, "no conversion: write %(asctime)s"},
		{"%(name)-8 %(message)s", "%(name)-8", 1, "no conversion: write %(name)-8s"},
		{"%(name) message %(message)s", "%(name)", 1, "no conversion: write %(name)s"},
		{"%(asctime)", "%(asctime)", 1, "no conversion: write %(asctime)s"},
		{"100% %(message)s", "%", 4, "%% for a percent sign"},
		{"%(message)s 100%", "%", 16, "%% for a percent sign"},
		{"%(message)s 50% done", "% d", 15, "%% for a percent sign"},
		{"%(message)s %5%", "%5", 13, "%% for a percent sign"},
		{"%message %(name)s", "%message", 1, "no parentheses: write %(message)s"},
		{"%(message)s %threadName", "%threadName", 13, "no parentheses: write %(threadName)s"},
		{"%(message)s %s", "%s", 13, "no key"},
		{"%d %(message)s", "%d", 1, "no key"},
		{"%(message)s %", "%", 13, "no key"},
		{"%(message)s %(name", "%(name", 13, "no )"},
		{"%(message)s %(name)-5.", "%(name)-5", 13, "no conversion: write %(name)-5s"},
		{"%(lineno)lld", "%(lineno)ll", 1, "unsupported conversion 'l'"},
		{"%(lineno)9999999999999999999999d", "%(lineno)9999999999999999999999d", 1, "width too big"},
		{"%(lineno)1048577d", "%(lineno)1048577d", 1, "width too big"},
		{"%(lineno).1048577d", "%(lineno).1048577d", 1, "precision too big"},
		{"%(name).2147483648s", "%(name).2147483648s", 1, "precision too big"},
		{"%(a)s\xff%(b)\xffs", "%(b)", 7, "no conversion"},
	})
}

// An errorTest is a format with the error that it is.
type errorTest struct {
	format, field string
	column        int
	reason        string
}

func testErrors(t *testing.T, style string, tests []errorTest) {
	t.Helper()
	for _, test := range tests {
		f, err := constructors[style](test.format, nil)
		var fe *FormatError
		if !errors.As(err, &fe) || f != nil {
			t.Errorf("%q: %v, want a *FormatError", test.format, err)
			continue
		}
		if fe.Format != test.format || fe.Field != test.field || fe.Column != test.column || !strings.Contains(fe.Reason, test.reason) {
			t.Errorf("%q: got %+v", test.format, fe)
		}
		if text := err.Error(); !strings.Contains(text, fmt.Sprintf("%q", test.format)) || !strings.Contains(text, fe.Reason) {
			t.Errorf("%q: the text of the error is %s", test.format, text)
		}
	}
}

// The first bad field is the one that is told.
func TestFormatErrorIsTheFirst(t *testing.T) {
	_, err := Percent("%(name)d %(message)S", nil)
	var fe *FormatError
	if !errors.As(err, &fe) || fe.Field != "%(name)d" {
		t.Errorf("got %v", err)
	}
}

func TestFormatsThatPass(t *testing.T) {
	for format, want := range map[string]string{
		"%%(message)s":            "%(message)s",
		"%(message)s%(message)hs": "hihi",
		"%(message)s%%":           "hi%",
		"%(user-id)s":             "%!user-id(MISSING)",
		"%(a(b))s %(message)s":    "%!a(b)(MISSING) hi",
		"%()s %(message)s":        "%!(MISSING) hi",
		"%(message).2147483647s":  "hi",
		"%(msecs).2147483647g":    "0",
		"%(message) +#-05s|":      "hi   |",
		"%(message) s":            "hi", // a flag, and a conversion
		"%(Message)s %(msg)s":     "%!Message(MISSING; did you mean message?) hi",
		"%(levelName)s|":          "%!levelName(MISSING; did you mean levelname?)|",
		"%(levelname)s":           "INFO",
	} {
		f, err := Percent(format, nil)
		if err != nil {
			t.Errorf("%q: %v", format, err)
			continue
		}
		if got := render(f, record0("hi")); got != want {
			t.Errorf("%q renders %q, want %q", format, got, want)
		}
	}
}

func TestNoValidate(t *testing.T) {
	for format, want := range map[string]string{
		"no fields":               "no fields",
		"%(message)S %(name)s":    "%!message(unsupported conversion 'S') root",
		"%(name)d %(message)s":    "%!name(%d needs a number, and name is text) hi",
		"%(message)s %":           "hi %!(no key: write %(key)s for a field, %% for a percent sign)",
		"%(message %(name)s":      "%!message(incomplete: the key has no )) root",
		"%(lineno)*d %(message)s": "%!lineno(a width or precision of * is for positional arguments, which a record has not) hi",
		"%y %(message)s":          "%!y(no key: write %(key)s for a field, %% for a percent sign) hi",
		"%(asctime) %(message)s":  "%!asctime(no conversion: write %(asctime)s)(message)s",
	} {
		f, err := Percent(format, &Options{NoValidate: true})
		if err != nil {
			t.Errorf("%q: %v", format, err)
			continue
		}
		if got := render(f, record0("hi")); got != want {
			t.Errorf("%q renders\n%q, want\n%q", format, got, want)
		}
	}
}
