package lat

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	var s Samples
	for i := range 1000 {
		s = append(s, time.Duration(i))
	}
	for share, want := range map[float64]time.Duration{0: 0, 0.5: 500, 0.99: 990, 0.999: 999, 1: 999} {
		if got := s.Percentile(share); got != want {
			t.Errorf("Percentile(%v) = %d, want %d", share, got, want)
		}
	}
	if got := Samples(nil).Percentile(0.5); got != 0 {
		t.Errorf("of nothing = %d", got)
	}
}

func TestEach(t *testing.T) {
	var calls []int
	if s := Each(3, func(i int) { calls = append(calls, i) }); len(s) != 3 || len(calls) != 3 || calls[2] != 2 {
		t.Errorf("%d samples of calls %v", len(s), calls)
	}
}

func TestPaced(t *testing.T) {
	const interval = time.Millisecond
	start := time.Now()
	var calls []int
	s := Paced(3, interval, func(i int) { calls = append(calls, i) })
	if took := time.Since(start); len(s) != 3 || len(calls) != 3 || calls[2] != 2 || took < 3*interval {
		t.Errorf("%d samples of calls %v in %v", len(s), calls, took)
	}
}

func TestBursts(t *testing.T) {
	const rest = time.Millisecond
	start := time.Now()
	var calls []int
	s := Bursts(5, 2, rest, func(i int) { calls = append(calls, i) })
	if took := time.Since(start); len(s) != 5 || len(calls) != 5 || calls[4] != 4 || took < 3*rest {
		t.Errorf("%d samples of calls %v in %v", len(s), calls, took)
	}
}
