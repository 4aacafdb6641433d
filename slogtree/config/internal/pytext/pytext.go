// Package pytext has what Python's str type does and Go's strings do not: the
// repr that error texts quote, lower casing, and what counts as white space.
package pytext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsSpace is str.isspace of one character, which is also what \s matches.
// Besides Unicode's white space, that is the separators FS, GS, RS and US.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// TrimSpace is str.strip().
func TrimSpace(s string) string { return strings.TrimFunc(s, IsSpace) }

// Repr is repr(s). A byte that is not UTF-8 becomes the escape of a lone
// surrogate, as Python's surrogateescape has it.
func Repr(s string) string { return string(AppendRepr(nil, s)) }

// AppendRepr appends repr(s).
func AppendRepr(dst []byte, s string) []byte {
	quote := Quote(strings.Contains(s, "'"), strings.Contains(s, `"`))
	dst = append(dst, quote)
	for i, r := range s {
		if r == utf8.RuneError && s[i] != "\uFFFD"[0] {
			r = 0xdc00 + rune(s[i])
		}
		dst = AppendRune(dst, r, quote)
	}
	return append(dst, quote)
}

// Quote is the quote that repr puts around a text with or without quotes in it.
func Quote(single, double bool) byte {
	if single && !double {
		return '"'
	}
	return '\''
}

// AppendRune appends a character as it stands in a repr with that quote.
func AppendRune(dst []byte, r rune, quote byte) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case unicode.IsPrint(r):
		return utf8.AppendRune(dst, r)
	case r <= 0xff:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r <= 0xffff:
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return fmt.Appendf(dst, `\U%08x`, r)
}

// Lower is str.lower(). Unlike strings.ToLower it keeps the dot of U+0130, and
// writes a sigma at the end of a word as such.
func Lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == 'İ':
			b.WriteString("i\u0307")
		case r == 'Σ' && endsWord(runes, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// endsWord is Unicode's condition Final_Sigma: a cased letter before, none
// after, and what has no case of its own is passed over.
func endsWord(runes []rune, i int) bool {
	before := i - 1
	for before >= 0 && caseIgnorable(runes[before]) {
		before--
	}
	after := i + 1
	for after < len(runes) && caseIgnorable(runes[after]) {
		after++
	}
	return before >= 0 && cased(runes[before]) && (after == len(runes) || !cased(runes[after]))
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·’‘․‧︓﹒﹕＇．：·״՟", r)
}
