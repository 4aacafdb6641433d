package pickle

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// surrogates is a str with lone surrogates, in what UTF-8 would be for them.
type surrogates string

// visible returns the text with each lone surrogate as \udcNN, as Python writes it with
// errors="backslashreplace".
func (s surrogates) visible() string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(string(s[i:]))
		if r == utf8.RuneError && size == 1 {
			size = 3
			b.Write(appendHex([]byte(`\u`), 0xD000|rune(s[i+1]&0x3F)<<6|rune(s[i+2]&0x3F), 4))
		} else {
			b.WriteString(string(s[i : i+size]))
		}
		i += size
	}
	return b.String()
}

// newText returns the str of p, in UTF-8 with surrogates passed.
func newText(p []byte) (v any, ok bool) {
	if utf8.Valid(p) {
		return string(p), true
	}
	for q := p; len(q) > 0; {
		r, size := utf8.DecodeRune(q)
		if r == utf8.RuneError && size == 1 {
			if len(q) < 3 || q[0] != 0xED || q[1] < 0xA0 || q[1] > 0xBF || q[2] < 0x80 || q[2] > 0xBF {
				return nil, false
			}
			size = 3
		}
		q = q[size:]
	}
	return surrogates(p), true
}

// A textKind tells which strings a pickle began with, and so which Python sent it.
type textKind uint8

const (
	noText textKind = iota
	wideText
	narrowText // 8-bit strings, of Python 2
)

func (r *reader) unicode() error {
	if r.first == noText {
		r.first = wideText
	}
	var p []byte
	var err error
	if r.op == opUnicode {
		p, err = r.escaped()
	} else {
		p, err = r.counted(widths[r.op])
	}
	if err != nil {
		return err
	}
	v, ok := newText(p)
	if !ok {
		return r.fail("the str is no UTF-8")
	}
	return r.push(v)
}

// escaped reads what protocol 0 writes: latin-1, with \uNNNN and \UNNNNNNNN for all else.
func (r *reader) escaped() ([]byte, error) {
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' || i+1 == len(line) {
			out = utf8.AppendRune(out, rune(line[i]))
			continue
		}
		i++
		width := map[byte]int{'u': 4, 'U': 8}[line[i]]
		if width == 0 {
			out = utf8.AppendRune(append(out, '\\'), rune(line[i]))
			continue
		}
		code, ok := hexCode(line[i+1:], width)
		if !ok || code > utf8.MaxRune {
			return nil, r.fail("a bad escape in %.40q", line)
		}
		out = appendWide(out, rune(code))
		i += width
	}
	return out, nil
}

func hexCode(s string, width int) (uint64, bool) {
	if len(s) < width {
		return 0, false
	}
	code, err := strconv.ParseUint(s[:width], 16, 32)
	return code, err == nil
}

// appendWide appends a code point, which may be a surrogate.
func appendWide(dst []byte, code rune) []byte {
	if 0xD800 <= code && code < 0xE000 {
		return append(dst, 0xED, 0x80|byte(code>>6&0x3F), 0x80|byte(code&0x3F))
	}
	return utf8.AppendRune(dst, code)
}

// A narrow is an 8-bit string of Python 2 that is no text. The datetimes of Python 2 have one.
type narrow struct {
	bytes []byte
	used  bool
}

const notUTF8 = "an 8-bit string is no UTF-8"

func (r *reader) eightBit() error {
	if r.first == noText {
		r.first = narrowText
	}
	var p []byte
	var err error
	if r.op == opString {
		p, err = r.quoted()
	} else {
		p, err = r.counted(widths[r.op])
	}
	switch {
	case err != nil:
		return err
	case isASCII(p):
		return r.push(string(p))
	case r.first != narrowText:
		return r.fail("an 8-bit string is not ASCII in what Python 3 sent")
	case utf8.Valid(p):
		return r.push(fromLatin1(p))
	}
	r.narrow++
	return r.push(&narrow{bytes: append([]byte(nil), p...)})
}

func isASCII(p []byte) bool {
	for _, b := range p {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func fromLatin1(p []byte) string {
	out := make([]byte, 0, 2*len(p))
	for _, b := range p {
		out = utf8.AppendRune(out, rune(b))
	}
	return string(out)
}

// toLatin1 is the inverse of fromLatin1.
func toLatin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, c := range s {
		if c > 0xFF {
			return nil, false
		}
		out = append(out, byte(c))
	}
	return out, true
}

// quoted reads the repr of an 8-bit string, with the escapes that Python 2 writes.
func (r *reader) quoted() ([]byte, error) {
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	n := len(line)
	if n < 2 || line[0] != '\'' && line[0] != '"' || line[n-1] != line[0] {
		return nil, r.fail("no quotes around %.40q", line)
	}
	line = line[1 : n-1]
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' {
			out = append(out, line[i])
			continue
		}
		b, size := unescape(line[i:])
		if size == 0 {
			return nil, r.fail("a bad escape in %.40q", line)
		}
		out = append(out, b)
		i += size - 1
	}
	return out, nil
}

// unescape returns the byte that an escape at the beginning of s stands for, and its length,
// 0 if it is none that Python 2's repr writes.
func unescape(s string) (b byte, size int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case '\\', '\'', '"':
		return s[1], 2
	case 'x':
		if code, ok := hexCode(s[2:], 2); ok {
			return byte(code), 4
		}
	}
	return 0, 0
}
