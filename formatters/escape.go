package formatters

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// isSafeText reports whether s is ASCII that needs no escape. It may say no
// where nothing does, but does so for a tab only.
func isSafeText(s string) bool {
	if len(s) < 8 {
		return len(s) == 0 || unsafeBytes(shortWord(s)) == 0
	}
	all := unsafeBytes(word(s[len(s)-8:]))
	for ; len(s) >= 8; s = s[8:] {
		all |= unsafeBytes(word(s))
	}
	return all == 0
}

// unsafeBytes returns 0 if all eight bytes of x are from ' ' to '~'.
func unsafeBytes(x uint64) uint64 {
	// A byte sets its high bit in one of the three if it is below ' ', DEL, or no ASCII.
	return ((x - ' '*lowBits) | (x + lowBits) | x) & highBits
}

// appendEscaped appends text so that it stays on one line and steers no
// terminal: control characters except TAB, line and paragraph separators,
// characters that change the direction of text, and bytes that are no UTF-8
// become \n, \r, \xNN or \uNNNN.
func appendEscaped(dst []byte, text string) []byte {
	start := len(dst)
	dst = append(dst, text...)
	if isSafeText(text) {
		return dst
	}
	return escapeTail(dst, start)
}

// appendEscapedSlow is for text that has something to escape. The text may
// lie in dst's array below its length.
func appendEscapedSlow(dst, text []byte) []byte {
	done := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if isSafe(r, size) {
			i += size
			continue
		}
		dst = append(dst, text[done:i]...)
		dst = appendEscape(dst, r, text[i], size)
		i += size
		done = i
	}
	return append(dst, text[done:]...)
}

// isSafe reports whether a rune of that size in bytes needs no escape.
func isSafe(r rune, size int) bool {
	switch {
	case r < ' ':
		return r == '\t'
	case r < 0x7F:
		return true
	case r < 0xA0: // DEL and C1
		return false
	case r < 0x2028:
		return r != 0x061C && r != 0x200E && r != 0x200F // marks that turn text
	case r == utf8.RuneError:
		return size > 1
	}
	return r > 0x2069 || r > 0x202E && r < 0x2066
}

func appendEscape(dst []byte, r rune, b byte, size int) []byte {
	switch {
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case size == 1:
		return append(dst, '\\', 'x', hexDigits[b>>4], hexDigits[b&15])
	}
	return appendHexRune(append(dst, '\\', 'u'), r, 4)
}

// appendHexRune appends r in hexadecimal with the given number of digits.
func appendHexRune(dst []byte, r rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[r>>shift&15])
	}
	return dst
}

// escapeTail escapes dst[start:] in place.
func escapeTail(dst []byte, start int) []byte {
	n := start
	for n < len(dst) && dst[n] >= ' ' && dst[n] < 0x7F {
		n++
	}
	if n == len(dst) {
		return dst
	}
	end := len(dst)
	dst = appendEscapedSlow(dst, dst[n:end])
	return append(dst[:n], dst[end:]...)
}

// maxReason bounds the reason in a marker, in bytes before escaping.
const maxReason = 200

// appendMarker appends "%!field(reason)", which stands in the place of what
// can't be rendered. It is on one line always.
func appendMarker(dst []byte, field, reason string) []byte {
	dst = append(dst, '%', '!')
	dst = appendEscaped(dst, clip(field))
	dst = append(dst, '(')
	dst = appendEscaped(dst, clip(reason))
	return append(dst, ')')
}

func clip(s string) string {
	if len(s) <= maxReason {
		return s
	}
	n := maxReason
	for n > maxReason-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "... (" + strconv.Itoa(len(s)) + " bytes)"
}
