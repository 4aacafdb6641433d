package ini

import (
	"fmt"
	"strings"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// mostDepth is configparser.MAX_INTERPOLATION_DEPTH.
const mostDepth = 10

// An expansion replaces the %(name)s of one value: BasicInterpolation.
type expansion struct {
	file    *File
	section *Section
	option  *Option
	out     strings.Builder
}

// Get returns the value of an option, as [File.Lookup] returned it for that
// section, with each %(name)s replaced by that option's value, and %% by %.
// The error is a [*Fault]. Raw is for what Python reads with raw=True.
func (f *File) Get(s *Section, o *Option) (string, error) {
	if !strings.Contains(o.Raw, "%") {
		return o.Raw, nil
	}
	e := &expansion{file: f, section: s, option: o}
	if fault := e.expand(o.Raw, 1); fault != nil {
		return "", fault
	}
	return e.out.String(), nil
}

func (e *expansion) expand(rest string, depth int) *Fault {
	if depth > mostDepth {
		return e.tooDeep()
	}
	for rest != "" {
		text, _, found := strings.Cut(rest, "%")
		if fault := e.write(text); fault != nil || !found {
			return fault
		}
		n, fault := e.one(rest[len(text):], depth)
		if fault != nil {
			return fault
		}
		rest = rest[len(text)+n:]
	}
	return nil
}

// one replaces what stands at the beginning of rest, which is a %, and
// returns how many bytes that was.
func (e *expansion) one(rest string, depth int) (int, *Fault) {
	switch {
	case strings.HasPrefix(rest, "%%"):
		return 2, e.write("%")
	case !strings.HasPrefix(rest, "%("):
		return 0, e.badSyntax("'%' must be followed by '%' or '(', found: "+pytext.Repr(rest),
			fmt.Sprintf("%% is followed by neither %% nor (, in %q; write %%%% for a percent sign", cut(rest)))
	}
	name, ok := reference(rest)
	if !ok {
		return 0, e.badSyntax("bad interpolation variable reference "+pytext.Repr(rest),
			fmt.Sprintf("%q is no reference %%(name)s; write %%%% for a percent sign", cut(rest)))
	}
	o := e.file.Lookup(e.section, name)
	if o == nil {
		return 0, e.missing(pytext.Lower(name))
	}
	n := len("%()s") + len(name)
	if strings.Contains(o.Raw, "%") {
		return n, e.expand(o.Raw, depth+1)
	}
	return n, e.write(o.Raw)
}

// reference returns the name in a text that begins with %(name)s.
func reference(rest string) (string, bool) {
	name, after, found := strings.Cut(rest[len("%("):], ")")
	return name, found && name != "" && strings.HasPrefix(after, "s")
}

// write adds text to the value, and counts it.
func (e *expansion) write(text string) *Fault {
	if e.file.left -= len(text) + 1; e.file.left < 0 {
		return e.fault(Limit, "", "the document's %(name)s would expand to more than is allowed")
	}
	e.out.WriteString(text)
	return nil
}

func (e *expansion) fault(class, python, reason string) *Fault {
	return &Fault{
		Class: class, Line: e.option.Line, Section: e.section.Name, Option: e.option.Name, Value: e.option.Raw,
		Reason: reason, python: python,
	}
}

func (e *expansion) badSyntax(python, reason string) *Fault {
	return e.fault(InterpolationSyntax, python, reason)
}

func (e *expansion) missing(name string) *Fault {
	return e.fault(InterpolationMissing, fmt.Sprintf("Bad value substitution: %s contains an interpolation key %s which is not a valid option name. Raw value: %s",
		e.place(), pytext.Repr(name), pytext.Repr(e.option.Raw)),
		fmt.Sprintf("%%(%s)s names no option of the section and none of [%s]", cut(name), Default))
}

func (e *expansion) tooDeep() *Fault {
	return e.fault(InterpolationDepth, fmt.Sprintf("Recursion limit exceeded in value substitution: %s contains an interpolation key which cannot be substituted in %d steps. Raw value: %s",
		e.place(), mostDepth, pytext.Repr(e.option.Raw)),
		fmt.Sprintf("%%(name)s refers to itself, or through more than %d others", mostDepth))
}

func (e *expansion) place() string {
	return fmt.Sprintf("option %s in section %s", pytext.Repr(e.option.Name), pytext.Repr(e.section.Name))
}
