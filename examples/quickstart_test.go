package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quickstartEnd = regexp.MustCompile(`--- console: (\d+) lines; (.+): (\d+) lines\n$`)

// TestQuickstart checks that the program's last line tells the truth, and
// that each destination got what it should.
func TestQuickstart(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	o := execute(t, nil, filepath.Join(binaries, "quickstart"))
	end := quickstartEnd.FindStringSubmatch(o.stdout)
	if end == nil {
		t.Fatalf("stdout ends otherwise:\n%s", o.stdout)
	}
	text, err := os.ReadFile(end[2])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, said, want string }{
		{"console", o.stderr, end[1], "10"},
		{"file", string(text), end[3], "16"},
	} {
		if n := fmt.Sprint(strings.Count(c.text, "\n")); n != c.said || n != c.want {
			t.Errorf("%s: %s lines, the program says %s, want %s:\n%s", c.name, n, c.said, c.want, c.text)
		}
	}
	lines(t, "console", o.stderr, `^(INFO|WARNING|ERROR) +(root|shop\.cart|shop\.stock|payments): \S.*$`)
	lines(t, "file", string(text), `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) +(root|shop\.cart|shop\.stock|payments) +\S.*$`)
}

// lines fails the test for each line that does not match the pattern.
func lines(t *testing.T, whose, text, pattern string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for line := range strings.Lines(text) {
		if !re.MatchString(strings.TrimSuffix(line, "\n")) {
			t.Errorf("%s: the line %q does not match %s", whose, line, pattern)
		}
	}
}
