package formatters

import (
	"bytes"
	"math"
)

// appendNumber appends n as Python's format does, or returns why it can't. If
// safe is set, the character that type c makes of n is escaped.
func (s *braceSpec) appendNumber(dst []byte, n number, safe bool) (_ []byte, bad string) {
	switch {
	case n.isFloat:
		if s.noFloat != "" {
			return dst, s.noFloat
		}
		return s.appendFloat(dst, n.f), ""
	case s.noInt != "":
		return dst, s.noInt
	}
	switch s.typ {
	case 'c':
		return s.appendCharacter(dst, n, safe)
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		f, ok := n.float()
		if !ok {
			return dst, "integer too large for a float"
		}
		return s.appendFloat(dst, f), ""
	}
	return s.appendInt(dst, n), ""
}

func (s *braceSpec) appendCharacter(dst []byte, n number, safe bool) (_ []byte, bad string) {
	r, ok := n.codePoint()
	if !ok {
		return dst, "type 'c' needs a number from 0 to 0x10FFFF"
	}
	start := len(dst)
	dst = append(dst, string(r)...)
	if safe {
		dst = escapeTail(dst, start)
	}
	return s.pad(dst, start, start, s.numberAlign()), ""
}

// numberAlign is how numbers are aligned if the spec does not say.
func (s *braceSpec) numberAlign() byte {
	if s.zero {
		return '='
	}
	return '>'
}

// conversion returns what the code of % needs to know of s. It does not pad.
func (s *braceSpec) conversion(conv byte) spec {
	return spec{plus: s.sign == '+', space: s.sign == ' ', alt: s.alt, prec: -1, conv: conv}
}

func (s *braceSpec) appendInt(dst []byte, n number) []byte {
	conv := s.typ
	if conv == 0 || conv == 'n' {
		conv = 'd'
	}
	c := s.conversion(conv)
	start := len(dst)
	dst = c.appendInt(dst, n)
	lead := afterSign(dst, start)
	if s.alt && conv != 'd' {
		lead += len("0x")
	}
	return s.finishNumber(dst, start, lead, len(dst), conv)
}

func (s *braceSpec) appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = s.appendFloatText(dst, f)
	if s.noNegate && dst[start] == '-' && isZero(dst[start+1:]) {
		c := s.conversion(0)
		end := len(dst)
		dst = append(c.appendSign(dst, false), dst[start+1:end]...)
		dst = append(dst[:start], dst[end:]...)
	}
	lead := afterSign(dst, start)
	end := lead
	for end < len(dst) && '0' <= dst[end] && dst[end] <= '9' {
		end++
	}
	return s.finishNumber(dst, start, lead, end, 'd')
}

// appendFloatText appends f with its sign, and without separators or padding.
func (s *braceSpec) appendFloatText(dst []byte, f float64) []byte {
	c := s.conversion(s.typ)
	c.prec = s.prec
	switch s.typ {
	case 0:
		return c.appendUntyped(dst, f)
	case 'n':
		c.conv = 'g'
	case '%':
		c.conv = 'f'
		return append(c.appendFloat(dst, f*100), '%')
	}
	return c.appendFloat(dst, f)
}

// appendUntyped appends f as Python's format does without a type: as repr if
// there is no precision, else as with g, but in either case so that it shows
// that it is a float.
func (s *spec) appendUntyped(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		s.conv = 'g'
		return s.appendFloat(dst, f)
	}
	dst = s.appendSign(dst, math.Signbit(f))
	start := len(dst)
	f = math.Abs(f)
	if s.prec < 0 {
		dst = appendFloatRepr(dst, f)
	} else {
		dst = appendGeneralPoint(dst, f, max(s.prec, 1), s.alt)
	}
	if s.alt {
		return trimZeros(dst, start, true) // which sees to a point
	}
	return dst
}

// appendGeneralPoint is appendGeneral for a number that ends in .0 rather than
// without a fraction. That digit counts.
func appendGeneralPoint(dst []byte, f float64, prec int, keep bool) []byte {
	start := len(dst)
	dst = appendGeneral(dst, f, prec, prec-1, keep)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// afterSign returns where the number dst[start:] goes on after its sign.
func afterSign(dst []byte, start int) int {
	if b := dst[start]; b == '-' || b == '+' || b == ' ' {
		return start + 1
	}
	return start
}

// isZero reports whether the digits of a number are all 0.
func isZero(text []byte) bool {
	for _, b := range text {
		switch b {
		case '0', '.':
		case 'e', 'E', '%':
			return true
		default:
			return false
		}
	}
	return true
}

// finishNumber puts separators into the digits dst[lead:end] of the number
// dst[start:], and pads it. Zeros that pad are separated too.
func (s *braceSpec) finishNumber(dst []byte, start, lead, end int, conv byte) []byte {
	if s.group != 0 && end > lead {
		size := 3
		if conv != 'd' {
			size = 4
		}
		least := 0
		if s.fill == '0' && (s.align == '=' || s.align == 0 && s.zero) {
			least = s.width - (len(dst) - start) + (end - lead)
		}
		dst = groupDigits(dst, lead, end, least, size, s.group)
	}
	return s.pad(dst, start, lead, s.numberAlign())
}

// groupDigits puts sep between each size digits of dst[from:to], from the
// right, and zeros before them until they are least bytes long. A separator
// does not lead.
func groupDigits(dst []byte, from, to, least, size int, sep byte) []byte {
	had := to - from
	digits := had
	if least > 0 {
		// The least number of digits that are long enough with their separators.
		digits = max(had, least-(least-1)/(size+1))
	}
	total := digits + (digits-1)/size
	dst = insertRepeated(dst, from, '0', total-had)
	read, write := from+total-had, from
	for left := digits; left > 0; left-- {
		if left < digits && left%size == 0 {
			dst[write] = sep
			write++
		}
		digit := byte('0')
		if left <= had {
			digit = dst[read]
			read++
		}
		dst[write] = digit
		write++
	}
	return dst
}
