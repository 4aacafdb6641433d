package formatters

import "unicode/utf8"

// appendJSONString appends s as a JSON string, escaped as slog.JSONHandler
// does it. If controls is set, what isControl names is escaped too.
func appendJSONString(dst []byte, s string, controls bool) []byte {
	return append(appendJSONText(append(dst, '"'), s, controls), '"')
}

// appendJSONText is appendJSONString without the quotes.
func appendJSONText(dst []byte, s string, controls bool) []byte {
	if len(s) > shortText || cap(dst)-len(dst) < shortText {
		if plainJSON(s) {
			return append(dst, s...)
		}
		return appendJSONSlow(dst, s, controls)
	}
	out, a, b := appendShortText(dst, s)
	if unplainBytes(a)|unplainBytes(b) != 0 {
		return appendJSONSlow(dst, s, controls)
	}
	return out
}

// plainJSON reports whether s, which has eight bytes at least, is ASCII that needs
// no escape.
func plainJSON(s string) bool {
	if len(s) < 8 {
		return false
	}
	bad := unplainBytes(word(s[len(s)-8:]))
	for ; len(s) >= 8; s = s[8:] {
		bad |= unplainBytes(word(s))
	}
	return bad == 0
}

// unplainBytes returns 0 if none of the eight bytes of x is below ' ', a quote,
// a backslash, or no ASCII.
func unplainBytes(x uint64) uint64 {
	// A byte sets its high bit in the first term if it is below ' ' or a quote,
	// in the second if it is a backslash. A borrow can only spoil the bytes
	// above one that is found.
	return (((x ^ 2*lowBits) - 0x21*lowBits) | ((x ^ '\\'*lowBits) - lowBits) | x) & highBits
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
