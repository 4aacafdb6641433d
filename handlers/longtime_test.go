package handlers_test

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
)

// TestLongestTimes has the longest time there is stand for ever, not for none.
func TestLongestTimes(t *testing.T) {
	for name, over := range map[string]func(slog.Handler) slog.Handler{
		"Sample": func(h slog.Handler) slog.Handler {
			return handlers.NewSample(h, handlers.SampleOptions{First: 2, Interval: math.MaxInt64})
		},
		"RateLimit": func(h slog.Handler) slog.Handler {
			return handlers.NewRateLimit(h, handlers.RateLimitOptions{Burst: 2, Every: math.MaxInt64})
		},
		"Dedup": func(h slog.Handler) slog.Handler {
			return handlers.NewDedup(h, handlers.DedupOptions{Interval: math.MaxInt64})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			h := over(handlers.NewStream(&out, nil, nil))
			for range 5 {
				time.Sleep(time.Hour)
				slog.New(h).Info("m")
			}
			want := "m\nm\n"
			if name == "Dedup" {
				want = "m\n"
			}
			if out.String() != want {
				t.Errorf("%s: %q, want %q", name, out.String(), want)
			}
			if err := handlers.Close(context.Background(), h); err != nil {
				t.Error(err)
			}
		})
	}
}
