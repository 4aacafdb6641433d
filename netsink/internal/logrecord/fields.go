package logrecord

import (
	"math"
	"math/big"
	"strconv"

	"github.com/slogsuite/slogsuite/netsink/internal/pickle"
)

// textOf returns str(v). None is a text too.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(pickle.AppendText(nil, v, false))
}

// optional returns the text of what may be None, and then is "".
func optional(v any) string {
	if isFalse(v) {
		return ""
	}
	return textOf(v)
}

// isFalse reports whether v is false in Python.
func isFalse(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	case string:
		return v == ""
	case []byte:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case pickle.Tuple:
		return len(v) == 0
	case pickle.Dict:
		return len(v) == 0
	}
	return false
}

// wholeOf returns the int that v is or nearly is: the nearest of 64 bits, without a fraction.
func wholeOf(v any) (n int64, ok bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case *big.Int:
		if v.Sign() < 0 {
			return math.MinInt64, true
		}
		return math.MaxInt64, true
	case float64:
		return wholeOfFloat(v)
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

func wholeOfFloat(f float64) (int64, bool) {
	switch {
	case math.IsNaN(f):
		return 0, false
	case f >= math.MaxInt64:
		return math.MaxInt64, true
	case f <= math.MinInt64:
		return math.MinInt64, true
	}
	return int64(f), true
}

// whole is wholeOf, and 0 for what is no number.
func whole(v any) int64 {
	n, _ := wholeOf(v)
	return n
}

// floatOf returns the float that a number is.
func floatOf(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	}
	return 0, false
}
