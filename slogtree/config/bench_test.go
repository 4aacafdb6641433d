package config

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// thousand returns a document with 1,000 loggers and fifty files.
func thousand(dir string, level string) m {
	hs, loggers := m{}, m{}
	for i := range 50 {
		hs[fmt.Sprintf("h%d", i)] = m{"class": "file", "filename": filepath.Join(dir, fmt.Sprintf("h%d.log", i)), "formatter": "f"}
	}
	for i := range 1000 {
		loggers[fmt.Sprintf("app.m%d.sub%d", i%40, i)] = m{"level": level, "handlers": []string{fmt.Sprintf("h%d", i%50)}}
	}
	return m{"version": 1, "formatters": m{"f": m{"format": "%(asctime)s %(name)s %(message)s"}}, "handlers": hs, "loggers": loggers, "root": m{"level": "INFO"}}
}

// Apply of 1,000 loggers and 50 handlers to a new tree, to one whose levels all change, and to one that has
// it already. The aim is 5 ms.
func BenchmarkApply(b *testing.B) {
	dir := b.TempDir()
	info, debug := parse(b, thousand(dir, "INFO"), Options{}), parse(b, thousand(dir, "DEBUG"), Options{})
	run := func(b *testing.B, tree *slogtree.Tree, c *Config) {
		if _, err := c.Apply(b.Context(), tree); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			tree := slogtree.New(slogtree.Options{})
			b.StartTimer()
			run(b, tree, info)
			b.StopTimer()
			if err := tree.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	b.Run("levels", func(b *testing.B) {
		tree := newTree(b)
		run(b, tree, info)
		for i := 0; b.Loop(); i++ {
			run(b, tree, []*Config{debug, info}[i%2])
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		tree := newTree(b)
		run(b, tree, info)
		for b.Loop() {
			run(b, tree, info)
		}
	})
}
