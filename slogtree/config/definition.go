package config

import (
	"encoding/json"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/slogsuite/slogsuite/formatters"
)

// definitions are what a document defines, with all references resolved.
type definitions struct {
	formatters map[string]*definition
	filters    map[string]*definition
	handlers   map[string]*definition
	order      []*definition // handlers, each after those that it needs
	loggers    []*loggerDef  // in the order of the document
}

// A definition is a formatter, filter or handler as the document defines it. It is
// immutable.
type definition struct {
	name  string
	path  string
	at    *value
	kind  *Kind
	given map[string]*decoded // by the options' names; null is not given

	// key is equal for what can stay as it is: kind, options and formatter. It
	// leaves out level and filters, which are put around a handler.
	key string

	options string // those given, as JSON

	format formatters.Formatter // of a formatter, made

	// Of handlers.
	level      slog.Level // LevelNotSet lets all pass
	levelGiven bool
	formatter  *definition // nil if none
	filters    []*definition
	needs      []string // names of handlers that it feeds
	terminator *string  // nil if none is given
}

// A loggerDef is what a document says of a logger.
type loggerDef struct {
	name       string // "root" is the root
	level      slog.Level
	levelGiven bool
	propagate  *bool
	disabled   bool
	handlers   []string
	filters    []*definition
}

// A finisher makes definitions of a spec.
type finisher struct {
	s   *spec
	p   *problems
	o   Options
	reg *Registry
	d   *definitions

	spent int                // on patterns
	parts map[[2]string]bool // what the document has, by sort and name; nil before it is asked for
}

// finish looks up kinds, decodes options and checks references of s. Its error
// is all that is wrong, what p has already included.
func finish(s *spec, p *problems, o Options) (*Config, error) {
	o.Defaults, o.Kinds = maps.Clone(o.Defaults), slices.Clone(o.Kinds)
	if abs, err := filepath.Abs(o.Root); o.Root != "" && err == nil {
		o.Root = abs // also so that no name of a socket that begins with "@" is left alone
	}
	f := &finisher{s: s, p: p, o: o, reg: o.Registry, d: &definitions{}}
	if f.reg == nil {
		f.reg = DefaultRegistry()
	}
	o.Registry = nil // it is needed no more, and is the caller's
	if !f.fits() {
		return nil, p.err()
	}
	f.d.formatters = f.define(ofFormatters, s.formatters)
	f.d.filters = f.define(ofFilters, s.filters)
	if s.incremental {
		f.d.handlers = f.levelsOnly()
	} else {
		f.d.handlers = f.define(ofHandlers, s.handlers)
		f.arrange()
	}
	for _, l := range s.replaced {
		f.logger(l) // to see what is wrong with it, as CPython does
	}
	for _, l := range s.loggers {
		f.d.loggers = append(f.d.loggers, f.logger(l))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	s.defined = f.d
	return &Config{spec: s, options: o}, nil
}

// define makes definitions of parts of one sort.
func (f *finisher) define(of sort, parts []*part) map[string]*definition {
	defs := map[string]*definition{}
	for _, p := range parts {
		if d := f.definition(of, p); d != nil {
			defs[d.name] = d
		}
	}
	return defs
}

// definition makes one, nil if its kind is not known.
func (f *finisher) definition(of sort, p *part) *definition {
	kind := f.kind(of, p)
	if kind == nil {
		return nil
	}
	d := &definition{name: p.name, path: p.path, at: p.at, kind: kind, given: map[string]*decoded{}, level: formatters.LevelNotSet}
	before := len(f.p.all) + f.p.left
	f.positional(d, p)
	f.options(d, p)
	f.required(d)
	if of == ofHandlers {
		f.handler(d, p)
	}
	d.place(f.o.Root)
	d.setKey()
	if len(f.p.all)+f.p.left == before {
		f.try(d)
	}
	return d
}

// defaultKinds are the kinds of parts that name none.
var defaultKinds = map[sort]string{ofFormatters: "text", ofFilters: "name"}

// kind looks up what a part is.
func (f *finisher) kind(of sort, p *part) *Kind {
	if p.class == nil {
		if k := f.reg.find(of, defaultKinds[of], f.s.ini); k != nil {
			return f.allowed(k, p)
		}
		return nil // a handler without a class has been noted
	}
	key := p.path + ".class"
	if p.factory {
		key = join(p.path, "()")
	}
	name := p.class.text
	if p.class.kind != text && p.class.kind != external {
		f.p.at(p.class, key, "it must be the name of a kind")
		return nil
	}
	k := f.reg.find(of, name, f.s.ini)
	if k != nil {
		return f.allowed(k, p)
	}
	if reason, ok := unrepresented[name]; ok {
		f.p.at(p.class, key, "this can't be had in Go: %s", reason)
		return nil
	}
	if f.s.ini {
		if reason, ok := unrepresented["logging."+name]; ok {
			f.p.at(p.class, key, "this can't be had in Go: %s", reason)
			return nil
		}
	}
	f.p.at(p.class, key, "no kind of %ss has this name; classes of Python's that are not in the registry can't be used", string(of)).Suggestion = f.p.nearest(name, f.reg.names(of, f.s.ini))
	return nil
}

// allowed returns k, if Options.Kinds has it.
func (f *finisher) allowed(k *Kind, p *part) *Kind {
	if f.o.Kinds == nil || slices.Contains(f.o.Kinds, k.Name) {
		return k
	}
	f.p.at(p.class, p.path, "%ss of kind %q are not allowed here", string(k.sort()), k.Name)
	return nil
}

// positional decodes args= of an INI file.
func (f *finisher) positional(d *definition, p *part) {
	for i, v := range p.args {
		if i >= len(d.kind.Args) {
			f.p.at(v, p.path+".args", "there are %d arguments, and %q takes %d", len(p.args), d.kind.Name, len(d.kind.Args))
			return
		}
		f.give(d, d.kind.option(d.kind.Args[i]), v, p.path+".args["+strconv.Itoa(i)+"]")
	}
}

// options decodes options that are given by name.
func (f *finisher) options(d *definition, p *part) {
	for _, m := range p.options {
		path := join(p.path, m.key.text)
		o := d.kind.option(m.key.text)
		switch {
		case o != nil && d.given[o.Name] != nil:
			f.p.at(m.key, path, "the option is given twice")
		case o != nil:
			f.give(d, o, m.value, path)
		case d.kind.sort() != ofHandlers && !p.factory:
			f.s.unknown(f.p, m.key, path, d.kind.optionNames())
		default:
			known := d.kind.optionNames()
			if d.kind.Handler != nil {
				known = append(known, "class", "level", "formatter", "filters")
			}
			f.p.at(m.key, path, "%q has no such option", d.kind.Name).Suggestion = f.p.nearest(m.key.text, known)
		}
	}
}

// give decodes one option.
func (f *finisher) give(d *definition, o *Option, v *value, path string) {
	if v.isNull() {
		return
	}
	got, canon, wrong := o.decode(v, f.s.suite)
	near := ""
	if wrong == "" {
		wrong, near = o.choice(v)
	}
	if wrong != "" {
		f.p.at(v, path, "%s", wrong).Suggestion = near
		return
	}
	d.given[o.Name] = &decoded{got, canon, v, path}
	switch o.Type {
	case TypeHandler:
		d.needs = append(d.needs, got.(string))
	case TypeHandlers:
		d.needs = append(d.needs, got.([]string)...)
	}
}

func (f *finisher) required(d *definition) {
	for _, o := range d.kind.Options {
		if o.Required && d.given[o.Name] == nil {
			f.p.at(d.at, d.path, "%q needs the option %q", d.kind.Name, o.Name)
		}
	}
}

// handler decodes what all handlers have.
func (f *finisher) handler(d *definition, p *part) {
	d.level, d.levelGiven = f.level(p.level, p.path+".level")
	if p.formatter != nil {
		d.formatter = f.refer(f.d.formatters, p.formatter, p.path+".formatter", "formatter")
	}
	d.filters = f.filters(p.filters, p.path+".filters")
	if p.attributes.isNull() {
		return
	}
	for _, m := range p.attributes.members {
		if m.key.text == "terminator" && m.value.kind == text {
			d.terminator = &m.value.text
			continue
		}
		f.p.at(m.value, join(p.path+"[.]", m.key.text), "only the attribute \"terminator\", a text, can be set")
	}
}

// level decodes a level; null is none.
func (f *finisher) level(v *value, path string) (slog.Level, bool) {
	if v.isNull() {
		return formatters.LevelNotSet, false
	}
	l, wrong := levelOf(v, f.s.suite)
	if wrong != "" {
		f.p.at(v, path, "%s", wrong).Suggestion = f.p.nearest(v.text, levelNames)
	}
	return l, true
}

// refer returns the definition that v names, nil if there is none.
func (f *finisher) refer(defs map[string]*definition, v *value, path, what string) *definition {
	if v.kind == text {
		if d := defs[v.text]; d != nil {
			return d
		}
		if f.failed(what, v.text) {
			return nil
		}
	}
	f.p.at(v, path, "there is no %s of this name", what).Suggestion = f.p.nearest(v.text, someNames(defs))
	return nil
}

// someNames returns the names of definitions, or none if they are too many to be compared.
func someNames(defs map[string]*definition) []string {
	if len(defs) > maxNearest {
		return nil
	}
	return slices.Sorted(maps.Keys(defs))
}

// failed reports whether the document has a part of the name, which was wrong then.
func (f *finisher) failed(what, name string) bool {
	if f.parts == nil {
		f.parts = map[[2]string]bool{}
		for what, parts := range map[string][]*part{"formatter": f.s.formatters, "filter": f.s.filters, "handler": f.s.handlers} {
			for _, p := range parts {
				f.parts[[2]string{what, p.name}] = true
			}
		}
	}
	return f.parts[[2]string{what, name}]
}

func (f *finisher) filters(names []*value, path string) (defs []*definition) {
	for i, v := range names {
		if d := f.refer(f.d.filters, v, path+"["+strconv.Itoa(i)+"]", "filter"); d != nil {
			defs = append(defs, d)
		}
	}
	return defs
}

// try makes what can be made without opening anything, to see whether it can be.
func (f *finisher) try(d *definition) {
	a := &Args{def: d, OnError: func(error) {}, root: f.o.Root, spent: &f.spent}
	var err error
	if d.kind.Check != nil {
		err = d.kind.Check(a)
	}
	if err == nil && d.kind.Formatter != nil {
		d.format, err = d.kind.Formatter(a)
	}
	if err != nil {
		f.p.at(d.at, d.path, "%s", err.Error()).Err = err
	}
}

// isPath reports whether a value of o is a path: so is a host without a port, the name of a socket.
func (d *definition) isPath(o *Option) bool {
	return o.Type == TypePath || o.Type == TypeText && o.Name == "host" && d.given["port"] == nil && d.kind.option("path") != nil
}

// place makes the canonical form of paths say where they lead with a root: another document may
// mean something else by the same text.
func (d *definition) place(root string) {
	for i := range d.kind.Options {
		o := &d.kind.Options[i]
		if v := d.given[o.Name]; v != nil && root != "" && d.isPath(o) {
			v.canon = confined(root, v.v.(string))
		}
	}
}

// setKey sets the key, and the text of the options.
func (d *definition) setKey() {
	options := map[string]any{}
	for name, v := range d.given {
		options[name] = v.canon
	}
	d.options = mustMarshal(options)
	all := []any{string(d.kind.sort()), d.kind.Name, json.RawMessage(d.options), d.terminator}
	if d.formatter != nil {
		all = append(all, d.formatter.key)
	}
	d.key = mustMarshal(all)
}

// mustMarshal returns the JSON of values that a document can have: no float of these is infinite.
func mustMarshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("config: " + err.Error())
	}
	return string(b)
}

// levelsOnly makes definitions of an incremental document's handlers.
func (f *finisher) levelsOnly() map[string]*definition {
	defs := map[string]*definition{}
	for _, p := range f.s.handlers {
		d := &definition{name: p.name, path: p.path, at: p.at}
		if p.level.truth() {
			d.level, d.levelGiven = f.level(p.level, p.path+".level")
		}
		defs[p.name] = d
	}
	return defs
}

// need checks that a handler which another feeds is there.
func (f *finisher) need(d *definition, name string) {
	if f.d.handlers[name] != nil || f.failed("handler", name) {
		return
	}
	if f.p.left > 0 {
		f.p.left++ // to find its place takes time
		return
	}
	for _, v := range d.given {
		if t, ok := v.v.(string); ok && t == name {
			f.p.at(v.at, v.path, "there is no handler of this name").Suggestion = f.p.nearest(name, someNames(f.d.handlers))
			return
		}
		if ts, ok := v.v.([]string); ok && slices.Contains(ts, name) {
			f.p.at(v.at, v.path, "there is no handler %q", name).Suggestion = f.p.nearest(name, someNames(f.d.handlers))
			return
		}
	}
}

// logger decodes what is said of a logger.
func (f *finisher) logger(s *loggerSpec) *loggerDef {
	l := &loggerDef{name: s.name, propagate: s.propagate, disabled: s.disabled}
	if l.name == "" {
		l.name = "root"
	}
	l.level, l.levelGiven = f.level(s.level, s.path+".level")
	l.filters = f.filters(s.filters, s.path+".filters")
	for i, v := range s.handlers {
		d := f.refer(f.d.handlers, v, s.path+".handlers["+strconv.Itoa(i)+"]", "handler")
		if d != nil && !slices.Contains(l.handlers, d.name) {
			l.handlers = append(l.handlers, d.name)
		}
	}
	return l
}
