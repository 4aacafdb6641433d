package literal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isPrefix reports whether a name right before a quote is a string's prefix,
// one that Python gives a meaning to.
func isPrefix(s string) bool {
	return slices.Contains([]string{"r", "u", "b", "br", "rb", "f", "fr", "rf", "t", "tr", "rt"}, strings.ToLower(s))
}

// text scans a string from its quote on.
func (s *scanner) text(t token, prefix string) (token, error) {
	t.kind = text
	if strings.ContainsAny(prefix, "ft") {
		return t, newError(Code, t.line, t.col, prefix, "a string with this prefix has code in it; write a plain string")
	}
	start := s.pos
	body, err := s.body(strings.Contains(prefix, "r"))
	if err != nil {
		return t, err
	}
	u := unescaper{src: body, raw: strings.Contains(prefix, "r"), bytes: strings.Contains(prefix, "b")}
	t.text = s.src[start:s.pos]
	if t.value, err = u.value(); err != nil {
		return t, newError(Invalid, t.line, t.col, t.text, err.Error())
	}
	return t, nil
}

// body returns what stands between the quotes, and goes past them.
func (s *scanner) body(raw bool) (string, error) {
	line, col := s.line, s.col
	quote := s.src[s.pos : s.pos+1]
	if long := strings.Repeat(quote, 3); strings.HasPrefix(s.src[s.pos:], long) {
		quote = long
	}
	s.advance(len(quote))
	rest := s.src[s.pos:]
	for i := 0; i < len(rest); i++ {
		switch {
		case strings.HasPrefix(rest[i:], quote):
			s.advance(i + len(quote))
			return rest[:i], nil
		case rest[i] == '\\':
			i++
		case rest[i] == '\n' && len(quote) == 1:
			return "", newError(Invalid, line, col, quote+rest[:i], fmt.Sprintf("unterminated string literal (detected at line %d)", s.line))
		}
	}
	if len(quote) == 3 {
		return "", newError(Invalid, line, col, quote+rest, "unterminated triple-quoted string literal")
	}
	return "", newError(Invalid, line, col, quote+rest, fmt.Sprintf("unterminated string literal (detected at line %d)", s.line))
}

// An unescaper makes the value of what stands between quotes.
type unescaper struct {
	src        string
	raw, bytes bool
	out        []byte // the value so far, in UTF-8 unless bytes; lone surrogates as the 3 bytes that UTF-8 would have
	lone       bool   // a surrogate is in out
}

// value returns a string, Surrogates or Bytes.
func (u *unescaper) value() (any, error) {
	if u.bytes && strings.ContainsFunc(u.src, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return nil, errorText("bytes can only contain ASCII literal characters")
	}
	if u.raw {
		u.out = []byte(u.src)
	} else if err := u.unescape(); err != nil {
		return nil, err
	}
	switch {
	case u.bytes:
		return Bytes(u.out), nil
	case u.lone:
		return toSurrogates(u.out), nil
	}
	return string(u.out), nil
}

// errorText is an error that is but a reason.
type errorText string

func (e errorText) Error() string { return string(e) }

func (u *unescaper) unescape() error {
	for rest := u.src; rest != ""; {
		plain, escaped, found := strings.Cut(rest, `\`)
		u.out = append(u.out, plain...)
		if !found {
			return nil
		}
		n, err := u.escape(escaped)
		if err != nil {
			return err
		}
		rest = escaped[n:]
	}
	return nil
}

// simple are the escapes of one letter.
var simple = map[byte]byte{
	'\\': '\\', '\'': '\'', '"': '"', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// escape writes what an escape stands for, and returns how many bytes it has
// after the backslash. One that Python doesn't know stays as it is.
func (u *unescaper) escape(s string) (int, error) {
	c := s[0] // a body never ends in a lone backslash
	if plain, ok := simple[c]; ok {
		u.out = append(u.out, plain)
		return 1, nil
	}
	switch {
	case c == '\n':
		return 1, nil
	case '0' <= c && c <= '7':
		return u.octal(s), nil
	case c == 'x':
		return u.hex(s, 2)
	case c == 'u' && !u.bytes:
		return u.hex(s, 4)
	case c == 'U' && !u.bytes:
		return u.hex(s, 8)
	case c == 'N' && !u.bytes:
		return u.named(s)
	}
	u.out = append(u.out, '\\')
	return 0, nil
}

func (u *unescaper) octal(s string) int {
	n, v := 0, rune(0)
	for n < 3 && n < len(s) && '0' <= s[n] && s[n] <= '7' {
		v = v*8 + rune(s[n]-'0')
		n++
	}
	u.rune(v)
	return n
}

// hex writes the character that a letter and that many digits stand for.
func (u *unescaper) hex(s string, digits int) (int, error) {
	end := 1
	for end <= digits && end < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
		end++
	}
	if end <= digits {
		return 0, errorText(fmt.Sprintf(`truncated \%c%s escape`, s[0], strings.Repeat("X", digits)))
	}
	v, _ := strconv.ParseUint(s[1:end], 16, 32)
	if v > unicode.MaxRune {
		return 0, errorText(`illegal Unicode character in \` + s[:end])
	}
	u.rune(rune(v))
	return end, nil
}

// named writes the character of a name, as in \N{BULLET}.
func (u *unescaper) named(s string) (int, error) {
	name, _, ok := strings.Cut(strings.TrimPrefix(s, "N"), "}")
	if !ok || !strings.HasPrefix(name, "{") || name == "{" {
		return 0, errorText(`malformed \N character escape`)
	}
	r, ok := runeByName(name[1:])
	if !ok {
		return 0, errorText(fmt.Sprintf(`unknown Unicode character name %q; write \uXXXX`, name[1:]))
	}
	u.rune(r)
	return len("N") + len(name) + len("}"), nil
}

// rune writes a character, of bytes the byte.
func (u *unescaper) rune(r rune) {
	switch {
	case u.bytes:
		u.out = append(u.out, byte(r))
	case 0xd800 <= r && r <= 0xdfff:
		u.lone = true
		u.out = append(u.out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	default:
		u.out = utf8.AppendRune(u.out, r)
	}
}

// toSurrogates decodes UTF-8 in which surrogates have 3 bytes like others.
func toSurrogates(b []byte) (out Surrogates) {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r, n = rune(b[0]&0xf)<<12|rune(b[1]&0x3f)<<6|rune(b[2]&0x3f), 3
		}
		out = append(out, r)
		b = b[n:]
	}
	return out
}

// concat makes one value of strings that stand side by side.
func concat(parts []token) (any, error) {
	_, bytes := parts[0].value.(Bytes)
	var all []byte
	lone := false
	for _, p := range parts {
		switch v := p.value.(type) {
		case Bytes:
			all = append(all, v...)
		case string:
			all = append(all, v...)
		case Surrogates:
			lone = true
			u := unescaper{out: all}
			for _, r := range v {
				u.rune(r)
			}
			all = u.out
		}
		if _, too := p.value.(Bytes); too != bytes {
			return nil, errorText("cannot mix bytes and nonbytes literals")
		}
	}
	switch {
	case bytes:
		return Bytes(all), nil
	case lone:
		return toSurrogates(all), nil
	}
	return string(all), nil
}
