package logrecord

import (
	"strconv"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// appendCreated appends seconds since 1970 as Python's repr has them. From 2004 to 2038 such a float is a multiple of
// 2^-22, and the nearest number of seven digits after the point is the one that is wanted,
// or of six if that gives the float back.
func appendCreated(dst []byte, f float64) []byte {
	if !(f >= 1<<30 && f < 1<<31) {
		return pickle.AppendFloat(dst, f)
	}
	seconds := uint64(f)
	part := uint64((f - float64(seconds)) * (1 << 22)) // exact
	const per = 1e7
	fraction, rest := part*per>>22, part*per&(1<<22-1)
	switch {
	case rest == 1<<21:
		return pickle.AppendFloat(dst, f)
	case rest > 1<<21:
		fraction++
	}
	if six := (seconds*per + fraction + 5) / 10; float64(six)/1e6 == f {
		seconds, fraction = six/1e6, six%1e6*10
	} else if fraction == per {
		return pickle.AppendFloat(dst, f)
	}
	dst = append(strconv.AppendUint(dst, seconds, 10), '.')
	return appendFraction(dst, uint32(fraction), 7)
}

// appendRelative appends milliseconds, to the nanosecond, as Python's repr has them.
func appendRelative(dst []byte, d time.Duration) []byte {
	if d <= -1e15 || d >= 1e15 || d > -100 && d < 100 {
		return pickle.AppendFloat(dst, float64(d)/1e6)
	}
	if d < 0 {
		dst, d = append(dst, '-'), -d
	}
	dst = append(strconv.AppendUint(dst, uint64(d)/1e6, 10), '.')
	return appendFraction(dst, uint32(uint64(d)%1e6), 6)
}

// appendFraction appends the digits after a point, without zeros at the end, but one digit at least.
func appendFraction(dst []byte, n uint32, digits int) []byte {
	start := len(dst)
	dst = append(dst, "0000000"[:digits]...)
	for i := start + digits - 1; n > 0; i-- {
		dst[i] = '0' + byte(n%10)
		n /= 10
	}
	end := len(dst)
	for end > start+1 && dst[end-1] == '0' {
		end--
	}
	return dst[:end]
}
