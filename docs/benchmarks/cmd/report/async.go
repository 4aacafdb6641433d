package main

import (
	"fmt"
	"slices"
)

// asyncColumns are of the table of each load.
var asyncColumns = slices.Concat([]column{nameColumn, medianOf("CPU ns", cpuTime, 2), timesOf(2)}, latencies(2), []column{lost})

const asyncIntro = `
## Async

A caller hands its records to another goroutine, with -cpu 2, and each single call is timed: the message and two attrs. "flood" is one
call after another, 100,000 of them; "paced" are 20 in a row, then a sleep of a millisecond. The number is that of the goroutines that call. "memory"
counts lines, "file" writes them too, "slow" takes a millisecond for each. Loggers may hold back 4096 records, with "slow" 256. "sync" is a
handler that writes at once, with which the times of CPU compare: what all goroutines use is counted, but not what is left to
Close. "tree" logs through a slogtree.Logger, which need not look for the caller's line. What the clock costs is in all calls; "limit-nothing"
makes none.
`

// asyncPromises are about a Queue that waits when it is full.
func asyncPromises() []promise {
	var ps []promise
	for _, queue := range []struct {
		peer, text string
		p50        float64 // ns
	}{
		{"slogsuite-tree-queue-block", "through slogtree.Logger", 200}, {"slogsuite-queue-block", "through slog's API", 300},
	} {
		for _, goroutines := range []int{1, 4} {
			paced := id{"async", fmt.Sprintf("Caller/paced-file-%d", goroutines), queue.peer, 2}
			callers := fmt.Sprintf("20 calls in a row and then a pause of 1 ms, %s, %d goroutines", queue.text, goroutines)
			ps = append(ps,
				promise{fmt.Sprintf("To a Queue, the median call takes at most %.0f ns more than none: %s", queue.p50, callers), adds(paced, "limit-nothing", "p50-ns", "ns", queue.p50)},
				promise{fmt.Sprintf("To a Queue, the 99.9th percentile is at most 10000 ns: %s", callers), atMost(paced, "p99.9-ns", "ns", 10_000)})
			for _, to := range []string{"memory", "file"} {
				flood := id{"async", fmt.Sprintf("Caller/flood-%s-%d", to, goroutines), queue.peer, 2}
				what := fmt.Sprintf("A flood through a Queue to %s, %s, %d goroutines,", to, queue.text, goroutines)
				ps = append(ps,
					promise{what + " costs at most 1.25 times what it does without", times(flood, "slogsuite-sync", 1.25)},
					promise{what + " loses nothing", bounded(flood, "lost-%", "% lost", func(x float64) bool { return x == 0 })})
			}
		}
	}
	return ps
}
