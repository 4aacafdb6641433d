package logrecord

import (
	"encoding/binary"
	"log/slog"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quotedNames has the keys as they are in JSON.
var quotedNames = func() (quoted [numKeys]string) {
	for k := keyName; k < numKeys; k++ {
		quoted[k] = `"` + keyNames[k] + `":`
	}
	return quoted
}()

// moreJSON is more: the brace that begins the object and a comma have a key after them.
func (s *scanner) moreJSON() bool {
	s.space()
	if s.skip(',') || s.at == 0 && s.skip('{') {
		s.space()
		return true
	}
	s.ok = s.skip('}')
	return false
}

// keyJSON reads a key and the colon.
func (s *scanner) keyJSON() []byte {
	name := s.textJSON()
	s.space()
	if !s.skip(':') {
		s.ok = false
	}
	s.space()
	return name
}

func (s *scanner) space() {
	for s.at < len(s.p) && s.p[s.at] <= ' ' && isJSONSpace(s.p[s.at]) {
		s.at++
	}
}

func isJSONSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// skipWord skips a word if it comes next.
func (s *scanner) skipWord(word string) bool {
	if len(s.p)-s.at < len(word) || string(s.p[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

// textJSON reads a text, and does not ask whether it is UTF-8. It is good until the next one is read.
func (s *scanner) textJSON() []byte {
	if !s.skip('"') {
		s.ok = false
		return nil
	}
	start := s.at
	s.toSpecial()
	if s.skip('"') {
		return s.p[start : s.at-1]
	}
	return s.escapedText(start)
}

// toSpecial goes on to the next quote, backslash or byte below ' '.
func (s *scanner) toSpecial() {
	for len(s.p)-s.at >= 8 {
		if found := specialJSON(binary.LittleEndian.Uint64(s.p[s.at:])); found != 0 {
			s.at += bits.TrailingZeros64(found) / 8
			return
		}
		s.at += 8
	}
	for s.at < len(s.p) && s.p[s.at] >= ' ' && s.p[s.at] != '"' && s.p[s.at] != '\\' {
		s.at++
	}
}

// escapedText reads the rest of a text that began at start, whose next byte is special.
func (s *scanner) escapedText(start int) []byte {
	dst := append((*s.room)[:0], s.p[start:s.at]...)
	for s.skip('\\') {
		dst = s.escape(dst)
		start = s.at
		s.toSpecial()
		dst = append(dst, s.p[start:s.at]...)
	}
	if cap(dst) <= maxFastRoom {
		*s.room = dst
	}
	s.ok = s.ok && s.skip('"')
	return dst
}

// unescaped are the bytes that a letter after a backslash stands for.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what follows a backslash. Half a pair of surrogates is not read fast.
func (s *scanner) escape(dst []byte) []byte {
	if s.skip('u') {
		r := s.hex()
		if utf16.IsSurrogate(r) {
			s.ok = s.ok && s.skip('\\') && s.skip('u')
			r = utf16.DecodeRune(r, s.hex())
			s.ok = s.ok && r != utf8.RuneError
		}
		return utf8.AppendRune(dst, r)
	}
	p := s.take(1)
	if !s.ok || unescaped[p[0]] == 0 {
		s.ok = false
		return dst
	}
	return append(dst, unescaped[p[0]])
}

// hex reads four digits.
func (s *scanner) hex() (r rune) {
	for _, b := range s.take(4) {
		switch {
		case '0' <= b && b <= '9':
			r = r<<4 | rune(b-'0')
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			r = r<<4 | rune(b|0x20-'a'+10)
		default:
			s.ok = false
		}
	}
	return r
}

// valueJSON is value.
func (s *scanner) valueJSON() slog.Value {
	switch {
	case s.p[s.at] == '"':
		return slog.StringValue(string(s.textValue()))
	case s.none():
		return slog.AnyValue(nil)
	case s.skipWord("true"):
		return slog.BoolValue(true)
	case s.skipWord("false"):
		return slog.BoolValue(false)
	}
	n, f, whole := s.number()
	if whole {
		return slog.Int64Value(n)
	}
	return slog.Float64Value(f)
}

// number reads a number, and reports whether it is written as a whole one.
func (s *scanner) number() (n int64, f float64, whole bool) {
	start := s.at
	s.skip('-')
	if !s.skip('0') {
		s.someDigits()
	}
	point := s.skip('.')
	if point {
		s.someDigits()
	}
	exponent := s.skip('e') || s.skip('E')
	if exponent {
		_ = s.skip('+') || s.skip('-')
		s.someDigits()
	}
	text := s.p[start:s.at]
	if !point && !exponent {
		s.at = start
		n = s.digits()
		return n, float64(n), true
	}
	if len(text) > maxFastNumber {
		s.ok = false
		return 0, 0, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	s.ok = s.ok && err == nil
	return 0, f, false
}

// someDigits reads one digit or more.
func (s *scanner) someDigits() {
	start := s.at
	for s.at < len(s.p) && s.p[s.at]-'0' <= 9 {
		s.at++
	}
	if s.at == start {
		s.ok = false
	}
}
