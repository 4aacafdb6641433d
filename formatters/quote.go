package formatters

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// appendQuoted appends s, quoted if it needs that.
func appendQuoted(dst []byte, s string) []byte {
	if len(s) > shortText || cap(dst)-len(dst) < shortText+2 {
		return appendQuotedLong(dst, s)
	}
	out, a, b := appendShortText(dst, s)
	switch {
	case s == "":
		return append(dst, `""`...)
	case notPlain(a)|notPlain(b) == 0:
		return out
	case notWrappable(a)|notWrappable(b) == 0:
		out, _, _ = appendShortText(append(dst, '"'), s)
		return append(out, '"')
	}
	return appendQuotedSlow(dst, s)
}

// appendQuotedLong is appendQuoted for text of any length.
func appendQuotedLong(dst []byte, s string) []byte {
	switch {
	case isPlain(s):
		return append(dst, s...)
	case isWrappable(s):
		return append(append(append(dst, '"'), s...), '"')
	}
	return appendQuotedSlow(dst, s)
}

// appendQuotedSlow is appendQuoted for any text.
func appendQuotedSlow(dst []byte, s string) []byte {
	if needsQuotes(s) {
		return strconv.AppendQuote(dst, s)
	}
	return append(dst, s...)
}

// quoteTail quotes dst[start:] if it needs that.
func quoteTail(dst []byte, start int) []byte {
	if text := dst[start:]; len(text) > 0 && allPlain(text) {
		return dst
	}
	return appendQuoted(dst[:start], string(dst[start:]))
}

// isPlain reports whether s surely needs no quotes: it is ASCII that can be
// seen, without quotes and equals signs.
func isPlain(s string) bool {
	if len(s) < 8 {
		return len(s) > 0 && notPlain(shortWord(s)) == 0
	}
	all := notPlain(word(s[len(s)-8:]))
	for ; len(s) >= 8; s = s[8:] {
		all |= notPlain(word(s))
	}
	return all == 0
}

// allPlain reports whether text has nothing but plain bytes.
func allPlain(text []byte) bool {
	for _, b := range text {
		if !plainBytes[b] {
			return false
		}
	}
	return true
}

// isWrappable reports whether s can stand between quotes as it is.
func isWrappable(s string) bool {
	if len(s) < 8 {
		return len(s) == 0 || notWrappable(shortWord(s)) == 0
	}
	all := notWrappable(word(s[len(s)-8:]))
	for ; len(s) >= 8; s = s[8:] {
		all |= notWrappable(word(s))
	}
	return all == 0
}

var plainBytes = func() (plain [256]bool) {
	for b := '!'; b < 0x7F; b++ {
		plain[b] = b != '"' && b != '='
	}
	return plain
}()

// notPlain returns 0 if the eight bytes of x are plain. It may say something of
// one that is, but only above one that is not.
func notPlain(x uint64) uint64 {
	// A byte sets its high bit in the first term if it is below ' ' or a quote, in
	// the others if it is a space, an equals sign, DEL, or no ASCII.
	return (((x ^ 2*lowBits) - '!'*lowBits) | ((x ^ ' '*lowBits) - lowBits) | ((x ^ '='*lowBits) - lowBits) | (x + lowBits) | x) & highBits
}

// notWrappable returns 0 if the eight bytes of x need no escape within quotes.
func notWrappable(x uint64) uint64 { return unplainBytes(x) | (x+lowBits)&highBits }

// needsQuotes reports whether text could be misread in a tail: it is empty or
// holds spaces, quotes, equals signs or what can't be seen.
func needsQuotes(text string) bool {
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			if !plainBytes[b] {
				return true
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return true
		}
		i += size
	}
	return len(text) == 0
}
