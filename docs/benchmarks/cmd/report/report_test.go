package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMedian(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{[]float64{3, 1, 2}, 2},
		{[]float64{4, 1, 2, 3}, 2.5},
		{[]float64{nan, 7, math.Inf(1)}, 7},
	} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
	if got := median([]float64{nan}); !math.IsNaN(got) {
		t.Errorf("median without figures = %v, want NaN", got)
	}
}

func TestParseID(t *testing.T) {
	for name, want := range map[string]struct {
		id
		turn int
	}{
		"BenchmarkEnabled/depth4/zap-named-2": {id{"p", "Enabled/depth4", "zap-named", 2}, 0},
		"BenchmarkEnabled/depth4/zap-named":   {id{"p", "Enabled/depth4", "zap-named", 1}, 0},
		"BenchmarkEnabled/tree10/tree#03-2":   {id{"p", "Enabled/tree10", "tree", 2}, 3},
		"BenchmarkEnabled/tree10/tree#11":     {id{"p", "Enabled/tree10", "tree", 1}, 11},
		"BenchmarkLookup/limit-2":             {id{"p", "Lookup", "limit", 2}, 0},
		"BenchmarkAccepting":                  {id{"p", "", "Accepting", 1}, 0},
	} {
		if got, turn := parseID("p", name); got != want.id || turn != want.turn {
			t.Errorf("parseID(%q) = %+v, %d, want %+v", name, got, turn, want)
		}
	}
}

// rounds returns results in which each of several rounds has the same lines,
// with the round's figure of each name.
func rounds(t *testing.T, pkg string, figures map[string][]float64) *results {
	t.Helper()
	dir := fstest.MapFS{}
	for name, values := range figures {
		for round, v := range values {
			file := fmt.Sprintf("%d/%s.txt", round, pkg)
			if dir[file] == nil {
				dir[file] = &fstest.MapFile{}
			}
			dir[file].Data = fmt.Appendf(dir[file].Data, "%s \t 100 \t 1.0 ns/op \t %v cpu-ns/op \t 0 allocs/op\n", name, v)
		}
	}
	r, err := readResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAllocatesBroken(t *testing.T) {
	dir := fstest.MapFS{"1/p.txt": {Data: []byte("BenchmarkX/ours 100 1.0 ns/op 2 cpu-ns/op 0 B/op 1 allocs/op\n")}}
	r, err := readResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	if measured, holds, err := allocates(id{"p", "X", "ours", 1})(r); holds || err != nil {
		t.Errorf("one allocation: %q, %t, %v", measured, holds, err)
	}
}

// The machine is ten times slower in the second round, so the ratio of the
// medians is 1.5 where the median of the ratios is 3.
func TestRatioIsTakenWithinATurn(t *testing.T) {
	r := rounds(t, "p", map[string][]float64{
		"BenchmarkX/ours": {20, 300, 30},
		"BenchmarkX/base": {20, 100, 10},
	})
	got, err := r.compare(id{"p", "X", "ours", 1}, id{"p", "X", "base", 1}, cpuTime, ratio)
	if err != nil || got != 3 {
		t.Errorf("ratio = %v, %v; want 3", got, err)
	}
}

func TestSpread(t *testing.T) {
	r := rounds(t, "p", map[string][]float64{"BenchmarkX/limit": {12, 10, 25}})
	if got := r.spread(id{"p", "X", "limit", 1}); got != 2.5 {
		t.Errorf("spread = %v, want 2.5", got)
	}
}

// Every kind of promise, kept and broken.
func TestPromises(t *testing.T) {
	ours := id{"p", "X", "slogtree", 1}
	for _, c := range []struct {
		name             string
		measure          func(*results) (string, bool, error)
		ours, base, peer float64
		holds            bool
	}{
		{"times, kept", times(ours, "limit", 1.2), 12, 10, 20, true},
		{"times, broken", times(ours, "limit", 1.2), 12.1, 10, 20, false},
		{"adds, kept", adds(ours, "limit", cpuTime, "ns", 40), 50, 10, 20, true},
		{"adds, broken", adds(ours, "limit", cpuTime, "ns", 40), 50.1, 10, 20, false},
		{"ahead, kept", ahead(ours), 19, 10, 20, true},
		{"ahead, broken", ahead(ours), 21, 10, 20, false},
		{"ahead, not by being equal", ahead(ours), 20, 10, 20, false},
		{"allocates, kept", allocates(ours), 1, 1, 1, true},
		{"compares, kept", compares(ours, ours.as("peer"), cpuTime, 0.2), 10, 1, 50, true},
		{"compares, broken", compares(ours, ours.as("peer"), cpuTime, 0.2), 11, 1, 50, false},
		{"at least, kept", atLeast(ours, cpuTime, 10), 10, 1, 1, true},
		{"at least, broken", atLeast(ours, cpuTime, 10), 9.9, 1, 1, false},
		{"at most, kept", atMost(ours, cpuTime, "ns", 10), 10, 1, 1, true},
		{"at most, broken", atMost(ours, cpuTime, "ns", 10), 10.1, 1, 1, false},
		{"below, kept", below(ours, cpuTime, 10), 9.9, 1, 1, true},
		{"below, broken", below(ours, cpuTime, 10), 10, 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rounds(t, "p", map[string][]float64{
				"BenchmarkX/slogtree":  {c.ours},
				"BenchmarkX/limit":     {c.base},
				"BenchmarkX/peer":      {c.peer},
				"BenchmarkX/slow-peer": {1000},
			})
			verdicts, err := judge(r, []promise{{c.name, c.measure}})
			if err != nil {
				t.Fatal(err)
			}
			if verdicts[0].holds != c.holds {
				t.Errorf("%+v, want holds %v", verdicts[0], c.holds)
			}
			var b strings.Builder
			writeVerdicts(&b, verdicts)
			if shown := strings.Contains(b.String(), "**no**"); shown == c.holds {
				t.Errorf("the page says:\n%s", b.String())
			}
		})
	}
}

func TestPromiseNotMeasured(t *testing.T) {
	r := rounds(t, "p", map[string][]float64{"BenchmarkX/slogtree": {1}})
	for name, measure := range map[string]func(*results) (string, bool, error){
		"times": times(id{"p", "X", "slogtree", 1}, "limit", 1),
		"adds":  adds(id{"p", "X", "slogtree", 2}, "limit", cpuTime, "ns", 1),
		"ahead": ahead(id{"p", "X", "slogtree", 1}),
		"none":  allocates(id{"p", "X", "slogtree", 2}),
		"least": atLeast(id{"p", "X", "slogtree", 2}, cpuTime, 1),
		"most":  atMost(id{"p", "X", "slogtree", 2}, cpuTime, "ns", 1),
		"below": below(id{"p", "X", "slogtree", 2}, cpuTime, 1),
		"rate":  rate(id{"p", "X", "slogtree", 1}, cpuTime, 1), // of records of unknown length
	} {
		if _, err := judge(r, []promise{{name, measure}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A rate tells of what, and is kept or broken.
func TestRate(t *testing.T) {
	dir := fstest.MapFS{"1/p.txt": {Data: []byte("BenchmarkX/ours-2 100 1.0 ns/op 299 bytes/record 1000 records/s\n")}}
	r, err := readResults(dir)
	if err != nil {
		t.Fatal(err)
	}
	for least, want := range map[float64]bool{1000: true, 1001: false} {
		measured, holds, err := rate(id{"p", "X", "ours", 2}, "records/s", least)(r)
		if measured != "1000 records/s of 299 bytes" || holds != want || err != nil {
			t.Errorf("at least %.0f: %q, %t, %v", least, measured, holds, err)
		}
	}
}

func TestNoResults(t *testing.T) {
	if err := run(t.TempDir(), t.TempDir(), io.Discard); err == nil {
		t.Error("no error")
	}
}

// The whole program, on figures made so that every promise is measured and
// those about the disabled call are broken.
func TestRun(t *testing.T) {
	results, out := t.TempDir(), t.TempDir()
	writeMade(t, filepath.Join(results, "1"))
	var said bytes.Buffer
	if err := run(results, out, &said); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(said.String(), "does not hold: A disabled call"); n != len(disabledPromises()) {
		t.Errorf("%d broken promises reported, want %d:\n%s", n, len(disabledPromises()), said.String())
	}
	md, err := os.ReadFile(filepath.Join(out, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(md), "**no**"); n != len(disabledPromises()) {
		t.Errorf("the page shows %d broken promises, want %d", n, len(disabledPromises()))
	}
	for _, want := range []string{"in 1 rounds", "was 1.00 times the fastest", "| **slogtree** | 3.00 | 3.00 | 3.00 | 3.00 | 0 |",
		"| **slogsuite-pickle** | 2000000 | 4.00 | 4.00 | 300 | 0 | 0 |", "2000000 records/s of 300 bytes", "| **slogsuite** | 1.00 |  | 0 |"} {
		if !strings.Contains(string(md), want) {
			t.Errorf("the page lacks %q:\n%s", want, md)
		}
	}
	wellFormed(t, filepath.Join(out, "performance.svg"))
}

// A lost line of ours is no broken promise but the end of the report.
func TestLostLine(t *testing.T) {
	for name, c := range map[string]struct{ from, to string }{
		"one lost":    {"Write/direct/1MiB/slogsuite-direct-2", "1 lost-lines"},
		"one twice":   {"Shared/64KiB/slogsuite-shared", "-1 lost-lines"},
		"not counted": {"slogsuite-durable", "0 found-lines"},
	} {
		t.Run(name, func(t *testing.T) {
			results, out := t.TempDir(), t.TempDir()
			writeMade(t, filepath.Join(results, "1"))
			edit(t, filepath.Join(results, "1", "files.txt"), func(line string) string {
				if strings.Contains(line, c.from) {
					return strings.Replace(line, "0 lost-lines", c.to, 1)
				}
				return line
			})
			if err := run(results, out, io.Discard); err == nil {
				t.Error("no error")
			}
		})
	}
}

// A write is not fast beside compression if nothing is compressed.
func TestNothingBeside(t *testing.T) {
	results, out := t.TempDir(), t.TempDir()
	writeMade(t, filepath.Join(results, "1"))
	edit(t, filepath.Join(results, "1", "files.txt"), func(line string) string {
		return strings.NewReplacer("2 compressed", "0 compressed", " 3 backups", " 9 backups").Replace(line)
	})
	var said bytes.Buffer
	if err := run(results, out, &said); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(said.String(), "while nothing was done"); n != 6 {
		t.Errorf("%d promises broken, want 6:\n%s", n, said.String())
	}
}

// What others lose is told.
func TestLostByOthers(t *testing.T) {
	results, out := t.TempDir(), t.TempDir()
	writeMade(t, filepath.Join(results, "1"))
	edit(t, filepath.Join(results, "1", "files.txt"), func(line string) string {
		if strings.Contains(line, "Write/direct/1MiB/lumberjack-2 ") {
			return strings.Replace(line, "0 lost-%", "12.34 lost-%", 1)
		}
		return line
	})
	if err := run(results, out, io.Discard); err != nil {
		t.Fatal(err)
	}
	md, err := os.ReadFile(filepath.Join(out, "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(filepath.Join(out, "performance.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(svg), " †<"); n != 1 {
		t.Errorf("%d bars are marked, want 1", n)
	}
	if want := "| lumberjack | 9.00 | 9.00 | 9.00 | 9.00 | 1.00 | 1.00 | 0 | 12.3% |"; !strings.Contains(string(md), want) {
		t.Errorf("the page lacks %q:\n%s", want, md)
	}
}

// edit replaces each line of a file by f of it.
func edit(t *testing.T, name string, f func(string) string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(f(line))
	}
	if b.String() == string(text) {
		t.Fatal("nothing was replaced")
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeMade writes a round in which every benchmark that a promise needs has
// a figure: bases 1 ns, peers 9 ns, ours 1, but 3 for the disabled call.
func writeMade(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	add := func(pkg, name string, ns int) {
		for _, cpu := range []string{"", "-2"} {
			files[pkg] += fmt.Sprintf("Benchmark%s%s 20 1 ns/op %d cpu-ns/op 0 B/op 0 allocs/op 400000 lines/s 2000000 records/s 500000 records/cpu-s 300 bytes/record 3 p50-ns 3 p99.9-ns 0 lost-lines 0 lost-%%\n", name, cpu, ns)
		}
	}
	for _, size := range []int{10, 100_000} {
		for _, depth := range []int{1, 16} {
			add("tree", fmt.Sprintf("Disabled/tree%d/depth%d/stdlib-text", size, depth), 1)
			add("tree", fmt.Sprintf("Disabled/tree%d/depth%d/slogtree", size, depth), 3)
		}
	}
	for _, h := range []string{"accepting", "limit-text", "stdlib-text", "slogsuite-stream"} {
		add("tree", "Overhead/"+h+"/bare", 1)
		add("tree", "Overhead/"+h+"/tree", 1)
	}
	for _, name := range []string{"named Enabled/depth1", "named Enabled/depth4", "named Enabled/depth8",
		"format Slog/msg", "format Slog/5attrs", "format Slog/10ctx+2", "format Source/msg", "fanout OneFormat/8"} {
		pkg, group, _ := strings.Cut(name, " ")
		base := map[bool]string{true: "one", false: "limit"}[pkg == "fanout"]
		for _, peer := range []string{base, "slogsuite", "slogsuite-json", "slogsuite-logfmt", "slogsuite-unlocked", "slogsuite-json-unlocked", "slogsuite-logfmt-unlocked"} {
			add(pkg, group+"/"+peer, 1)
		}
		add(pkg, group+"/a<b&c", 9)
	}
	for _, peer := range []string{"bound-once", "added-per-record", "slogsuite", "slogsuite-around", "slogtree"} {
		add("ctxattrs", "Record/"+peer, 1)
		add("ctxattrs", "Request/"+peer, 1)
	}
	for _, format := range []string{"percent", "json", "logfmt"} {
		add("tree", "Sourceless/"+format+"/floor", 1)
		add("tree", "Sourceless/"+format+"/slogtree", 1)
	}
	for name, ns := range map[string]int{
		"raw-file": 1, "slogsuite-direct": 1, "slogsuite-shared": 1, "lumberjack": 9, "timberjack": 9,
	} {
		add("files", "Write/direct/1MiB/"+name, ns)
		add("files", "Write/direct/100MiB/"+name, ns)
	}
	for _, name := range []string{"limit-buffered", "slogsuite-buffered"} {
		add("files", "Write/buffered/1MiB/"+name, 1)
		add("files", "Write/buffered/100MiB/"+name, 1)
	}
	for name, backups := range map[string]string{
		"slogsuite-direct": "9 backups", "slogsuite-gzip": "9 backups 2 compressed",
		"slogsuite-retention": "3 backups", "slogsuite-gzip-retention": "3 backups 3 compressed",
	} {
		for _, cpu := range []string{"", "-2"} {
			files["files"] += fmt.Sprintf("BenchmarkBeside/64KiB/%s%s 20 3 p99.9-ns %s\n", name, cpu, backups)
		}
	}
	for _, group := range []string{"Shared/64KiB", "Shared/1MiB"} {
		add("files", group+"/raw-file", 1)
		add("files", group+"/slogsuite-shared", 1)
	}
	add("files", "Durable/writers1/slogsuite-durable", 1)
	for _, load := range []string{"flood-memory", "flood-file", "paced-file"} {
		for _, goroutines := range []string{"-1", "-4"} {
			for _, peer := range []string{"limit-nothing", "slogsuite-sync", "slogsuite-queue-block", "slogsuite-tree-queue-block"} {
				add("async", "Caller/"+load+goroutines+"/"+peer, 1)
			}
		}
	}
	for _, record := range []string{"attrs", "msg"} {
		add("network", "Send/"+record+"/raw-prefix-bufio", 1)
		for _, peer := range []string{"slogsuite-pickle", "slogsuite-json"} {
			add("network", "Send/"+record+"/"+peer, 4)
			add("network", "Caller/bursts/"+peer+"-"+record, 1)
		}
	}
	for _, frame := range []string{"python3.13", "pickle", "json"} {
		add("network", "Receive/"+frame+"/slogsuite", 1)
	}
	add("pickle", "Decode/plain.pickle/slogsuite", 1)
	for _, kind := range []string{"new", "levels", "unchanged"} {
		add("config", "Apply/"+kind+"/slogsuite", 1)
	}
	for pkg, text := range files {
		if err := os.WriteFile(filepath.Join(dir, pkg+".txt"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// wellFormed fails unless the file is XML and has bars.
func wellFormed(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	bars := 0
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if want := 33; bars != want {
		t.Errorf("%d bars, want %d", bars, want)
	}
}

func TestCPUModel(t *testing.T) {
	if got := cpuModel("processor\t: 0\nmodel name\t: Some CPU: fast\n"); got != "Some CPU: fast" {
		t.Errorf("cpuModel = %q", got)
	}
}
