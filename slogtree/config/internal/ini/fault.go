package ini

import (
	"fmt"
	"strings"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// The classes of faults: the exceptions of configparser that Python would
// raise, and what only this package has.
const (
	DuplicateSection     = "DuplicateSectionError"
	DuplicateOption      = "DuplicateOptionError"
	MissingSectionHeader = "MissingSectionHeaderError"
	Parsing              = "ParsingError"
	InterpolationMissing = "InterpolationMissingOptionError"
	InterpolationSyntax  = "InterpolationSyntaxError"
	InterpolationDepth   = "InterpolationDepthError"
	Decode               = "UnicodeDecodeError"
	Limit                = "limit" // of Limits; Python has none
)

// A Fault is one thing that is wrong with a document.
type Fault struct {
	Class   string // one of the constants above
	Line    int    // from 1; 0 if it has none
	Section string // where it is known
	Option  string // where it is known
	Value   string // the line, or the raw value
	Reason  string // in our words, without the place
	python  string // str() of Python's exception; of a ParsingError, the part for this line
}

// Error returns the reason with the line.
func (f *Fault) Error() string {
	if f.Line == 0 {
		return "ini: " + f.Reason
	}
	return fmt.Sprintf("ini: line %d: %s", f.Line, f.Reason)
}

// Python returns the class and the text of the exception that Python raises.
func (f *Fault) Python() (class, text string) { return f.Class, f.python }

// Faults is the error of Parse: at least one, in the order of their lines.
type Faults struct {
	source string
	List   []*Fault
	More   int // how many there are beyond those in List
}

// Error returns all of them, a line each.
func (e *Faults) Error() string {
	var b strings.Builder
	for i, f := range e.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.Error())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\nini: and %d more", e.More)
	}
	return b.String()
}

// Unwrap returns each fault.
func (e *Faults) Unwrap() []error {
	errs := make([]error, len(e.List))
	for i, f := range e.List {
		errs[i] = f
	}
	return errs
}

// Python returns the class and the text of the one exception that Python
// raises: the first that ends reading at once, else all lines that could not
// be parsed.
func (e *Faults) Python() (class, text string) {
	var lines strings.Builder
	for _, f := range e.List {
		if f.Class != Parsing {
			return f.Python()
		}
		lines.WriteString(f.python)
	}
	return Parsing, "Source contains parsing errors: " + pytext.Repr(e.source) + lines.String()
}

func duplicateSection(source, section string, line int) *Fault {
	return &Fault{
		Class: DuplicateSection, Line: line, Section: section, Value: section,
		Reason: fmt.Sprintf("section %q is there already", section),
		python: fmt.Sprintf("While reading from %s [line %2d]: section %s already exists", pytext.Repr(source), line, pytext.Repr(section)),
	}
}

func duplicateOption(source, section, option string, line int) *Fault {
	at := ""
	if line > 0 {
		at = fmt.Sprintf(" [line %2d]", line)
	}
	return &Fault{
		Class: DuplicateOption, Line: line, Section: section, Option: option, Value: option,
		Reason: fmt.Sprintf("section %q has option %q already", section, option),
		python: fmt.Sprintf("While reading from %s%s: option %s in section %s already exists", pytext.Repr(source), at, pytext.Repr(option), pytext.Repr(section)),
	}
}

func missingHeader(source, text string, line int) *Fault {
	reason := fmt.Sprintf("%q stands before the first [section]", cut(text))
	if strings.HasPrefix(text, "\uFEFF") {
		reason = "the document begins with a byte order mark, which Python takes for text; save it without"
	}
	return &Fault{
		Class: MissingSectionHeader, Line: line, Value: text, Reason: reason,
		python: fmt.Sprintf("File contains no section headers.\nfile: %s, line: %d\n%s", pytext.Repr(source), line, pytext.Repr(text)),
	}
}

func unparsable(section, text string, line int) *Fault {
	return &Fault{
		Class: Parsing, Line: line, Section: section, Value: text,
		Reason: fmt.Sprintf("%q is no [section] and no name = value", cut(text)),
		python: fmt.Sprintf("\n\t[line %2d]: %s", line, pytext.Repr(text)),
	}
}

// cut shortens a line for an error, and takes its end off.
func cut(text string) string {
	const most = 80
	text = strings.TrimSuffix(text, "\n")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}
