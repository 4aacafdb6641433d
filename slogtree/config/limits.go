package config

import (
	"maps"
	"slices"
	"strings"
)

// Bounds of what a document may define, whatever its size: each record takes time for what it
// goes through, and Apply compares handlers and filters with each other.
const (
	maxParts   = 5000    // formatters, filters and handlers, each
	maxFeeding = 100     // handlers that feed each other one after the other
	maxWays    = 100_000 // ways in which a record may go from handler to handler, of all together
	maxLevels  = 1000    // parts of a logger's name
	maxNodes   = 200_000 // parts of all names of loggers
)

// fits notes a document that defines too much, and reports whether there is none.
func (f *finisher) fits() bool {
	before := len(f.p.all) + f.p.left
	for _, parts := range []struct {
		of string
		n  int
	}{{"formatters", len(f.s.formatters)}, {"filters", len(f.s.filters)}, {"handlers", len(f.s.handlers)}} {
		if parts.n > maxParts {
			f.p.at(nil, parts.of, "there are %d, more than %d", parts.n, maxParts)
		}
	}
	nodes := 0
	for _, l := range f.s.loggers {
		n := 1 + strings.Count(l.name, ".")
		if n > maxLevels {
			f.p.at(l.at, l.path, "the name has %d parts, more than %d", n, maxLevels)
		}
		nodes += n
	}
	if nodes > maxNodes {
		f.p.at(nil, "loggers", "their names have %d parts, more than %d", nodes, maxNodes)
	}
	return len(f.p.all)+f.p.left == before
}

// A feeding is how a handler feeds others.
type feeding struct {
	done  bool // else it is under way
	depth int  // how many feed each other, with it
	ways  int  // in which a record may go on from it
}

// arrange puts handlers in an order in which each comes after those that it needs.
func (f *finisher) arrange() {
	feeds, total := map[string]*feeding{}, 0
	var visit func(name string) *feeding
	visit = func(name string) *feeding {
		d := f.d.handlers[name]
		if d == nil {
			return &feeding{done: true}
		}
		if feeds[name] != nil {
			return feeds[name]
		}
		at := &feeding{depth: 1, ways: 1}
		feeds[name] = at
		for _, need := range d.needs {
			f.need(d, need)
			to := visit(need)
			if !to.done {
				f.p.at(d.at, d.path, "handlers that feed each other: it needs %q, which needs it", need)
			}
			at.depth, at.ways = max(at.depth, to.depth+1), min(at.ways+to.ways, maxWays+1)
		}
		if at.depth == maxFeeding+1 {
			f.p.at(d.at, d.path, "more than %d handlers feed each other one after the other", maxFeeding)
		}
		if total += at.ways; total > maxWays && total-at.ways <= maxWays {
			f.p.at(d.at, d.path, "there are more than %d ways in which a record may go from handler to handler", maxWays)
		}
		at.done = true
		f.d.order = append(f.d.order, d)
		return at
	}
	for _, name := range slices.Sorted(maps.Keys(f.d.handlers)) {
		visit(name)
	}
}
