package formatters

import (
	"encoding/binary"
	"unicode/utf8"
)

// appendJSONString appends s as a JSON string, escaped as slog.JSONHandler
// does it. If controls is set, what isControl names is escaped too.
func appendJSONString(dst []byte, s string, controls bool) []byte {
	return append(appendJSONText(append(dst, '"'), s, controls), '"')
}

// appendJSONText is appendJSONString without the quotes. Of a short text it
// copies the words that it looks at, two of which may overlap: that takes half
// the time of a look and a copy.
func appendJSONText(dst []byte, s string, controls bool) []byte {
	n, end := len(s), len(dst)
	if n > 16 || cap(dst)-end < 16 {
		return appendJSONLong(dst, s, controls)
	}
	text := dst[end : end+16]
	var bad uint64
	switch {
	case n >= 8:
		a, b := wordAt(s, 0), wordAt(s, n-8)
		bad = unplainBytes(a) | unplainBytes(b)
		binary.LittleEndian.PutUint64(text, a)
		binary.LittleEndian.PutUint64(text[n-8:], b)
	case n >= 4:
		a, b := halfAt(s, 0), halfAt(s, n-4)
		bad = unplainBytes(uint64(a) | uint64(b)<<32)
		binary.LittleEndian.PutUint32(text, a)
		binary.LittleEndian.PutUint32(text[n-4:], b)
	case n > 0:
		a, b, c := s[0], s[n/2], s[n-1]
		bad = unplainBytes(0x2020202020000000 | uint64(a) | uint64(b)<<8 | uint64(c)<<16)
		text[0], text[n/2], text[n-1] = a, b, c
	}
	if bad != 0 {
		return appendJSONSlow(dst, s, controls)
	}
	return dst[:end+n]
}

// appendJSONLong is appendJSONText for any text.
func appendJSONLong(dst []byte, s string, controls bool) []byte {
	if plainJSON(s) {
		return append(dst, s...)
	}
	return appendJSONSlow(dst, s, controls)
}

// plainJSON reports whether s is ASCII that needs no escape. It may say no of
// a short text that needs none.
func plainJSON(s string) bool {
	n := len(s)
	if n < 8 {
		return n == 0
	}
	bad := unplainBytes(wordAt(s, n-8)) // and some of it again
	for i := 0; i < n-8; i += 8 {
		bad |= unplainBytes(wordAt(s, i))
	}
	return bad == 0
}

func wordAt(s string, i int) uint64 { return binary.LittleEndian.Uint64([]byte(s[i : i+8])) }
func halfAt(s string, i int) uint32 { return binary.LittleEndian.Uint32([]byte(s[i : i+4])) }

// unplainBytes returns 0 if none of the eight bytes of x is below ' ', a quote,
// a backslash, or no ASCII.
func unplainBytes(x uint64) uint64 {
	// A byte sets its high bit in the first term if it is below ' ' or a quote,
	// in the second if it is a backslash. A borrow can only spoil the bytes
	// above one that is found.
	const low, high = 0x0101010101010101, 0x8080808080808080
	return (((x ^ 2*low) - 0x21*low) | ((x ^ '\\'*low) - low) | x) & high
}

var plainJSONByte = func() (table [256]bool) {
	for b := ' '; b < utf8.RuneSelf; b++ {
		table[b] = b != '"' && b != '\\'
	}
	return table
}()

// appendJSONSlow is for text that has something to escape, or is no ASCII.
func appendJSONSlow(dst []byte, s string, controls bool) []byte {
	done := 0
	for i := 0; i < len(s); {
		if plainJSONByte[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !escapedInJSON(r, size, controls) {
			i += size
			continue
		}
		dst = appendJSONEscape(append(dst, s[done:i]...), r)
		i += size
		done = i
	}
	return append(dst, s[done:]...)
}

// escapedInJSON reports whether a rune of that size in bytes is escaped.
// Line and paragraph separators are, for readers that take JSON as JavaScript.
func escapedInJSON(r rune, size int, controls bool) bool {
	switch {
	case r < ' ' || r == '"' || r == '\\' || r == '\u2028' || r == '\u2029':
		return true
	case r == utf8.RuneError:
		return size == 1
	}
	return controls && isControl(r)
}

// isControl reports whether r is a C1 control character or turns the direction
// of text.
func isControl(r rune) bool {
	switch {
	case r < 0x80:
		return false
	case r < 0xA0, r == 0x061C, r == 0x200E, r == 0x200F:
		return true
	}
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// appendJSONEscape appends r, which is in the basic multilingual plane.
func appendJSONEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return appendHexRune(append(dst, '\\', 'u'), r, 4)
}

// escapeJSONTail escapes dst[start:] in place.
func escapeJSONTail(dst []byte, start int, controls bool) []byte {
	for i := start; i < len(dst); i++ {
		if !plainJSONByte[dst[i]] {
			return appendJSONSlow(dst[:i], string(dst[i:]), controls)
		}
	}
	return dst
}

// mendJSON puts dst[start:], which some MarshalJSON made, right: bytes that
// are no UTF-8, which encoding/json lets pass, and control characters if
// controls is set. Outside of strings JSON has neither.
func mendJSON(dst []byte, start int, controls bool) []byte {
	if utf8.Valid(dst[start:]) && !controls {
		return dst
	}
	text := string(dst[start:])
	dst = dst[:start]
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 || controls && isControl(r) {
			dst = appendJSONEscape(dst, r)
		} else {
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return dst
}
