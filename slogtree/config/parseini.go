package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/ini"
	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// maxINI is the size of the largest INI file, in bytes.
const maxINI = 1 << 20

// parseINI makes a spec of an INI file as fileConfig reads it, and finishes it.
func parseINI(data []byte, o Options) (*Config, error) {
	if o.Registry == nil {
		o.Registry = DefaultRegistry()
	}
	p := &problems{filename: o.Filename}
	s := readINI(data, o, p)
	if s == nil {
		return nil, p.err()
	}
	return finish(s, p, o)
}

// readINI makes a spec of an INI file, or returns nil if it can't be read at
// all. It notes what is wrong.
func readINI(data []byte, o Options, p *problems) *spec {
	if len(data) == 0 {
		p.add(&Error{Reason: "the file is empty"})
		return nil
	}
	file, err := ini.Parse(string(data), ini.Options{Source: o.Filename, Defaults: o.Defaults, Limits: ini.Limits{Bytes: maxINI}})
	r := &iniReader{problems: p, file: file, registry: o.Registry, used: map[string]bool{}}
	r.faults(err)
	if unreadable(err) {
		return nil
	}
	s := &spec{ini: true, disableExisting: o.DisableExisting == nil || *o.DisableExisting}
	s.formatters = r.parts("formatters", "formatter_", r.formatter)
	s.handlers = r.parts("handlers", "handler_", r.handler)
	s.loggers, s.replaced = r.loggers()
	s.ignored = append(r.ignored, r.unused()...)
	return s
}

// unreadable reports whether the document was not read at all.
func unreadable(err error) bool {
	var f *ini.Fault
	return errors.As(err, &f) && (f.Class == ini.Limit || f.Class == ini.Decode || f.Class == ini.MissingSectionHeader)
}

// An iniReader takes the sections of an INI file apart.
type iniReader struct {
	*problems
	file     *ini.File
	registry *Registry
	used     map[string]bool // sections that fileConfig looks at
	ignored  []*Error
}

// faults notes what is wrong with the text.
func (r *iniReader) faults(err error) {
	var faults *ini.Faults
	if !errors.As(err, &faults) {
		return
	}
	for _, f := range faults.List {
		r.fault(f, 0)
	}
	r.left += faults.More
}

func (r *iniReader) fault(f *ini.Fault, column int) {
	e := &Error{Line: f.Line, Column: column, Path: optionPath(f.Section, f.Option), Reason: f.Reason}
	if f.Class == ini.Parsing && f.Section != "" {
		e.Path = f.Section
	}
	r.add(e)
}

func optionPath(section, option string) string {
	if section == "" || option == "" {
		return section
	}
	return section + "." + option
}

// section returns a section that has to be there, or nil after noting that it is
// not, at what asks for it.
func (r *iniReader) section(name string, asked *value) *ini.Section {
	r.used[name] = true
	if s := r.file.Section(name); s != nil && name != ini.Default {
		return s
	}
	e := r.at(asked, "", "there is no section [%s]", shorten(name))
	if all := r.file.Sections(); len(all) <= maxNearest {
		var names []string
		for _, s := range all {
			if !r.used[s.Name] {
				names = append(names, s.Name)
			}
		}
		e.Suggestion = r.nearest(name, names)
	}
	return nil
}

// required returns the value of an option that has to be there, nil after
// noting that it is not or cannot be had.
func (r *iniReader) required(s *ini.Section, name string) *value {
	if r.file.Lookup(s, name) == nil {
		r.add(&Error{Line: s.Line, Path: s.Name, Reason: fmt.Sprintf("the option %q is missing", name) + misspelt(s, name)})
		return nil
	}
	return r.get(s, name)
}

// misspelt says which option of the section may be meant to be the one of this
// name.
func misspelt(s *ini.Section, name string) string {
	var names []string
	for _, o := range s.Own() {
		if !slices.Contains(iniOptions, o.Name) {
			names = append(names, o.Name)
		}
	}
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("; %q is no option that counts", shorten(near))
	}
	return ""
}

// get returns the value of an option as text, with %(name)s replaced, or nil if
// there is none or it cannot be had, which is noted.
func (r *iniReader) get(s *ini.Section, name string) *value {
	o := r.file.Lookup(s, name)
	if o == nil {
		return nil
	}
	text, err := r.file.Get(s, o)
	var f *ini.Fault
	if errors.As(err, &f) {
		_, column := o.Position(1, 1)
		r.fault(f, column)
		return nil
	}
	return placed(o, text, 0, text)
}

// raw returns the value of an option as it stands, nil if there is none.
func (r *iniReader) raw(s *ini.Section, name string) *value {
	o := r.file.Lookup(s, name)
	if o == nil {
		return nil
	}
	return placed(o, o.Raw, 0, o.Raw)
}

// placed returns text, which stands at an offset in the option's value, with its
// place in the document. If %(name)s were replaced only the line is known.
func placed(o *ini.Option, whole string, offset int, text string) *value {
	return newPlacer(o, whole).value(offset, text)
}

// A placer finds the places of parts of an option's text, each behind the one before.
type placer struct {
	option       *ini.Option
	whole        string
	offset       int // up to which lines and characters were counted
	line, column int // from 1
}

func newPlacer(o *ini.Option, whole string) *placer {
	return &placer{option: o, whole: whole, line: 1, column: 1}
}

func (p *placer) value(offset int, text string) *value {
	v := textValue(text)
	v.line, v.column = p.option.Line, 0
	if p.whole != p.option.Raw {
		return v
	}
	passed := p.whole[p.offset:offset]
	if last := strings.LastIndexByte(passed, '\n'); last >= 0 {
		p.line, p.column, passed = p.line+strings.Count(passed, "\n"), 1, passed[last+1:]
	}
	p.column += utf8.RuneCountInString(passed)
	p.offset = offset
	v.line, v.column = p.option.Position(p.line, p.column)
	return v
}

// names returns the names in a list with commas between them, each with its place.
// An empty text is no names, but between two commas there is one, an empty one.
func (r *iniReader) names(s *ini.Section, option string, list *value) []*value {
	if list == nil || list.text == "" {
		return nil
	}
	places, offset := newPlacer(r.file.Lookup(s, option), list.text), 0
	var names []*value
	for item := range strings.SplitSeq(list.text, ",") {
		name := pytext.TrimSpace(item)
		at := offset + strings.Index(item, name)
		names = append(names, places.value(at, name))
		offset += len(item) + 1
	}
	return names
}

// keys returns the names that a section's option keys lists, each once.
func (r *iniReader) keys(section string) []*value {
	s := r.section(section, nil)
	if s == nil {
		return nil
	}
	return distinct(r.names(s, "keys", r.required(s, "keys")))
}

// distinct leaves out names that came before.
func distinct(names []*value) []*value {
	seen := map[string]bool{}
	return slices.DeleteFunc(names, func(v *value) bool {
		was := seen[v.text]
		seen[v.text] = true
		return was
	})
}

// parts reads the sections of all formatters or handlers.
func (r *iniReader) parts(section, prefix string, read func(*ini.Section, *part)) []*part {
	var parts []*part
	for _, name := range r.keys(section) {
		s := r.section(prefix+name.text, name)
		if s == nil {
			continue
		}
		p := &part{name: name.text, path: s.Name, at: &value{kind: table, line: s.Line}}
		read(s, p)
		parts = append(parts, p)
	}
	return parts
}

// formatter reads the section of a formatter. Its format, datefmt, style and
// defaults are raw, so that %(message)s stays.
func (r *iniReader) formatter(s *ini.Section, p *part) {
	if class := r.get(s, "class"); class.truth() {
		p.class = class
	}
	for _, name := range []string{"format", "datefmt", "style"} {
		if v := r.raw(s, name); v != nil {
			p.options = append(p.options, member{textValue(name), v})
		}
	}
	if v := r.literal(s, "defaults", r.raw(s, "defaults")); v != nil && r.isA(v, s, "defaults", table, "a dict, as in {'user': 'nobody'}", null) {
		p.options = append(p.options, member{textValue("defaults"), v})
	}
}

// handler reads the section of a handler.
func (r *iniReader) handler(s *ini.Section, p *part) {
	p.class = r.required(s, "class")
	if v := r.literal(s, "args", r.get(s, "args")); v != nil && r.isA(v, s, "args", list, "a tuple, as in ('app.log', 'a') or ('app.log',)") {
		p.args = v.list
	}
	if v := r.literal(s, "kwargs", r.get(s, "kwargs")); v != nil && r.isA(v, s, "kwargs", table, "a dict, as in {'filename': 'app.log'}") {
		p.options = v.members
	}
	p.level = r.get(s, "level")
	if f := r.get(s, "formatter"); f.truth() {
		p.formatter = f
	}
	r.target(s, p)
}

// target reads the name of a handler that a memory handler gives its records to.
// For others fileConfig passes over it.
func (r *iniReader) target(s *ini.Section, p *part) {
	const option = "target"
	if r.file.Lookup(s, option) == nil || p.class == nil {
		return
	}
	if kind := r.registry.find(ofHandlers, p.class.text, true); kind == nil || kind.option(option) == nil {
		r.ignored = append(r.ignored, &Error{
			Filename: r.filename, Line: r.file.Lookup(s, option).Line, Path: optionPath(s.Name, option), Reason: "only a memory handler has a target",
		})
		return
	}
	if t := r.get(s, option); t.truth() {
		p.options = append(slices.Clone(p.options), member{textValue(option), t})
	}
}

// isA notes a value that is none of the kinds, and reports whether it is the first.
func (r *iniReader) isA(v *value, s *ini.Section, option string, want valueKind, what string, or ...valueKind) bool {
	if v.kind != want && !slices.Contains(or, v.kind) {
		r.at(v, optionPath(s.Name, option), "%s must be %s", option, what)
	}
	return v.kind == want
}

// loggers reads the sections of the loggers, the root's first.
func (r *iniReader) loggers() (list, replaced []*loggerSpec) {
	s := r.section("loggers", nil)
	if s == nil {
		return nil, nil
	}
	keys := r.names(s, "keys", r.required(s, "keys"))
	root := slices.IndexFunc(keys, func(v *value) bool { return v.text == "root" })
	all := &loggerList{byName: map[string]*loggerSpec{}}
	if root >= 0 {
		r.logger(all, keys[root], true)
		keys = slices.Delete(keys, root, root+1)
	} else if r.file.Lookup(s, "keys") != nil {
		r.at(placedKeys(r.file, s), "loggers.keys", `"root" is missing: the root logger must be configured`)
	}
	for _, key := range distinct(keys) {
		r.logger(all, key, false)
	}
	return all.list, all.replaced
}

func placedKeys(f *ini.File, s *ini.Section) *value {
	o := f.Lookup(s, "keys")
	return placed(o, o.Raw, 0, o.Raw)
}

// A loggerList has what a document says of each logger once.
type loggerList struct {
	list     []*loggerSpec
	byName   map[string]*loggerSpec
	replaced []*loggerSpec
}

// logger reads the section of one logger. A later section with the same qualname
// puts its handlers and propagate in the place of those before, and its level if it
// has one.
func (r *iniReader) logger(all *loggerList, key *value, root bool) {
	s := r.section("logger_"+key.text, key)
	if s == nil {
		return
	}
	l := &loggerSpec{name: "root", path: s.Name, at: &value{kind: table, line: s.Line}}
	if !root {
		name := r.required(s, "qualname")
		if l.propagate = r.propagate(s); name == nil {
			return
		}
		l.name = loggerName(name.text)
	}
	l.level = r.get(s, "level")
	l.handlers = distinct(r.names(s, "handlers", r.required(s, "handlers")))
	if before := all.byName[l.name]; before != nil {
		if l.level == nil {
			l.level = before.level
		}
		was := *before
		all.replaced = append(all.replaced, &was)
		*before = *l
		return
	}
	all.byName[l.name] = l
	all.list = append(all.list, l)
}

// loggerName returns the name by which a spec has the logger: "" is the root too.
func loggerName(qualname string) string {
	if qualname == "" {
		return "root"
	}
	return qualname
}

// propagate reads a whole number, of which 0 is false. Without one it is true.
func (r *iniReader) propagate(s *ini.Section) *bool {
	on := true
	if v := r.get(s, "propagate"); v != nil {
		n, ok := pythonInt(v.text)
		if !ok {
			e := r.at(v, optionPath(s.Name, "propagate"), "propagate is 1 or 0")
			e.Suggestion = map[bool]string{true: "1", false: "0"}[slices.Contains([]string{"yes", "true", "on"}, strings.ToLower(v.text))]
		}
		on = n
	}
	return &on
}

// pythonInt reports whether a text is a number for Python's int, and whether it
// is not zero.
func pythonInt(text string) (nonzero, ok bool) {
	digits := pytext.TrimSpace(text)
	if len(digits) > 1 && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return false, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	return strings.Trim(digits, "0") != "", digits != "" && strings.Trim(digits, "0123456789") == ""
}

// iniOptions are the options that fileConfig looks at, in any section.
var iniOptions = []string{
	"keys", "class", "args", "kwargs", "level", "formatter", "target", "format", "datefmt", "style", "defaults", "handlers", "qualname", "propagate",
}

// unused returns sections and options that fileConfig passes over.
func (r *iniReader) unused() (ignored []*Error) {
	for _, s := range r.file.Sections() {
		if !r.used[s.Name] {
			ignored = append(ignored, &Error{Filename: r.filename, Line: s.Line, Path: s.Name, Reason: "no keys= names this section"})
			continue
		}
		for _, o := range s.Own() {
			if !slices.Contains(iniOptions, o.Name) {
				ignored = append(ignored, &Error{
					Filename: r.filename, Line: o.Line, Path: optionPath(s.Name, o.Name), Value: strconv.Quote(shorten(o.Raw)),
					Reason: "fileConfig knows no such option", Suggestion: nearest(o.Name, iniOptions),
				})
			}
		}
	}
	return ignored
}
