package formatters

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// appendQuoted appends s, quoted if it needs that.
func appendQuoted(dst []byte, s string) []byte {
	switch {
	case isPlain(s):
		return append(dst, s...)
	case isWrappable(s):
		return append(append(append(dst, '"'), s...), '"')
	case needsQuotes(s):
		return strconv.AppendQuote(dst, s)
	}
	return append(dst, s...)
}

// quoteTail quotes dst[start:] if it needs that.
func quoteTail(dst []byte, start int) []byte {
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

// word returns the first eight bytes of s, little-endian. It looks at strings,
// and not at a buffer that they were just copied to: a load that spans several
// stores waits for all of them.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// halfWord returns the first four bytes of s, little-endian.
func halfWord(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// shortWord returns a word that holds the one to seven bytes of s and nothing
// else, some of them more than once.
func shortWord(s string) uint64 {
	if len(s) >= 4 {
		return halfWord(s) | halfWord(s[len(s)-4:])<<32
	}
	return uint64(s[0])*lowBits&^0xFFFFFF | uint64(s[0]) | uint64(s[len(s)/2])<<8 | uint64(s[len(s)-1])<<16
}

var plainBytes = func() (plain [256]bool) {
	for b := '!'; b < 0x7F; b++ {
		plain[b] = b != '"' && b != '='
	}
	return plain
}()

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// notPlain returns 0 if the eight bytes of x are plain.
func notPlain(x uint64) uint64 {
	return ((x-'!'*lowBits)|(x+lowBits)|x)&highBits | anyIs(x, '"') | anyIs(x, '=')
}

// notWrappable returns 0 if the eight bytes of x need no escape within quotes.
func notWrappable(x uint64) uint64 { return unsafeBytes(x) | anyIs(x, '"') | anyIs(x, '\\') }

// anyIs returns 0 if none of the eight bytes of x is b.
func anyIs(x, b uint64) uint64 {
	x ^= b * lowBits
	return (x - lowBits) &^ x & highBits
}

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
