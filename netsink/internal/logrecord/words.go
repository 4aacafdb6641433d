package logrecord

import "unicode/utf8"

// Text is looked at eight bytes at a time, in words. A byte sets its high bit in a word if
// there is something about it.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// word returns the first eight bytes of s.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func halfWord(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// shortWord returns a word that holds the bytes of s, of which there are one to seven, and nothing else.
func shortWord(s string) uint64 {
	if len(s) >= 4 {
		return halfWord(s) | halfWord(s[len(s)-4:])<<32
	}
	return uint64(s[0])*lowBits&^0xFFFFFF | uint64(s[0]) | uint64(s[len(s)/2])<<8 | uint64(s[len(s)-1])<<16
}

// isUTF8 reports whether s is UTF-8, which it is at once if it is ASCII.
func isUTF8(s string) bool {
	if len(s) < 8 {
		return len(s) == 0 || shortWord(s)&highBits == 0 || utf8.ValidString(s)
	}
	all := word(s[len(s)-8:])
	for rest := s; len(rest) >= 8; rest = rest[8:] {
		all |= word(rest)
	}
	return all&highBits == 0 || utf8.ValidString(s)
}

// isPlainJSON reports whether s is ASCII of which nothing is escaped in JSON.
func isPlainJSON(s string) bool {
	if len(s) < 8 {
		return len(s) == 0 || notPlainJSON(shortWord(s)) == 0
	}
	all := notPlainJSON(word(s[len(s)-8:]))
	for ; len(s) >= 8; s = s[8:] {
		all |= notPlainJSON(word(s))
	}
	return all == 0
}

// notPlainJSON returns 0 if none of the eight bytes of x is below ' ', a quote, a backslash or no ASCII.
func notPlainJSON(x uint64) uint64 {
	// A byte sets its high bit in the first term if it is below ' ' or a quote, in the second if it is a backslash.
	return (((x ^ 2*lowBits) - 0x21*lowBits) | ((x ^ '\\'*lowBits) - lowBits) | x) & highBits
}

// specialJSON sets the high bit of the first byte of x that is below ' ', a quote or a backslash, and perhaps of
// some after it. It returns 0 if there is none.
func specialJSON(x uint64) uint64 {
	return (((x ^ 2*lowBits) - 0x21*lowBits) | ((x ^ '\\'*lowBits) - lowBits)) &^ x & highBits
}
