package formatters

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// A braceParser compiles a {}-format as CPython's str.format reads it.
type braceParser struct {
	compiler
	validate bool // as CPython does
	fields   bool // there is a field
	nested   bool // the format is the spec of a field
}

// parseBrace compiles format. If validate is set it refuses what CPython
// refuses when a Formatter is made, and what always fails when it formats.
func parseBrace(format string, validate bool) (*program, error) {
	p := &braceParser{compiler: compiler{format: format, lenient: !validate}, validate: validate}
	p.parse("{}", p.parseField)
	return p.result(p.fields, "{message}")
}

// A rawField is a field as written: "{name!conv:spec}".
type rawField struct {
	name     string
	conv     rune // 0 for none
	from, to int  // the spec's place in the format
}

// parseField reads a field, of which the { is read.
func (p *braceParser) parseField(brace byte) {
	p.fields = true
	if brace == '}' {
		p.bad("}", "a single }: write }} for a brace")
		return
	}
	f, reason := p.scan()
	if reason != "" {
		p.recover()
		p.bad(strings.Trim(p.format[p.start:p.pos], "{}"), reason)
		return
	}
	p.pos = f.to + 1
	if reason = p.addBrace(f); reason != "" {
		p.bad(f.name, reason)
	}
}

const noBraceEnd = "no } at its end; write {{ for a brace"

// scan finds the parts of a field. It leaves p.pos at the name.
func (p *braceParser) scan() (f rawField, reason string) {
	end := p.nameEnd()
	if end < 0 {
		return f, noBraceEnd
	}
	if p.format[end] == '{' {
		return f, "a { in the name: " + noBraceEnd
	}
	f.name = p.format[p.pos:end]
	i := end + 1
	f.from, f.to = end, end
	switch p.format[end] {
	case '}':
		return f, ""
	case '!':
		size := 0
		if f.conv, size = utf8.DecodeRuneInString(p.format[i:]); size == 0 {
			return f, noBraceEnd
		}
		i += size
		switch rest := p.format[i:]; {
		case strings.HasPrefix(rest, "}"):
			f.from, f.to = i, i
			return f, ""
		case !strings.HasPrefix(rest, ":"):
			return f, "no : or } after the conversion"
		}
		i++
	}
	if f.to = p.specEnd(i); f.to < 0 {
		return f, noBraceEnd
	}
	f.from = i
	return f, ""
}

// nameEnd returns where the name ends, or -1. Within brackets all goes.
func (p *braceParser) nameEnd() int {
	for i := p.pos; i < len(p.format); i++ {
		switch p.format[i] {
		case '{', '}', ':', '!':
			return i
		case '[':
			n := strings.IndexByte(p.format[i:], ']')
			if n < 0 {
				return -1
			}
			i += n
		}
	}
	return -1
}

// specEnd returns where the spec that begins at i ends, or -1.
func (p *braceParser) specEnd(i int) int {
	depth := 1
	for ; i < len(p.format); i++ {
		switch p.format[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// recover moves c.pos to where the text goes on after a field that is none:
// after its }, or else after what looks like a key.
func (c *compiler) recover() {
	rest := c.format[c.pos:]
	if i := strings.IndexAny(rest, "{}$"); i >= 0 && rest[i] == '}' {
		c.pos += i + 1
		return
	}
	c.pos += len(keyPrefix(rest))
}

// CPython's tests of a field's name and spec. $ lets a line break follow.
var (
	braceName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\p{Nd}+|[\p{L}\p{N}_]+)(\.[\p{L}\p{N}_]+|\[[^]]+\])*\n?$`)
	})
	braceSpecs = sync.OnceValue(func() *regexp.Regexp {
		const number = `(\p{Nd}+|\{[\p{L}\p{N}_]+\})`
		return regexp.MustCompile(`(?i)^(.?[<>=^])?[+ -]?#?0?` + number + `?[,_]?(\.` + number + `)?[bcdefgnosx%]?\n?$`)
	})
)

// addBrace adds the op of a field, or returns why none can print.
func (p *braceParser) addBrace(f rawField) (reason string) {
	text := p.format[f.from:f.to]
	switch {
	case p.validate && f.name != "" && !braceName().MatchString(f.name):
		return "no field name: that is letters, digits and underscores, then .name or [key]"
	case f.conv != 0 && !strings.ContainsRune("sra", f.conv):
		return fmt.Sprintf("unknown conversion %q: there are !s, !r and !a", f.conv)
	case p.validate && !braceSpecs().MatchString(text):
		return fmt.Sprintf("no format spec: %q", text)
	}
	name, reason := parseBraceName(f.name)
	if reason != "" {
		return reason
	}
	b := &braceField{member: -1, base: name.base, lookups: name.lookups, conv: byte(f.conv), spec: &braceSpec{}}
	if strings.Contains(text, "{") {
		if b.nested, reason = p.specOps(f.from, f.to); reason != "" {
			return reason
		}
	} else if b.spec = parseBraceSpec(text); !b.spec.plain() {
		reason = b.misfit(name)
	}
	if reason == "" {
		p.addOp(name, b)
	}
	return reason
}

// specOps compiles the fields in a spec, which is at format[from:to].
func (p *braceParser) specOps(from, to int) (ops []op, reason string) {
	if p.nested {
		return nil, "a field in the spec of a field in a spec"
	}
	sub := braceParser{compiler: compiler{format: p.format[:to], pos: from, program: p.program}, validate: p.validate, nested: true}
	sub.program.ops = nil
	sub.parse("{}", sub.parseField)
	if sub.firstErr != nil {
		return nil, fmt.Sprintf("in its spec: %s: %s", sub.firstErr.Field, sub.firstErr.Reason)
	}
	ops, sub.program.ops = sub.program.ops, p.program.ops
	p.program = sub.program
	for i := range ops {
		if ops[i].kind == opName {
			ops[i].kind = opField // as only the ops of the program are bound to a name
		}
	}
	return ops, ""
}

// addOp adds the op of b: a plain one if that does.
func (p *braceParser) addOp(name braceKey, b *braceField) {
	if !name.numeric && len(b.lookups) == 0 && b.nested == nil && b.spec.plain() {
		conv := byte('s')
		if b.conv != 0 {
			conv = b.conv
		}
		p.addField(name.base, spec{prec: -1, conv: conv})
		return
	}
	o := op{kind: opBrace, field: name.field, text: name.text, brace: b}
	if name.field == noField {
		o.slot = p.path(name.base, len(b.lookups) > 0)
	}
	if name.field == fieldAttrs {
		p.program.printsAll = true
	}
	if name.numeric {
		b.member = p.path(name.text, false)
	}
	p.flush()
	p.add(o)
}

// misfit returns why b's spec can print nothing that b may find.
func (b *braceField) misfit(name braceKey) string {
	switch {
	case b.conv != 0:
		return b.spec.misfit(textField)
	case name.field == noField || name.numeric:
		return b.spec.misfitAll()
	case name.field == fieldArgs:
		return "args is a tuple, which takes no format spec: write !s before it"
	}
	return b.spec.misfit(fieldTable[name.field].kind)
}
