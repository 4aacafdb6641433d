package config

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Two documents that have files in common, which one opens otherwise than the
// other, and files of their own. Rotation keeps all backups.
const (
	killA = `{"version": "slogsuite/1", "handlers": {
		"file": {"class": "logging.FileHandler", "filename": "a.log"},
		"rotating": {"class": "logging.handlers.RotatingFileHandler", "filename": "r.log", "maxBytes": 300, "backupCount": 10000}},
		"root": {"level": "INFO", "handlers": ["file", "rotating"]}}`
	killB = `{"version": "slogsuite/1", "handlers": {
		"file": {"class": "logging.FileHandler", "filename": "b.log"},
		"other": {"class": "logging.FileHandler", "filename": "c.log"},
		"rotating": {"class": "logging.handlers.RotatingFileHandler", "filename": "r.log", "maxBytes": 200, "backupCount": 10000}},
		"root": {"level": "INFO", "handlers": ["file", "rotating"]}, "loggers": {"other": {"handlers": ["other"]}}}`
)

// applyForEver applies the documents in turn in the directory that an
// environment variable names, while another goroutine logs. It prints the number of each record once
// it is logged.
func applyForEver() {
	run := os.Getenv("KILL_RUN")
	tree := slogtree.New(slogtree.Options{OnError: func(err error) { fmt.Println("failed:", err) }})
	apply := func(text string) {
		c, err := ParseDict([]byte(text), Options{})
		if err == nil {
			_, err = c.Apply(context.Background(), tree)
		}
		if err != nil {
			fmt.Println("failed:", err)
		}
	}
	apply(killA)
	go func() {
		for n := 0; ; n++ {
			tree.Root().Info(fmt.Sprintf("record %s.%d", run, n))
			fmt.Println(n)
		}
	}()
	for {
		apply(killB)
		apply(killA)
	}
}

// A process that is killed while it applies configurations leaves files that are as an
// old or a new configuration has them: there are no others than the documents
// name, each record that was logged is in them once and whole, and the next process applies the same
// documents to them and goes on.
func TestKillWhileApplying(t *testing.T) {
	dir := t.TempDir()
	logged := map[string]int{} // by run, how many records were logged at least
	for run := range 10 {
		name := strconv.Itoa(run)
		cmd := child(t, "apply", "KILL_RUN="+name)
		cmd.Dir = dir
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for until := 1 + rand.IntN(60); logged[name] < until && lines.Scan(); {
			logged[name] = recordsOf(t, lines.Text())
		}
		must(t, cmd.Process.Kill())
		for lines.Scan() { // what it had printed before
			logged[name] = recordsOf(t, lines.Text())
		}
		cmd.Wait() // it was killed
	}
	files := readKilled(t, dir)
	checkRecords(t, "a.log and b.log", files["a.log"]+files["b.log"], logged)
	all := ""
	for name, text := range files {
		if strings.HasPrefix(name, "r.log") {
			all += text
		}
	}
	checkRecords(t, "r.log", all, logged)
}

// recordsOf returns how many records a child has logged that prints such a line.
func recordsOf(t *testing.T, line string) int {
	t.Helper()
	n, err := strconv.Atoi(line)
	if err != nil {
		t.Errorf("the child says %s", line)
	}
	return n + 1
}

// readKilled reads all files, which must be those that the documents name, of whole
// lines.
func readKilled(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		files[e.Name()] = string(text)
		if !regexp.MustCompile(`^([abc]\.log|r\.log(\.\d+)?)$`).MatchString(e.Name()) {
			t.Errorf("there is a file %s", e.Name())
		}
		if !regexp.MustCompile(`^(record \d+\.\d+\n)*$`).Match(text) {
			t.Errorf("%s has no whole lines: %q", e.Name(), text)
		}
	}
	return files
}

// checkRecords checks that each record that was logged is there once.
func checkRecords(t *testing.T, where, text string, logged map[string]int) {
	t.Helper()
	times := map[string]int{}
	for line := range strings.Lines(text) {
		times[line]++
		if times[line] > 1 {
			t.Errorf("%s has %q twice", where, line)
		}
	}
	for run, n := range logged {
		for i := range n {
			if line := fmt.Sprintf("record %s.%d\n", run, i); times[line] != 1 {
				t.Errorf("%s lacks %q, of %d that run logged", where, line, n)
			}
		}
	}
}
