package main

import (
	"fmt"
	"math"
	"slices"
)

// filePromises are about files that rotate.
func filePromises() []promise {
	var ps []promise
	for _, cpu := range []int{1, 2} {
		for _, limit := range []string{"1MiB", "100MiB"} {
			ps = append(ps, writePromises(limit, cpu)...)
		}
		for _, limit := range []string{"64KiB", "1MiB"} {
			shared := id{"files", "Shared/" + limit, "slogsuite-shared", cpu}
			text := fmt.Sprintf("Four processes write at least %d lines/s to one file, %s, -cpu %d", sharedRate, limit, cpu)
			ps = append(ps, promise{text, atLeast(shared, "lines/s", sharedRate)})
		}
		ps = append(ps, besidePromises(cpu)...)
	}
	return append(ps, promise{"No line of ours is lost, in any turn", losesNothing})
}

const sharedRate = 400_000

// writePromises are about a file of one process.
func writePromises(limit string, cpu int) []promise {
	direct := id{"files", "Write/direct/" + limit, "slogsuite-direct", cpu}
	buffered := id{"files", "Write/buffered/" + limit, "slogsuite-buffered", cpu}
	ps := []promise{
		{fmt.Sprintf("Direct, a line costs at most 1.05 times a write to an os.File, %s, -cpu %d", limit, cpu), times(direct, "raw-file", 1.05)},
		{fmt.Sprintf("Buffered, a line costs at most 1.5 times the lower bound, %s, -cpu %d", limit, cpu), times(buffered, "limit-buffered", 1.5)},
	}
	for _, jack := range []string{"lumberjack", "timberjack"} {
		text := fmt.Sprintf("Buffered, a line costs at most a fifth of %s's, %s, -cpu %d", jack, limit, cpu)
		ps = append(ps, promise{text, compares(buffered, direct.as(jack), cpuTime, 0.2)})
	}
	return ps
}

// noise is how much a 99.9th percentile may exceed another of equal work: in runs
// of the same thing twice, the ratio's median stayed below it.
const noise = 1.25

// besidePromises are about what a write waits while backups are looked after.
func besidePromises(cpu int) []promise {
	var ps []promise
	for _, beside := range []struct {
		peer, text string
		work       func(r *results, i id) bool
	}{
		{"slogsuite-gzip", "compression", compressed},
		{"slogsuite-retention", "retention", deleted},
		{"slogsuite-gzip-retention", "both compression and retention", deleted},
	} {
		ours := id{"files", "Beside/64KiB", beside.peer, cpu}
		text := fmt.Sprintf("The 99.9th percentile of a write that does not rotate is no worse with %s, but for a margin of %.2f times for noise, -cpu %d", beside.text, noise, cpu)
		ps = append(ps, promise{text, working(ours, beside.work, compares(ours, ours.as("slogsuite-direct"), "p99.9-ns", noise))})
	}
	return ps
}

// working promises what measure does, and that there was work beside it.
func working(ours id, work func(*results, id) bool, measure func(*results) (string, bool, error)) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		measured, holds, err := measure(r)
		if !work(r, ours) {
			return measured + ", while nothing was done", false, err
		}
		return measured, holds, err
	}
}

func compressed(r *results, i id) bool { return r.median(i, "compressed") > 0 }

// deleted reports whether fewer backups were left than there are without retention.
func deleted(r *results, i id) bool {
	return r.median(i, "backups") < r.median(i.as("slogsuite-direct"), "backups")
}

// atLeast promises that the median of ours is at least so much.
func atLeast(ours id, unit string, least float64) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		x := r.median(ours, unit)
		if math.IsNaN(x) {
			return "", false, fmt.Errorf("no figure of %s in %s", ours, unit)
		}
		return figure(x) + " " + unit, x >= least, nil
	}
}

// losesNothing is an error if a line was lost: a rotating file that loses lines
// is not slow but wrong, and has no figures.
func losesNothing(r *results) (string, bool, error) {
	turns := 0
	for _, i := range r.order {
		if i.pkg != "files" || !isOurs(i.peer) {
			continue
		}
		for _, n := range r.values[i]["lost-lines"] {
			if n != 0 {
				return "", false, fmt.Errorf("%s lost %.0f lines", i, n)
			}
			turns++
		}
	}
	for _, peer := range []string{"slogsuite-direct", "slogsuite-shared", "slogsuite-buffered", "slogsuite-durable"} {
		if !r.counted(peer) {
			return "", false, fmt.Errorf("nobody has counted what %s lost", peer)
		}
	}
	return fmt.Sprintf("0 lost in %d turns", turns), true, nil
}

// counted reports whether it is known what a peer lost.
func (r *results) counted(peer string) bool {
	return slices.ContainsFunc(r.order, func(i id) bool {
		return i.pkg == "files" && i.peer == peer && len(r.values[i]["lost-lines"]) > 0
	})
}
