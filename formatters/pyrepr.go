package formatters

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendRepr appends s as Python's repr does, or as ascii does if ascii is
// set. Bytes that are no UTF-8 are written as \xNN.
func appendRepr(dst []byte, s string, ascii bool) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		dst = appendReprRune(dst, r, s[i:i+size], quote, ascii)
		i += size
	}
	return append(dst, quote)
}

func appendReprRune(dst []byte, r rune, text string, quote byte, ascii bool) []byte {
	switch {
	case r == rune(quote) || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r == utf8.RuneError && len(text) == 1:
		return append(dst, '\\', 'x', hexDigits[text[0]>>4], hexDigits[text[0]&15])
	case r < 0x7F && r >= ' ', r > 0x7F && !ascii && unicode.IsPrint(r):
		return append(dst, text...)
	case r < 0x100:
		return appendHexRune(append(dst, '\\', 'x'), r, 2)
	case r < 0x10000:
		return appendHexRune(append(dst, '\\', 'u'), r, 4)
	}
	return appendHexRune(append(dst, '\\', 'U'), r, 8)
}

// appendBytesRepr appends b as Python's repr of bytes does.
func appendBytesRepr(dst, b []byte) []byte {
	quote := byte('\'')
	s := string(b)
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, 'b', quote)
	for i := range len(s) {
		if s[i] >= 0x7F {
			dst = append(dst, '\\', 'x', hexDigits[s[i]>>4], hexDigits[s[i]&15])
			continue
		}
		dst = appendReprRune(dst, rune(s[i]), s[i:i+1], quote, true)
	}
	return append(dst, quote)
}

// escapeNonASCII writes what is not ASCII in dst[start:] as ascii does.
func escapeNonASCII(dst []byte, start int) []byte {
	s := string(dst[start:])
	dst = dst[:start]
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf {
			dst = append(dst, s[i])
		} else {
			dst = appendReprRune(dst, r, s[i:i+size], 0, true)
		}
		i += size
	}
	return dst
}
