package formatters

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/testdata/oracle"
)

type excVector struct {
	ID       string
	Record   oracle.Attributes
	ExcInfo  any     `json:"exc_info"` // nil, false, "none3", or a description
	Rendered *string `json:"exc_rendered"`
	Steps    []excStep
}

type excStep struct {
	Kind        string
	Style       string
	Fmt         string
	Terminator  string
	ExcPrefix   string `json:"exc_prefix"`
	StackPrefix string `json:"stack_prefix"`
	Expect      struct {
		Out   *string
		After *string `json:"exc_text_after"`
	}
}

// A pyError renders itself as CPython rendered the vector's exception, and
// its message is what CPython's %(exc_info)s prints.
type pyError struct{ tuple, rendered string }

func (e pyError) Error() string { return e.tuple }

func (e pyError) Format(s fmt.State, _ rune) { fmt.Fprint(s, e.rendered) }

// excTuple returns the repr of the vector's exc_info, which has no traceback.
func (v *excVector) excTuple() string {
	m, ok := v.ExcInfo.(map[string]any)
	if !ok {
		return "(None, None, None)"
	}
	class := str(m["class"])
	var args []string
	items, _ := m["args"].([]any)
	for _, a := range items {
		n, isNumber := a.(float64)
		text := string(appendRepr(nil, str(a), false))
		if isNumber {
			text = fmt.Sprint(n)
		}
		args = append(args, text)
	}
	if class == "OSError" && len(args) == 2 && args[0] == "2" {
		class = "FileNotFoundError" // what CPython makes of errno 2
	}
	return fmt.Sprintf("(<class '%s'>, %s(%s), None)", class, class, strings.Join(args, ", "))
}

// prints reports whether a format of the vector prints the field.
func (v *excVector) prints(field string) bool {
	for _, s := range v.Steps {
		if strings.Contains(s.Fmt, field) {
			return true
		}
	}
	return false
}

// setAside returns the rule for what no record here can hold.
func (v *excVector) setAside() error {
	for _, field := range []string{"exc_text", "stack_info"} {
		if text, _ := v.Record.Get(field); text == "" && v.prints(field) {
			return aside("an empty " + field + " in a field; None and empty are one here")
		}
	}
	for _, s := range v.Steps {
		if s.StackPrefix != "" && strings.Contains(s.Fmt, "stack_info") {
			return aside("an overridden formatStack beside the field stack_info")
		}
	}
	if v.ExcInfo == false && v.prints("exc_info") {
		return aside("%(exc_info)s of a bool")
	}
	return nil
}

// replay runs the steps. What CPython keeps in the record from step to step,
// exc_text, is taken over from step to step here.
func (v *excVector) replay() error {
	if err := v.setAside(); err != nil {
		return err
	}
	rec, err := newPyRecord(v.Record)
	if err != nil {
		return err
	}
	stack := rec.origin.StackInfo
	for i, s := range v.Steps {
		var more []slog.Attr
		if v.Rendered != nil && v.ExcInfo != false {
			more = append(more, Exc(pyError{v.excTuple(), s.ExcPrefix + *v.Rendered}))
		}
		if stack != "" {
			rec.origin.StackInfo = s.StackPrefix + stack
		}
		got := rec.render(Must(constructors[s.Style](s.Fmt, &Options{Raw: true, Strict: true})), more...) + s.Terminator
		if s.Expect.Out == nil || got != *s.Expect.Out {
			return fmt.Errorf("step %d, %q:\ngot  %q\nwant %q", i, s.Fmt, got, fmtText(s.Expect.Out))
		}
		if rec.origin.StackInfo = stack; s.Expect.After != nil {
			rec.origin.ExcText = *s.Expect.After
		}
	}
	return nil
}

func TestOracleExcFormat(t *testing.T) {
	tally := oracle.NewTally("exc_format")
	for _, v := range oracle.Load[excVector](t, "exc_format") {
		run(t, tally, v.ID, v.replay)
	}
	tally.Report(t)
}
