package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quickstartEnd = regexp.MustCompile(`--- console: (\d+) lines; (.+): (\d+) lines
--- network: (\d+) records sent; (.+) and (\d+) backups: (\d+) lines
$`)

// TestQuickstart checks that the program's last lines tell the truth, and
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
	all, backups := withBackups(t, end[5])
	for _, c := range []struct{ name, text, said, want string }{
		{"console", o.stderr, end[1], "10"},
		{"file", string(text), end[3], "16"},
		{"receiver", all, end[4], "16"},
		{"receiver", all, end[7], "16"},
	} {
		if n := fmt.Sprint(strings.Count(c.text, "\n")); n != c.said || n != c.want {
			t.Errorf("%s: %s lines, the program says %s, want %s:\n%s", c.name, n, c.said, c.want, c.text)
		}
	}
	if n := fmt.Sprint(backups); n != end[6] || backups == 0 {
		t.Errorf("%d backups, the program says %s", backups, end[6])
	}
	if all != string(text) {
		t.Errorf("over the network came\n%s\nand the file has\n%s", all, text)
	}
	lines(t, "console", o.stderr, `^(INFO|WARNING|ERROR) +(root|shop\.cart|shop\.stock|payments): \S.*$`)
	lines(t, "file", string(text), `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) +(root|shop\.cart|shop\.stock|payments) +\S.*$`)
}

// withBackups returns the text of a file behind that of its numbered backups, of which
// the last number is the oldest, and how many there are.
func withBackups(t *testing.T, path string) (text string, backups int) {
	t.Helper()
	files := read(t, filepath.Dir(path))
	base := filepath.Base(path)
	for text = files[base]; ; backups++ {
		older, ok := files[fmt.Sprint(base, ".", backups+1)]
		if !ok {
			return text, backups
		}
		text = older + text
	}
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
