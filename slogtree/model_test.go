package slogtree

import (
	"cmp"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
)

// The model is the tree as one would write it without a thought of speed or
// of concurrency: nothing is cached, each record asks for everything anew.
// TestModel holds it beside the real tree.
type model struct {
	loggers  map[string]*modelLogger // those that exist; the root is ""
	disabled slog.Level
	operator []modelRule // SLOG_LEVELS
	rules    []modelRule // SetLevels
	clock    int         // counts changes of levels
	ruledAt  int         // when SetLevels was called last
	wrong    string      // the mistake to make, for the control
}

type modelLogger struct {
	level            slog.Level
	setAt            int // when SetLevel was called last; 0 is never
	handlers         []int
	filters          []int
	alone, disabled_ bool
}

type modelRule struct {
	text, pattern string
	level         slog.Level
	glob          *regexp.Regexp
}

func newModel(rootLevel slog.Level) *model {
	return &model{
		loggers:  map[string]*modelLogger{"": {level: rootLevel}},
		disabled: LevelNotSet,
	}
}

// get returns the logger of that name, which exists from now on.
func (m *model) get(name string) *modelLogger {
	if m.loggers[name] == nil {
		m.loggers[name] = &modelLogger{level: LevelNotSet}
	}
	return m.loggers[name]
}

// above returns what is left without the last dot and what follows it.
func above(name string) string {
	parts := strings.Split(name, ".")
	return strings.Join(parts[:len(parts)-1], ".")
}

// parent returns the nearest name above that has a logger.
func (m *model) parent(name string) string {
	for name = above(name); m.loggers[name] == nil; {
		name = above(name)
	}
	return name
}

// children returns the loggers one dot below name, sorted.
func (m *model) children(name string) []string {
	children := []string{}
	for other := range m.loggers {
		if other != "" && above(other) == name {
			children = append(children, other)
		}
	}
	slices.Sort(children)
	return children
}

// matchRule returns the rule that decides for name: the last without * and ?,
// else the last that matches.
func (m *model) matchRule(rules []modelRule, name string) *modelRule {
	name = cmp.Or(name, rootName)
	var found *modelRule
	for i, r := range rules {
		if r.pattern == name {
			found = &rules[i]
		}
	}
	if found != nil && m.wrong != "globs beat names" {
		return found
	}
	for i, r := range rules {
		if strings.ContainsAny(r.pattern, "*?") && r.glob.MatchString(name) {
			found = &rules[i]
			if m.wrong == "the first glob decides" {
				break
			}
		}
	}
	return found
}

// readRules reads rules that are right.
func readRules(text string) (rules []modelRule) {
	for part := range strings.SplitSeq(text, ",") {
		pattern, name, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		level := map[string]slog.Level{"notset": LevelNotSet, "debug": -4, "info": 0, "warn": 4, "error": 8, "critical": 12}[name]
		glob := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		rules = append(rules, modelRule{part, pattern, level, regexp.MustCompile("^" + glob + "$")})
	}
	return rules
}

// A modelDecision is a level, whose it is, and the rule that gave it.
type modelDecision struct {
	level slog.Level
	name  string
	rule  string // "" is SetLevel
}

// own returns the level that name itself has, be there a logger or only a rule.
func (m *model) own(name string) (modelDecision, bool) {
	l := m.loggers[name]
	has := func(level slog.Level) bool { return level != LevelNotSet || name == "" }
	if r := m.matchRule(m.operator, name); r != nil {
		return modelDecision{r.level, name, r.text}, has(r.level)
	}
	r := m.matchRule(m.rules, name)
	later := l == nil || m.ruledAt > l.setAt
	if m.wrong == "rules beat SetLevel" {
		later = true
	}
	switch {
	case r != nil && later:
		return modelDecision{r.level, name, r.text}, has(r.level)
	case l != nil && has(l.level):
		return modelDecision{l.level, name, ""}, true
	}
	return modelDecision{}, false
}

// decide returns the effective level of a name and where it comes from.
func (m *model) decide(name string) modelDecision {
	for {
		d, ok := m.own(name)
		if ok {
			return d
		}
		if m.wrong == "rules need loggers" {
			name = m.parent(name)
		} else {
			name = above(name)
		}
	}
}

// explain returns how Explain begins.
func (m *model) explain(name string) string {
	d := m.decide(name)
	text := fmt.Sprintf("%s: %s", cmp.Or(name, rootName), formatters.LevelName(d.level))
	if d.name != name {
		text += ", inherited from " + cmp.Or(d.name, rootName)
	}
	if d.rule != "" {
		return text + fmt.Sprintf(", by rule %q in ", d.rule)
	}
	if m.loggers[d.name].setAt == 0 {
		return text + ", by Options.RootLevel"
	}
	return text + ", by SetLevel"
}

func (m *model) enabled(name string, level slog.Level) bool {
	l := m.loggers[name]
	switch {
	case l.disabled_:
		return false
	case m.disabled != LevelNotSet && level <= m.disabled:
		return m.wrong == "Disable is below" && level == m.disabled
	}
	return level >= m.decide(name).level
}

// A modelRecord is a record on its way, with the attrs as text.
type modelRecord struct {
	name    string // the logger's
	level   slog.Level
	message string
	bound   string // the attrs of With
	own     string
	prefix  string // the groups that are open
}

// deliver returns which handlers get the record, as their lines.
func (m *model) deliver(r modelRecord) (lines []string) {
	at := r.name
	if m.loggers[at] == nil { // a record from elsewhere
		at = m.parent(at)
	} else {
		l := m.loggers[at]
		if l.disabled_ {
			return nil
		}
		for _, f := range l.filters {
			if !modelFilters[f](&r) {
				return nil
			}
		}
	}
	ids := m.path(at, &r)
	if len(ids) == 0 {
		ids = []int{lastResort}
	}
	for _, id := range ids {
		if r.level >= probeLevels[id] {
			lines = append(lines, r.line(id))
		}
	}
	return lines
}

// path returns the handlers from the logger called name to the root.
func (m *model) path(name string, r *modelRecord) (ids []int) {
	for {
		l := m.loggers[name]
		if m.wrong == "handlers of ancestors first" {
			ids = slices.Concat(l.handlers, ids)
		} else {
			ids = append(ids, l.handlers...)
		}
		if l.alone && m.wrong != "propagate is ignored" || name == "" {
			return ids
		}
		name = m.parent(name)
		if m.wrong == "levels of ancestors are asked" && r.level < m.decide(name).level {
			return ids
		}
		if m.wrong == "disabled ancestors stop records" && m.loggers[name].disabled_ {
			return ids
		}
	}
}

// line is what the handler writes of r.
func (r *modelRecord) line(id int) string {
	name := cmp.Or(r.name, rootName)
	attrs := r.bound + r.own
	if id >= foreign {
		attrs = fmt.Sprintf(" logger=%s%s", name, attrs)
		name = ""
	}
	return fmt.Sprintf("%d|%s|%d|%s|%s", id, name, r.level, r.message, attrs)
}

// modelFilters do what filters[i] does.
var modelFilters = []func(*modelRecord) bool{
	func(r *modelRecord) bool { return r.level >= slog.LevelWarn },
	func(r *modelRecord) bool { r.own += " " + r.prefix + "f=1"; return true },
	func(r *modelRecord) bool { r.message += "!"; return true },
	func(r *modelRecord) bool {
		return r.name == "a" || strings.HasPrefix(r.name, "a.")
	},
	func(r *modelRecord) bool { r.level += 4; return true },
}

// A modelChain is what With and WithGroup made of a logger.
type modelChain struct{ bound, prefix string }

func (c modelChain) with(n int) modelChain {
	return modelChain{fmt.Sprintf("%s %sk%d=%d", c.bound, c.prefix, n%3, n), c.prefix}
}

func (c modelChain) group(n int) modelChain {
	return modelChain{c.bound, fmt.Sprintf("%sg%d.", c.prefix, n%3)}
}
