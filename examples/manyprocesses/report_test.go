package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Control: what is lost, doubled or torn shows in the report.
func TestReport(t *testing.T) {
	line := func(name string, i int) string {
		return fmt.Sprintf("2026-01-02 03:04:05,678 17 %s INFO record %d\n", name, i)
	}
	whole := []string{line("go-1", 0), line("go-1", 1), line("python-1", 1), line("python-1", 0)}
	for _, c := range []struct {
		what  string
		lines []string
		want  string // of the last lines; "" is a good report
	}{
		{"all", whole, ""},
		{"one lost", whole[1:], "go-1      process 17       sent 2 records: 1 lost, 0 doubled\n"},
		{"one doubled", append(whole[:4:4], line("python-1", 1)), "python-1  process 17       sent 2 records: 0 lost, 1 doubled\n"},
		{"one torn", append(whole[:4:4], "2026-01-02 03:0"), "and 1 lines that nobody sent\n"},
		{"a stranger", append(whole[:4:4], line("go-2", 1)), "and 1 lines that nobody sent\n"},
		{"a number too many", append(whole[:4:4], line("go-1", 2)), "and 1 lines that nobody sent\n"},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			for i, part := range []string{strings.Join(c.lines[:2], ""), strings.Join(c.lines[2:], "")} {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("all.log.", i)), []byte(part), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			a := newArrivals([]string{"go-1", "python-1"}, 2)
			if files, err := a.addFiles(dir); files != 2 || err != nil {
				t.Fatal(files, err)
			}
			var out strings.Builder
			if good := a.print(&out); good != (c.want == "") || !strings.Contains(out.String(), c.want) {
				t.Errorf("good is %v, and\n%s\nwant in it %q", good, &out, c.want)
			}
		})
	}
}
