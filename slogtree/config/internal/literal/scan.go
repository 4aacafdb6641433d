package literal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is that of a token.
type kind int

const (
	end kind = iota
	newline
	name
	number // value is its number
	text   // value is its string or Bytes
	punct  // one character, or an operator of two
)

// A token is a piece of the text.
type token struct {
	kind      kind
	text      string
	value     any
	line, col int
}

// A scanner cuts the text into tokens, as CPython's tokenizer does.
type scanner struct {
	src       string
	pos       int
	line, col int // of pos
	parens    int // how many brackets are open: line breaks are white space in them
	digits    int // how many a number may have
}

// next returns the next token.
func (s *scanner) next() (token, error) {
	if err := s.skip(); err != nil {
		return token{}, err
	}
	t := token{line: s.line, col: s.col}
	if s.pos == len(s.src) {
		return t, nil
	}
	c := s.src[s.pos]
	switch {
	case c == '\n':
		t.kind = newline
		s.advance(1)
		return t, nil
	case c == '\'' || c == '"':
		return s.text(t, "")
	case isDigit(c) || c == '.' && isDigit(s.peek(1)):
		return s.number(t)
	}
	if n := s.identifier(); n > 0 {
		return s.word(t, n)
	}
	return s.punct(t)
}

// peek returns the byte n further on, or 0.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.src) {
		return s.src[s.pos+n]
	}
	return 0
}

// advance goes on by n bytes.
func (s *scanner) advance(n int) string {
	taken := s.src[s.pos : s.pos+n]
	s.pos += n
	if last := strings.LastIndexByte(taken, '\n'); last >= 0 {
		s.line += strings.Count(taken, "\n")
		s.col = 1
		taken := taken[last+1:]
		s.col += utf8.RuneCountInString(taken)
	} else {
		s.col += utf8.RuneCountInString(taken)
	}
	return taken
}

// skip passes over white space, comments and lines that go on.
func (s *scanner) skip() error {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == ' ' || c == '\t' || c == '\f' || c == '\n' && s.parens > 0:
			s.advance(1)
		case c == '#':
			n := strings.IndexByte(s.src[s.pos:], '\n')
			if n < 0 {
				n = len(s.src) - s.pos
			}
			s.advance(n)
		case c == '\\' && s.peek(1) == '\n':
			s.advance(2)
		case c == '\\':
			return s.invalid(`\`, "unexpected character after line continuation character")
		default:
			return nil
		}
	}
	return nil
}

// identifier returns how many bytes of a name stand here.
func (s *scanner) identifier() int {
	rest := s.src[s.pos:]
	for i, r := range rest {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.In(r, unicode.Nd, unicode.Mn, unicode.Mc, unicode.Pc)) {
			return i
		}
	}
	return len(rest)
}

// word returns a name, or the string whose prefix it is.
func (s *scanner) word(t token, n int) (token, error) {
	prefix := s.src[s.pos : s.pos+n]
	if q := s.peek(n); (q == '\'' || q == '"') && isPrefix(prefix) {
		s.advance(n)
		return s.text(t, strings.ToLower(prefix))
	}
	t.kind, t.text = name, s.advance(n)
	return t, nil
}

// operators of more than one character, the longest first.
var operators = []string{"...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", ":="}

func (s *scanner) punct(t token) (token, error) {
	rest := s.src[s.pos:]
	t.kind = punct
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			t.text = s.advance(len(op))
			return t, nil
		}
	}
	r, n := utf8.DecodeRuneInString(rest)
	if !strings.ContainsRune("()[]{},:=+-*/%@&|^~<>.;", r) {
		return t, s.invalid(string(r), badCharacter(r))
	}
	t.text = s.advance(n)
	return t, nil
}

func badCharacter(r rune) string {
	switch {
	case r < utf8.RuneSelf && unicode.IsPrint(r):
		return "invalid syntax"
	case unicode.IsPrint(r):
		return fmt.Sprintf("invalid character '%c' (U+%04X)", r, r)
	}
	return fmt.Sprintf("invalid non-printable character U+%04X", r)
}

// invalid returns an error at the current place.
func (s *scanner) invalid(text, reason string) error {
	return newError(Invalid, s.line, s.col, text, reason)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
