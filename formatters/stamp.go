package formatters

import (
	"encoding/binary"
	"math"
	"math/big"
	"time"
)

// appendStamp is t.AppendFormat(dst, timeText), in a quarter of the time.
func appendStamp(dst []byte, t time.Time) []byte {
	_, offset := t.Zone()
	second := t.Unix() + int64(offset)
	if second < firstStamp || second > lastStamp || offset%60 != 0 {
		return t.AppendFormat(dst, timeText)
	}
	ms := t.Nanosecond() / 1e6
	dst = append(dst, "yyyy-mm-ddThh:mm:ss.mmm"...)
	b := dst[len(dst)-23:]
	putSecond(b, second)
	putTwo(b[20:22], ms/10)
	b[22] = '0' + byte(ms%10)
	return appendOffset(dst, offset)
}

// putSecond writes the digits of a second from firstStamp to lastStamp to b, which
// begins with "yyyy-mm-ddThh:mm:ss".
func putSecond(b []byte, second int64) {
	year, month, day := civil(second / 86400)
	clock := int(second % 86400)
	_ = b[18]
	putTwo(b[0:2], year/100)
	putTwo(b[2:4], year%100)
	putTwo(b[5:7], month)
	putTwo(b[8:10], day)
	putTwo(b[11:13], clock/3600)
	putTwo(b[14:16], clock/60%60)
	putTwo(b[17:19], clock%60)
}

// civil returns the date of a day counted from 1970, which must not be before
// that. It counts years from March on, so that a leap day is a year's last, and
// divides by multiplying, after Neri and Schneider, "Euclidean affine functions
// and their application to calendar algorithms", 2022.
func civil(days int64) (year, month, day int) {
	quarters := 4*uint64(days+719468) + 3 // from March 1st of the year 0
	century := quarters / 146097
	years := 2939745 * (quarters%146097 | 3) // of the century, in units of 2^-32
	ofYear := years & (1<<32 - 1) / 2939745 / 4
	months := 2141*ofYear + 197913 // in units of 2^-16
	year, month, day = int(100*century+years>>32), int(months>>16), int(months&(1<<16-1)/2141)+1
	if ofYear >= 306 { // January or February
		return year + 1, month - 12, day
	}
	return year, month, day
}

// The seconds from 1970 to the end of the year 9999, for which appendStamp
// counts by itself.
const (
	firstStamp = 0
	lastStamp  = 253402300799
)

// appendOffset appends a zone's offset of whole minutes, as RFC 3339 has it.
func appendOffset(dst []byte, offset int) []byte {
	sign := byte('+')
	switch {
	case offset == 0:
		return append(dst, 'Z')
	case offset < 0:
		sign, offset = '-', -offset
	}
	dst = appendTwo(append(dst, sign), offset/3600)
	return appendTwo(append(dst, ':'), offset/60%60)
}

// putTwo writes the two digits of n.
func putTwo(b []byte, n int) { binary.LittleEndian.PutUint16(b, twoDigits[n]) }

// twoDigits holds the digits of the numbers below 100, the first one lowest.
var twoDigits = func() (pairs [100]uint16) {
	for n := range pairs {
		pairs[n] = uint16('0'+n/10) | uint16('0'+n%10)<<8
	}
	return pairs
}()

func appendTwo(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

// appendFraction appends a dot and the nanoseconds without the zeros at their
// end, or nothing.
func appendFraction(dst []byte, nanos int) []byte {
	if nanos == 0 {
		return dst
	}
	n := len(dst)
	dst = append(dst, ".nnnnnnnnn"...)
	return dst[:n+1+putFraction(dst[n+1:], nanos)]
}

// putFraction writes the nanoseconds, which are not 0, to dst, and returns how many
// of the nine digits are left without the zeros at their end.
func putFraction(dst []byte, nanos int) int {
	n := uint32(nanos)
	_ = dst[8]
	putTwo(dst, int(n/1e7))
	putTwo(dst[2:], int(n/1e5%100))
	putTwo(dst[4:], int(n/1e3%100))
	putTwo(dst[6:], int(n/10%100))
	dst[8] = '0' + byte(n%10)
	left := 9
	for ; n%10 == 0; n /= 10 {
		left--
	}
	return left
}

// appendUnits appends how many units have passed from 1970 to t, rounded down.
func appendUnits(dst []byte, t time.Time, unit time.Duration) []byte {
	const limit = 9_223_372_036 // seconds, in nanoseconds still an int64
	if sec := t.Unix(); -limit < sec && sec < limit {
		n, d := t.UnixNano(), int64(unit)
		q := n / d
		if n%d < 0 {
			q--
		}
		return appendDecimal(dst, q)
	}
	n := new(big.Int).Mul(big.NewInt(t.Unix()), big.NewInt(1e9))
	n.Add(n, big.NewInt(int64(t.Nanosecond())))
	return n.Div(n, big.NewInt(int64(unit))).Append(dst, 10) // Div rounds down for d > 0
}

// appendDuration appends d as its String method has it, in half the time.
func appendDuration(dst []byte, d time.Duration) []byte {
	if -time.Second < d && d < time.Second || d == math.MinInt64 {
		return append(dst, d.String()...) // in units of less than a second
	}
	if d < 0 {
		dst, d = append(dst, '-'), -d
	}
	if d >= time.Hour {
		dst = append(appendDecimal(dst, int64(d/time.Hour)), 'h')
	}
	if d >= time.Minute {
		dst = append(appendDecimal(dst, int64(d%time.Hour/time.Minute)), 'm')
	}
	dst = appendDecimal(dst, int64(d%time.Minute/time.Second))
	return append(appendFraction(dst, int(d%time.Second)), 's')
}
