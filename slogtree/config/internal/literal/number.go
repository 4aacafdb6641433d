package literal

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// number scans an int, a float or an imaginary number.
func (s *scanner) number(t token) (token, error) {
	t.kind = number
	value, n, err := s.scanNumber()
	if err == nil {
		err = s.numberEnds(n)
	}
	if err != nil {
		return t, err
	}
	t.value, t.text = value, s.advance(n)
	return t, nil
}

func (s *scanner) scanNumber() (value any, n int, err error) {
	if base := baseOf(s.peek(0), s.peek(1)); base != 10 {
		return s.scanBased(base)
	}
	return s.scanDecimal()
}

// baseOf is the base of a number that begins so.
func baseOf(zero, letter byte) int {
	if zero == '0' {
		switch letter {
		case 'x', 'X':
			return 16
		case 'o', 'O':
			return 8
		case 'b', 'B':
			return 2
		}
	}
	return 10
}

var baseNames = map[int]string{16: "hexadecimal", 8: "octal", 2: "binary", 10: "decimal"}

func (s *scanner) scanBased(base int) (any, int, error) {
	digits := "0123456789abcdefABCDEF"
	if base < 16 {
		digits = digits[:base]
	}
	n := 2
	for s.peek(n) != 0 && strings.IndexByte(digits, s.peek(n)) >= 0 || s.peek(n) == '_' && s.peek(n+1) != 0 && strings.IndexByte(digits, s.peek(n+1)) >= 0 {
		n++
	}
	if n == 2 || isDigit(s.peek(n)) {
		return nil, 0, s.badNumber(base)
	}
	v, err := s.integer(s.src[s.pos+2:s.pos+n], base)
	return v, n, err
}

func (s *scanner) scanDecimal() (any, int, error) {
	n := s.digitPart(0)
	whole := n
	if s.peek(n) == '.' {
		n = s.digitPart(n + 1)
	}
	if e := s.peek(n); e == 'e' || e == 'E' {
		sign := 0
		if c := s.peek(n + 1); c == '+' || c == '-' {
			sign = 1
		}
		if !isDigit(s.peek(n + 1 + sign)) {
			return nil, 0, s.badNumber(10)
		}
		n = s.digitPart(n + 1 + sign)
	}
	taken := s.src[s.pos : s.pos+n]
	switch c := s.peek(n); {
	case c == 'j' || c == 'J':
		return complex(0, toFloat(taken)), n + 1, nil
	case n > whole:
		return toFloat(taken), n, nil
	case taken[0] == '0' && strings.Trim(taken, "0_") != "":
		return nil, 0, s.invalid(taken, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
	}
	v, err := s.integer(taken, 10)
	return v, n, err
}

// digitPart returns the end of the digits that begin at n, each after at most
// one underscore.
func (s *scanner) digitPart(n int) int {
	for isDigit(s.peek(n)) {
		n++
		if s.peek(n) == '_' && isDigit(s.peek(n+1)) {
			n++
		}
	}
	return n
}

// integer is the value of digits, which are bounded: reading decimal ones
// takes more than linear time.
func (s *scanner) integer(digits string, base int) (any, error) {
	digits = strings.ReplaceAll(digits, "_", "")
	if len(digits) > s.digits {
		return nil, newError(Limit, s.line, s.col, digits, fmt.Sprintf("the number has %d digits, and %d are allowed", len(digits), s.digits))
	}
	if n, err := strconv.ParseInt(digits, base, 64); err == nil {
		return n, nil
	}
	n, _ := new(big.Int).SetString(digits, base)
	return n, nil
}

// toFloat is the value of a float's text: infinity where it is too large.
func toFloat(text string) float64 {
	f, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return f
}

// numberEnds is an error if a name or digits go on right after the number.
// Python lets a keyword stand there, as in 1if x, and then it is code.
func (s *scanner) numberEnds(n int) error {
	after := scanner{src: s.src, pos: s.pos + n, line: s.line, col: s.col}
	size := after.identifier()
	if size == 0 && !isDigit(after.peek(0)) {
		return nil
	}
	if word := after.src[after.pos : after.pos+size]; isOperatorWord(word) {
		return nil
	}
	return s.badNumber(baseOf(s.peek(0), s.peek(1)))
}

func (s *scanner) badNumber(base int) error {
	n := 0
	for isDigit(s.peek(n)) || s.peek(n) == '_' || 'A' <= s.peek(n)&^0x20 && s.peek(n)&^0x20 <= 'Z' {
		n++
	}
	return s.invalid(s.src[s.pos:s.pos+n], "invalid "+baseNames[base]+" literal")
}
