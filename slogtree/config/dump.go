package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/slogtree"
)

// A dumped is a document in the order in which it is written.
type dumped struct {
	Version    string                    `json:"version"`
	Formatters map[string]map[string]any `json:"formatters,omitempty"`
	Filters    map[string]map[string]any `json:"filters,omitempty"`
	Handlers   map[string]map[string]any `json:"handlers,omitempty"`
	Loggers    map[string]dumpedLogger   `json:"loggers,omitempty"`
	Root       dumpedLogger              `json:"root"`
}

type dumpedLogger struct {
	Level     string   `json:"level,omitempty"`
	Handlers  []string `json:"handlers,omitempty"`
	Filters   []string `json:"filters,omitempty"`
	Propagate *bool    `json:"propagate,omitempty"`
	Disabled  bool     `json:"disabled,omitempty"`
}

// A dumper collects what a tree has.
type dumper struct {
	st   *state
	doc  dumped
	by   map[string]map[string]string // names by sort and what is defined
	errs []error
}

func dump(tree *slogtree.Tree) ([]byte, error) {
	if tree == nil {
		return nil, errNoTree
	}
	st := stateOf(tree)
	if err := st.take(context.Background()); err != nil {
		return nil, err
	}
	defer st.release()
	d := &dumper{st: st, by: map[string]map[string]string{"formatters": {}, "filters": {}, "handlers": {}}}
	d.doc = dumped{Version: suiteVersion, Formatters: map[string]map[string]any{}, Filters: map[string]map[string]any{}, Handlers: map[string]map[string]any{}, Loggers: map[string]dumpedLogger{}}
	for _, name := range st.order { // those that no logger has, too
		d.handler(st.handlers[name])
	}
	for name, s := range settingsOf(tree) {
		if l := d.logger(name, s); name == "root" {
			d.doc.Root = l
		} else if !utf8.ValidString(name) {
			d.errs = append(d.errs, &Error{Path: "loggers", Value: strconv.Quote(shorten(name)), Reason: "the name is no UTF-8, as a document is, so the logger is left out"})
		} else if !emptySetting(s) {
			d.doc.Loggers[name] = l
		}
	}
	return d.bytes()
}

func emptySetting(s slogtree.Setting) bool {
	return s.Level == formatters.LevelNotSet && s.Propagate && !s.Disabled && len(s.Handlers)+len(s.Filters) == 0
}

func (d *dumper) bytes() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d.doc); err != nil {
		return nil, fmt.Errorf("config: Dump: %w", err)
	}
	return b.Bytes(), errors.Join(d.errs...)
}

func (d *dumper) logger(name string, s slogtree.Setting) dumpedLogger {
	l := dumpedLogger{Level: levelText(s.Level), Disabled: s.Disabled}
	if name != "root" {
		l.Propagate = &s.Propagate
	}
	for i, h := range s.Handlers {
		if b := d.st.builtOf(h); b != nil {
			l.Handlers = append(l.Handlers, d.handler(b))
			continue
		}
		d.leave(join("loggers", name)+fmt.Sprintf(".handlers[%d]", i), h)
	}
	for i, f := range s.Filters {
		if def := d.st.filterDef(f); def != nil {
			l.Filters = append(l.Filters, d.part("filters", d.doc.Filters, def))
			continue
		}
		d.leave(join("loggers", name)+fmt.Sprintf(".filters[%d]", i), f)
	}
	return l
}

// leave notes what can't be in the document.
func (d *dumper) leave(path string, v any) {
	d.errs = append(d.errs, &Error{Path: path, Value: shorten(fmt.Sprint(v)), Reason: "no configuration made it, so it is left out"})
}

// name returns the name under which a definition stands in the document, and whether it is new there.
func (d *dumper) name(of, name, key string) (string, bool) {
	if known, ok := d.by[of][key]; ok {
		return known, false
	}
	taken := func(name string) bool {
		for _, n := range d.by[of] {
			if n == name {
				return true
			}
		}
		return false
	}
	free := name
	for i := 2; taken(free); i++ {
		free = fmt.Sprintf("%s-%d", name, i)
	}
	d.by[of][key] = free
	return free, true
}

// part adds a formatter or filter, and returns its name.
func (d *dumper) part(of string, to map[string]map[string]any, def *definition) string {
	name, isNew := d.name(of, def.name, def.key)
	if isNew {
		to[name] = def.document("()")
	}
	return name
}

// document returns kind and options.
func (d *definition) document(class string) map[string]any {
	doc := map[string]any{class: d.kind.Name}
	for name, v := range d.given {
		doc[name] = v.canon
	}
	return doc
}

// handler adds a handler and what it needs, and returns its name.
func (d *dumper) handler(b *built) string {
	name, isNew := d.name("handlers", b.def.name, fmt.Sprintf("%p", b))
	if !isNew {
		return name
	}
	doc := b.def.document("class")
	if b.level != formatters.LevelNotSet {
		doc["level"] = levelText(b.level)
	}
	if b.def.formatter != nil {
		doc["formatter"] = d.part("formatters", d.doc.Formatters, b.def.formatter)
	}
	var filters []string
	for _, f := range b.filters {
		filters = append(filters, d.part("filters", d.doc.Filters, f.def))
	}
	if filters != nil {
		doc["filters"] = filters
	}
	if b.def.terminator != nil {
		doc["."] = map[string]any{"terminator": *b.def.terminator}
	}
	d.targets(b, doc)
	d.doc.Handlers[name] = doc
	return name
}

// targets gives the handlers that b feeds the names that they have in the document.
func (d *dumper) targets(b *built, doc map[string]any) {
	names := map[string]string{}
	for i, need := range b.def.needs {
		if t := d.st.builtOf(b.targets[i]); t != nil {
			names[need] = d.handler(t)
		}
	}
	for _, o := range b.def.kind.Options {
		v := b.def.given[o.Name]
		if v == nil {
			continue
		}
		switch x := v.v.(type) {
		case string:
			if o.Type == TypeHandler {
				doc[o.Name] = names[x]
			}
		case []string:
			if o.Type == TypeHandlers {
				renamed := slices.Clone(x)
				for i := range renamed {
					renamed[i] = names[x[i]]
				}
				doc[o.Name] = renamed
			}
		case map[string]any:
			if o.Type == TypeTable && b.def.kind.Name == "router" {
				doc[o.Name] = renameKeys(x, names)
			}
		}
	}
}

// renameKeys returns a table with names for its keys: that of a router's routes.
func renameKeys(table map[string]any, names map[string]string) map[string]any {
	renamed := make(map[string]any, len(table))
	for key, v := range table {
		renamed[names[key]] = v
	}
	return renamed
}
