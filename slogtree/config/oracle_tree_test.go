package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// compare compares the tree with CPython's.
func (w *world) compare(want *pyTree) error {
	if want == nil {
		return errors.New("no tree was observed")
	}
	errs := []error{w.compareLogger("root", want.Root, want)}
	for name, l := range want.Loggers {
		errs = append(errs, w.compareLogger(name, l, want))
	}
	for l := range w.tree.All() {
		if _, ok := want.Loggers[l.Name()]; !ok && l.Name() != "root" && !isDefault(l) {
			errs = append(errs, fmt.Errorf("logger %q is configured, and CPython has none", l.Name()))
		}
	}
	return errors.Join(errs...)
}

func isDefault(l *slogtree.Logger) bool {
	s := l.Setting()
	return s.Level == slogtree.LevelNotSet && s.Propagate && len(s.Handlers)+len(s.Filters) == 0
}

func (w *world) compareLogger(name string, want pyLogger, tree *pyTree) error {
	l := w.tree.Get(name)
	w.kept = append(w.kept, l)
	s := l.Setting()
	var errs []error
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			errs = append(errs, fmt.Errorf("logger %q: %s is %v, want %v", name, what, got, want))
		}
	}
	differ("level", s.Level, formatters.FromPythonLevel(int(want.Level)))
	differ("effective level", l.EffectiveLevel(), formatters.FromPythonLevel(int(want.Effective)))
	differ("propagate", s.Propagate, want.Propagate)
	differ("disabled", s.Disabled, want.Disabled)
	differ("filters", w.filterTexts(s.Filters), pyFilters(want.Filters))
	if len(s.Handlers) != len(want.Handlers) {
		return errors.Join(append(errs, fmt.Errorf("logger %q: handlers %v, want %v", name, s.Handlers, want.Handlers))...)
	}
	for i, h := range s.Handlers {
		errs = append(errs, w.compareHandler(h, want.Handlers[i], tree))
	}
	return errors.Join(errs...)
}

// pyFilters returns names of filters, each once: a second one of a name does nothing.
func pyFilters(fs []map[string]any) (names []string) {
	for _, f := range fs {
		if name := fmt.Sprint(f["name"]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (w *world) filterTexts(fs []handlers.Filter) (names []string) {
	for _, f := range fs {
		name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(f), "NameFilter("), ")")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// builtOf returns what made h.
func (w *world) builtOf(h slog.Handler) *built { return stateOf(w.tree).builtOf(h) }

// twins reports whether loggers have another handler that a configuration gave the name.
func (w *world) twins(h slog.Handler, name string) bool {
	for l := range w.tree.All() {
		for _, other := range l.Handlers() {
			if b := w.builtOf(other); !same(h, other) && b != nil && b.def.name == name {
				return true
			}
		}
	}
	return false
}

// pyOptions are attributes of Python's handlers that are options here.
var pyOptions = map[string]string{
	"delay": "delay", "maxBytes": "max_bytes", "backupCount": "backup_count", "utc": "utc", "host": "host", "port": "port",
	"capacity": "capacity", "flushOnClose": "flush_on_close", "target": "target", "stream": "stream",
}

func (w *world) compareHandler(h slog.Handler, name string, tree *pyTree) error {
	want := tree.Handlers[name]
	b := w.builtOf(h)
	if b == nil {
		return fmt.Errorf("handler %s: %v was made by no configuration", name, h)
	}
	if w.twins(h, b.def.name) { // CPython's dump has one of them
		if !strings.HasPrefix(name, "#") && b.def.name != name {
			return fmt.Errorf("handler %s is called %s", name, b.def.name)
		}
		return nil
	}
	var errs []error
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			errs = append(errs, fmt.Errorf("handler %s: %s is %v, want %v", name, what, got, want))
		}
	}
	if !strings.HasPrefix(name, "#") {
		differ("name", b.def.name, name)
	}
	if !slices.Contains(b.def.kind.Classes, want["class"].(string)) {
		differ("class", b.def.kind.Classes, want["class"])
	}
	differ("level", b.level, formatters.FromPythonLevel(pyLevel(want["level"])))
	differ("filters", filterDefs(b.def.filters), pyFilterList(want["filters"]))
	a := &Args{def: b.def}
	for attribute, option := range pyOptions {
		v, ok := want[attribute]
		if !ok || attribute == "target" && v == nil || b.def.kind.option(option) == nil {
			continue
		}
		got := any(nil)
		if a.Has(option) {
			got = b.def.given[option].canon
		} else {
			got = b.def.kind.option(option).Default
		}
		differ(attribute, strings.TrimPrefix(fmt.Sprint(got), "ext://sys."), v)
	}
	if v, ok := want["filename"]; ok {
		differ("filename", filepath.Clean(relative(w.dir, a.Path("filename"))), v)
	}
	if v, ok := want["flushLevel"]; ok {
		differ("flushLevel", formatters.PythonLevel(a.Level("flush_level").Level()), v)
	}
	errs = append(errs, compareFormatter(name, b.def.formatter, want["formatter"]))
	return errors.Join(errs...)
}

func relative(dir, path string) string {
	if rel, err := filepath.Rel(dir, path); err == nil {
		return rel
	}
	return path
}

func filterDefs(defs []*definition) (names []string) {
	for _, d := range defs {
		names = append(names, (&Args{def: d}).Text("name"))
	}
	return names
}

func pyFilterList(v any) (names []string) {
	list, _ := v.([]any)
	for _, f := range list {
		names = append(names, fmt.Sprint(f.(map[string]any)["name"]))
	}
	return names
}

func compareFormatter(name string, d *definition, v any) error {
	want, ok := v.(map[string]any)
	if !ok || d == nil {
		if ok != (d != nil) {
			return fmt.Errorf("handler %s: formatter %v, want %v", name, d, v)
		}
		return nil
	}
	a := &Args{def: d}
	format := a.Text("format")
	style := a.Text("style")
	if format == "" {
		format = map[string]string{"%": "%(message)s", "{": "{message}", "$": "${message}"}[style]
	}
	if got := fmt.Sprint(format, style); got != fmt.Sprint(want["fmt"], want["style"]) {
		return fmt.Errorf("handler %s: format %s, want %v", name, got, want)
	}
	if want["datefmt"] != nil && want["datefmt"] != a.Text("datefmt") {
		return fmt.Errorf("handler %s: datefmt %q, want %v", name, a.Text("datefmt"), want["datefmt"])
	}
	return nil
}

// A pyInt is an int, or a bool, which Python takes for one.
type pyInt int64

func (n *pyInt) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "true":
		*n = 1
		return nil
	case "false":
		*n = 0
		return nil
	}
	return json.Unmarshal(b, (*int64)(n))
}

// level returns a handler's level.
func pyLevel(v any) int {
	if f, ok := v.(float64); ok {
		return int(f)
	}
	if v == true {
		return 1
	}
	return 0
}
