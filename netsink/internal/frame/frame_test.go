package frame

import (
	"encoding/binary"
	"math"
	"testing"
)

// A length is never negative, not even where an int has 32 bits.
func TestLen(t *testing.T) {
	for _, body := range []uint32{0, 1, 1 << 20, math.MaxInt32 - HeaderLen, math.MaxInt32 - HeaderLen + 1, 1 << 31, math.MaxUint32} {
		want := int64(body) + HeaderLen
		if want > math.MaxInt {
			want = math.MaxInt
		}
		if got := Len(binary.BigEndian.AppendUint32(nil, body)); int64(got) != want {
			t.Errorf("%d: %d, want %d", body, got, want)
		}
	}
	for n := range HeaderLen {
		if got := Len(make([]byte, n)); got != 0 {
			t.Errorf("%d bytes of a header: %d", n, got)
		}
	}
}

// Any greatest length is one that no sum of ours wraps.
func TestNewReaderMax(t *testing.T) {
	for _, max := range []int{0, 1, math.MaxInt32, math.MaxInt} {
		if r := NewReader(nil, max); r.max > int64(max) || int(HeaderLen+r.max) < HeaderLen {
			t.Errorf("%d: %d", max, r.max)
		}
	}
}
