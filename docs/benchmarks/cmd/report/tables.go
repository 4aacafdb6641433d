package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// writeTables writes a table for each group of benchmarks, in their order.
func writeTables(b *strings.Builder, r *results) {
	seen := map[[2]string]bool{}
	for _, i := range r.order {
		if !seen[[2]string{i.pkg}] {
			seen[[2]string{i.pkg}] = true
			b.WriteString(intros[i.pkg])
		}
		if key := [2]string{i.pkg, i.group}; !seen[key] {
			seen[key] = true
			writeTable(b, r, i.pkg, i.group)
		}
	}
}

func writeTable(b *strings.Builder, r *results, pkg, group string) {
	title := pkg
	if group != "" {
		title += ": " + group
	}
	columns := columnsOf(pkg, group)
	fmt.Fprintf(b, "\n## %s\n\n|", title)
	for _, c := range columns {
		b.WriteString(" " + c.title + " |")
	}
	fmt.Fprintf(b, "\n|---|%s\n", strings.Repeat("---:|", len(columns)-1))
	names := r.peers(pkg, group)
	for _, name := range names {
		b.WriteString("|")
		for _, c := range columns {
			b.WriteString(" " + c.cell(r, id{pkg: pkg, group: group, peer: name}, floorOf(names)) + " |")
		}
		b.WriteString("\n")
	}
}

// A column is a kind of figure. Its cell is that of one peer, of which row lacks
// the number of processors; floor is the peer that ratios refer to, "" for none.
type column struct {
	title string
	cell  func(r *results, row id, floor string) string
}

var (
	nameColumn  = column{"", func(_ *results, row id, _ string) string { return label(row.peer) }}
	allocations = medianOf("allocations", "allocs/op", 1)
	lost        = column{"lost, at worst", func(r *results, row id, _ string) string { return percent(r.worst(row, "lost-%")) }}
)

// columnsOf returns the columns of a group's table.
func columnsOf(pkg, group string) []column {
	kind, _, _ := strings.Cut(group, "/")
	switch {
	case pkg == "async":
		return asyncColumns
	case pkg == "network":
		return networkColumns(kind)
	case pkg == "pickle":
		return pickleColumns
	case pkg == "config":
		return configColumns
	case pkg != "files", kind == "System":
		return slices.Concat([]column{nameColumn}, cpuColumns, []column{allocations})
	case kind == "Latency":
		return slices.Concat([]column{nameColumn}, latencies(1), latencies(2))
	case kind == "Beside":
		return slices.Concat([]column{nameColumn}, latencies(1), latencies(2), backupColumns)
	case kind == "Shared":
		return slices.Concat([]column{nameColumn}, rateColumns, cpuColumns, []column{lost})
	case kind == "Durable":
		return slices.Concat([]column{nameColumn}, rateColumns, []column{lost})
	}
	return slices.Concat([]column{nameColumn}, cpuColumns, []column{medianOf("ns, -cpu 1", "ns/op", 1), medianOf("ns, -cpu 2", "ns/op", 2), allocations, lost})
}

var cpuColumns = []column{
	medianOf("CPU ns, -cpu 1", cpuTime, 1), timesOf(1),
	medianOf("CPU ns, -cpu 2", cpuTime, 2), timesOf(2),
}

var rateColumns = []column{
	medianOf("lines/s, -cpu 1", "lines/s", 1), medianOf("lines/s, -cpu 2", "lines/s", 2),
}

var backupColumns = []column{medianOf("backups", "backups", 2), medianOf("compressed", "compressed", 2)}

func latencies(cpu int) []column {
	var columns []column
	for _, p := range []string{"p50", "p99", "p99.9", "max"} {
		columns = append(columns, medianOf(fmt.Sprintf("%s ns, -cpu %d", p, cpu), p+"-ns", cpu))
	}
	return columns
}

func medianOf(title, unit string, cpu int) column {
	return column{title, func(r *results, row id, _ string) string {
		row.cpu = cpu
		return figure(r.median(row, unit))
	}}
}

// timesOf is the ratio of CPU time to the floor's.
func timesOf(cpu int) column {
	return column{"times", func(r *results, row id, floor string) string {
		row.cpu = cpu
		x, err := r.compare(row, row.as(floor), cpuTime, ratio)
		if err != nil {
			return ""
		}
		return strconv.FormatFloat(x, 'f', 2, 64)
	}}
}

// percent returns a share of a hundred as text. What is not nothing does not
// look like it.
func percent(x float64) string {
	switch {
	case math.IsNaN(x):
		return ""
	case x == 0:
		return "0"
	}
	return strconv.FormatFloat(x, 'g', 3, 64) + "%"
}

// floors are what ratios refer to: the first that a group has.
var floors = []string{"limit", "bare", "floor", "one", "loop", "stdlib-text", "bound-once", "raw-file", "limit-buffered", "raw-prefix-bufio", "limit-frames", "limit-map", "slogsuite-sync"}

// floorOf returns the peer that a group's ratios refer to, "" for none.
func floorOf(names []string) string {
	for _, floor := range floors {
		if slices.Contains(names, floor) {
			return floor
		}
	}
	return ""
}

// intros stand before the first table of a package.
var intros = map[string]string{"async": asyncIntro, "config": configIntro, "files": filesIntro, "network": networkIntro, "pickle": pickleIntro}

const filesIntro = `
## Files

A line of 120 bytes, again and again, into a file that rotates at so many bytes. Ours number their backups upward, and all
peers keep all backups. What is in the directory at the end is counted: what is missing is lost.

- direct: the line is with the system when Write returns. "raw-file" is one write(2) a line, and never rotates: less is not possible.
  "slogsuite-shared" is ready for other processes, though there is none; "limit-shared" is what a lock and a look at the file
  cost it at least: flock, stat, write, flock.
- buffered: lines wait in memory, and are written many at a time. "limit-buffered" is a lower bound that keeps them until
  its 64 KiB are full. zap-buffered does not rotate.
- Latency: each single write is timed, those that rotate among them.
- Beside: the same for our writes that do not rotate, while a goroutine beside them compresses backups, deletes them, or
  does both. "backups" and "compressed" count what was there after Close, with -cpu 2.
- Shared: four processes write one file. -cpu is how many processors each of them may use. "raw-file" and "limit-shared" never rotate.
  lumberjack, timberjack and phuslu-file are not made for this. "python-clh" is Python's concurrent-log-handler in that version, left out
  where there is none.
- Durable: the line is on the disk when Write returns, for so many goroutines at once. "raw-sync" syncs after each
  line. The disk decides, so that only the rates of one run say something.
- System: the system calls of all this, each alone. Where getppid, which does nothing, costs a microsecond, entering the system is most
  of what a line costs, and no logger can do anything about it but to write less often.
`
