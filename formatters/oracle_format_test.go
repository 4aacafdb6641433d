package formatters

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// constructors are those of the styles.
var constructors = map[string]func(string, *Options) (Formatter, error){"%": Percent, "{": Brace, "$": Dollar}

type formatVector struct {
	ID       string
	Style    string
	Fmt      *string
	DateFmt  *string
	Validate bool
	Defaults oracle.Attributes
	TZ       string
	Record   oracle.Attributes
	Tags     []string
	Expect   expected
}

// options returns the options that give CPython's way.
func (v *formatVector) options(t *testing.T) (*Options, error) {
	loc, err := time.LoadLocation(v.TZ)
	if err != nil {
		t.Fatal(err)
	}
	opts := &Options{Location: loc, Raw: true, Strict: true, NoValidate: !v.Validate, Defaults: map[string]any{}}
	if v.DateFmt != nil {
		opts.DateFmt = *v.DateFmt
	}
	for _, it := range v.Defaults {
		if opts.Defaults[it.Key.(string)], err = goValue(it.Value); err != nil {
			return nil, err
		}
	}
	return opts, nil
}

// replay checks one vector. It returns an aside if that can't be done.
func (v *formatVector) replay(t *testing.T) error {
	construct := constructors[v.Style]
	if construct == nil {
		return v.noStyle()
	}
	format := ""
	if v.Fmt != nil {
		format = *v.Fmt
	}
	opts, err := v.options(t)
	if err != nil {
		return err
	}
	rec, err := newPyRecord(v.Record)
	if err != nil {
		return err
	}
	f, err := construct(format, opts)
	if v.Expect.Error != nil {
		return v.mustFail(f, err, format, opts, rec)
	}
	want, ok := v.Expect.text()
	if !ok {
		return aside("lone surrogates, which no Go string has")
	}
	if err != nil {
		return err
	}
	if got := rec.render(f); got != want {
		return fmt.Errorf("got  %q\nwant %q", got, want)
	}
	return nil
}

// noStyle checks a vector whose style has no constructor here.
func (v *formatVector) noStyle() error {
	if v.Expect.Error == nil || v.Expect.Error.Stage != "construct" {
		return fmt.Errorf("CPython knows the style %q", v.Style)
	}
	return nil
}

// mustFail checks a vector that fails in CPython: construction fails here, or
// the line has a marker in a field's place and all else intact.
func (v *formatVector) mustFail(f Formatter, err error, format string, opts *Options, rec *pyRecord) error {
	if err != nil {
		var fe *FormatError
		if !errors.As(err, &fe) || fe.Format != format || fe.Reason == "" {
			return fmt.Errorf("the error is no proper *FormatError: %#v", err)
		}
		return nil
	}
	got := rec.render(f)
	want, marked := v.piecewise(format, opts, rec)
	if !marked || followed.ReplaceAllString(got, "()") != followed.ReplaceAllString(want, "()") {
		return fmt.Errorf("CPython fails with %v\ngot  %q\nwant %q with a marker", *v.Expect.Error, got, want)
	}
	return nil
}

// fieldRest finds the end of a field after its key.
var fieldRest = regexp.MustCompile(`^[-+ #0]*(\*|\d+)?(\.(\*|\d*))?[hlL]?(?s:.)?`)

// fieldLen returns the length of the field that text begins with. It does not
// use the parser that is being tested.
func fieldLen(text string) int {
	n, depth := 1, 0
	for strings.HasPrefix(text[1:], "(") {
		if n == len(text) { // no end: up to what can't be in a key
			return 2 + len(regexp.MustCompile(`^[\pL\pN_.]*`).FindString(text[2:]))
		}
		depth += map[byte]int{'(': 1, ')': -1}[text[n]]
		if n++; depth == 0 {
			break
		}
	}
	return n + len(fieldRest.FindString(text[n:]))
}

// followed finds a reason that depends on the text after the field.
var followed = regexp.MustCompile(`\((no parentheses: write %\(\w+\)s|no key: write %\(key\)s for a field, %% for a percent sign|` +
	`(a { in the name: )?no } at its end; write {{ for a brace|no : or } after the conversion)\)`)

// Fields of the other styles, and what is taken for one that is malformed.
var (
	bracePiece     = regexp.MustCompile(`^(?:\}|\{[^{}\[]*(?:\[[^\]]*\][^{}\[]*)*(?:\{[^{}]*\}[^{}]*)*\})`)
	malformedPiece = regexp.MustCompile(`^.(?:[^{}$]*\}|[\pL\pN_.]*)`)
	dollarPiece    = regexp.MustCompile(`^\$(?:[A-Za-z_][A-Za-z0-9_]*|\{(?:[^{}$]*\}|[\pL\pN_.]*))?`)
)

// pieceLen returns the length of the field that text begins with.
func (v *formatVector) pieceLen(text string) int {
	switch v.Style {
	case "{":
		return bracePieceLen(text)
	case "$":
		return len(dollarPiece.FindString(text))
	}
	return fieldLen(text)
}

func bracePieceLen(text string) int {
	piece := bracePiece.FindString(text)
	if piece == "" {
		piece = malformedPiece.FindString(text)
	}
	return len(piece)
}

// piecewise renders each field of the format by itself and the text between
// as it is, and reports whether a field gave a marker.
func (v *formatVector) piecewise(format string, opts *Options, rec *pyRecord) (line string, marked bool) {
	one := *opts
	one.NoValidate = true
	signs := map[string]string{"%": "%", "{": "{}", "$": "$"}[v.Style]
	before := ""
	for {
		i := strings.IndexAny(format, signs)
		if i < 0 {
			return line + format, marked
		}
		line += format[:i]
		format = format[i:]
		if strings.HasPrefix(format[1:], format[:1]) {
			line += format[:1]
			format = format[2:]
			continue
		}
		field := format[:v.pieceLen(format)]
		format = format[len(field):]
		text := v.piece(before, field, &one, rec)
		if strings.HasPrefix(field, "%(") {
			before = "%(name)s" // an unkeyed field depends on those before it
		}
		marked = marked || strings.HasPrefix(text, "%!")
		line += text
	}
}

// piece renders one field after another one, or "".
func (v *formatVector) piece(before, field string, opts *Options, rec *pyRecord) string {
	construct := constructors[v.Style]
	if before == "" || strings.HasPrefix(field, "%(") {
		return rec.render(Must(construct(field, opts)))
	}
	return rec.render(Must(construct(before+field, opts)))[len(rec.name):]
}

func replayFormats(t *testing.T, file string) {
	tally := oracle.NewTally(file)
	for _, v := range oracle.Load[formatVector](t, file) {
		run(t, tally, v.ID, func() error {
			if err := v.replay(t); err != nil && !errors.As(err, new(aside)) {
				return fmt.Errorf("%q: %w", fmtText(v.Fmt), err)
			} else {
				return err
			}
		})
	}
	tally.Report(t)
}

func TestOraclePercentFormat(t *testing.T) { replayFormats(t, "percent_format") }

func TestOracleBraceFormat(t *testing.T) { replayFormats(t, "brace_format") }

func TestOracleDollarFormat(t *testing.T) { replayFormats(t, "dollar_format") }
