package pickle

import (
	"math"
	"testing"
)

// What is allowed grows with the pickle, and a size can hold it.
func TestTextAllowed(t *testing.T) {
	before := 0
	for n := int64(0); n <= math.MaxUint32; n = 2*n + 1 {
		got := allowed(n)
		if got < before || int(int32(got)) != got || n < 1<<28 && int64(got) < 4*n {
			t.Errorf("%d bytes: %d allowed", n, got)
		}
		before = got
	}
	if got := textAllowed(make([]byte, 1000)); got != 4000+64<<10 {
		t.Errorf("1000 bytes: %d", got)
	}
}

// As many values as there can be are no negative number of them.
func TestManyNodes(t *testing.T) {
	for _, nodes := range []int{1, math.MaxInt32, math.MaxInt} {
		if v, err := Load([]byte("K\x01."), Limits{Depth: 1, Nodes: nodes, Digits: 1}); v != int64(1) || err != nil {
			t.Errorf("%d: %v, %v", nodes, v, err)
		}
	}
}
