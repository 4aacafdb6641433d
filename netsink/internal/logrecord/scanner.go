package logrecord

import (
	"encoding/binary"
	"log/slog"
	"math"
	"unicode/utf8"
)

// A scanner reads the opcodes of such a pickle, or the tokens of such JSON. It is ok until it meets
// something that is not read fast.
type scanner struct {
	p    []byte
	at   int
	ok   bool
	json bool

	// Of a pickle:
	next int  // number in the memo
	last span // of the text read last
	memo *[maxFastMemo]span

	room *[]byte // of JSON: where the text read last is, if it was escaped
}

// A span is where a text is: its beginning and end.
type span [2]int32

// begin reads the beginning of a dict.
func (s *scanner) begin() bool {
	if s.json {
		return true // more reads the brace
	}
	if !s.skip('}') {
		return false
	}
	s.last = span{0, -1} // a dict is no text
	s.memoize()
	return s.skip('(') && s.ok && len(s.p) < math.MaxInt32
}

// more reads what is before a key, and reports whether one comes.
func (s *scanner) more() bool {
	if s.json {
		return s.ok && s.moreJSON()
	}
	return s.ok && !s.skip('u')
}

// end reads the end, and reports whether all was read fast.
func (s *scanner) end() bool {
	if s.json {
		s.space()
		return s.ok && s.at == len(s.p)
	}
	return s.ok && s.skip('.')
}

// key reads a key, which most likely is the expected one. The name is that of an extra, and may be no UTF-8.
func (s *scanner) key(expected key) (k key, name []byte) {
	if s.json {
		if expected < numKeys && s.skipWord(quotedNames[expected]) {
			s.space()
			return expected, nil
		}
		name = s.keyJSON()
	} else {
		name = s.raw()
		s.memoize()
	}
	if expected < numKeys && keyNames[expected] == string(name) {
		return expected, nil
	}
	return keysByName[string(name)], name
}

// none reads None if it comes next.
func (s *scanner) none() bool {
	if s.json {
		return s.skipWord("null")
	}
	return s.skip('N')
}

// skip skips a byte if it comes next.
func (s *scanner) skip(b byte) bool {
	if s.at < len(s.p) && s.p[s.at] == b {
		s.at++
		return true
	}
	return false
}

// take returns the next n bytes.
func (s *scanner) take(n int) []byte {
	if n < 0 || n > len(s.p)-s.at {
		s.ok = false
		s.at = len(s.p)
		return nil
	}
	s.at += n
	return s.p[s.at-n : s.at]
}

// raw reads BINUNICODE, and does not ask whether it is UTF-8.
func (s *scanner) raw() []byte {
	if len(s.p)-s.at < 5 || s.p[s.at] != 'X' {
		s.ok = false
		return nil
	}
	n := binary.LittleEndian.Uint32(s.p[s.at+1:])
	s.at += 5
	if n > math.MaxInt32 {
		s.ok = false
		return nil
	}
	text := s.take(int(n))
	s.last = span{int32(s.at - len(text)), int32(s.at)}
	return text
}

// memoize reads the number that the value before may get. It has to be the next one.
func (s *scanner) memoize() {
	if s.at+1 >= len(s.p) || s.p[s.at] != 'q' {
		return
	}
	if n := int(s.p[s.at+1]); n != s.next || n >= maxFastMemo {
		s.ok = false
		return
	}
	s.memo[s.next] = s.last
	s.next++
	s.at += 2
}

// textValue reads a text that is a value.
func (s *scanner) textValue() []byte {
	text := s.rawValue()
	s.ok = s.ok && utf8.Valid(text)
	return text
}

// rawValue reads a text that is a value, anew or one that came before, as raw does.
func (s *scanner) rawValue() []byte {
	if s.json {
		return s.textJSON()
	}
	if s.at+1 >= len(s.p) || s.p[s.at] != 'h' {
		text := s.raw()
		s.memoize()
		return text
	}
	n := int(s.p[s.at+1])
	s.at += 2
	if n >= s.next {
		s.ok = false
		return nil
	}
	from, to := s.memo[n][0], s.memo[n][1]
	if to < from || to-from > maxFastShared {
		s.ok = false
		return nil
	}
	return s.p[from:to]
}

// int reads a whole number.
func (s *scanner) int() int64 {
	if s.json {
		return s.digits()
	}
	if s.at >= len(s.p) {
		s.ok = false
		return 0
	}
	s.at++
	switch s.p[s.at-1] {
	case 'K':
		if p := s.take(1); s.ok {
			return int64(p[0])
		}
	case 'M':
		if p := s.take(2); s.ok {
			return int64(binary.LittleEndian.Uint16(p))
		}
	case 'J':
		if p := s.take(4); s.ok {
			return int64(int32(binary.LittleEndian.Uint32(p)))
		}
	case 'L':
		n := s.digits()
		s.ok = s.ok && s.skip('L') && s.skip('\n')
		return n
	}
	s.ok = false
	return 0
}

// digits reads a whole number in text.
func (s *scanner) digits() (n int64) {
	negative := s.skip('-')
	start := s.at
	for s.at < len(s.p) && s.p[s.at]-'0' <= 9 {
		n = 10*n + int64(s.p[s.at]-'0')
		s.at++
	}
	length := s.at - start
	if length == 0 || length > maxFastDigits || length > 1 && s.p[start] == '0' || negative && n == 0 {
		s.ok = false
	}
	if negative {
		return -n
	}
	return n
}

// float reads BINFLOAT, or any number of JSON.
func (s *scanner) float() float64 {
	if s.json {
		_, f, _ := s.number()
		return f
	}
	if !s.skip('G') {
		s.ok = false
		return 0
	}
	p := s.take(8)
	if !s.ok {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(p))
}

// value reads any plain value.
func (s *scanner) value() slog.Value {
	if !s.ok || s.at >= len(s.p) {
		s.ok = false
		return slog.Value{}
	}
	if s.json {
		return s.valueJSON()
	}
	switch s.p[s.at] {
	case 'X', 'h':
		return slog.StringValue(string(s.textValue()))
	case 'G':
		return slog.Float64Value(s.float())
	case 'N':
		s.at++
		return slog.AnyValue(nil)
	case 'I':
		p := s.take(4)
		if !s.ok || string(p) != "I00\n" && string(p) != "I01\n" {
			s.ok = false
			return slog.Value{}
		}
		return slog.BoolValue(p[2] == '1')
	}
	return slog.Int64Value(s.int())
}
