package formatters

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// groupMark opens a group in a line whose duplicates are yet to be settled, in
// place of the brace. JSON has no such byte, so that groups can be told from
// the objects that encoding/json wrote.
const groupMark = 0x01

// A jsonValue is a value at text[from:to] of a line, parsed as far as it has
// objects.
type jsonValue struct {
	from, to int
	kind     byte         // '{', groupMark, or 0 for what is no object
	members  []jsonMember // of an object
	inner    []jsonValue  // the objects in an array, at any depth of arrays
}

// A jsonMember is a member of an object.
type jsonMember struct {
	name   string // as a reader of the line sees it
	key    []byte // as it is written, without its last quote
	suffix string // of the key, if it got a new name
	value  jsonValue
	field  bool // of the record itself
}

// settleDuplicates settles the names of the members in all objects of the line
// dst[p.start:].
func settleDuplicates(dst []byte, p *jsonLine, mode Duplicates) []byte {
	s := jsonScanner{text: bytes.Clone(dst[p.start:]), attrsFrom: p.from - p.start, attrsTo: p.to - p.start}
	line := s.object()
	line.settle(mode)
	return line.append(dst[:p.start], s.text)
}

// A jsonScanner parses a line, of whose form it may be sure.
type jsonScanner struct {
	text               []byte
	at                 int
	depth              int // of objects
	attrsFrom, attrsTo int
}

// object parses an object.
func (s *jsonScanner) object() jsonValue {
	v := jsonValue{from: s.at, kind: s.text[s.at]}
	s.depth++
	for s.at++; s.text[s.at] != '}'; {
		if s.text[s.at] == ',' {
			s.at++
		}
		v.members = append(v.members, s.member())
	}
	s.depth--
	s.at++
	v.to = s.at
	return v
}

func (s *jsonScanner) member() jsonMember {
	start := s.at
	s.skipString()
	key := s.text[start:s.at]
	m := jsonMember{name: nameOfKey(key), key: key[:len(key)-1]}
	m.field = s.depth == 1 && (start < s.attrsFrom || start >= s.attrsTo)
	s.at++ // the colon
	m.value = s.value()
	return m
}

// nameOfKey returns what a reader makes of a key in quotes.
func nameOfKey(key []byte) string {
	var name string
	if bytes.IndexByte(key, '\\') < 0 && utf8.Valid(key) {
		return string(key[1 : len(key)-1])
	}
	if err := json.Unmarshal(key, &name); err != nil {
		return string(key)
	}
	return name
}

// value parses what stands after a colon.
func (s *jsonScanner) value() jsonValue {
	if b := s.text[s.at]; b == '{' || b == groupMark {
		return s.object()
	}
	v := jsonValue{from: s.at}
	for arrays := 0; ; {
		switch s.text[s.at] {
		case '"':
			s.skipString()
		case '{':
			v.inner = append(v.inner, s.object())
		case '[':
			arrays++
			s.at++
		case ']':
			arrays--
			s.at++
		case ',', '}':
			if arrays == 0 {
				v.to = s.at
				return v
			}
			s.at++
		default:
			s.at++
		}
	}
}

// skipString goes to the end of a string.
func (s *jsonScanner) skipString() {
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

// append appends v as JSON.
func (v *jsonValue) append(dst, text []byte) []byte {
	if v.kind == 0 {
		at := v.from
		for i := range v.inner {
			dst = v.inner[i].append(append(dst, text[at:v.inner[i].from]...), text)
			at = v.inner[i].to
		}
		return append(dst, text[at:v.to]...)
	}
	dst = append(dst, '{')
	for i := range v.members {
		m := &v.members[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, m.key...), m.suffix...), `":`...)
		dst = m.value.append(dst, text)
	}
	return append(dst, '}')
}

// settle leaves no two members of one name in v, or in what v holds.
func (v *jsonValue) settle(mode Duplicates) {
	if len(v.members) > 1 {
		v.members = settleMembers(v.members, mode)
	}
	for i := range v.members {
		v.members[i].value.settle(mode)
	}
	for i := range v.inner {
		v.inner[i].settle(mode)
	}
}

// A jsonNames gives the members of one object their names.
type jsonNames struct {
	came   map[string]bool // names that members came with
	fields map[string]bool // names of fields
	made   map[string]bool // names made here
	next   map[string]int  // the number to try next after a name
	at     map[string]int  // where the attr of that name is
}

// settleMembers returns what becomes of the members of an object. The fields
// of a record keep their names, but for one that is called as another is. An
// attr never replaces a field.
func settleMembers(members []jsonMember, mode Duplicates) []jsonMember {
	n := jsonNames{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]int{}, map[string]int{}}
	for i := range members {
		n.came[members[i].name] = true
	}
	for i := range members {
		if m := &members[i]; m.field {
			if n.fields[m.name] {
				m.suffix = n.suffix(m.name)
			}
			n.fields[m.name] = true
		}
	}
	out := make([]jsonMember, 0, len(members))
	for _, m := range members {
		if !m.field {
			if i := n.place(&m, len(out), mode); i < len(out) {
				out[i].replace(m.value)
				continue
			}
		}
		out = append(out, m)
	}
	return out
}

// place names the attr m, and returns where it belongs: at the end, or in
// the place of another one.
func (n *jsonNames) place(m *jsonMember, end int, mode Duplicates) int {
	i, again := n.at[m.name]
	switch {
	case again && mode == DuplicatesLast:
		return i
	case again:
		m.suffix = n.suffix(m.name)
		return end
	case n.fields[m.name]:
		m.suffix = n.suffix(m.name)
	}
	n.at[m.name] = end
	return end
}

// suffix returns what makes name one that no member has.
func (n *jsonNames) suffix(name string) string {
	for i := max(n.next[name], 2); ; i++ {
		suffix := "#" + strconv.Itoa(i)
		if whole := name + suffix; !n.came[whole] && !n.made[whole] {
			n.next[name], n.made[whole] = i+1, true
			return suffix
		}
	}
}

// replace gives m another value. Two groups become one.
func (m *jsonMember) replace(v jsonValue) {
	if m.value.kind == groupMark && v.kind == groupMark {
		m.value.members = append(m.value.members, v.members...)
		return
	}
	m.value = v
}
