package ini

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// mostFaults bounds how many faults of one document are told.
const mostFaults = 100

// A reader is the state of reading, CPython's _ReadState.
type reader struct {
	source string
	file   *File
	faults *Faults

	section *Section
	option  *Option // which a deeper line continues; nil after a header
	indent  int     // of the option or header before
	added   map[[2]string]bool
	values  map[*Option][]string // the lines of each value
	lost    bool                 // before the first header, and told so
}

// Parse reads a document. If it has faults the error is a [*Faults] with all
// of them, and the File has what could be read.
func Parse(text string, opts Options) (*File, error) {
	limits := Limits{cmp.Or(opts.Limits.Bytes, DefaultLimits.Bytes), cmp.Or(opts.Limits.Expanded, DefaultLimits.Expanded)}
	file, fault := newFile(opts.Defaults, limits)
	r := &reader{
		source: opts.Source, file: file, faults: &Faults{source: opts.Source},
		added: map[[2]string]bool{}, values: map[*Option][]string{},
	}
	r.fault(fault)
	if fault := unreadable(text, limits.Bytes); fault != nil {
		r.fault(fault)
	} else {
		r.lines(text)
		r.join()
	}
	if len(r.faults.List) > 0 {
		return r.file, r.faults
	}
	return r.file, nil
}

// unreadable returns why a document is not read at all.
func unreadable(text string, most int) *Fault {
	if len(text) > most {
		return &Fault{Class: Limit, Reason: fmt.Sprintf("the document has %d bytes, and %d are allowed", len(text), most)}
	}
	if utf8.ValidString(text) {
		return nil
	}
	at, line := 0, 1
	for i, r := range text {
		if _, n := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && n == 1 {
			at = i
			break
		}
		if r == '\n' {
			line++
		}
	}
	reason := fmt.Sprintf("byte %#02x at offset %d is not UTF-8", text[at], at)
	return &Fault{Class: Decode, Line: line, Reason: reason, python: reason}
}

func (r *reader) fault(f *Fault) {
	switch {
	case f == nil:
	case len(r.faults.List) < mostFaults:
		r.faults.List = append(r.faults.List, f)
	default:
		r.faults.More++
	}
}

// lines reads the lines, which end in \n, \r or both, as files do that Python
// opens as text.
func (r *reader) lines(text string) {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		r.line(n, line)
	}
}

func (r *reader) line(n int, line string) {
	clean := pytext.TrimSpace(line)
	if strings.HasPrefix(clean, "#") || strings.HasPrefix(clean, ";") {
		return
	}
	indent := utf8.RuneCountInString(line[:strings.Index(line, clean)])
	switch {
	case clean == "":
		if r.option != nil {
			r.continued(n, indent, "")
		}
	case r.option != nil && indent > r.indent:
		r.continued(n, indent, clean)
	default:
		r.indent = indent
		r.headerOrOption(n, line, clean)
	}
}

// continued adds a line to the value of the option before it.
func (r *reader) continued(n, indent int, clean string) {
	r.values[r.option] = append(r.values[r.option], clean)
	r.option.places = append(r.option.places, place{n, indent + 1})
}

func (r *reader) headerOrOption(n int, line, clean string) {
	if name, ok := header(clean); ok {
		r.enter(n, name)
		return
	}
	if r.section != nil {
		r.define(n, line, clean)
		return
	}
	if !r.lost {
		r.fault(missingHeader(r.source, line, n))
	}
	r.lost = true
}

// header returns the name in a line that begins with [, goes on with anything,
// and has a ] somewhere: what follows the last one is ignored.
func header(clean string) (string, bool) {
	end := strings.LastIndexByte(clean, ']')
	if !strings.HasPrefix(clean, "[") || end < 2 {
		return "", false
	}
	return clean[1:end], true
}

// enter begins a section.
func (r *reader) enter(n int, name string) {
	r.option = nil
	section := r.file.Section(name)
	switch {
	case section == nil:
		section = newSection(name, n)
		r.file.byName[name] = section
		r.file.sections = append(r.file.sections, section)
	case name == Default:
		section.Line = cmp.Or(section.Line, n)
	default:
		r.fault(duplicateSection(r.source, name, n))
	}
	r.section = section
}

// define reads a line with an option. One without a name is defined as well
// after its fault, since CPython then takes a second for a duplicate.
func (r *reader) define(n int, line, clean string) {
	at := strings.IndexAny(clean, "=:")
	if at < 0 {
		r.fault(unparsable(r.section.Name, line, n))
		return
	}
	name := pytext.Lower(strings.TrimRightFunc(clean[:at], pytext.IsSpace))
	if name == "" {
		r.fault(unparsable(r.section.Name, line, n))
	}
	if key := [2]string{r.section.Name, name}; r.added[key] {
		r.fault(duplicateOption(r.source, r.section.Name, name, n))
	} else {
		r.added[key] = true
	}
	r.value(n, line, clean, at, name)
}

// value begins the value of an option: what follows the delimiter at clean[at].
func (r *reader) value(n int, line, clean string, at int, name string) {
	value := pytext.TrimSpace(clean[at+1:])
	start := strings.Index(line, clean) + at + 1
	start += strings.Index(line[start:], value)
	o := &Option{Name: name, Line: n, places: []place{{n, utf8.RuneCountInString(line[:start]) + 1}}}
	r.section.add(o)
	o = r.section.byName[name]
	r.values[o] = []string{value}
	if r.option = o; name == "" {
		r.option = nil
	}
}

// join makes the values of their lines.
func (r *reader) join() {
	for o, lines := range r.values {
		o.Raw = strings.TrimRightFunc(strings.Join(lines, "\n"), pytext.IsSpace)
	}
}
