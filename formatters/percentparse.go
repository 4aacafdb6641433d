package formatters

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A percentParser compiles a %-format as CPython's % operator reads it.
type percentParser struct {
	compiler
	keyed   bool // a keyed field was read: no unkeyed one can follow
	unkeyed bool
}

// parsePercent compiles format. If validate is set it refuses what CPython
// refuses when a Formatter is made, and what always fails when it formats.
func parsePercent(format string, validate bool) (*program, error) {
	p := &percentParser{compiler: compiler{format: format, lenient: !validate}}
	p.parse("%", p.parseField)
	return p.result(!validate || goodField()(format), "%(message)s")
}

// goodField returns CPython's test of a format: one good field anywhere is
// enough. \w and \d match any script there. Ours lets keys have dots and
// hyphens too, as the paths of attrs do.
var goodField = sync.OnceValue(func() func(string) bool {
	return regexp.MustCompile(`(?i)%\([\p{L}\p{N}_.-]+\)[#0+ -]*(\*|\p{Nd}+)?(\.(\*|\p{Nd}+))?[diouxefgcrsa%]`).MatchString
})

// parseField reads a field, of which the % is read.
func (p *percentParser) parseField(byte) {
	p.end = 0
	key, keyed, reason := p.key()
	var s spec
	if reason == "" {
		s, reason = p.spec(keyed)
	}
	if reason == "" && s.conv == '*' {
		reason = "a width or precision of * is for positional arguments, which a record has not"
	}
	if reason == "" {
		reason = p.addField(key, keyed, s)
	}
	if reason != "" {
		p.bad(key, reason)
	}
}

// key reads "(key)". Parentheses in a key nest.
func (p *percentParser) key() (key string, keyed bool, reason string) {
	if !strings.HasPrefix(p.format[p.pos:], "(") {
		return "", false, ""
	}
	depth := 0
	for i := p.pos; i < len(p.format); i++ {
		switch p.format[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			key = p.format[p.pos+1 : i]
			p.pos = i + 1
			return key, true, ""
		}
	}
	key = keyPrefix(p.format[p.pos+1:])
	p.pos += 1 + len(key)
	return key, true, "incomplete: the key has no )"
}

// spec reads flags, width, precision, a length modifier and the conversion.
// For a * it returns the conversion '*'.
func (p *percentParser) spec(keyed bool) (s spec, reason string) {
	s.flags(p)
	star := p.star()
	s.width, _ = p.digits()
	s.prec = -1
	if p.accept('.') {
		star = p.star() || star
		s.prec, _ = p.digits()
	}
	_ = p.accept('h') || p.accept('l') || p.accept('L')
	conv, size := utf8.DecodeRuneInString(p.format[p.pos:])
	p.pos += size
	if !strings.ContainsRune("diouxXeEfFgGcrsa", conv) || conv == utf8.RuneError {
		return s, p.badConversion(keyed, conv, size)
	}
	s.conv = byte(conv)
	if conv == 'i' || conv == 'u' {
		s.conv = 'd'
	}
	if star {
		s.conv = '*'
	}
	return s, s.tooBig()
}

// badConversion returns what is wrong with a field that ends in conv, the last
// size bytes read, or where the format ends. Most often someone forgot the
// conversion, and what was read instead belongs to the text after the field.
func (p *percentParser) badConversion(keyed bool, conv rune, size int) string {
	before := p.format[p.start : p.pos-size]
	if keyed && unicode.IsLetter(conv) && !strings.HasSuffix(before, " ") {
		return fmt.Sprintf("unsupported conversion %q", conv)
	}
	before = strings.TrimRight(before, " -+#.")
	p.end = p.start + len(before)
	if !keyed {
		return p.noKey()
	}
	return "no conversion: write " + before + "s"
}

// noKey returns what is wrong with a field without a key.
func (p *percentParser) noKey() string {
	rest := p.format[p.start+1:]
	word := rest[:len(rest)-len(strings.TrimLeftFunc(rest, func(r rune) bool { return r == '_' || unicode.IsLetter(r) }))]
	if fieldNamed(word) != noField {
		p.end = p.start + 1 + len(word)
		return "no parentheses: write %(" + word + ")s"
	}
	return "no key: write %(key)s for a field, %% for a percent sign"
}

// tooBig returns why s would make too much text.
func (s *spec) tooBig() string {
	if s.width > maxWidth {
		return fmt.Sprintf("width too big: the limit is %d", maxWidth)
	}
	cuts := strings.IndexByte("srac", s.conv) >= 0 || (s.conv|0x20) == 'g' && !s.alt
	if s.prec > maxWidth && (!cuts || s.prec >= tooManyDigits) {
		return fmt.Sprintf("precision too big: the limit is %d", maxWidth)
	}
	return ""
}

func (s *spec) flags(p *percentParser) {
	for {
		switch {
		case p.accept('-'):
			s.left = true
		case p.accept('+'):
			s.plus = true
		case p.accept(' '):
			s.space = true
		case p.accept('#'):
			s.alt = true
		case p.accept('0'):
			s.zero = true
		default:
			return
		}
	}
}

func (p *percentParser) star() bool { return p.accept('*') }

// tooManyDigits is what CPython can't take for a precision, or the greatest int if that is less.
const tooManyDigits = min(1<<31, math.MaxInt)

// digits reads a number; without digits it is 0. It is limited to tooManyDigits.
func (p *percentParser) digits() (n int, some bool) {
	begin := p.pos
	for p.pos < len(p.format) && '0' <= p.format[p.pos] && p.format[p.pos] <= '9' {
		p.pos++
	}
	if p.pos == begin {
		return 0, false
	}
	n, err := strconv.Atoi(p.format[begin:p.pos])
	if err != nil || n > tooManyDigits {
		n = tooManyDigits
	}
	return n, true
}

// addField adds the op of a well-formed field, or returns why none can print.
func (p *percentParser) addField(key string, keyed bool, s spec) (reason string) {
	if !keyed {
		return p.addUnkeyed(s)
	}
	p.keyed = true
	if reason := s.unfit(fieldNamed(key)); reason != "" {
		return reason
	}
	p.compiler.addField(key, s)
	return ""
}

// unfit returns why s can never print f.
func (s *spec) unfit(f field) string {
	if f == noField || strings.IndexByte("sra", s.conv) >= 0 {
		return ""
	}
	switch kind := fieldTable[f].kind; {
	case kind == textField && s.conv != 'c':
		return fmt.Sprintf("%%%c needs a number, and %s is text", s.conv, fieldTable[f].name)
	case kind == floatField && strings.IndexByte("xXoc", s.conv) >= 0:
		return fmt.Sprintf("%%%c needs an integer, and %s is a float", s.conv, fieldTable[f].name)
	}
	return ""
}

// addUnkeyed adds a field without a key. CPython applies it to the dict of
// all attributes, once, and only before any keyed field.
func (p *percentParser) addUnkeyed(s spec) (reason string) {
	if p.keyed || p.unkeyed || strings.IndexByte("sra", s.conv) < 0 {
		return p.noKey()
	}
	p.unkeyed, p.program.whole = true, true
	p.flush()
	p.add(op{kind: opRecord, spec: s})
	return ""
}
