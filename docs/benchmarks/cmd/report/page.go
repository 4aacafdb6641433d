package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// page returns docs/performance.md.
func page(r *results, m machine, verdicts []verdict) string {
	var b strings.Builder
	b.WriteString(head)
	fmt.Fprintf(&b, "Measured on %s, in %d rounds. Between them, the slowest reading of the lower bound was %s times the fastest: "+
		"on an idle machine that is near 1.\n\n", m, r.rounds, figure(r.spread(steady)))
	b.WriteString("![CPU time of ours and of other loggers](performance.svg)\n\n")
	writeVerdicts(&b, verdicts)
	b.WriteString(reading)
	writeTables(&b, r)
	return b.String()
}

// steady is what should cost the same in every round.
var steady = id{"named", "Enabled/depth4", "limit", 1}

const head = `# Performance

Our figures and those of the loggers that people use now, taken in turn in one run on one machine. Written by
` + "`make bench-peers`" + `; the benchmarks are in [benchmarks](benchmarks/), a module of its own, so that nobody who uses
slogsuite inherits its requirements. Compare ratios rather than nanoseconds.

`

var reading = `## Reading the tables

- Figures are medians over the rounds. Ratios are taken turn by turn, and then their median, so that a slow
  spell of the machine cancels out.
- CPU is processor time for each call, garbage collection and the peer's own goroutines included. On a shared
  machine it is far steadier than elapsed time. With -cpu 2, two goroutines log through one logger.
- "limit" is a lower bound: a handler made by hand for one line, which checks nothing, takes no lock and is no use for
  anything else. But for files, everything writes to the same destination, which swallows it.
- "slogsuite" is our handler under slog.New, "slogtree" the same handler in a tree of loggers.
- Our handlers, slog's own, tint and charm hold a lock while they write, so that any writer will do. With two processors that lock
  moves between their caches for each record, which takes about 100 ns on machines of this kind. phuslu, zerolog, zap and console-slog take
  none, and leave it to the writer to keep lines apart. "unlocked" are ours on the same terms: their writer is a
  ` + "`handlers.ConcurrentWriter`" + `.
- "times" is the ratio to the group's first row of the kinds ` + strings.Join(floors, ", ") + `.
`

func writeVerdicts(b *strings.Builder, verdicts []verdict) {
	b.WriteString("## What we promise\n\n| promise | measured | holds? |\n|---|---|---|\n")
	for _, v := range verdicts {
		holds := "yes"
		if !v.holds {
			holds = "**no**"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", v.promise, v.measured, holds)
	}
	b.WriteString("\n")
}

// label makes our own rows stand out.
func label(peer string) string {
	if isOurs(peer) {
		return "**" + peer + "**"
	}
	return peer
}

// figure returns x with three significant digits or, above 100, whole.
func figure(x float64) string {
	switch {
	case math.IsNaN(x):
		return ""
	case x >= 100 || x == 0:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 10:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}
