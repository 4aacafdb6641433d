package formatters

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"strings"
	"syscall"
	"testing"
)

// stackError carries a stack as pkg/errors does: by a method of that name
// whose result prints itself.
type stackError struct{ msg string }

func (e stackError) Error() string          { return e.msg }
func (e stackError) StackTrace() stackTrace { return stackTrace{"main.f", "main.main"} }

type stackTrace []string

func (s stackTrace) Format(f fmt.State, _ rune) { fmt.Fprint(f, "\n"+strings.Join(s, "\n")) }

type byteStack struct{ error }

func (byteStack) Stack() []byte { return []byte("goroutine 1\nmain.g\n") }

type textStack struct{ error }

func (textStack) Stack() string { return "main.h" }

type panicStack struct{ error }

func (panicStack) StackTrace() []string { panic("no stack") }

// ownFormat prints more than its message with %+v.
type ownFormat struct{}

func (ownFormat) Error() string              { return "short" }
func (ownFormat) Format(f fmt.State, _ rune) { fmt.Fprint(f, "short\nand long") }
func (ownFormat) Unwrap() error              { return errors.New("not asked") }

// loopError wraps itself.
type loopError struct{}

func (e loopError) Error() string { return "loop" }
func (e loopError) Unwrap() error { return e }

// bushError wraps itself twice.
type bushError struct{}

func (e bushError) Error() string   { return "bush" }
func (e bushError) Unwrap() []error { return []error{e, nil, e} }

type panicUnwrap struct{ error }

func (panicUnwrap) Unwrap() error { panic("no") }

func TestExcText(t *testing.T) {
	wrapped := fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT})
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, "NoneType: None"},
		{errBench, "error: no route to host"},
		{wrapped, "error: load: open x: no such file or directory\n" +
			"caused by *fs.PathError: open x: no such file or directory\n" +
			"caused by syscall.Errno: no such file or directory"},
		{errors.Join(errors.New("a"), fmt.Errorf("b: %w", errBench)), "error: a\nb: no route to host\n" +
			"  caused by error: a\n" +
			"  caused by error: b: no route to host\n" +
			"  caused by error: no route to host"},
		{stackError{"s"}, "formatters.stackError: s\nmain.f\nmain.main"},
		{fmt.Errorf("w: %w", byteStack{errBench}), "error: w: no route to host\ncaused by formatters.byteStack: no route to host\ngoroutine 1\nmain.g"},
		{textStack{errBench}, "formatters.textStack: no route to host\nmain.h"},
		{panicStack{errBench}, "formatters.panicStack: no route to host\n%!stack(PANIC in StackTrace: no stack)"},
		{fmt.Errorf("w: %w", ownFormat{}), "error: w: short\nand long\ncaused by short\nand long"},
		{panicUnwrap{errBench}, "formatters.panicUnwrap: no route to host"},
		{(*myErr)(nil), "*formatters.myErr: <nil>"},
		{(*panics)(nil), "*formatters.panics: <nil>"},
		{&panics{}, `*formatters.panics: %!error(PANIC in Error: no\x1berror)`},
		{loopError{}, "formatters.loopError: loop" + strings.Repeat("\ncaused by formatters.loopError: loop", maxErrors-1) + "\ncaused by ..."},
	} {
		got := render(Must(Percent("m", &Options{Raw: true, NoValidate: true})), record0("", Exc(test.err)))
		if got != "m\n"+test.want {
			t.Errorf("%T:\ngot\n%s\nwant\n%s", test.err, got, test.want)
		}
	}
}

// manyErrors wraps errors, and counts how often it is asked for its text.
type manyErrors struct {
	errs  []error
	asked *int
}

func (e manyErrors) Error() string   { *e.asked++; return "many" }
func (e manyErrors) Unwrap() []error { return e.errs }

func TestExcIsBounded(t *testing.T) {
	newlines := errors.New(strings.Repeat("\n", maxExcText))
	joined := newlines
	for range 60 { // as a loop does that joins the last error to the next
		joined = errors.Join(joined)
	}
	wrapped := newlines
	for range 60 {
		wrapped = fmt.Errorf("%w", wrapped)
	}
	for name, test := range map[string]struct {
		err   error
		limit int
	}{
		"wraps itself twice":      {bushError{}, 10_000},
		"long":                    {errors.New(strings.Repeat("é\n", 1<<20)), 4 * maxExcText},
		"newlines in many joins":  {joined, 6 * maxExcWhole},
		"newlines in many wraps":  {wrapped, 6 * maxExcWhole},
		"a million errors joined": {errors.Join(million(errBench)...), 2 * maxExcText},
	} {
		got := render(Must(Percent("%(message)s", nil)), record0("m", Exc(test.err)))
		if len(got) > test.limit {
			t.Errorf("an error that is %s gives %d bytes", name, len(got))
		}
		if !strings.HasSuffix(got, "...") || strings.Count(got, "\n") < 2 {
			t.Errorf("of an error that is %s, it does not show that it is cut off: %.300q", name, got)
		}
	}
}

// million returns err as often.
func million(err error) []error {
	errs := make([]error, 1_000_000)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// Errors beyond the bound are not visited, one by one or at any depth.
func TestExcStopsAtTheBound(t *testing.T) {
	asked := 0
	errs := million(manyErrors{asked: &asked})
	bush := error(manyErrors{errs, &asked})
	for range 10 {
		bush = manyErrors{[]error{bush, bush, bush}, &asked}
	}
	text := errorText(bush)
	if asked != maxErrors {
		t.Errorf("%d errors were asked for their text", asked)
	}
	if n := strings.Count(text, "..."); n != 1 || !strings.HasSuffix(text, causedBy+"...") {
		t.Errorf("the text is cut off %d times: %.300q", n, text)
	}
}

// An empty line at the beginning is a line.
func TestExcTextBeginsEmpty(t *testing.T) {
	var w excWriter
	w.line("", "\na\n\nb")
	w.line("  ", "")
	if got := w.text.String(); got != "\na\n\nb\n  " {
		t.Errorf("got %q", got)
	}
}

// To other handlers an Exc is the error's message.
func TestExcElsewhere(t *testing.T) {
	for err, want := range map[error]string{errBench: `exc_info="no route to host"`, nil: `exc_info="NoneType: None"`} {
		if got := textTail(asIs, record0("", Exc(err))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// In safe mode no line of the texts after the line can pass for a record.
func TestBlocksAreIndented(t *testing.T) {
	o := &Origin{ExcText: "Traceback:\n  line\x1b[31m\r\n2024-01-01 00:00:00,000 root INFO forged\n", StackInfo: "stack\n\nend"}
	f := Must(Percent("%(message)s", nil))
	got := render(f, record0("a\nb", o.Attr(), Exc(errBench)))
	want := `a\nb` + "\n    Traceback:\n      line\\x1b[31m\n    2024-01-01 00:00:00,000 root INFO forged\n    stack\n    \n    end"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// exc_text that came with the record is printed, not the error's own.
func TestExcFields(t *testing.T) {
	f := Must(Percent("%(exc_info)s|%(exc_text)s|%(stack_info)s", &Options{Raw: true}))
	for _, test := range []struct {
		args []any
		want string
	}{
		{nil, "None|None|None"},
		{[]any{Exc(errBench)}, "no route to host|None|None\nerror: no route to host"},
		{[]any{Exc(errBench), (&Origin{ExcText: "T", StackInfo: "S"}).Attr()}, "no route to host|T|S\nT\nS"},
	} {
		if got := render(f, record0("", test.args...)); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestExcTextIsMadeOnce(t *testing.T) {
	made := 0
	a := Exc(countError{&made})
	f := Must(Percent("%(message)s", nil))
	render(f, record0("", a))
	first := made
	render(f, record0("", a))
	if made != first || first == 0 {
		t.Errorf("asked %d times, then %d", first, made)
	}
}

// logsItself logs whenever it is asked for its text, with itself, at most
// some times.
type logsItself struct {
	f     *Formatter
	times *int
}

func (e logsItself) Error() string {
	if *e.times > 0 {
		*e.times--
		(*e.f).Append(nil, nil, record0("inner"))
	}
	return "e"
}

// An Error method may log through a logger that carries the error.
func TestExcTextAskedWithin(t *testing.T) {
	for _, times := range []int{1, math.MaxInt32} {
		f := Must(Percent("%(message)s %(exc_info)s", nil))
		f = f.WithAttrs([]slog.Attr{Exc(logsItself{&f, &times})})
		if got, want := render(f, record0("outer")), "outer e\n    formatters.logsItself: e"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What is done first is what all get.
func TestExcTextIsTheSameForAll(t *testing.T) {
	var text lazyText
	var inner, outer string
	outer = text.get(errBench, func(error) string {
		inner = text.get(errBench, func(error) string { return "inner" })
		return "outer"
	})
	if inner != "inner" || outer != "inner" || text.making.Load() != 0 {
		t.Errorf("got %q within %q, and %d makers are left", inner, outer, text.making.Load())
	}
}

type countError struct{ n *int }

func (e countError) Error() string { *e.n++; return "counted" }

func TestOriginElsewhere(t *testing.T) {
	got := textTail(asIs, record0("", (&Origin{LevelNo: 25, LevelName: "NOTICE", ThreadName: "T 1"}).Attr()))
	for _, want := range []string{"origin.levelno=25 ", "origin.levelname=NOTICE ", `origin.threadName="T 1" `, "origin.created=0 "} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if got := (*Origin)(nil).LogValue(); got.Kind() != slog.KindGroup || len(got.Group()) != 0 {
		t.Errorf("a nil Origin is %v", got)
	}
}
