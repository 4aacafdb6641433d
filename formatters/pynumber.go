package formatters

import (
	"log/slog"
	"math"
	"math/big"
	"math/bits"
	"reflect"
	"strconv"
	"time"
)

// A number is what Python's numeric conversions accept: an int of any size,
// or a float.
type number struct {
	isFloat bool
	f       float64

	neg bool
	mag uint64   // magnitude of an int
	big *big.Int // an int, if it is not nil
}

func intNumber(i int64) number {
	if i < 0 {
		return number{neg: true, mag: -uint64(i)}
	}
	return number{mag: uint64(i)}
}

func floatNumber(f float64) number { return number{isFloat: true, f: f} }

// toNumber returns v as a number: bools are 0 and 1 as in Python, durations
// their seconds.
func toNumber(v slog.Value) (number, bool) {
	switch v.Kind() {
	case slog.KindInt64:
		return intNumber(v.Int64()), true
	case slog.KindUint64:
		return number{mag: v.Uint64()}, true
	case slog.KindFloat64:
		return floatNumber(v.Float64()), true
	case slog.KindBool:
		return boolNumber(v.Bool()), true
	case slog.KindDuration:
		return floatNumber(v.Duration().Seconds()), true
	case slog.KindAny:
		return anyNumber(v.Any())
	}
	return number{}, false
}

func boolNumber(b bool) number {
	if b {
		return number{mag: 1}
	}
	return number{}
}

// anyNumber is toNumber for values of types that have no kind of their own.
func anyNumber(x any) (number, bool) {
	switch x := x.(type) {
	case *big.Int:
		if x == nil {
			return number{}, false
		}
		if x.IsInt64() {
			return intNumber(x.Int64()), true
		}
		return number{neg: x.Sign() < 0, big: x}, true
	case *time.Duration:
		return number{}, false
	}
	v := reflect.ValueOf(x)
	switch {
	case !v.IsValid():
		return number{}, false
	case v.CanInt():
		return intNumber(v.Int()), true
	case v.CanUint():
		return number{mag: v.Uint()}, true
	case v.CanFloat():
		return floatNumber(v.Float()), true
	case v.Kind() == reflect.Bool:
		return boolNumber(v.Bool()), true
	}
	return number{}, false
}

// float returns n as a float, and false if it is too large for one.
func (n number) float() (float64, bool) {
	if n.isFloat {
		return n.f, true
	}
	f := float64(n.mag)
	if n.big != nil {
		f, _ = new(big.Float).SetInt(n.big).Float64()
		return f, !math.IsInf(f, 0)
	}
	if n.neg {
		f = -f
	}
	return f, true
}

// truncate returns n without its fraction. It fails for infinities and NaN.
func (n number) truncate() (number, bool) {
	if !n.isFloat {
		return n, true
	}
	if math.IsInf(n.f, 0) || math.IsNaN(n.f) {
		return n, false
	}
	if math.Abs(n.f) < 1<<63 {
		return intNumber(int64(n.f)), true
	}
	b, _ := big.NewFloat(n.f).Int(nil)
	return number{neg: b.Sign() < 0, big: b}, true
}

// appendNumber appends n by one of the numeric conversions, or returns why it
// can't.
func (s *spec) appendNumber(dst []byte, n number) (_ []byte, reason string) {
	switch s.conv {
	case 'd':
		whole, ok := n.truncate()
		if !ok {
			return dst, "no integer: " + strconv.FormatFloat(n.f, 'g', -1, 64)
		}
		return s.appendInt(dst, whole), ""
	case 'x', 'X', 'o':
		if n.isFloat {
			return dst, "%" + string(s.conv) + " needs an integer, not a float"
		}
		return s.appendInt(dst, n), ""
	}
	f, ok := n.float()
	if !ok {
		return dst, "integer too large for a float"
	}
	return s.appendFloat(dst, f), ""
}

// appendInt appends an int by one of the conversions d, o, x, X, and b, which
// % does not have.
func (s *spec) appendInt(dst []byte, n number) []byte {
	start := len(dst)
	dst = s.appendSign(dst, n.neg)
	base := 10
	switch s.conv {
	case 'b':
		base = 2
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
	}
	if s.alt && base != 10 {
		dst = append(dst, '0', s.conv)
	}
	lead := len(dst) - start
	dst = n.appendDigits(dst, base)
	if digits := len(dst) - start - lead; digits < s.prec {
		dst = insertRepeated(dst, start+lead, '0', s.prec-digits)
	}
	if s.conv == 'X' {
		upper(dst[start:])
	}
	return s.padNumber(dst, start, lead)
}

// appendDigits appends the digits of an int, without a sign.
func (n number) appendDigits(dst []byte, base int) []byte {
	if n.big == nil {
		return strconv.AppendUint(dst, n.mag, base)
	}
	start := len(dst)
	dst = n.big.Append(dst, base)
	if n.neg {
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

func upper(text []byte) {
	for i, b := range text {
		if 'a' <= b && b <= 'z' {
			text[i] = b - 'a' + 'A'
		}
	}
}

// appendFloat appends a float by one of the conversions e, E, f, F, g, G.
func (s *spec) appendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = s.appendSign(dst, math.Signbit(f) && !math.IsNaN(f))
	lead := len(dst) - start
	switch {
	case math.IsNaN(f):
		dst = append(dst, "nan"...)
	case math.IsInf(f, 0):
		dst = append(dst, "inf"...)
	default:
		dst = s.appendFinite(dst, math.Abs(f))
	}
	if s.conv <= 'Z' {
		upper(dst[start:])
	}
	return s.padNumber(dst, start, lead)
}

func (s *spec) appendFinite(dst []byte, f float64) []byte {
	prec := s.prec
	if prec < 0 {
		prec = 6
	}
	start := len(dst)
	switch s.conv {
	case 'f', 'F':
		dst = strconv.AppendFloat(dst, f, 'f', prec, 64)
	case 'e', 'E':
		dst = strconv.AppendFloat(dst, f, 'e', prec, 64)
	default:
		prec = max(prec, 1)
		return appendGeneral(dst, f, prec, prec, s.alt)
	}
	if s.alt && prec == 0 {
		at := start
		for at < len(dst) && dst[at] != 'e' {
			at++
		}
		dst = insertRepeated(dst, at, '.', 1)
	}
	return dst
}

// appendGeneral appends f as %g does: prec significant digits, with an
// exponent if that is below -4 or at least limit, which is at most prec,
// without trailing zeros unless keep is set.
func appendGeneral(dst []byte, f float64, prec, limit int, keep bool) []byte {
	if !keep {
		prec = min(prec, 800) // no float64 has more digits
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', prec-1, 64)
	exp := exponent(dst[start:])
	if exp >= -4 && exp < limit {
		dst = strconv.AppendFloat(dst[:start], f, 'f', prec-1-exp, 64)
	}
	return trimZeros(dst, start, keep)
}

// exponent returns the exponent of a number that strconv wrote with 'e'.
func exponent(text []byte) int {
	i := len(text) - 1
	for text[i] != 'e' {
		i--
	}
	n := 0
	for _, b := range text[i+2:] {
		n = 10*n + int(b-'0')
	}
	if text[i+1] == '-' {
		return -n
	}
	return n
}

// trimZeros takes trailing zeros off the fraction of the number dst[start:],
// and its point if nothing follows it. If keep is set it sees to a point.
func trimZeros(dst []byte, start int, keep bool) []byte {
	end, point := len(dst), -1
	for i := start; i < len(dst); i++ {
		if dst[i] == '.' {
			point = i
		}
		if dst[i] == 'e' {
			end = i
		}
	}
	if keep {
		if point < 0 {
			return insertRepeated(dst, end, '.', 1)
		}
		return dst
	}
	if point < 0 {
		return dst
	}
	last := end
	for dst[last-1] == '0' {
		last--
	}
	if last-1 == point {
		last--
	}
	return append(dst[:last], dst[end:]...)
}

// appendFloatRepr appends f as Python's repr does: the shortest text that
// reads back as f, with an exponent below 1e-4 and from 1e16.
func appendFloatRepr(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, b := range dst[start:] {
		if b == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// codePoint returns the character that %c makes of n.
func (n number) codePoint() (rune, bool) {
	if n.isFloat || n.big != nil || n.neg && n.mag != 0 || bits.Len64(n.mag) > 21 || n.mag > 0x10FFFF {
		return 0, false
	}
	return rune(n.mag), true
}
