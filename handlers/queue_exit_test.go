package handlers_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

const queueExitEnv = "HANDLERS_QUEUE_EXIT"

// TestQueueAtExit has a program log through a queue, close it and end at once: a line
// for each record must have been written. The control does not close, while its target is
// stuck.
func TestQueueAtExit(t *testing.T) {
	const writers, each = 4, 5000
	if mode := os.Getenv(queueExitEnv); mode != "" {
		o, stdout := handlers.QueueOptions{Records: 1000}, handlers.NewStream(os.Stdout, nil, nil)
		q := handlers.NewQueue(stdout, o)
		if mode != "close" {
			o.Records = 2 * writers * each
			q = handlers.NewQueue(&hook{handle: func(ctx context.Context, r slog.Record) error {
				if r.NumAttrs() == 0 {
					select {}
				}
				return stdout.Handle(ctx, r)
			}}, o)
			slog.New(q).Info("stuck")
		}
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for i := range each {
					slog.New(q).Info("line", "i", i)
				}
			})
		}
		wg.Wait()
		if mode == "close" {
			if err := handlers.Close(context.Background(), q); err != nil {
				os.Exit(1)
			}
		}
		os.Exit(0)
	}
	for _, mode := range []string{"close", "just end"} {
		child := exec.Command(os.Args[0], "-test.run=^TestQueueAtExit$", "-test.timeout=1m")
		child.Env = append(os.Environ(), queueExitEnv+"="+mode)
		out, err := child.Output()
		if err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		lines := bytes.Count(out, []byte("\n"))
		if whole := lines == writers*each; whole != (mode == "close") {
			t.Errorf("%s: %d lines of %d", mode, lines, writers*each)
		}
	}
}
