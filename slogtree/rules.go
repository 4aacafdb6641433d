package slogtree

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/formatters"
)

// SetLevels sets levels by rules such as
//
//	root=info,app.db=debug,app.*.http=warn
//
// A rule holds for the logger of that name or, with * for any text and ? for
// any one character, dots included, for each logger whose name matches, made
// before or later, as if SetLevel had been called on each. Level names are
// those of [formatters.ParseLevel]; notset makes a logger inherit. If several
// rules match a name, that without * and ? decides, else the last one. Rules
// of an earlier call are forgotten, so that an empty string removes them all.
//
// In order of precedence, a logger's own level comes from: a rule in
// SLOG_LEVELS; SetLevel or a rule of SetLevels, whichever came later. Without
// one, the level comes from the nearest name above that has one, be there a
// logger of that name or only a rule. [Tree.Explain] tells which.
//
// If a rule is wrong, the error is a [*RuleError] for each, joined, and
// nothing changes.
func (t *Tree) SetLevels(rules string) error {
	set, err := parseRules(rules, "SetLevels", t.options.Load().Levels)
	if err != nil {
		return fmt.Errorf("slogtree: SetLevels: %w", err)
	}
	t.configure(func() {
		t.rules = set
		for _, n := range t.nodesLocked() {
			n.rule(set.match(n.name()) != nil)
			n.pin()
		}
	})
	return nil
}

// rule notes whether a rule of SetLevels came after what else set the level. The
// caller holds the tree's mu.
func (n *node) rule(matched bool) {
	n.ruled, n.inherits = matched, false
	switch {
	case n.override == nil:
	case matched:
		n.override = nil
	default:
		n.override.ruled, n.override.inherits = false, false
	}
}

// Where rules and levels come from, as Explain tells it.
const (
	operatorSource = "SLOG_LEVELS"
	byOptions      = "Options.RootLevel"
)

// setOperatorLevels sets the rules that come from outside the program, and
// tells the operator which are wrong.
func (t *Tree) setOperatorLevels(rules string) {
	set, err := parseRules(rules, operatorSource, t.options.Load().Levels)
	if err != nil {
		fmt.Fprintf(os.Stderr, "slogtree: %s: %s\n", operatorSource, oneLine(err))
	}
	t.configure(func() { t.levels, t.operator = rules, set })
}

// A RuleError is a level rule that can't be understood.
type RuleError struct {
	Column int    // where in the rules the trouble is, in characters, from 1
	Rule   string // the rule
	Reason string // what is wrong with it
}

// Error returns the column, the rule and the reason.
func (e *RuleError) Error() string {
	return fmt.Sprintf("column %d: level rule %q: %s", e.Column, e.Rule, e.Reason)
}

// A rule sets a level.
type rule struct {
	text    string // as given
	pattern string
	level   slog.Level
	source  string // where it was given
}

// A ruleSet is immutable. The zero value is empty.
type ruleSet struct {
	exact map[string]*rule
	globs []*rule // the last that matches decides
}

// parseRules returns the rules that are right, and an error for the others.
func parseRules(text, source string, levels *formatters.LevelNames) (ruleSet, error) {
	set := ruleSet{exact: map[string]*rule{}}
	var errs []error
	column := 1
	for item := range strings.SplitSeq(text, ",") {
		r, err := parseRule(item, column, levels)
		switch {
		case err != nil:
			errs = append(errs, err)
		case r == nil:
		case strings.ContainsAny(r.pattern, "*?"):
			r.source = source
			set.globs = append(set.globs, r)
		default:
			r.source = source
			set.exact[r.pattern] = r
		}
		column += utf8.RuneCountInString(item) + len(",")
	}
	return set, errors.Join(errs...)
}

// parseRule returns the rule in item, which begins at column; nil if it is blank.
func parseRule(item string, column int, levels *formatters.LevelNames) (*rule, error) {
	text := strings.TrimSpace(item)
	if text == "" {
		return nil, nil
	}
	column += utf8.RuneCountInString(item[:strings.Index(item, text)])
	pattern, name, found := strings.Cut(text, "=")
	if !found {
		return nil, &RuleError{column, text, "no \"=\"; a rule is name=level, such as root=debug"}
	}
	if strings.TrimSpace(pattern) == "" {
		return nil, &RuleError{column, text, "no name before \"=\"; the root logger's is \"root\""}
	}
	level, err := levels.Parse(strings.TrimSpace(name))
	if err != nil {
		column += utf8.RuneCountInString(pattern) + len("=")
		return nil, &RuleError{column, text, strings.TrimPrefix(err.Error(), "formatters: ")}
	}
	return &rule{text: text, pattern: strings.TrimSpace(pattern), level: level}, nil
}

// match returns the rule that decides for name, or nil.
func (s ruleSet) match(name string) *rule {
	if r := s.exact[name]; r != nil {
		return r
	}
	for i := len(s.globs) - 1; i >= 0; i-- {
		if matches(s.globs[i].pattern, name) {
			return s.globs[i]
		}
	}
	return nil
}

// matches reports whether name matches pattern, in which * stands for any
// text and ? for any one character. It takes at most len(pattern) × len(name)
// steps.
func matches(pattern, name string) bool {
	p, n := 0, 0
	star, retry := -1, 0 // the last *, and where what follows it is tried next
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, retry = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += runeLen(name[n:])
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			retry += runeLen(name[retry:])
			p, n = star+1, retry
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// runeLen returns the number of bytes of the first character of s.
func runeLen(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// A decision is a level and what gave it.
type decision struct {
	level slog.Level
	name  string // the logger, or the name without a logger, that has the level
	rule  *rule  // nil if by gave it
	by    string // SetLevel or the like
}

// own returns the node's own level, and whether it has one. The caller holds
// the tree's mu.
func (n *node) own() (decision, bool) {
	name := n.name()
	r := n.tree.operator.match(name)
	explicit := n.level != LevelNotSet || n.isRoot()
	if r == nil && (!explicit || n.ruled) && !n.inherits {
		r = n.tree.rules.match(name)
	}
	if r != nil {
		return decision{r.level, name, r, ""}, r.level != LevelNotSet || n.isRoot()
	}
	return decision{n.level, name, nil, n.levelBy}, explicit
}

// above returns the level that a rule gives to the nearest name from name up
// to, but without, the ancestor that exists, and whether there is one.
func (t *Tree) above(name string, ancestor *node) (decision, bool) {
	if len(t.operator.exact)+len(t.operator.globs)+len(t.rules.exact)+len(t.rules.globs) == 0 {
		return decision{}, false
	}
	for ; name != ancestor.entry.name; name = parentName(name) {
		r := t.operator.match(name)
		if r == nil {
			r = t.rules.match(name)
		}
		if r != nil && r.level != LevelNotSet {
			return decision{r.level, name, r, ""}, true
		}
	}
	return decision{}, false
}

// effectiveLevel returns the node's level as its parent's published one and
// the rules have it.
func (n *node) effectiveLevel() slog.Level {
	if d, ok := n.own(); ok {
		return d.level
	}
	if d, ok := n.tree.above(parentName(n.entry.name), n.parent); ok {
		return d.level
	}
	return n.parent.published.Load().level
}

// decide is effectiveLevel with the reason.
func (n *node) decide() decision {
	d, ok := n.own()
	for ; !ok; n = n.parent {
		if d, ok = n.tree.above(parentName(n.entry.name), n.parent); !ok {
			d, ok = n.parent.own()
		}
	}
	return d
}

// Explain says in a line what level the logger of that name has or would
// have, and which rule or ancestor decides it. It makes no logger.
func (t *Tree) Explain(name string) string {
	if name == "" {
		name = rootName
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, d := t.explainLocked(name)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", printable(name), t.options.Load().Levels.Name(d.level))
	if d.name != name {
		fmt.Fprintf(&b, ", inherited from %s", printable(d.name))
	}
	if d.rule != nil {
		fmt.Fprintf(&b, ", by rule %q in %s", d.rule.text, d.rule.source)
	} else {
		fmt.Fprintf(&b, ", by %s", d.by)
	}
	if n != nil && n.disabled {
		b.WriteString("; the logger is disabled")
	}
	if t.disabled != LevelNotSet {
		fmt.Fprintf(&b, "; Disable turns off %s and below", t.options.Load().Levels.Name(t.disabled))
	}
	return b.String()
}

// explainLocked returns the node of that name, if any, and what decides its level.
func (t *Tree) explainLocked(name string) (*node, decision) {
	if name == rootName {
		return t.root, t.root.decide()
	}
	n := t.nearestLocked(name)
	if n.name() == name {
		return n, n.decide()
	}
	if d, ok := t.above(name, n); ok {
		return nil, d
	}
	return nil, n.decide()
}
