package formatters

import "unicode/utf8"

// A spec is one conversion of a %-format: flags, width, precision and type.
type spec struct {
	left, plus, space, alt, zero bool

	width int  // in code points, 0 for none
	prec  int  // -1 for none
	conv  byte // one of "diouxXeEfFgGcrsa"; u and i are stored as d
}

// plainText reports whether text passes through the conversion unchanged.
func (s *spec) plainText() bool { return s.conv == 's' && s.width == 0 && s.prec < 0 }

// finishText makes the text dst[start:] what s wants of a str: cut to the
// precision, escaped if safe is set, and padded. The escapes come between, so
// that none is cut and columns line up.
func (s *spec) finishText(dst []byte, start int, safe bool) []byte {
	if s.prec >= 0 {
		dst = dst[:start+prefixLen(dst[start:], s.prec)]
	}
	if safe {
		dst = escapeTail(dst, start)
	}
	return s.pad(dst, start)
}

// pad pads dst[start:] with spaces to the width.
func (s *spec) pad(dst []byte, start int) []byte {
	if s.width == 0 {
		return dst
	}
	missing := s.width - utf8.RuneCount(dst[start:])
	if missing <= 0 {
		return dst
	}
	if s.left {
		return appendRepeated(dst, ' ', missing)
	}
	return insertRepeated(dst, start, ' ', missing)
}

// padNumber pads the number dst[start:], of which the first lead bytes are
// sign and prefix, with zeros after those if s says so, else with spaces.
func (s *spec) padNumber(dst []byte, start, lead int) []byte {
	missing := s.width - (len(dst) - start)
	if s.zero && !s.left && missing > 0 {
		return insertRepeated(dst, start+lead, '0', missing)
	}
	return s.pad(dst, start)
}

// appendSign appends the sign of a number.
func (s *spec) appendSign(dst []byte, negative bool) []byte {
	switch {
	case negative:
		return append(dst, '-')
	case s.plus:
		return append(dst, '+')
	case s.space:
		return append(dst, ' ')
	}
	return dst
}

func appendRepeated(dst []byte, b byte, n int) []byte {
	for range n {
		dst = append(dst, b)
	}
	return dst
}

// insertRepeated makes room at dst[at:] for n times b.
func insertRepeated(dst []byte, at int, b byte, n int) []byte {
	end := len(dst)
	dst = appendRepeated(dst, b, n)
	copy(dst[at+n:], dst[at:end])
	for i := range min(n, end-at) {
		dst[at+i] = b
	}
	return dst
}

// prefixLen returns how many bytes the first n code points of text take.
func prefixLen(text []byte, n int) int {
	i := 0
	for ; n > 0 && i < len(text); n-- {
		_, size := utf8.DecodeRune(text[i:])
		i += size
	}
	return i
}
