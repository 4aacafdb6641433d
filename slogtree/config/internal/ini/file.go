// Package ini reads the format of Python's configparser as
// logging.config.fileConfig uses it: ConfigParser with its defaults, which is
// sections and options, "=" and ":", whole-line comments, values of several
// lines, [DEFAULT], %(name)s, and duplicates that are errors.
//
// It differs in what it does at a fault: it goes on and reports all of them,
// each with its line, and it bounds what a document can cost.
package ini

import (
	"maps"
	"slices"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// Default is the name of the section whose options all others have too.
const Default = "DEFAULT"

// Limits bound what a document costs. A zero field is [DefaultLimits]'.
type Limits struct {
	// Bytes is the size of the largest document that is read.
	Bytes int

	// Expanded bounds what all calls of Get on one File together may go through while they
	// replace %(name)s: bytes of values, and one more for each replacement.
	Expanded int
}

// DefaultLimits are large for a configuration and small for a computer.
var DefaultLimits = Limits{Bytes: 1 << 20, Expanded: 4 << 20}

// Options tell how to read a document.
type Options struct {
	// Source is the file's name in the texts of errors.
	Source string

	// Defaults are options of [DEFAULT] that the document may override: the
	// argument of ConfigParser. Names are lower-cased.
	Defaults map[string]string

	Limits Limits
}

// A File is a document that was read. It is for one goroutine at a time:
// [File.Get] counts what it costs.
type File struct {
	sections []*Section
	byName   map[string]*Section
	defaults *Section
	left     int // of Limits.Expanded
}

// A Section is one, with the options that it has of its own.
type Section struct {
	Name string
	Line int // of its header, from 1; 0 for a [DEFAULT] that only Options.Defaults fill

	options []*Option
	byName  map[string]*Option
}

// An Option is a name with its value.
type Option struct {
	Name string // in lower case
	Raw  string // the value before %(name)s is replaced
	Line int    // where the name stands, from 1; 0 for one of Options.Defaults

	places []place // of the value's lines
}

// A place is where a line of a value begins in the document.
type place struct{ line, col int }

// Sections returns the sections in the document's order, without [DEFAULT].
func (f *File) Sections() []*Section { return slices.Clone(f.sections) }

// Section returns the section of that name, or nil. [DEFAULT] counts.
func (f *File) Section(name string) *Section {
	if name == Default {
		return f.defaults
	}
	return f.byName[name]
}

// Own returns the options that the section has of its own, in the document's
// order.
func (s *Section) Own() []*Option { return slices.Clone(s.options) }

// Options returns the section's options: its own, then those of [DEFAULT] that
// it doesn't override. That is ConfigParser.options.
func (f *File) Options(s *Section) []*Option {
	all := s.Own()
	if s == f.defaults {
		return all
	}
	for _, o := range f.defaults.options {
		if s.byName[o.Name] == nil {
			all = append(all, o)
		}
	}
	return all
}

// Lookup returns the option of that name, from [DEFAULT] if the section has
// none, or nil. Its Raw is ConfigParser.get with raw=True.
func (f *File) Lookup(s *Section, name string) *Option {
	name = pytext.Lower(name)
	if o := s.byName[name]; o != nil {
		return o
	}
	return f.defaults.byName[name]
}

// Position returns where a place in the option's raw value stands in the
// document: line and col count from 1, col in characters. A place past the
// value counts as on its last line. Without one, for an option of
// Options.Defaults, it returns zeros.
func (o *Option) Position(line, col int) (int, int) {
	if len(o.places) == 0 {
		return 0, 0
	}
	p := o.places[min(max(line, 1), len(o.places))-1]
	return p.line, p.col + max(col, 1) - 1
}

func newFile(defaults map[string]string, limits Limits) (*File, *Fault) {
	f := &File{byName: map[string]*Section{}, defaults: newSection(Default, 0), left: limits.Expanded}
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		o := &Option{Name: pytext.Lower(name), Raw: defaults[name]}
		if f.defaults.byName[o.Name] != nil {
			return f, duplicateOption("<dict>", f.defaults.Name, o.Name, 0)
		}
		f.defaults.add(o)
	}
	return f, nil
}

func newSection(name string, line int) *Section {
	return &Section{Name: name, Line: line}
}

// add gives the section an option, in the place of one of the same name.
func (s *Section) add(o *Option) {
	if old := s.byName[o.Name]; old != nil {
		*old = *o
		return
	}
	if s.byName == nil {
		s.byName = map[string]*Option{}
	}
	s.byName[o.Name] = o
	s.options = append(s.options, o)
}
