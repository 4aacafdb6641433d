package lat

import (
	"slices"
	"testing"
	"time"
)

// Samples are durations of single calls.
type Samples []time.Duration

// Each times n calls of f one by one. All are kept, so that percentiles are exact.
func Each(n int, f func(i int)) Samples {
	s := make(Samples, n)
	for i := range s {
		start := time.Now()
		f(i)
		s[i] = time.Since(start)
	}
	return s
}

// Percentile returns the sample that a share p, 0 to 1, of all samples stands
// before. The samples must be sorted.
func (s Samples) Percentile(p float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	return s[min(int(p*float64(len(s))), len(s)-1)]
}

// Report sorts the samples, and adds their percentiles to a benchmark's line.
func (s Samples) Report(b *testing.B) {
	slices.Sort(s)
	for _, p := range []struct {
		unit  string
		share float64
	}{{"p50-ns", 0.5}, {"p99-ns", 0.99}, {"p99.9-ns", 0.999}, {"max-ns", 1}} {
		b.ReportMetric(float64(s.Percentile(p.share)), p.unit)
	}
}

// Paced times n calls of f as Each does, and begins one in each interval: it waits for
// its time without giving up the processor, and what is late is made up for. The waiting
// is not timed.
func Paced(n int, interval time.Duration, f func(i int)) Samples {
	s := make(Samples, n)
	next := time.Now()
	for i := range s {
		next = next.Add(interval)
		start := time.Now()
		for start.Before(next) {
			start = time.Now()
		}
		f(i)
		s[i] = time.Since(start)
	}
	return s
}

// Bursts times n calls of f as Each does, so many in a row, with a sleep before each burst.
func Bursts(n, burst int, rest time.Duration, f func(i int)) Samples {
	s := make(Samples, n)
	for i := range s {
		if i%burst == 0 {
			time.Sleep(rest)
		}
		start := time.Now()
		f(i)
		s[i] = time.Since(start)
	}
	return s
}
