package formatters

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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

func TestExcIsBounded(t *testing.T) {
	f := Must(Percent("%(message)s", nil))
	if got := render(f, record0("m", Exc(bushError{}))); len(got) > 100_000 {
		t.Errorf("an error that wraps itself twice gives %d bytes", len(got))
	}
	if got := render(f, record0("m", Exc(errors.New(strings.Repeat("é\n", 1<<20))))); len(got) > 4*maxExcText {
		t.Errorf("a long error gives %d bytes", len(got))
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
