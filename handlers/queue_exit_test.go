package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

const (
	queueExitEnv    = "HANDLERS_QUEUE_EXIT"
	queueRecordsEnv = "HANDLERS_QUEUE_RECORDS" // how many; see make torture-queue
	queueWriters    = 4
)

// queueRecords is how many records each writer logs.
func queueRecords(t *testing.T) int {
	text := os.Getenv(queueRecordsEnv)
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n / queueWriters
}

// TestQueueAtExit has a program log through a queue, close it and end at once: a line
// for each record must have been written, once, and each writer's in order. The control does
// not close, while its target is stuck.
func TestQueueAtExit(t *testing.T) {
	each := queueRecords(t)
	if mode := os.Getenv(queueExitEnv); mode != "" {
		queueProgram(mode, each)
	}
	for _, mode := range []string{"close", "just end"} {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestQueueAtExit$", "-test.timeout=1h")
		child.Env = append(os.Environ(), queueExitEnv+"="+mode)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var next [queueWriters]int
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var w, i int
			if _, err := fmt.Sscan(lines.Text(), &w, &i); err != nil {
				t.Fatalf("%s: %q: %v", mode, lines.Text(), err)
			}
			if i != next[w] {
				t.Fatalf("%s: writer %d: line %d, want %d", mode, w, i, next[w])
			}
			next[w]++
		}
		if err := child.Wait(); err != nil {
			t.Fatalf("%s: %v", mode, err)
		}
		if whole := next == [queueWriters]int{each, each, each, each}; whole != (mode == "close") {
			t.Errorf("%s: lines %v of %d each", mode, next, each)
		}
	}
}

// queueProgram is the program. It ends the process.
func queueProgram(mode string, each int) {
	stdout := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(message)s", nil)), nil)
	q := handlers.NewQueue(stdout, handlers.QueueOptions{Records: 1000})
	if mode != "close" {
		each = 5000
		q = handlers.NewQueue(&hook{handle: func(context.Context, slog.Record) error { select {} }},
			handlers.QueueOptions{Records: 2 * queueWriters * each})
	}
	var wg sync.WaitGroup
	for w := range queueWriters {
		wg.Go(func() {
			log := slog.New(q)
			for i := range each {
				log.Info(strconv.Itoa(w) + " " + strconv.Itoa(i))
			}
		})
	}
	wg.Wait()
	if mode == "close" {
		if err := handlers.Close(context.Background(), q); err != nil {
			os.Exit(1)
		}
		if s := q.Stats(); s.In != uint64(queueWriters*each) || s.Out != s.In || s.Dropped+s.Held != 0 {
			fmt.Fprintf(os.Stderr, "%+v\n", s)
			os.Exit(1)
		}
	}
	os.Exit(0)
}
