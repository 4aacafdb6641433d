package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What CPython's DictConfigurator matches a cfg:// with.
var (
	cfgWord  = regexp.MustCompile(`^\s*(\w+)\s*`)
	cfgDot   = regexp.MustCompile(`^\.\s*(\w+)\s*`)
	cfgIndex = regexp.MustCompile(`^\[([^\[\]]*)\]\s*`)
	cfgDigit = regexp.MustCompile(`^\d+$`)
)

// convert returns what v stands for: itself, unless it is a cfg:// or an ext://. What
// can't be found is noted, and null.
func (d *dictReader) convert(v *value, path string) *value {
	if v == nil || v.kind != text {
		return v
	}
	if name, ok := strings.CutPrefix(v.text, "ext://"); ok {
		return &value{kind: external, text: name, line: v.line, column: v.column}
	}
	ref, ok := strings.CutPrefix(v.text, "cfg://")
	if !ok {
		return v
	}
	nothing := &value{line: v.line, column: v.column}
	if d.depth++; d.depth > maxDepth {
		d.p.at(v, path, "the reference leads back to itself")
		return nothing
	}
	defer func() { d.depth-- }()
	found, reason := d.lookup(ref, path)
	if reason != "" {
		d.p.at(v, path, "%s", reason)
	}
	if found == nil {
		return nothing
	}
	return found
}

// maxSteps bounds how much is looked at for all cfg:// of a document: one that leads to others several times
// takes time that doubles with each.
const maxSteps = 10_000_000

// lookup follows a cfg://, as CPython's cfg_convert does. If it fails, nil is
// returned, with the reason, unless that has been noted.
func (d *dictReader) lookup(ref, path string) (*value, string) {
	m := cfgWord.FindStringSubmatch(ref)
	if m == nil {
		return nil, "the reference must begin with a name, as cfg://handlers.file"
	}
	v, rest := &value{kind: table, members: d.root.members}, ref
	for first := true; rest != "" || first; first = false {
		step := "." + m[1]
		if !first {
			if m = cfgDot.FindStringSubmatch(rest); m != nil {
				step = "." + m[1]
			} else if m = cfgIndex.FindStringSubmatch(rest); m != nil {
				step = "[" + m[1]
			} else {
				return nil, "the reference is not understood from " + strconv.Quote(shorten(rest)) + " on"
			}
		}
		rest = rest[len(m[0]):]
		if d.steps += 100 + len(v.members); d.steps > maxSteps {
			return nil, "the document's references lead through too much"
		}
		if d.built[v] {
			return nil, "the reference leads into what has been built by then"
		}
		next, reason := follow(v, step)
		if next == nil {
			return nil, reason
		}
		if v = d.convert(next, path); v.kind == null && next.kind != null {
			return nil, ""
		}
	}
	if d.built[v] {
		return nil, "the reference leads to what has been built by then; its name is meant here"
	}
	return v, ""
}

// follow returns what step leads to from v: ".key", "[key" or "[0".
func follow(v *value, step string) (*value, string) {
	key := step[1:]
	switch {
	case step[0] == '[' && cfgDigit.MatchString(key) && v.kind == list:
		n, err := strconv.Atoi(key)
		if err != nil || n >= len(v.list) {
			return nil, "the list has only " + strconv.Itoa(len(v.list)) + " items"
		}
		return v.list[n], ""
	case step[0] == '[' && cfgDigit.MatchString(key):
		return nil, "a number is for lists, and this is " + v.kind.String()
	case v.kind != table:
		return nil, "the reference needs a key of " + v.kind.String()
	}
	if next := v.get(key); next != nil {
		return next, ""
	}
	reason := "the reference leads to no key " + strconv.Quote(shorten(key))
	if near := nearest(key, v.keys()); near != "" {
		reason += "; there is " + strconv.Quote(near)
	}
	return nil, reason
}

// buildOrder returns handlers in the order in which CPython builds them: by their names,
// those last that wait for others.
func (d *dictReader) buildOrder(members []member) []member {
	sorted := slices.Clone(members)
	slices.SortStableFunc(sorted, func(a, b member) int { return strings.Compare(a.key.text, b.key.text) })
	var first, later []member
	seen := map[string]bool{}
	for _, m := range sorted {
		target := m.value.get("target")
		if target != nil && target.kind == text && !seen[target.text] {
			later = append(later, m)
			continue
		}
		seen[m.key.text] = true
		first = append(first, m)
	}
	return append(first, later...)
}
