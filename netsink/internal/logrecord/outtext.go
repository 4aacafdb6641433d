package logrecord

import (
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

const hexDigits = "0123456789abcdef"

// validText returns s, with bytes that are no UTF-8 as \xNN. No Python reads others.
func validText(s string) string {
	if isUTF8(s) {
		return s
	}
	dst := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, '\\', 'x', hexDigits[s[i]>>4], hexDigits[s[i]&15])
		} else {
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return string(dst)
}

// appendJSONText appends s in quotes.
func appendJSONText(dst []byte, s string) []byte {
	return append(appendJSONBody(append(dst, '"'), s), '"')
}

// appendJSONBody is appendJSONText without the quotes.
func appendJSONBody(dst []byte, s string) []byte {
	if isPlainJSON(s) {
		return append(dst, s...)
	}
	return appendJSONSlow(dst, s)
}

// appendJSONSlow is appendJSONBody for a text that may have something to escape.
func appendJSONSlow(dst []byte, s string) []byte {
	done := 0
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf && b >= ' ' && b != '"' && b != '\\' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf || r == utf8.RuneError && size == 1 {
			dst = appendJSONEscape(append(dst, s[done:i]...), s[i])
			done = i + 1
		}
		i += size
	}
	return append(dst, s[done:]...)
}

// appendJSONEscape appends a byte that can't stand in JSON as it is.
func appendJSONEscape(dst []byte, b byte) []byte {
	switch {
	case b == '"' || b == '\\':
		return append(dst, '\\', b)
	case b == '\n':
		return append(dst, '\\', 'n')
	case b == '\r':
		return append(dst, '\\', 'r')
	case b == '\t':
		return append(dst, '\\', 't')
	case b < ' ':
		return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
	}
	return append(dst, '\\', '\\', 'x', hexDigits[b>>4], hexDigits[b&15])
}

// appendJSONFloat appends f as Python's json does: with a point or an exponent, which makes it a float
// there again. What JSON has no number for is a text.
func appendJSONFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		dst = pickle.AppendFloat(append(dst, '"'), f)
		return append(dst, '"')
	}
	return pickle.AppendFloat(dst, f)
}

// cut returns the beginning of s and how much is missing, with what was missing before, in no more than n bytes,
// which are 40 at least.
func cut(s string, n, missing int) string {
	const longest = len("... ( bytes missing)") + 20
	keep := n - longest
	for keep > 0 && !utf8.RuneStart(s[keep]) {
		keep--
	}
	keep = max(keep, 0)
	return s[:keep] + "... (" + strconv.Itoa(len(s)-keep+missing) + " bytes missing)"
}

func isNilPointer(x any) bool {
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
