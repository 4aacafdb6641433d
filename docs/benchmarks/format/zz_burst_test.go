package format

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/shape"
)

func TestBurst(t *testing.T) {
	if os.Getenv("BURST") == "" {
		t.Skip()
	}
	const n = 400
	for _, s := range shapes {
		mins := map[string][]float64{}
		var ls []*slog.Logger
		var names []string
		for _, h := range peers {
			if !slices.Contains([]string{"limit", "slogsuite-json", "phuslu-json", "nop-stream", "floor", "slogsuite"}, h.name) {
				continue
			}
			l := slog.New(h.make(shape.Null{}))
			if s.with != nil {
				l = l.With(s.with...)
			}
			ls = append(ls, l)
			names = append(names, h.name)
		}
		ctx := context.Background()
		for range 1500 {
			for i, l := range ls {
				start := time.Now()
				for range n {
					s.call(ctx, l)
				}
				mins[names[i]] = append(mins[names[i]], float64(time.Since(start).Nanoseconds())/n)
			}
		}
		for _, name := range names {
			slices.Sort(mins[name])
		}
		at := func(name string, q int) float64 { return mins[name][q] }
		for _, name := range names {
			t.Logf("%-8s %-15s min %6.1f x%.3f   5%% %6.1f x%.3f   20%% %6.1f x%.3f", s.name, name, at(name, 0), at(name, 0)/at("limit", 0), at(name, 75), at(name, 75)/at("limit", 75), at(name, 300), at(name, 300)/at("limit", 300))
		}
	}
}
