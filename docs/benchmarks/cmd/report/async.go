package main

import "slices"

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
