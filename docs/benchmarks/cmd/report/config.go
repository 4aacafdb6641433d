package main

import "fmt"

var configColumns = []column{nameColumn, medianOf("ns", "ns/op", 2), medianOf("CPU ns", cpuTime, 2)}

const configIntro = `
## Config

Documents with 1,000 loggers and fifty files are applied, with -cpu 2: "new" to a tree that has no loggers yet, "levels" in turn two
whose levels all differ, "unchanged" one that was applied before. They are parsed before that. "python" is CPython's dictConfig, which closes all files and opens them
again; it is left out where there is none.
`

// configPromises are about applying a configuration.
func configPromises() []promise {
	var ps []promise
	for _, kind := range []struct{ name, text string }{{"new", "to a new tree"}, {"levels", "with other levels"}, {"unchanged", "that was applied before"}} {
		ours := id{"config", "Apply/" + kind.name, "slogsuite", 2}
		ps = append(ps, promise{fmt.Sprintf("A document with 1,000 loggers and 50 handlers, %s, is applied in less than %d ns", kind.text, applyLimit), below(ours, "ns/op", applyLimit)})
	}
	return ps
}

const applyLimit = 5_000_000
