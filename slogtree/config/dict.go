package config

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// suiteVersion is the "version" of documents that are ours.
const suiteVersion = "slogsuite/1"

// parseDict reads a dictConfig document.
func parseDict(data []byte, o Options) (*Config, error) {
	p := &problems{filename: o.Filename}
	root := readDict(data, o.Filename, p)
	if root == nil {
		return nil, p.err()
	}
	if root.kind != table {
		p.at(root, "", "the document must be a table, as {\"version\": 1}")
		return nil, p.err()
	}
	d := &dictReader{root: root, p: p, s: &spec{disableExisting: true}}
	if !d.version() {
		return nil, p.err()
	}
	if d.s.incremental = root.get("incremental").truth(); d.s.incremental {
		d.increment()
	} else {
		d.all()
	}
	return finish(d.s, p, o)
}

// readDict reads JSON or YAML.
func readDict(data []byte, filename string, p *problems) *value {
	if len(data) > maxBytes {
		p.add(&Error{Reason: fmt.Sprintf("the document has %d bytes, more than %d", len(data), maxBytes)})
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		p.add(&Error{Reason: "the document is no UTF-8"})
		return nil
	}
	switch strings.ToLower(filepath.Ext(filename)) {
	case ".json":
		return readJSON(data, p)
	case ".yaml", ".yml":
		return readYAML(data, p)
	}
	if start := bytes.TrimLeft(data, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return readJSON(data, p)
	}
	return readYAML(data, p)
}

// A dictReader takes a document apart in the order of CPython's
// DictConfigurator, since a cfg:// may not lead into what has been built.
type dictReader struct {
	root  *value
	p     *problems
	s     *spec
	built map[*value]bool // what a cfg:// may not lead into
	depth int             // of cfg:// in cfg://
	steps int             // of all cfg://
}

var topKeys = []string{"version", "formatters", "filters", "handlers", "loggers", "root", "incremental", "disable_existing_loggers"}

// version looks at the version, and reports whether reading may go on.
func (d *dictReader) version() bool {
	v := d.root.get("version")
	switch {
	case v == nil:
		d.p.at(d.root, "", "the document has no \"version\"").Suggestion = "version: 1"
		return false
	case v.kind == text && v.text == suiteVersion:
		d.s.suite, d.s.disableExisting = true, false
	case v.kind == integer && v.integer == 1, v.kind == float && v.float == 1, v.kind == boolean && v.boolean:
	default:
		d.p.at(v, "version", "the version must be 1 or %q", suiteVersion)
		return false
	}
	return true
}

// all reads a full configuration.
func (d *dictReader) all() {
	d.built = map[*value]bool{}
	d.unknown(d.root, "", topKeys)
	if v := d.root.get("disable_existing_loggers"); v != nil {
		if v.kind == text || v.kind == list || v.kind == table {
			d.p.at(v, "disable_existing_loggers", "it must be true or false")
		}
		d.s.disableExisting = v.truth()
	}
	d.s.formatters = d.parts("formatters", d.formatter)
	d.s.filters = d.parts("filters", d.filter)
	d.s.handlers = d.parts("handlers", d.handler)
	d.loggers()
}

// increment reads levels and propagate alone.
func (d *dictReader) increment() {
	for _, m := range d.tableAt("handlers") {
		part := &part{name: m.key.text, path: join("handlers", m.key.text), at: m.key}
		if d.isTable(m.value, part.path) {
			part.level = d.convert(m.value.get("level"), join(part.path, "level"))
		}
		d.s.handlers = append(d.s.handlers, part)
	}
	d.loggers()
}

// tableAt returns the members of a table at the top.
func (d *dictReader) tableAt(key string) []member {
	v := d.convert(d.root.get(key), key)
	if v == nil || !d.isTable(v, key) {
		return nil
	}
	return v.members
}

func (d *dictReader) isTable(v *value, path string) bool {
	if v.kind != table {
		d.p.at(v, path, "it must be a table")
		return false
	}
	return true
}

// parts reads what is in the table key, in the order in which CPython does:
// handlers by their names, others as they come.
func (d *dictReader) parts(key string, read func(*part, *value)) (parts []*part) {
	members := d.tableAt(key)
	if key == "handlers" {
		members = d.buildOrder(members)
	}
	for _, m := range members {
		v := d.convert(m.value, join(key, m.key.text))
		if v == nil {
			continue
		}
		p := &part{name: m.key.text, path: join(key, m.key.text), at: m.key}
		if d.isTable(v, p.path) {
			read(p, v)
			parts = append(parts, p)
		}
		d.built[v] = true
	}
	return parts
}

func (d *dictReader) formatter(p *part, v *value) {
	for _, m := range v.members {
		item := d.convert(m.value, join(p.path, m.key.text))
		switch m.key.text {
		case "()", "class":
			d.class(p, m.key.text, item)
		default:
			p.options = append(p.options, member{m.key, item})
		}
	}
}

func (d *dictReader) filter(p *part, v *value) {
	for _, m := range v.members {
		item := d.convert(m.value, join(p.path, m.key.text))
		if m.key.text == "()" {
			d.class(p, "()", item)
			continue
		}
		p.options = append(p.options, member{m.key, item})
	}
}

// class notes what names a part's kind: "()" before "class".
func (d *dictReader) class(p *part, key string, v *value) {
	if v.isNull() || p.factory {
		return
	}
	p.class, p.factory = v, key == "()"
}

func (d *dictReader) handler(p *part, v *value) {
	for _, m := range v.members {
		path := join(p.path, m.key.text)
		if m.key.text == "filters" {
			p.filters = d.names(m.value, path)
			continue
		}
		item := d.convert(m.value, path)
		switch m.key.text {
		case "()", "class":
			d.class(p, m.key.text, item)
		case "level":
			p.level = item
		case "formatter":
			if item.truth() {
				p.formatter = item
			}
		case ".":
			p.attributes = item
		default:
			p.options = append(p.options, member{m.key, item})
		}
	}
	if p.class == nil {
		d.p.at(p.at, p.path, "the handler has no \"class\"")
	}
}

// names returns a list of names. Its items are taken as they are, as CPython takes them.
func (d *dictReader) names(v *value, path string) []*value {
	v = d.convert(v, path)
	switch {
	case !v.truth():
		return nil
	case v.kind == list:
		return v.list
	case v.kind == text:
		d.p.at(v, path, "it must be a list").Suggestion = "[" + shorten(v.text) + "]"
	default:
		d.p.at(v, path, "it must be a list")
	}
	return nil
}

// loggers reads the loggers and the root.
func (d *dictReader) loggers() {
	for _, m := range d.tableAt("loggers") {
		m.value = d.convert(m.value, join("loggers", m.key.text))
		if path := join("loggers", m.key.text); d.isTable(m.value, path) {
			d.logger(m.key.text, path, m.key, m.value)
		}
	}
	root := d.convert(d.root.get("root"), "root")
	if root.truth() && d.isTable(root, "root") {
		d.logger("root", "root", root, root)
	}
}

var loggerKeys = []string{"level", "handlers", "filters", "propagate"}

func (d *dictReader) logger(name, path string, at, v *value) {
	l := &loggerSpec{name: name, path: path, at: at}
	if name == "" {
		l.name = "root"
	}
	l.level = d.convert(v.get("level"), path+".level")
	if on := d.convert(v.get("propagate"), path+".propagate"); !on.isNull() && path != "root" {
		if on.kind != boolean && on.kind != integer {
			d.p.at(on, path+".propagate", "it must be true or false")
		}
		l.propagate = new(on.truth())
	}
	keys := loggerKeys
	if d.s.suite {
		keys = append(keys[:len(keys):len(keys)], "disabled")
		if v := v.get("disabled"); v != nil && v.kind != boolean {
			d.p.at(v, path+".disabled", "it must be true or false")
		}
		l.disabled = v.get("disabled").truth()
	}
	if !d.s.incremental {
		d.unknown(v, path, keys)
		l.handlers = d.names(v.get("handlers"), path+".handlers")
		l.filters = d.names(v.get("filters"), path+".filters")
	}
	d.s.loggers = append(d.s.loggers, l)
}

// unknown notes keys that mean nothing: an error in documents of ours, ignored in Python's,
// as Python does.
func (d *dictReader) unknown(v *value, path string, known []string) {
	for _, m := range v.members {
		if !contains(known, m.key.text) {
			d.s.unknown(d.p, m.key, join(path, m.key.text), known)
		}
	}
}

// unknown notes a key that means nothing.
func (s *spec) unknown(p *problems, key *value, path string, known []string) {
	e := &Error{Line: key.line, Column: key.column, Path: path, Reason: "the key is not known"}
	if s.suite {
		p.add(e)
		e.Suggestion = p.nearest(key.text, known)
		return
	}
	e.Filename, e.Reason = p.filename, "the key is not known, and ignored"
	if len(s.ignored) < maxProblems {
		e.Suggestion = nearest(key.text, known)
		s.ignored = append(s.ignored, e)
	}
}

func contains(known []string, key string) bool {
	for _, k := range known {
		if k == key {
			return true
		}
	}
	return false
}
