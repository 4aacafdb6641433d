package formatters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A FormatError tells what is wrong with a format string.
type FormatError struct {
	Format string // the whole format string
	Field  string // the field as written, such as "%(message)S"; "" if the whole format is meant
	Column int    // where Field begins, in code points from 1; 0 if the whole format is meant
	Reason string
}

// Error names the format, the field and the column.
func (e *FormatError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("formatters: format %q: %s", clip(e.Format), e.Reason)
	}
	return fmt.Sprintf("formatters: format %q: column %d: field %q: %s", clip(e.Format), e.Column, clip(e.Field), e.Reason)
}

// maxWidth bounds widths, and precisions that would make a number longer.
const maxWidth = 1 << 20

// An opKind is what one piece of a format prints.
type opKind uint8

const (
	opText    opKind = iota // the text, as it is
	opMessage               // %(message)s
	opName                  // %(name)s; becomes text when the name is known
	opLevel                 // %(levelname)s
	opAsctime               // %(asctime)s
	opTail                  // attrs that no field printed, each after a space
	opSite                  // a plain field that tells where the record was made
	opField                 // any field with any conversion
	opSlot                  // an attr
	opRecord                // an unkeyed %s: all attributes as a dict
	opBrace                 // any field of the { style that is more than a key
)

// An op prints one piece of a format.
type op struct {
	kind  opKind
	field field
	slot  int    // index of the attr's path in program.paths
	text  string // the literal text, or the key
	spec  spec
	brace *braceField // what an opBrace prints
}

// A program is a compiled format. It is immutable.
type program struct {
	ops       []op
	paths     []string // of the attrs that fields name, each once
	parts     []bool   // which of them only fields name that print a part of the attr
	printsAll bool     // the format has %(attrs)s
	whole     bool     // the format prints the record as a dict
}

// A compiler makes a program of a format string. The parsers of the styles
// stand on it.
type compiler struct {
	format   string
	pos      int
	start    int  // of the field being read
	end      int  // of it as an error shows it; 0 for all that was read
	lenient  bool // bad fields become marks in the line
	literal  strings.Builder
	program  program
	firstErr *FormatError
}

// parse reads the whole format. Of what begins with one of the signs it reads a
// doubled sign itself, which stands for that character; field reads the rest of
// any other.
func (c *compiler) parse(signs string, field func(sign byte)) {
	for c.pos < len(c.format) {
		i := strings.IndexAny(c.format[c.pos:], signs)
		if i < 0 {
			break
		}
		c.literal.WriteString(c.format[c.pos : c.pos+i])
		c.start = c.pos + i
		c.pos = c.start + 1
		if sign := c.format[c.start]; c.accept(sign) {
			c.literal.WriteByte(sign)
		} else {
			field(sign)
		}
	}
	c.literal.WriteString(c.format[c.pos:])
	c.flush()
}

// result returns the program, or what is wrong with the format.
func (c *compiler) result(hasField bool, example string) (*program, error) {
	if c.firstErr != nil {
		return nil, c.firstErr
	}
	if !hasField && !c.lenient {
		return nil, &FormatError{Format: c.format, Reason: "has no field such as " + example}
	}
	return &c.program, nil
}

// flush ends the literal text before a field.
func (c *compiler) flush() {
	if c.literal.Len() > 0 {
		c.add(op{kind: opText, text: c.literal.String()})
		c.literal.Reset()
	}
}

func (c *compiler) add(o op) { c.program.ops = append(c.program.ops, o) }

// bad notes a field that can't be rendered.
func (c *compiler) bad(key, reason string) {
	field := c.format[c.start:c.pos]
	if c.lenient {
		if key == "" {
			key = field[1:]
		}
		c.literal.Write(appendMarker(nil, key, reason))
	} else if c.firstErr == nil {
		if c.end > 0 {
			field = c.format[c.start:c.end]
		}
		c.firstErr = &FormatError{c.format, field, utf8.RuneCountInString(c.format[:c.start]) + 1, reason}
	}
}

// addField adds the op that prints key with the conversion s: a field of the
// record, or an attr.
func (c *compiler) addField(key string, s spec) {
	f := fieldNamed(key)
	o := op{kind: opField, field: f, text: key, spec: s}
	switch {
	case f == noField:
		o.kind, o.slot = opSlot, c.path(key, false)
	case f == fieldAttrs:
		c.program.printsAll = true
	case s.plainText():
		o.kind = plainKind(f)
	case f == fieldLineNo && s == (spec{prec: -1, conv: 'd'}):
		o.kind = opSite
	}
	c.flush()
	c.add(o)
}

func (c *compiler) accept(b byte) bool {
	if c.pos < len(c.format) && c.format[c.pos] == b {
		c.pos++
		return true
	}
	return false
}

// plainKind returns the op of a plain %(f)s.
func plainKind(f field) opKind {
	switch f {
	case fieldMessage, fieldMsg:
		return opMessage
	case fieldName:
		return opName
	case fieldLevelName:
		return opLevel
	case fieldAsctime:
		return opAsctime
	}
	if f.isSource() {
		return opSite
	}
	return opField
}

// keyPrefix returns what looks like a key at the start of text. It is taken for
// one where a field has no end, so that the fields after it still print.
func keyPrefix(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return text
	}
	return text[:end]
}

// path returns the index of key among the paths of attrs, for a field that
// prints the whole attr or a part of it.
func (c *compiler) path(key string, part bool) int {
	p := &c.program
	for i, path := range p.paths {
		if path == key {
			p.parts[i] = p.parts[i] && part
			return i
		}
	}
	p.paths, p.parts = append(p.paths, key), append(p.parts, part)
	return len(p.paths) - 1
}
