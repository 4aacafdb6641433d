package examples

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	reportedWriter = regexp.MustCompile(`^((?:go|python)-\d) +process (\d+) +sent (\d+) records: 0 lost, 0 doubled\n$`)
	reportedFile   = regexp.MustCompile(`^written by one process to (.+) and (\d+) backups\n$`)
)

// TestManyProcesses checks that what the program says of its files is so: that each record
// of each writer, of Python's too, stands in them once, and each on a line of its own.
func TestManyProcesses(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const records, maxBytes = 200, 5000
	writers := []string{"go-1", "go-2", "go-3"}
	if _, err := exec.LookPath("python3"); err == nil {
		writers = append(writers, "python-1", "python-2")
	} else if os.Getenv("REQUIRE_PYTHON") != "" {
		t.Fatal("REQUIRE_PYTHON is set and there is no python3: ", err)
	}
	o := execute(t, nil, filepath.Join(binaries, "manyprocesses"), fmt.Sprint("-records=", records), fmt.Sprint("-max-bytes=", maxBytes))
	if len(writers) == 3 {
		rest, ok := strings.CutPrefix(o.stdout, "there is no python3: the writers are Go programs\n")
		if o.stdout = rest; !ok {
			t.Error("it does not say that there is no python3")
		}
	}

	var want, dir []string
	said := slices.Collect(strings.Lines(o.stdout))
	for i, line := range said[:len(said)-1] {
		m := reportedWriter.FindStringSubmatch(line)
		if m == nil || i >= len(writers) || m[1] != writers[i] || m[3] != fmt.Sprint(records) {
			t.Fatalf("line %d is %q", i+1, line)
		}
		for n := range records {
			want = append(want, fmt.Sprintf("%s %s INFO record %d\n", m[2], m[1], n))
		}
	}
	if dir = reportedFile.FindStringSubmatch(said[len(said)-1]); dir == nil || len(want) != len(writers)*records {
		t.Fatalf("stdout is\n%s", o.stdout)
	}

	files := read(t, filepath.Dir(dir[1]))
	var got []string
	for name, text := range files {
		if len(text) > maxBytes {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		for line := range strings.Lines(text) {
			got = append(got, line[min(len(line), len("2026-01-02 03:04:05,678 ")):])
		}
	}
	if n := fmt.Sprint(len(files) - 1); n != dir[2] || n == "0" || n == "1" {
		t.Errorf("%s backups, the program says %s", n, dir[2])
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d lines in the files, want %d:\n%s", len(got), len(want), strings.Join(got, ""))
	}
}
