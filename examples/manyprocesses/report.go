package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Arrivals are what was found of each writer.
type arrivals struct {
	names   []string
	writers map[string]*writer
	strange int // lines that are no record of theirs
}

// A writer's records have numbers; times says how often each of them arrived.
type writer struct {
	process string
	times   []int
}

func newArrivals(names []string, records int) *arrivals {
	a := &arrivals{names: names, writers: map[string]*writer{}}
	for _, name := range names {
		a.writers[name] = &writer{times: make([]int, records)}
	}
	return a
}

var record = regexp.MustCompile(`^[-\d]+ [:,\d]+ (\d+) (\S+) INFO record (\d+)\n$`)

// add counts a line.
func (a *arrivals) add(line string) {
	m := record.FindStringSubmatch(line)
	if m == nil {
		a.strange++
		return
	}
	w := a.writers[m[2]]
	i, err := strconv.Atoi(m[3])
	if w == nil || err != nil || i >= len(w.times) {
		a.strange++
		return
	}
	w.process = m[1]
	w.times[i]++
}

// addFiles counts the lines of all files in a directory.
func (a *arrivals) addFiles(dir string) (files int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return 0, err
		}
		for line := range strings.Lines(string(text)) {
			a.add(line)
		}
	}
	return len(entries), nil
}

// count returns how many records did not arrive, and how many did more than once.
func (w *writer) count() (lost, doubled int) {
	for _, n := range w.times {
		switch {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	return lost, doubled
}

// print says what has arrived, and reports whether that is what was sent.
func (a *arrivals) print(w io.Writer) (good bool) {
	good = a.strange == 0
	for _, name := range a.names {
		writer := a.writers[name]
		lost, doubled := writer.count()
		good = good && lost+doubled == 0
		fmt.Fprintf(w, "%-9s process %-8s sent %d records: %d lost, %d doubled\n", name, writer.process, len(writer.times), lost, doubled)
	}
	if a.strange > 0 {
		fmt.Fprintf(w, "and %d lines that nobody sent\n", a.strange)
	}
	return good
}
