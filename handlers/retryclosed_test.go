package handlers

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// A handler that is closed is not tried again: it will not open.
func TestRetryOfClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := NewQueue(NewStream(io.Discard, nil, nil), QueueOptions{})
		if err := queue.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err := NewRetry(queue, RetryOptions{}).Handle(t.Context(), slog.NewRecord(start, slog.LevelInfo, "x", 0))
		if took := time.Since(start); !errors.Is(err, ErrClosed) || took != 0 {
			t.Errorf("%v after %v", err, took)
		}
	})
}
