// Package config measures how long it takes to apply a configuration of 1,000 loggers and fifty files.
package config

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/cpython"
	"github.com/slogsuite/slogsuite/docs/benchmarks/internal/lat"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

type table = map[string]any

// document has 1,000 loggers of that level and fifty files in dir.
func document(dir, level string) []byte {
	hs, loggers := table{}, table{}
	for i := range 50 {
		hs[fmt.Sprintf("h%d", i)] = table{"class": "logging.FileHandler", "filename": filepath.Join(dir, fmt.Sprintf("h%d.log", i)), "formatter": "f"}
	}
	for i := range 1000 {
		loggers[fmt.Sprintf("app.m%d.sub%d", i%40, i)] = table{"level": level, "handlers": []string{fmt.Sprintf("h%d", i%50)}}
	}
	text, err := json.Marshal(table{"version": 1, "formatters": table{"f": table{"format": "%(asctime)s %(name)s %(message)s"}},
		"handlers": hs, "loggers": loggers, "root": table{"level": "INFO"}})
	if err != nil {
		panic(err)
	}
	return text
}

// BenchmarkApply applies documents: to a tree that has no loggers, to one whose levels all change, and to one that is as
// the document says already.
func BenchmarkApply(b *testing.B) {
	dir := b.TempDir()
	texts := [][]byte{document(dir, "INFO"), document(dir, "DEBUG")}
	var configs []*config.Config
	for _, text := range texts {
		c, err := config.ParseDict(text, config.Options{})
		if err != nil {
			b.Fatal(err)
		}
		configs = append(configs, c)
	}
	for _, what := range []string{"new", "levels", "unchanged"} {
		b.Run(what+"/slogsuite", func(b *testing.B) { ours(b, what, configs) })
		if python, version := cpython.Find(); python != "" {
			b.Run(what+"/python-"+version, func(b *testing.B) { inPython(b, what, python, texts) })
		}
	}
}

func ours(b *testing.B, what string, configs []*config.Config) {
	tree := slogtree.New(slogtree.Options{})
	apply := func(c *config.Config) {
		if _, err := c.Apply(b.Context(), tree); err != nil {
			b.Fatal(err)
		}
	}
	closeTree := func() {
		if err := tree.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	apply(configs[1])
	var wall, cpu time.Duration
	for i := range b.N {
		c := configs[1]
		switch what {
		case "new":
			closeTree()
			tree = slogtree.New(slogtree.Options{})
		case "levels":
			c = configs[i%2]
		}
		before, start := lat.CPU(), time.Now()
		apply(c)
		wall, cpu = wall+time.Since(start), cpu+lat.CPU()-before
	}
	closeTree()
	report(b, wall, cpu)
}

func report(b *testing.B, wall, cpu time.Duration) {
	b.ReportMetric(float64(wall)/float64(b.N), "ns/op")
	b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/op")
}

// inPython has CPython do the same. It says what that took.
func inPython(b *testing.B, what, python string, texts [][]byte) {
	args := []string{"config.py", what, fmt.Sprint(b.N)}
	for i, text := range texts {
		name := filepath.Join(b.TempDir(), fmt.Sprint(i))
		if err := os.WriteFile(name, text, 0o666); err != nil {
			b.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(python, args...).Output()
	if err != nil {
		b.Fatal(err)
	}
	var wall, cpu time.Duration
	if _, err := fmt.Sscan(string(out), &wall, &cpu); err != nil {
		b.Fatal(err)
	}
	report(b, wall, cpu)
}
