package rotatetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
)

// MaxLine is the greatest size of a line, in bytes.
const MaxLine = 1 << 20

const (
	maxWriter  = 64 // bytes of a writer's name
	minPayload = 8
)

// AppendLine appends line seq of a writer to dst, "\n" at its end included, and
// returns it. The line says whose it is, its number and its size, and goes on
// with letters that are derived from these three:
//
//	web-1 4711 42 nbmhdhfaoeiigkcmlpfbjgmfhde
//
// It has size bytes, but never fewer than it takes to be told from others, which
// is some 20, nor more than [MaxLine]. Numbers begin at 1; a writer's name is
// 1 to 64 letters, digits, "-", "_" and ".", the first of them a letter or a
// digit. Anything else panics: it is a mistake in a test.
func AppendLine(dst []byte, writer string, seq uint64, size int) []byte {
	if seq == 0 {
		panic("rotatetest: AppendLine of number 0: they begin at 1")
	}
	if !isWriter(writer) {
		panic(fmt.Sprintf("rotatetest: AppendLine of a writer called %q", writer))
	}
	size = min(max(size, leastSize(writer, seq)), MaxLine)
	start := len(dst)
	dst = append(dst, writer...)
	dst = append(dst, ' ')
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(size), 10)
	dst = append(dst, ' ')
	dst = appendPayload(dst, seedOf(hash(writer), seq, size), size-1-(len(dst)-start))
	return append(dst, '\n')
}

// leastSize returns the size of the shortest line, which has its own digits in it.
func leastSize(writer string, seq uint64) int {
	rest := len(writer) + digits(seq) + 3 + minPayload + 1
	size := rest + 1
	for size < rest+digits(uint64(size)) {
		size++
	}
	return size
}

func digits(n uint64) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}

// A header is what a line begins with.
type header struct {
	writer []byte
	seq    uint64
	size   int
	len    int // of the header itself
}

// parseHeader parses the beginning of a line. It takes nothing that AppendLine
// does not make, leading zeros for example.
func parseHeader(line []byte) (h header, ok bool) {
	name := bytes.IndexByte(line[:min(len(line), maxWriter+1)], ' ')
	if name < 0 || !isWriter(line[:name]) {
		return h, false
	}
	seq, n := parseNumber(line[name+1:])
	if n == 0 {
		return h, false
	}
	at := name + 1 + n
	if at >= len(line) || line[at] != ' ' {
		return h, false
	}
	size, n := parseNumber(line[at+1:])
	at += 1 + n
	if n == 0 || size > MaxLine || at >= len(line) || line[at] != ' ' {
		return h, false
	}
	return header{line[:name], seq, int(size), at + 1}, true
}

// parseNumber parses the digits that s begins with, and returns how many they are: 0 if
// strconv would not print them so, or they are too many.
func parseNumber(s []byte) (n uint64, length int) {
	for length < len(s) && '0' <= s[length] && s[length] <= '9' {
		hi, lo := bits.Mul64(n, 10)
		sum, carry := bits.Add64(lo, uint64(s[length]-'0'), 0)
		if hi != 0 || carry != 0 {
			return 0, 0
		}
		n = sum
		length++
	}
	if n == 0 || s[0] == '0' {
		return 0, 0
	}
	return n, length
}

// parse parses a line without its line break, and reports whether it is whole.
func parse(line []byte) (h header, whole bool) {
	h, ok := parseHeader(line)
	if !ok || h.size != len(line)+1 || len(line)-h.len < minPayload {
		return h, false
	}
	return h, matches(line[h.len:], seedOf(hash(h.writer), h.seq, h.size))
}

// isFragment reports whether a line, which is not whole, is the beginning of one,
// and of whose.
func isFragment(line []byte) (h header, ok bool) {
	h, ok = parseHeader(line)
	return h, ok && len(line) < h.size && matches(line[h.len:], seedOf(hash(h.writer), h.seq, h.size))
}

// isWriter reports whether s is the name of a writer.
func isWriter[T string | []byte](s T) bool {
	if len(s) == 0 || len(s) > maxWriter || !isAlnum(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !isAlnum(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// hash is FNV-1a.
func hash[T string | []byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

const golden = 0x9e3779b97f4a7c15 // of splitmix64

func seedOf(writer, seq uint64, size int) uint64 {
	return mix(writer+seq*golden) + uint64(size)
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// letters makes eight letters of the lower four bits of each byte.
func letters(x uint64) uint64 { return x&0x0f0f0f0f0f0f0f0f + 0x6161616161616161 }

// payload16 returns the next 16 letters of a payload.
func payload16(seed *uint64) (a, b uint64) {
	*seed += golden
	x := mix(*seed)
	return letters(x), letters(x >> 4)
}

func appendPayload(dst []byte, seed uint64, n int) []byte {
	end := len(dst) + n
	for len(dst) < end {
		a, b := payload16(&seed)
		dst = binary.LittleEndian.AppendUint64(dst, a)
		dst = binary.LittleEndian.AppendUint64(dst, b)
	}
	return dst[:end]
}

// matches reports whether p is how the payload of a seed begins.
func matches(p []byte, seed uint64) bool {
	for ; len(p) >= 16; p = p[16:] {
		a, b := payload16(&seed)
		if binary.LittleEndian.Uint64(p) != a || binary.LittleEndian.Uint64(p[8:]) != b {
			return false
		}
	}
	var rest [16]byte
	return bytes.Equal(p, appendPayload(rest[:0], seed, len(p)))
}
