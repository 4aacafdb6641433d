package literal

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/slogsuite/slogsuite/slogtree/config/internal/pytext"
)

// AppendRepr appends the value as Python prints it, except that the result can
// be read again where Python's cannot: infinities are 1e999.
func AppendRepr(dst []byte, v Value) []byte {
	switch x := v.V.(type) {
	case nil:
		return append(dst, "None"...)
	case bool:
		if x {
			return append(dst, "True"...)
		}
		return append(dst, "False"...)
	case int64:
		return strconv.AppendInt(dst, x, 10)
	case *big.Int:
		return x.Append(dst, 10)
	case float64:
		return appendFloat(dst, x)
	case complex128:
		return appendComplex(dst, x)
	case string:
		return pytext.AppendRepr(dst, x)
	case Surrogates:
		return appendSurrogates(dst, x)
	case Bytes:
		return appendBytes(dst, x)
	case Name:
		return append(dst, x...)
	case List:
		return append(appendItems(append(dst, '['), x), ']')
	case Tuple:
		if dst = appendItems(append(dst, '('), x); len(x) == 1 {
			dst = append(dst, ',')
		}
		return append(dst, ')')
	case Set:
		if len(x) == 0 {
			return append(dst, "set()"...)
		}
		return append(appendItems(append(dst, '{'), x), '}')
	case Dict:
		return appendDict(dst, x)
	}
	return fmt.Appendf(dst, "<%T>", v.V)
}

// String returns the value as Python prints it.
func (v Value) String() string { return string(AppendRepr(nil, v)) }

func appendItems(dst []byte, items []Value) []byte {
	for i, it := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendRepr(dst, it)
	}
	return dst
}

func appendDict(dst []byte, d Dict) []byte {
	dst = append(dst, '{')
	for i, it := range d {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(AppendRepr(dst, it.Key), ": "...)
		dst = AppendRepr(dst, it.Value)
	}
	return append(dst, '}')
}

// appendFloat appends the shortest text that gives the float again: with an
// exponent from 1e16 on and below 1e-4.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) {
		return append(dst, strings.Repeat("-", btoi(f < 0))+"1e999"...)
	}
	if abs := math.Abs(f); abs >= 1e16 || abs != 0 && abs < 1e-4 {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if !strings.Contains(string(dst[start:]), ".") {
		dst = append(dst, ".0"...)
	}
	return dst
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// appendComplex appends a sum whose signs of zero come out right when it is
// computed again.
func appendComplex(dst []byte, c complex128) []byte {
	re, im := real(c), imag(c)
	minus := math.Signbit(im) || math.Signbit(re) && re == 0
	switch {
	case re == 0 && !math.Signbit(re) && !minus:
		return append(appendFloat(dst, im), 'j')
	case re == 0 && math.Signbit(re) && math.Signbit(im):
		return append(appendFloat(append(dst, '-'), -im), 'j')
	}
	dst = appendFloat(append(dst, '('), re)
	if minus {
		dst, im = append(dst, '-'), math.Abs(im)
	} else {
		dst = append(dst, '+')
	}
	return append(appendFloat(dst, im), "j)"...)
}

func appendBytes(dst []byte, b Bytes) []byte {
	quote := pytext.Quote(strings.Contains(string(b), "'"), strings.Contains(string(b), `"`))
	dst = append(dst, 'b', quote)
	for _, c := range b {
		if c < 0x80 {
			dst = pytext.AppendRune(dst, rune(c), quote)
		} else {
			dst = fmt.Appendf(dst, `\x%02x`, c)
		}
	}
	return append(dst, quote)
}

func appendSurrogates(dst []byte, s Surrogates) []byte {
	text := string(s)
	quote := pytext.Quote(strings.Contains(text, "'"), strings.Contains(text, `"`))
	dst = append(dst, quote)
	for _, r := range s {
		dst = pytext.AppendRune(dst, r, quote)
	}
	return append(dst, quote)
}
