package formatters

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A braceSpec is a format spec of Python's str.format:
//
//	[[fill]align][sign][z][#][0][width][,_][.precision][type]
type braceSpec struct {
	text     string // as written
	fill     rune   // ' ' if none is given
	align    byte   // one of "<>^=", 0 for what the value has by itself
	zero     bool   // a 0 before the width
	sign     byte   // one of "+- ", 0 for none
	noNegate bool   // z: no minus before zeros
	alt      bool   // #
	width    int    // in code points, 0 for none
	group    byte   // ',' or '_', 0 for none
	prec     int    // -1 for none
	typ      byte   // one of "sbcdoxXneEfFgG%", 0 for none

	// Why the spec does not go with text, integers and floats; "" if it does.
	noText, noInt, noFloat string

	layout *timeLayout // of the spec as strftime's, if it has a %
}

// parseBraceSpec never fails: what is wrong with text is in what it returns.
func parseBraceSpec(text string) *braceSpec {
	s := &braceSpec{text: text, fill: ' ', prec: -1}
	if strings.Contains(text, "%") {
		s.layout = newTimeLayout(text)
	}
	p := braceSpecParser{rest: text}
	if reason := p.parse(s); reason != "" {
		s.noText, s.noInt, s.noFloat = reason, reason, reason
		return s
	}
	s.noText, s.noInt, s.noFloat = s.misfitText(), s.misfitInt(), s.misfitFloat()
	return s
}

// plain reports whether there is no spec, which every value takes.
func (s *braceSpec) plain() bool { return s.text == "" }

// A braceSpecParser reads a spec as CPython's parse_internal_render_format_spec
// does.
type braceSpecParser struct{ rest string }

func (p *braceSpecParser) parse(s *braceSpec) (reason string) {
	filled := p.align(s)
	s.sign = p.oneOf("+- ")
	s.noNegate = p.oneOf("z") != 0
	s.alt = p.oneOf("#") != 0
	if !filled && p.oneOf("0") != 0 {
		s.zero, s.fill = true, '0'
	}
	if reason = p.number(&s.width); reason != "" {
		return reason
	}
	s.group = p.oneOf(",_")
	if p.oneOf(".") != 0 {
		if reason = p.number(&s.prec); reason == "" && s.prec < 0 {
			reason = "no precision after the point"
		}
		if reason != "" {
			return reason
		}
	}
	s.typ = p.oneOf("sbcdoxXneEfFgG%")
	if p.rest != "" {
		return fmt.Sprintf("no format spec: %q", s.text)
	}
	return s.tooBig()
}

const braceAligns = "<>^="

// align reads "[fill]align", and reports whether there was a fill.
func (p *braceSpecParser) align(s *braceSpec) (filled bool) {
	fill, size := utf8.DecodeRuneInString(p.rest)
	if size < len(p.rest) && strings.IndexByte(braceAligns, p.rest[size]) >= 0 {
		s.fill, s.align, p.rest = fill, p.rest[size], p.rest[size+1:]
		return true
	}
	s.align = p.oneOf(braceAligns)
	return false
}

// oneOf reads one of the bytes, or returns 0.
func (p *braceSpecParser) oneOf(bytes string) byte {
	if p.rest == "" || strings.IndexByte(bytes, p.rest[0]) < 0 {
		return 0
	}
	b := p.rest[0]
	p.rest = p.rest[1:]
	return b
}

// number reads a number into n, if there is one. As in CPython its digits may
// be of any script.
func (p *braceSpecParser) number(n *int) (reason string) {
	var digits []byte
	for p.rest != "" {
		r, size := utf8.DecodeRuneInString(p.rest)
		d := digitValue(r)
		if d < 0 {
			break
		}
		digits = append(digits, byte('0'+d))
		p.rest = p.rest[size:]
	}
	if digits == nil {
		return ""
	}
	x, err := strconv.Atoi(string(digits))
	if err != nil {
		return "too many digits"
	}
	*n = x
	return ""
}

// digitValue returns the value of a decimal digit, or -1.
func digitValue(r rune) int {
	if r < utf8.RuneSelf {
		if '0' <= r && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10 // ranges begin with a zero and hold whole sets of ten
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}

// tooBig returns why s would make too much text.
func (s *braceSpec) tooBig() string {
	if s.width > maxWidth {
		return fmt.Sprintf("width too big: the limit is %d", maxWidth)
	}
	cuts := s.typ == 0 || s.typ == 's' || strings.IndexByte("gGn", s.typ) >= 0
	if s.prec > maxWidth && (s.alt || !cuts) {
		return fmt.Sprintf("precision too big: the limit is %d", maxWidth)
	}
	return ""
}

// misfitText returns why s can't format text.
func (s *braceSpec) misfitText() string {
	const forNumbers = " is for numbers, not for text"
	switch {
	case s.typ != 0 && s.typ != 's':
		return fmt.Sprintf("type %q"+forNumbers, s.typ)
	case s.sign != 0:
		return "a sign" + forNumbers
	case s.noNegate:
		return "z" + forNumbers
	case s.alt:
		return "#" + forNumbers
	case s.align == '=':
		return "=" + forNumbers
	case s.group != 0:
		return string(s.group) + forNumbers
	}
	return ""
}

// misfitInt returns why s can't format an integer.
func (s *braceSpec) misfitInt() string {
	switch s.typ {
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		return s.misfitFloat()
	case 's':
		return "type 's' is for text, not for integers"
	}
	switch {
	case s.prec >= 0:
		return "a precision is not for integers"
	case s.noNegate:
		return "z is not for integers"
	case s.typ == 'c' && s.sign != 0:
		return "type 'c' takes no sign"
	case s.typ == 'c' && s.alt:
		return "type 'c' takes no #"
	case s.group != 0 && (s.typ == 'n' || s.typ == 'c'),
		s.group == ',' && strings.IndexByte("boxX", s.typ) >= 0 && s.typ != 0:
		return fmt.Sprintf("type %q takes no %c", s.typ, s.group)
	}
	return ""
}

// misfitFloat returns why s can't format a float.
func (s *braceSpec) misfitFloat() string {
	switch {
	case s.typ == 's':
		return "type 's' is for text, not for floats"
	case s.typ != 0 && strings.IndexByte("bcdoxX", s.typ) >= 0:
		return fmt.Sprintf("type %q is for integers, not for floats", s.typ)
	case s.typ == 'n' && s.group != 0:
		return fmt.Sprintf("type 'n' takes no %c", s.group)
	case s.prec > math.MaxInt32:
		return "precision too big"
	}
	return ""
}

// misfit returns why s can format no value of the kind.
func (s *braceSpec) misfit(kind fieldKind) string {
	switch {
	case s.plain():
		return ""
	case kind == intField:
		return s.noInt
	case kind == floatField:
		return s.noFloat
	}
	return s.noText
}

// misfitAll returns why s can format no value at all.
func (s *braceSpec) misfitAll() string {
	if s.plain() || s.layout != nil || s.noText == "" || s.noInt == "" || s.noFloat == "" {
		return ""
	}
	return s.noText
}

// finishText makes the text dst[start:] what s wants of a str: cut to the
// precision, escaped if safe is set, and padded.
func (s *braceSpec) finishText(dst []byte, start int, safe bool) []byte {
	if s.prec >= 0 {
		dst = dst[:start+prefixLen(dst[start:], s.prec)]
	}
	if safe {
		dst = escapeTail(dst, start)
	}
	return s.pad(dst, start, start, '<')
}

// pad pads dst[start:] to the width. If s has no align, it is the one given.
// With '=' the padding goes to lead, after sign and prefix.
func (s *braceSpec) pad(dst []byte, start, lead int, align byte) []byte {
	if s.width == 0 {
		return dst
	}
	missing := s.width - utf8.RuneCount(dst[start:])
	if missing <= 0 {
		return dst
	}
	if s.align != 0 {
		align = s.align
	}
	switch align {
	case '<':
		return insertFill(dst, len(dst), missing, s.fill)
	case '=':
		return insertFill(dst, lead, missing, s.fill)
	case '^':
		dst = insertFill(dst, start, missing/2, s.fill)
		return insertFill(dst, len(dst), missing-missing/2, s.fill)
	}
	return insertFill(dst, start, missing, s.fill)
}

// insertFill makes room at dst[at:] for n times fill.
func insertFill(dst []byte, at, n int, fill rune) []byte {
	if fill < utf8.RuneSelf {
		return insertRepeated(dst, at, byte(fill), n)
	}
	var b [utf8.UTFMax]byte
	size := utf8.EncodeRune(b[:], fill)
	dst = insertRepeated(dst, at, 0, n*size)
	for i := range n {
		copy(dst[at+i*size:], b[:size])
	}
	return dst
}
