package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

const cpuTime = "cpu-ns/op"

// A promise is what a figure has to be. What is compared with the limit is
// what is printed.
type promise struct {
	text    string
	measure func(*results) (measured string, holds bool, err error)
}

// A verdict is a promise and what became of it.
type verdict struct {
	promise, measured string
	holds             bool
}

// judge measures each promise. One that was not measured is an error.
func judge(r *results, promises []promise) ([]verdict, error) {
	var verdicts []verdict
	for _, p := range promises {
		measured, holds, err := p.measure(r)
		if err != nil {
			return nil, fmt.Errorf("promise %q: %w", p.text, err)
		}
		verdicts = append(verdicts, verdict{p.text, measured, holds})
	}
	return verdicts, nil
}

func allPromises() []promise {
	return slices.Concat(disabledPromises(), overheadPromises(), linePromises(), formatPromises(), sourcePromises(), fanoutPromises(), contextPromises(), asyncPromises(), filePromises(), networkPromises(), picklePromises(), configPromises())
}

func disabledPromises() []promise {
	var ps []promise
	for _, size := range []int{10, 100_000} {
		for _, depth := range []int{1, 16} {
			for _, cpu := range []int{1, 2} {
				ours := id{"tree", fmt.Sprintf("Disabled/tree%d/depth%d", size, depth), "slogtree", cpu}
				text := fmt.Sprintf("A disabled call at depth %d in a tree of %d loggers costs at most what one to a bare slog.TextHandler does, -cpu %d", depth, size, cpu)
				ps = append(ps, promise{text, times(ours, "stdlib-text", 1)})
			}
		}
	}
	return ps
}

func overheadPromises() []promise {
	var ps []promise
	for _, bare := range []struct{ name, text string }{
		{"accepting", "a handler that does nothing"},
		{"limit-text", "the lower bound of a text handler"},
		{"stdlib-text", "slog.TextHandler"},
		{"slogsuite-stream", "our Stream with Percent"},
	} {
		for _, cpu := range []int{1, 2} {
			ours := id{"tree", "Overhead/" + bare.name, "tree", cpu}
			text := fmt.Sprintf("On an enabled call to %s the tree adds at most 40 ns CPU, -cpu %d", bare.text, cpu)
			ps = append(ps,
				promise{text, adds(ours, "bare", cpuTime, "ns", 40)},
				promise{fmt.Sprintf("There it adds no allocation, -cpu %d", cpu), adds(ours, "bare", "allocs/op", "allocations", 0)})
		}
	}
	return ps
}

func linePromises() []promise {
	var ps []promise
	for _, where := range []struct{ pkg, group, text string }{
		{"named", "Enabled/depth1", "a message with the logger's name, depth 1"},
		{"named", "Enabled/depth4", "a message with the logger's name, depth 4"},
		{"named", "Enabled/depth8", "a message with the logger's name, depth 8"},
	} {
		for _, cpu := range []int{1, 2} {
			ours := id{where.pkg, where.group, "slogsuite", cpu}
			ps = append(ps,
				promise{fmt.Sprintf("Percent, %s, costs at most 1.2 times the lower bound, -cpu %d", where.text, cpu), times(ours, "limit", 1.2)},
				promise{fmt.Sprintf("Percent, %s, costs less than every peer, -cpu %d", where.text, cpu), ahead(ours)})
		}
	}
	return ps
}

// formatPromises are about the three formats that programs read, and shapes
// that services log.
func formatPromises() []promise {
	var ps []promise
	for _, format := range []struct{ peer, text string }{
		{"slogsuite", "Percent"}, {"slogsuite-json", "JSON"}, {"slogsuite-logfmt", "Logfmt"},
	} {
		for _, shape := range []struct{ group, text string }{
			{"Slog/msg", "a message"}, {"Slog/5attrs", "five attrs"}, {"Slog/10ctx+2", "ten attrs of With and two"},
		} {
			for _, cpu := range []int{1, 2} {
				ours := id{"format", shape.group, format.peer, cpu}
				ps = append(ps,
					promise{fmt.Sprintf("%s, %s, costs less than every peer, -cpu %d", format.text, shape.text, cpu), ahead(ours)},
					promise{fmt.Sprintf("%s, %s, costs less than every peer, to a ConcurrentWriter, -cpu %d", format.text, shape.text, cpu), ahead(ours.as(format.peer + "-unlocked"))},
					promise{fmt.Sprintf("%s, %s, costs at most 1.15 times the lower bound, -cpu %d", format.text, shape.text, cpu), times(ours, "limit", 1.15)},
					promise{fmt.Sprintf("%s, %s, allocates nothing, -cpu %d", format.text, shape.text, cpu), allocates(ours)})
			}
		}
	}
	return ps
}

// as returns the id of another peer of the same group.
func (i id) as(peer string) id {
	i.peer = peer
	return i
}

// sourcePromises are about the source: what it costs, and what is saved without.
func sourcePromises() []promise {
	var ps []promise
	for _, cpu := range []int{1, 2} {
		for _, peer := range []struct{ name, text string }{{"slogsuite", "Percent"}, {"slogsuite-json", "JSON"}, {"slogsuite-logfmt", "Logfmt"}} {
			ours := id{"format", "Source/msg", peer.name, cpu}
			ps = append(ps, promise{fmt.Sprintf("%s with the source costs less than every peer, -cpu %d", peer.text, cpu), ahead(ours)})
		}
		for _, format := range []string{"percent", "json", "logfmt"} {
			ours := id{"tree", "Sourceless/" + format, "slogtree", cpu}
			text := fmt.Sprintf("Through slogtree.Logger, without the source, a message in %s costs at most 30 ns CPU more than slog's API alone, -cpu %d", format, cpu)
			ps = append(ps, promise{text, adds(ours, "floor", cpuTime, "ns", 30)})
		}
	}
	return ps
}

// fanoutPromises are about several destinations of one format.
func fanoutPromises() []promise {
	var ps []promise
	for _, cpu := range []int{1, 2} {
		ours := id{"fanout", "OneFormat/8", "slogsuite", cpu}
		ps = append(ps,
			promise{fmt.Sprintf("Eight destinations of one format cost at most 1.5 times one, -cpu %d", cpu), times(ours, "one", 1.5)},
			promise{fmt.Sprintf("Eight destinations of one format allocate nothing, -cpu %d", cpu), allocates(ours)})
	}
	return ps
}

// contextPromises are about the attrs of a request, beside the designs that
// people write by hand around slog's TextHandler.
func contextPromises() []promise {
	var ps []promise
	for _, cpu := range []int{1, 2} {
		for _, base := range []struct{ peer, text string }{
			{"added-per-record", "adding them to each record"}, {"bound-once", "a logger made for the request"},
		} {
			for _, ours := range []struct{ peer, text string }{{"slogsuite", "with our handler"}, {"slogsuite-around", "with NewHandler around slog's TextHandler"}} {
				text := fmt.Sprintf("Three attrs for a request and one record cost at most 1.1 times %s, %s, -cpu %d", base.text, ours.text, cpu)
				ps = append(ps, promise{text, times(id{"ctxattrs", "Request", ours.peer, cpu}, base.peer, 1.1)})
			}
		}
		for _, peer := range []struct{ name, text string }{
			{"slogsuite", "Our handler"}, {"slogtree", "A tree"}, {"slogsuite-around", "NewHandler around slog's TextHandler"},
		} {
			text := fmt.Sprintf("%s allocates nothing for a record whose context has three attrs, -cpu %d", peer.text, cpu)
			ps = append(ps, promise{text, allocates(id{"ctxattrs", "Record", peer.name, cpu})})
		}
	}
	return ps
}

// allocates promises that ours allocates nothing.
func allocates(ours id) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		n := r.median(ours, "allocs/op")
		if math.IsNaN(n) {
			return "", false, fmt.Errorf("no figure of %s", ours)
		}
		return fmt.Sprintf("%.0f allocations", n), n == 0, nil
	}
}

// times promises that ours costs at most limit times what base does, a peer of
// its group.
func times(ours id, base string, limit float64) func(*results) (string, bool, error) {
	return compares(ours, ours.as(base), cpuTime, limit)
}

// compares promises that ours is at most limit times base in a unit of
// nanoseconds.
func compares(ours, base id, unit string, limit float64) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		x, err := r.compare(ours, base, unit, ratio)
		x = round(x, 2)
		measured := fmt.Sprintf("%.2f times (%s against %s ns)", x, figure(r.median(ours, unit)), figure(r.median(base, unit)))
		return measured, x <= limit, err
	}
}

// adds promises that ours costs at most limit more than base does.
func adds(ours id, base, unit, name string, limit float64) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		b := ours
		b.peer = base
		x, err := r.compare(ours, b, unit, difference)
		x = round(x, 1)
		return fmt.Sprintf("%+.1f %s", x, name), x <= limit, err
	}
}

// ahead promises that ours costs less than every peer of its group. Lower
// bounds are no peers: they are no use as loggers.
func ahead(ours id) func(*results) (string, bool, error) {
	return func(r *results) (string, bool, error) {
		worst, next := 0.0, ""
		for _, name := range r.peers(ours.pkg, ours.group) {
			if name == "limit" || isOurs(name) {
				continue
			}
			peer := ours
			peer.peer = name
			x, err := r.compare(ours, peer, cpuTime, ratio)
			if err != nil {
				return "", false, err
			}
			if x > worst {
				worst, next = x, name
			}
		}
		if next == "" {
			return "", false, fmt.Errorf("no peers beside %s", ours)
		}
		worst = round(worst, 2)
		return fmt.Sprintf("%.2f times %s, the nearest", worst, next), worst < 1, nil
	}
}

func isOurs(peer string) bool {
	return strings.HasPrefix(peer, "slogsuite") || strings.HasPrefix(peer, "slogtree") || peer == "tree"
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}
