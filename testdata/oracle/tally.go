package oracle

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A Tally counts what a test did with the vectors of one file. It is for one
// goroutine.
type Tally struct {
	name     string
	replayed int
	aside    map[string]int // by rule
}

// NewTally returns a Tally of the file NAME.jsonl.
func NewTally(name string) *Tally { return &Tally{name: name, aside: map[string]int{}} }

// Replayed counts one replayed vector.
func (c *Tally) Replayed() { c.replayed++ }

// SetAside counts one vector that the rule sets aside. A rule is a short
// phrase that gives the reason, and never names a vector.
func (c *Tally) SetAside(rule string) { c.aside[rule]++ }

// Report logs the counts, fails the test if nothing was replayed, and checks
// the file's line of docs/from-python.md if the vectors are the repository's.
func (c *Tally) Report(t testing.TB) {
	t.Helper()
	t.Logf("vectors: %s", c.Row())
	if c.replayed == 0 {
		t.Errorf("oracle: no vector of %s was replayed", c.name)
	}
	if !foreign() && !t.Failed() {
		CheckTable(t, c.name, c.Row())
	}
}

// Row returns the counts as a line of the table in docs/from-python.md:
// file, vectors, replayed, and each rule with its count, the largest first.
func (c *Tally) Row() string {
	rules := slices.SortedFunc(maps.Keys(c.aside), func(a, b string) int {
		return cmp.Or(c.aside[b]-c.aside[a], strings.Compare(a, b))
	})
	total := c.replayed
	for i, rule := range rules {
		total += c.aside[rule]
		rules[i] = fmt.Sprintf("%s (%d)", rule, c.aside[rule])
	}
	return fmt.Sprintf("| %s | %d | %d | %s |", c.name, total, c.replayed, cmp.Or(strings.Join(rules, "; "), "none"))
}

// The markers of the table, and the variable that lets tests rewrite it.
const (
	tableBegin = "<!-- vectors:begin -->\n"
	tableEnd   = "<!-- vectors:end -->"
	tableHead  = "| file | vectors | replayed | set aside: rule (number) |\n|---|---|---|---|\n"
	updateEnv  = "UPDATE_DOCS"
)

// CheckTable fails the test unless the table in docs/from-python.md has row as
// the line of the file name. With UPDATE_DOCS=1 it writes the line instead;
// run the packages one after another then, with go test -p 1.
func CheckTable(t testing.TB, name, row string) {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "docs", "from-python.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := putRow(string(text), name, row)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if updated == string(text) {
		return
	}
	if os.Getenv(updateEnv) == "" {
		t.Errorf("%s: the table lacks the line\n%s\nRun the test with %s=1 to write it.", path, row, updateEnv)
		return
	}
	if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
		t.Error(err)
	}
}

// putRow returns text with row as the line of the file name, in its place by
// name.
func putRow(text, name, row string) (string, error) {
	before, rest, ok1 := strings.Cut(text, tableBegin)
	table, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("no table between %q and %q", tableBegin, tableEnd)
	}
	rows := []string{row}
	for line := range strings.Lines(strings.TrimPrefix(table, tableHead)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "| "+name+" |") {
			rows = append(rows, line)
		}
	}
	slices.Sort(rows)
	return before + tableBegin + tableHead + strings.Join(rows, "\n") + "\n" + tableEnd + after, nil
}
