package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

// A transition is the way from what a tree has to what a Config says.
type transition struct {
	c    *Config
	tree *slogtree.Tree
	st   *state

	next    map[string]*built
	order   []string // of next, each after those that it feeds
	filters map[string]*builtFilter

	exchanges []exchange
	named     map[string]bool // the loggers that the document names

	now      map[string]slogtree.Setting // by name; the root is "root"
	settings map[string]slogtree.Setting // what changes
	names    []string                    // of settings, in the order of the document
	called   map[slog.Handler]string     // names of handlers, for the plan
	plan     Plan
}

// An exchange is a handler that takes the place of another, wherever that is attached.
type exchange struct{ old, by slog.Handler }

// An opener makes the inner handler of a definition.
type opener func(d *definition, targets map[string]slog.Handler) (slog.Handler, error)

// newTransition works out what changes. open is called for each handler that can't stay as it is;
// its errors are joined.
func (c *Config) newTransition(tree *slogtree.Tree, st *state, open opener) (*transition, error) {
	t := &transition{c: c, tree: tree, st: st, next: map[string]*built{}, named: make(map[string]bool, len(c.spec.defined.loggers))}
	for _, l := range c.spec.defined.loggers {
		t.named[l.name] = true
	}
	var err error
	if c.spec.incremental {
		err = t.incrementHandlers()
	} else {
		err = errors.Join(t.makeFilters(), t.makeHandlers(open))
	}
	if err == nil {
		t.compose()
	}
	return t, err
}

// compose works out the settings, from what the tree's loggers have now.
func (t *transition) compose() {
	t.now, t.settings, t.names = settingsOf(t.tree), make(map[string]slogtree.Setting, len(t.named)), nil
	t.plan = Plan{Ignored: slices.Clone(t.c.spec.ignored)}
	for _, e := range t.exchanges {
		t.exchange(e.old, e.by)
	}
	t.configureLoggers()
	t.existing()
	t.compare()
}

// settingsOf returns the settings of all loggers.
func settingsOf(tree *slogtree.Tree) map[string]slogtree.Setting {
	loggers := slices.Collect(tree.All())
	now := make(map[string]slogtree.Setting, len(loggers))
	for _, l := range loggers {
		if l.Name() != "root" || l.Parent() == nil {
			now[l.Name()] = l.Setting()
		}
	}
	return now
}

// makeFilters makes the filters that are new.
func (t *transition) makeFilters() error {
	t.filters = map[string]*builtFilter{}
	var errs []error
	for name, d := range t.c.spec.defined.filters {
		if old := t.st.filters[name]; old != nil && old.def.key == d.key {
			t.filters[name] = old
			continue
		}
		f, err := t.c.makeFilter(d)
		if err != nil {
			errs = append(errs, t.c.failed(d, err))
		}
		t.filters[name] = &builtFilter{d, f}
	}
	return errors.Join(errs...)
}

// makeFilter makes one filter.
func (c *Config) makeFilter(d *definition) (f handlers.Filter, err error) {
	defer recoverTo(&err, "the kind "+strconv.Quote(d.kind.Name))
	f, err = d.kind.Filter(&Args{def: d, OnError: c.onError()})
	if err == nil && f == nil {
		err = errors.New("the kind made no filter")
	}
	return f, err
}

// failed returns what went wrong with a definition as an Error.
func (c *Config) failed(d *definition, err error) *Error {
	return &Error{Filename: c.options.Filename, Line: d.at.line, Column: d.at.column, Path: d.path, Reason: err.Error(), Err: err}
}

// makeHandlers makes the handlers that are new, and takes over the others.
func (t *transition) makeHandlers(open opener) error {
	var errs []error
	inUse, _ := attached(t.tree)
	for _, d := range t.c.spec.defined.order {
		b := &built{def: d}
		targets := map[string]slog.Handler{}
		for _, need := range d.needs {
			targets[need] = t.next[need].top
			if d.kind.ignoresLevel != nil && d.kind.ignoresLevel(&Args{def: d}) {
				targets[need] = t.next[need].mid
			}
			b.targets = append(b.targets, targets[need])
		}
		for _, f := range d.filters {
			b.filters = append(b.filters, t.filters[f.name])
		}
		old := t.st.handlers[d.name]
		if old != nil && (old.def.key != d.key || !slices.EqualFunc(old.targets, b.targets, same) || old.taken(inUse)) {
			old = nil
		}
		if old != nil {
			b.inner, b.attached = old.inner, old.attached
		} else if h, err := open(d, targets); err != nil {
			errs = append(errs, t.c.failed(d, err))
			b.inner = &nullHandler{}
		} else {
			b.inner = h
		}
		b.wrap(old)
		t.next[d.name], t.order = b, append(t.order, d.name)
	}
	return errors.Join(errs...)
}

// incrementHandlers gives handlers that exist other levels.
func (t *transition) incrementHandlers() error {
	t.filters, t.order = t.st.filters, t.st.order
	var errs []error
	for name, old := range t.st.handlers {
		t.next[name] = old
	}
	for _, p := range t.c.spec.handlers {
		d := t.c.spec.defined.handlers[p.name]
		old := t.st.handlers[d.name]
		if old == nil {
			errs = append(errs, t.c.failed(d, errors.New("no configuration has made a handler of this name, and an incremental one makes none")))
			continue
		}
		if !d.levelGiven || d.level == old.level {
			continue
		}
		if by := t.feeder(d.name); by != "" {
			errs = append(errs, t.c.failed(d, fmt.Errorf("the handler %q was made with its level, which only a full configuration can change", by)))
			continue
		}
		changed := *old.def
		changed.level, changed.levelGiven = d.level, true
		b := &built{def: &changed, inner: old.inner, targets: old.targets, filters: old.filters}
		b.wrap(old)
		t.next[d.name] = b
		t.exchanges = append(t.exchanges, exchange{old.top, b.top})
	}
	return errors.Join(errs...)
}

// feeder returns the name of a handler that feeds another one by its level, "" if there is none.
func (t *transition) feeder(name string) string {
	for _, by := range t.st.order {
		d := t.st.handlers[by].def
		ignores := d.kind.ignoresLevel != nil && d.kind.ignoresLevel(&Args{def: d})
		if slices.Contains(d.needs, name) && !ignores {
			return by
		}
	}
	return ""
}

// exchange makes an exchange in the settings.
func (t *transition) exchange(old, by slog.Handler) {
	for name := range t.now {
		s := t.setting(name)
		i := slices.IndexFunc(s.Handlers, func(h slog.Handler) bool { return same(h, old) })
		if i < 0 {
			continue
		}
		s.Handlers = slices.Clone(s.Handlers)
		s.Handlers[i] = by
		t.set(name, s)
	}
}

// setting returns what a logger has, or is to have.
func (t *transition) setting(name string) slogtree.Setting {
	if s, ok := t.settings[name]; ok {
		return s
	}
	if s, ok := t.now[name]; ok {
		return s
	}
	return slogtree.Setting{Level: formatters.LevelNotSet, Propagate: true}
}

// set notes a setting, unless it is what the logger has.
func (t *transition) set(name string, s slogtree.Setting) {
	if _, ok := t.settings[name]; !ok {
		if old, known := t.now[name]; known && equalSettings(old, s) {
			return
		}
		t.names = append(t.names, name)
	}
	t.settings[name] = s
}

// configureLoggers works out the settings of the loggers that the document names.
func (t *transition) configureLoggers() {
	by := "config"
	if t.c.options.Filename != "" {
		by += " " + t.c.options.Filename
	}
	for _, l := range t.c.spec.defined.loggers {
		s := t.setting(l.name)
		if l.name != "root" || t.c.spec.suite {
			s.Disabled = l.disabled
		}
		if l.levelGiven && (s.Level != l.level || s.Override || !t.known(l.name)) {
			s.Level, s.By, s.Override = l.level, by, false
		}
		if l.propagate != nil && l.name != "root" {
			s.Propagate = *l.propagate
		}
		if !t.c.spec.incremental {
			s.Handlers = nil
			for _, name := range l.handlers {
				s.Handlers = append(s.Handlers, t.next[name].top)
			}
			s.Filters = t.loggerFilters(s.Filters, l.filters)
		}
		t.set(l.name, s)
	}
}

func (t *transition) known(name string) bool {
	_, ok := t.now[name]
	return ok
}

// loggerFilters returns a logger's filters: those that the program has added, and those of the document. CPython
// keeps those of earlier documents too, so they would pile up.
func (t *transition) loggerFilters(have []handlers.Filter, defs []*definition) []handlers.Filter {
	var fs []handlers.Filter
	for _, f := range have {
		if !t.st.madeFilter(f) {
			fs = append(fs, f)
		}
	}
	for _, d := range defs {
		if f := t.filters[d.name].filter; !slices.ContainsFunc(fs, func(g handlers.Filter) bool { return sameFilter(f, g) }) {
			fs = append(fs, f)
		}
	}
	return fs
}

// existing works out what becomes of loggers that the document does not name. Those below one that it names
// inherit everything; others are muted, or not, as it says.
func (t *transition) existing() {
	if t.c.spec.incremental {
		return
	}
	for name := range t.now {
		if name == "root" || t.named[name] {
			continue
		}
		s := t.setting(name)
		if below(t.named, name) {
			s.Level, s.Override, s.Handlers, s.Propagate = formatters.LevelNotSet, false, nil, true
		} else {
			s.Disabled = t.c.spec.disableExisting
		}
		t.set(name, s)
	}
}

// below reports whether a logger above name, besides the root, is in named.
func below(named map[string]bool, name string) bool {
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i], '.') {
		if named[name[:i]] && name[:i] != "root" {
			return true
		}
	}
	return false
}

// compare drops settings that change nothing, and notes the changes.
func (t *transition) compare() {
	t.compareHandlers()
	t.nameHandlers()
	slices.SortStableFunc(t.names, func(a, b string) int {
		if (a == "root") != (b == "root") {
			return map[bool]int{true: -1, false: 1}[a == "root"]
		}
		return strings.Compare(a, b)
	})
	for _, name := range t.names {
		old, now := t.now[name], t.settings[name]
		if !t.known(name) {
			old = slogtree.Setting{Level: formatters.LevelNotSet, Propagate: true}
		}
		if equalSettings(old, now) { // also of a logger that is not there: it would be as if it were
			delete(t.settings, name)
			continue
		}
		t.compareLogger(name, old, now)
	}
}

func equalSettings(a, b slogtree.Setting) bool {
	return a.Level == b.Level && a.Override == b.Override && a.Propagate == b.Propagate && a.Disabled == b.Disabled &&
		slices.EqualFunc(a.Handlers, b.Handlers, same) && slices.EqualFunc(a.Filters, b.Filters, sameFilter)
}

// levelWords returns the level of a setting.
func levelWords(s slogtree.Setting) string {
	if s.Override {
		return formatters.LevelName(s.Level) + " for a time"
	}
	return formatters.LevelName(s.Level)
}

func (t *transition) compareLogger(name string, old, now slogtree.Setting) {
	add := func(what, a, b string) {
		if a != b {
			t.plan.Loggers = append(t.plan.Loggers, LoggerChange{name, what, a, b})
		}
	}
	add("level", levelWords(old), levelWords(now))
	if !slices.EqualFunc(old.Handlers, now.Handlers, same) {
		add("handlers", t.handlerNames(old.Handlers), t.handlerNames(now.Handlers))
	}
	if !slices.EqualFunc(old.Filters, now.Filters, sameFilter) {
		add("filters", filterNames(old.Filters), filterNames(now.Filters))
	}
	add("propagate", strconv.FormatBool(old.Propagate), strconv.FormatBool(now.Propagate))
	add("disabled", strconv.FormatBool(old.Disabled), strconv.FormatBool(now.Disabled))
	if now.Disabled && !old.Disabled && !t.named[name] {
		t.plan.Muted = append(t.plan.Muted, name)
	}
}

// compareHandlers notes which handlers are opened, kept and closed.
func (t *transition) compareHandlers() {
	for _, name := range sortedKeys(t.next, t.st.handlers) {
		old, now := t.st.handlers[name], t.next[name]
		change := HandlerChange{Name: name, Action: "keep", Old: old.describe(), New: now.describe()}
		switch {
		case old == nil:
			change.Action = "open"
		case now == nil:
			change.Action = "close"
		case !same(old.inner, now.inner):
			change.Action = "reopen"
		case !same(old.top, now.top):
			change.Action = "wrap"
		}
		t.plan.Handlers = append(t.plan.Handlers, change)
	}
}
