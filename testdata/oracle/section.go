package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A Difference is something that is not as in CPython, on purpose. Check proves
// what Here says.
type Difference struct {
	Here    string // what happens here, a sentence
	CPython string // what happens there
	Why     string // a sentence
	Way     string // how to get CPython's way, "-" if there is none
	Check   func(t *testing.T)
}

// CheckDifferences runs the checks of ds, and fails the test unless the table
// between the comments <!-- NAME:begin --> and <!-- NAME:end --> in
// docs/from-python.md says what they say. With UPDATE_DOCS=1 it writes the
// table instead.
func CheckDifferences(t *testing.T, name string, ds []Difference) {
	t.Helper()
	var table strings.Builder
	table.WriteString("| here | in CPython | why | CPython's way |\n|---|---|---|---|\n")
	for _, d := range ds {
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", d.Here, d.CPython, d.Why, d.Way)
		t.Run(d.Here, d.Check)
	}
	CheckSection(t, filepath.Join("docs", "from-python.md"), name, table.String())
}

// CheckSection fails the test unless the file, relative to the module's root,
// has text between the comments <!-- NAME:begin --> and <!-- NAME:end -->. With
// UPDATE_DOCS=1 it writes the text instead.
func CheckSection(t testing.TB, file, name, text string) {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, file)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	updated, err := putSection(string(page), name, text)
	switch {
	case err != nil:
		t.Fatalf("%s: %v", file, err)
	case updated == string(page):
	case os.Getenv(updateEnv) == "":
		t.Errorf("%s: the part %q is not\n%s\nRun the test with %s=1 to write it.", file, name, text, updateEnv)
	default:
		if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// putSection returns page with text as the part of that name.
func putSection(page, name, text string) (string, error) {
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, ok1 := strings.Cut(page, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("no part between %q and %q", begin, end)
	}
	return before + begin + text + end + after, nil
}
