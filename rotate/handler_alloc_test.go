//go:build !race

package rotate_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/rotate"
)

// TestHandlerAllocatesNothing logs everyday records; with -race, a sync.Pool drops what
// it is given.
func TestHandlerAllocatesNothing(t *testing.T) {
	ctx := contextattrs.With(t.Context(), "req", 1)
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "message", 0)
	for i := range 5 {
		r.AddAttrs(slog.Int("k", i))
	}
	for name, o := range handlerKinds(t) {
		o.MaxBytes, o.BackupCount = 1<<30, 1
		if o.Durability == rotate.Buffered {
			o.BufferBytes = 1000 // flushed now and then
		}
		h, _ := openHandler(t, percentFormat("%(levelname)s %(message)s"), slog.LevelInfo, o)
		for writes, h := range map[float64]slog.Handler{1: h, 2: handlers.NewFanout(h, h)} {
			if n := testing.AllocsPerRun(200, func() {
				if h.Enabled(ctx, r.Level) {
					_ = h.Handle(ctx, r)
				}
			}); n > writes*allowed(o) {
				t.Errorf("%s: %v allocations for a record that is written %v times", name, n, writes)
			}
		}
	}
}

// allowed returns how many allocations a record may cost: none but that of its path for
// stat, where that is asked for each record, and of the batch that is synced.
func allowed(o rotate.Options) float64 {
	switch {
	case o.Durability == rotate.Buffered:
		return 0 // less than one, in Shared mode: one a flush
	case o.Lock == rotate.LockConcurrentLogHandler: // that of the lock file too
		return 2
	case o.Durability == rotate.Durable, o.Shared, o.Watch:
		return 1
	}
	return 0
}
