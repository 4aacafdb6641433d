package formatters

import (
	"math"
	"strconv"
	"testing"
)

// The digits are strconv's, at every length and at both ends.
func TestAppendDecimal(t *testing.T) {
	check := func(n int64) {
		t.Helper()
		if got, want := string(appendDecimal([]byte("x"), n)), "x"+strconv.FormatInt(n, 10); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, want := string(appendDigits(nil, uint64(n))), strconv.FormatUint(uint64(n), 10); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for n := range int64(20_100) {
		check(n)
	}
	for n := int64(1); n > 0; n *= 3 {
		check(n)
		check(-n)
		check(n - 1)
	}
	for n := int64(10); n < math.MaxInt64/10; n *= 10 {
		check(n)
		check(n - 1)
		check(-n)
	}
	check(math.MaxInt64)
	check(math.MinInt64)
}
