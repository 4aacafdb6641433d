package main

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An id names what was measured: one peer in one group of a package's
// benchmarks, on so many processors.
type id struct {
	pkg   string // "named"
	group string // "Enabled/depth4"
	peer  string // "limit"
	cpu   int
}

func (i id) String() string { return fmt.Sprintf("%s %s/%s -cpu %d", i.pkg, i.group, i.peer, i.cpu) }

// A turn is one run of a benchmark: it may have several in a round.
type turn struct{ round, number int }

// Results holds, for each id and unit, the figure of each turn.
type results struct {
	rounds int
	order  []id
	values map[id]map[string]map[turn]float64
}

// readResults reads the output of go test -bench from files ROUND/PACKAGE.txt.
func readResults(dir fs.FS) (*results, error) {
	r := &results{values: map[id]map[string]map[turn]float64{}}
	rounds, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	for _, round := range rounds {
		files, err := fs.Glob(dir, round.Name()+"/*.txt")
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if err := r.readFile(dir, name); err != nil {
				return nil, err
			}
		}
		r.rounds++
	}
	if len(r.values) == 0 {
		return nil, fmt.Errorf("no results in %d rounds", r.rounds)
	}
	return r, nil
}

func (r *results) readFile(dir fs.FS, name string) error {
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return r.read(r.rounds, strings.TrimSuffix(path.Base(name), ".txt"), f)
}

// read adds a package's output in one round, which counts from 0.
func (r *results) read(round int, pkg string, in io.Reader) error {
	sc := bufio.NewScanner(in)
	for sc.Scan() {
		fields := strings.Fields(sc.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		i, number := parseID(pkg, fields[0])
		for f := 2; f+1 < len(fields); f += 2 {
			v, err := strconv.ParseFloat(fields[f], 64)
			if err != nil {
				return fmt.Errorf("%s, round %d: %q: %w", pkg, round+1, sc.Text(), err)
			}
			r.add(i, fields[f+1], turn{round, number}, v)
		}
	}
	return sc.Err()
}

// A benchmark's name ends in the number of its turn, unless it is the first,
// and the number of processors, unless it is one.
var suffix = regexp.MustCompile(`^Benchmark(.*?)(?:#(\d+))?(?:-(\d+))?$`)

// parseID takes a benchmark's name apart.
func parseID(pkg, name string) (i id, turn int) {
	m := suffix.FindStringSubmatch(name)
	turn, _ = strconv.Atoi(m[2])
	i = id{pkg: pkg, cpu: 1}
	if m[3] != "" {
		i.cpu, _ = strconv.Atoi(m[3])
	}
	i.group, i.peer = path.Split(m[1])
	i.group = strings.TrimSuffix(i.group, "/")
	return i, turn
}

func (r *results) add(i id, unit string, t turn, v float64) {
	if r.values[i] == nil {
		r.values[i] = map[string]map[turn]float64{}
		r.order = append(r.order, i)
	}
	if r.values[i][unit] == nil {
		r.values[i][unit] = map[turn]float64{}
	}
	r.values[i][unit][t] = v
}

// median returns the median of an id's figures.
func (r *results) median(i id, unit string) float64 {
	return median(slices.Collect(maps.Values(r.values[i][unit])))
}

// worst returns the largest of a peer's figures, with any number of processors.
func (r *results) worst(row id, unit string) float64 {
	worst := math.NaN()
	for i, units := range r.values {
		if row.cpu = i.cpu; i != row {
			continue
		}
		for _, v := range units[unit] {
			if math.IsNaN(worst) || v > worst {
				worst = v
			}
		}
	}
	return worst
}

// spread returns an id's largest figure of CPU time as a multiple of its
// smallest.
func (r *results) spread(i id) float64 {
	v := slices.Collect(maps.Values(r.values[i][cpuTime]))
	if len(v) == 0 {
		return math.NaN()
	}
	return slices.Max(v) / slices.Min(v)
}

// compare applies f to two ids' figures turn by turn, so that a slow spell of
// the machine cancels out, and returns the median.
func (r *results) compare(a, b id, unit string, f func(a, b float64) float64) (float64, error) {
	var v []float64
	for t, x := range r.values[a][unit] {
		if y, ok := r.values[b][unit][t]; ok {
			v = append(v, f(x, y))
		}
	}
	if m := median(v); !math.IsNaN(m) {
		return m, nil
	}
	return 0, fmt.Errorf("no turn has both %s and %s in %s", a, b, unit)
}

func ratio(a, b float64) float64      { return a / b }
func difference(a, b float64) float64 { return a - b }

// peers returns the names in a group, in the order of their benchmarks.
func (r *results) peers(pkg, group string) []string {
	var names []string
	for _, i := range r.order {
		if i.pkg == pkg && i.group == group && !slices.Contains(names, i.peer) {
			names = append(names, i.peer)
		}
	}
	return names
}

// median returns the median of the figures that are finite, NaN without any.
func median(v []float64) float64 {
	s := slices.DeleteFunc(slices.Clone(v), func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
	slices.Sort(s)
	switch n := len(s); {
	case n == 0:
		return math.NaN()
	case n%2 == 0:
		return (s[n/2-1] + s[n/2]) / 2
	default:
		return s[n/2]
	}
}
