package main

import (
	"fmt"
	"math"
	"slices"
)

// networkPromises are about records that are sent and received over loopback, with two processors:
// what is at the other end needs one too.
func networkPromises() []promise {
	var ps []promise
	for _, record := range []struct{ group, text string }{{"attrs", "a message with five attrs"}, {"msg", "a message"}} {
		for _, protocol := range []struct {
			peer, text string
			least      float64
		}{
			{"slogsuite-pickle", "pickled", 1_000_000}, {"slogsuite-json", "in JSON", 2_000_000},
		} {
			sent := id{"network", "Send/" + record.group, protocol.peer, 2}
			called := id{"network", "Caller/bursts", protocol.peer + "-" + record.group, 2}
			what := record.text + ", " + protocol.text
			ps = append(ps,
				promise{fmt.Sprintf("One goroutine sends at least %.0f records/s: %s", protocol.least, what), rate(sent, "records/s", protocol.least)},
				promise{fmt.Sprintf("Of calls that send, 20 in a row and then a pause of 1 ms, the 99.9th percentile is below %d ns: %s", sendLimit, what), below(called, "p99.9-ns", sendLimit)})
		}
	}
	for _, frame := range []struct{ name, text string }{
		{"python3.13", "CPython's pickle of a message"}, {"pickle", "our pickle of five attrs"}, {"json", "our JSON of five attrs"},
	} {
		received := id{"network", "Receive/" + frame.name, "slogsuite", 2}
		text := fmt.Sprintf("At least %d records/s for each core that the receiver uses, from the connection to a buffered file: %s", receiveRate, frame.text)
		ps = append(ps, promise{text, rate(received, "records/cpu-s", receiveRate)})
	}
	return ps
}

const (
	sendLimit   = 10_000 // ns
	receiveRate = 500_000
)

// picklePromises are about reading what CPython sends.
func picklePromises() []promise {
	ours := id{"pickle", "Decode/plain.pickle", "slogsuite", 1}
	return []promise{
		{"A record of CPython 3.13, 573 bytes, is read in at most 900 ns CPU", atMost(ours, cpuTime, "ns", 900)},
		{"It is read with at most 6 allocations", atMost(ours, "allocs/op", "allocations", 6)},
	}
}

// rate promises that ours moves so many records at least, and tells how long they are.
func rate(ours id, unit string, least float64) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		measured, holds, err := atLeast(ours, unit, least)(r)
		bytes := r.median(ours, "bytes/record")
		if err == nil && math.IsNaN(bytes) {
			err = fmt.Errorf("nobody knows how long the records of %s are", ours)
		}
		return fmt.Sprintf("%s of %s bytes", measured, figure(bytes)), holds, err
	}
}

// atMost promises that the median of ours is so much at most.
func atMost(ours id, unit, name string, most float64) func(*results) (string, bool, error) {
	return bounded(ours, unit, name, func(x float64) bool { return x <= most })
}

// below promises that the median of ours, in a unit of nanoseconds, is less than so much.
func below(ours id, unit string, limit float64) func(*results) (string, bool, error) {
	return bounded(ours, unit, "ns", func(x float64) bool { return x < limit })
}

func bounded(ours id, unit, name string, holds func(float64) bool) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		x := r.median(ours, unit)
		if math.IsNaN(x) {
			return "", false, fmt.Errorf("no figure of %s in %s", ours, unit)
		}
		return figure(x) + " " + name, holds(x), nil
	}
}

// networkColumns returns the columns of a kind of the network's groups.
func networkColumns(kind string) []column {
	switch kind {
	case "Caller":
		return slices.Concat([]column{nameColumn}, latencies(2))
	case "Receive":
		return []column{
			nameColumn, medianOf("records/s a core", "records/cpu-s", 2), medianOf("records/s", "records/s", 2),
			medianOf("CPU ns", cpuTime, 2), timesOf(2), medianOf("bytes", "bytes/record", 2), medianOf("allocations", "allocs/op", 2),
		}
	}
	return []column{
		nameColumn, medianOf("records/s", "records/s", 2), medianOf("CPU ns", cpuTime, 2), timesOf(2),
		medianOf("bytes", "bytes/record", 2), medianOf("allocations", "allocs/op", 2), lost,
	}
}

var pickleColumns = []column{nameColumn, medianOf("CPU ns, -cpu 1", cpuTime, 1), timesOf(1), allocations}

const networkIntro = `
## Network

Records over loopback TCP, with -cpu 2. At the other end is a process of its own, so that CPU is that of the side which is
measured, in all its goroutines. The sink and the receiver are on the same machine, and take processors from the sender.

- Send: one goroutine logs as fast as it can, until the sink has read all. "raw" send frames of 300 bytes that were made before:
  "raw-prefix-bufio" through a buffer of 64 KiB. With "attrs", all peers log the same message and five attrs, each in its own way. "unbuffered"
  ones write to the connection at each call. Ours write all the members of a LogRecord of CPython beside, with the place of the call among
  them, which makes their records longer. "python" is CPython's SocketHandler in that version, left out where there is none. fluent is told
  when it refuses a record; what it counts as sent may be lost still.
- Caller: each single call is timed, while the sink reads all the time. "bursts" are 20 calls, then a sleep of a millisecond; "20us" is a call in 20
  microseconds, between which the caller keeps its processor busy, so that only one is left for our goroutine and the sink; "flood"
  is one after another. "limit-nothing" makes no call: that is what the clock and other processes cost. With "limit-batches" a call
  copies 300 bytes that were made before, and a goroutine writes what is there once a millisecond.
- Receive: a process sends one frame again and again, as fast as it is taken. Ours reads the records, prints "` + "`%(asctime)s %(name)s %(levelname)s %(message)s`" + `" through a
  buffer into a file that rotates at 64 MiB, and all lines are counted in the end. "limit-frames" takes frames apart, reads nothing in
  them, and writes the same line for each.
`

const pickleIntro = `
## Pickles

Records that CPython 3.13's SocketHandler sent, each read into what a program works with: ours into a slog.Record with its origin,
og-rek and gopickle into maps that somebody has to make a record of still. With -cpu 1.

- "limit-scan" walks over the opcodes and keeps nothing; "limit-map" makes a map of strings that it has already. "stdlib-json-map" reads
  the same content from JSON.
- "slogsuite-any" is ours without the short way for records that look like CPython's.
`
