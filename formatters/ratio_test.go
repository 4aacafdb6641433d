package formatters

import (
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"
)

// TestRatio measures the everyday line beside the least that any handler can
// do for it, in turn. It asserts nothing: other programs share the machine.
func TestRatio(t *testing.T) {
	if os.Getenv("MEASURE") == "" {
		t.Skip("set MEASURE=1 to measure")
	}
	handlers := []slog.Handler{
		&leastHandler{nowhereWriter{}, "part0.part1.part2.part3"},
		newStreamHandler(nowhereWriter{}, namedFormatter()),
	}
	var times [2][]float64
	for range 60 {
		for i, h := range handlers {
			log := slog.New(h)
			start := time.Now()
			for range 50_000 {
				log.Info(benchMessage)
			}
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/50_000)
		}
	}
	for _, ts := range times {
		slices.Sort(ts)
		t.Logf("best %.1f ns, lower quartile %.1f, median %.1f", ts[0], ts[len(ts)/4], ts[len(ts)/2])
	}
	at := func(i int) float64 { return times[1][i] / times[0][i] }
	t.Logf("ratio: best %.3f, lower quartile %.3f, median %.3f", at(0), at(15), at(30))
}
