package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// TestQueueUnderLoad has goroutines log and derive while others look on. Each policy
// must account for every record, and each goroutine's must arrive in order.
func TestQueueUnderLoad(t *testing.T) {
	const writers, each = 6, 3000
	for name, o := range map[string]handlers.QueueOptions{
		"block":    {Records: 50},
		"drop new": {Records: 50, Overflow: handlers.DropNew},
		"drop old": {Records: 50, Overflow: handlers.DropOld},
		"discard":  {Records: 50, DiscardBelow: slog.LevelInfo},
	} {
		t.Run(name, func(t *testing.T) {
			next, markers := make([]int, writers), 0
			arrived := uint64(0)
			q := handlers.NewQueue(&hook{handle: func(_ context.Context, r slog.Record) error {
				var w, i int
				if _, err := fmt.Sscanf(r.Message, "%d %d", &w, &i); err != nil {
					markers++
					return nil
				}
				if arrived++; i < next[w] {
					t.Errorf("writer %d: record %d after %d", w, i, next[w])
				}
				next[w] = i + 1
				return nil
			}}, o)
			stop := make(chan struct{})
			var work, looks sync.WaitGroup
			looks.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						if s := q.Stats(); s.In != s.Out+s.Dropped+s.Held || s.Held > 50 {
							t.Errorf("%+v", s)
							return
						}
						_ = q.Flush()
					}
				}
			})
			for w := range writers {
				work.Go(func() {
					h := q.WithAttrs([]slog.Attr{slog.Int("w", w)})
					for i := range each {
						level := slog.LevelInfo
						if i%2 == 0 {
							level = slog.LevelDebug
						}
						_ = h.Handle(context.Background(), record(level, fmt.Sprintf("%d %d", w, i)))
					}
				})
			}
			work.Wait()
			close(stop)
			looks.Wait()
			if err := q.Close(context.Background()); err != nil {
				t.Error(err)
			}
			s := q.Stats()
			if s.In != writers*each || s.Held != 0 || s.Out != arrived || s.Out+s.Dropped != s.In || s.Markers != uint64(markers) || s.Bytes != 0 {
				t.Errorf("%+v; %d have arrived, and %d markers", s, arrived, markers)
			}
			if name == "block" && s.Dropped != 0 {
				t.Errorf("%d records dropped", s.Dropped)
			}
		})
	}
}
