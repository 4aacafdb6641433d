package formatters

import "strings"

// A braceKey is the name in a field of the { style, taken apart.
type braceKey struct {
	text    string // as written
	base    string // the key of a field or an attr, or its path
	field   field  // that base names, or noField
	lookups []lookup
	numeric bool // the lookups are .real and the like: text may be a path as well
}

// parseBraceName takes a name apart, or returns why no record has it. The
// names after dots are groups, as slog has no other attributes: a.b is the
// attr b in the group a. If there is none, .real and its like are those of
// numbers.
func parseBraceName(text string) (n braceKey, reason string) {
	n = braceKey{text: text, base: text}
	if i := strings.IndexByte(text, '['); i >= 0 {
		n.base = text[:i]
		if n.lookups, reason = parseLookups(text[i:]); reason != "" {
			return n, reason
		}
	}
	switch first, _, _ := strings.Cut(n.base, "."); {
	case first == "":
		return n, "no key: write {message} for the message"
	case newIndex(first).index >= 0 || allDigits(first):
		return n, "a number is for positional arguments, which a record has not"
	case strings.Contains(n.base+".", ".."):
		return n, "no name after a dot"
	}
	if n.lookups == nil {
		n.cutNumeric()
	}
	n.field = fieldNamed(n.base)
	return n, n.misfit()
}

func allDigits(s string) bool {
	for _, r := range s {
		if digitValue(r) < 0 {
			return false
		}
	}
	return true
}

// parseLookups reads "[key]" and ".name" as often as they come.
func parseLookups(text string) (lookups []lookup, reason string) {
	for text != "" {
		var name string
		if text[0] == '[' {
			var found bool
			name, text, found = strings.Cut(text[1:], "]")
			if !found || name == "" {
				return nil, "no key in brackets"
			}
			lookups = append(lookups, newIndex(name))
			continue
		}
		if text[0] != '.' {
			return nil, "neither . nor [ after ]"
		}
		end := strings.IndexAny(text[1:], ".[") + 1
		if end == 0 {
			end = len(text)
		}
		name, text = text[1:end], text[end:]
		if !isNumberAttr(name) {
			return nil, "no value has an attribute " + name + ": write [" + name + "] for a key"
		}
		lookups = append(lookups, lookup{name: name, index: -1, attr: true})
	}
	return lookups, ""
}

// cutNumeric takes .real and its like off the base, where numbers may stand.
func (n *braceKey) cutNumeric() {
	base, lookups := n.base, []lookup(nil)
	for {
		i := strings.LastIndexByte(base, '.')
		if i < 0 || !isNumberAttr(base[i+1:]) {
			break
		}
		lookups = append([]lookup{{name: base[i+1:], index: -1, attr: true}}, lookups...)
		base = base[:i]
	}
	whole := *n
	n.base, n.lookups, n.numeric, n.field = base, lookups, lookups != nil, fieldNamed(base)
	if n.misfit() != "" { // as in {name.real}
		*n = whole
	}
}

// misfit returns why the lookups find nothing in a field of the record.
func (n *braceKey) misfit() string {
	if n.field == noField || len(n.lookups) == 0 {
		return ""
	}
	if n.field == fieldArgs || n.field == fieldAttrs {
		return n.base + " has no elements"
	}
	for _, k := range n.lookups {
		if reason := k.misfit(fieldTable[n.field].kind); reason != "" {
			return reason + " in " + n.base
		}
	}
	return ""
}
