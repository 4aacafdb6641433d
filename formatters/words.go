package formatters

import "encoding/binary"

// Text is looked at eight bytes at a time, in words. A byte sets its high bit in
// a word if there is something about it.
const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// shortText is the length up to which appendShortText takes text.
const shortText = 16

// appendShortText appends s, for which dst has the room, and returns words that
// hold all of its bytes and no others. It copies the words that it looks at, some
// of which overlap: that takes half the time of a look and a copy.
func appendShortText(dst []byte, s string) (_ []byte, a, b uint64) {
	n, end := len(s), len(dst)
	text := dst[end : end+shortText]
	switch {
	case n >= 8:
		a, b = word(s), word(s[n-8:])
		binary.LittleEndian.PutUint64(text, a)
		binary.LittleEndian.PutUint64(text[n-8:], b)
	case n >= 4:
		a, b = halfWord(s), halfWord(s[n-4:])
		binary.LittleEndian.PutUint32(text, uint32(a))
		binary.LittleEndian.PutUint32(text[n-4:], uint32(b))
		a |= b << 32
		b = a
	case n > 0:
		a = shortWord(s)
		b = a
		text[0], text[n/2], text[n-1] = s[0], s[n/2], s[n-1]
	default:
		a, b = 'a'*lowBits, 'a'*lowBits
	}
	return dst[:end+n], a, b
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
