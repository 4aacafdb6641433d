// Package pythontest runs tests beside the CPythons of the machine.
package pythontest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// pythons are python3 and every python3.x that PATH has and that runs, each
// only once. A python3.x that is a script is left out: it belongs to a manager of
// versions, and takes a second to say that this version is not chosen.
var pythons = sync.OnceValue(func() (found []string) {
	seen := map[string]bool{}
	for i := range 31 {
		name := "python3"
		if i > 0 {
			name = fmt.Sprintf("python3.%d", i-1)
		}
		if i > 0 && !isBinary(name) {
			continue
		}
		out, err := exec.Command(name, "-c", "import ast, configparser, sys; print(sys.version)").Output()
		if err == nil && !seen[string(out)] {
			seen[string(out)] = true
			found = append(found, name)
		}
	}
	return found
})

// isBinary reports whether PATH has a program of that name that is no script.
func isBinary(name string) bool {
	path, err := exec.LookPath(name)
	if err != nil {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [2]byte
	_, err = f.Read(head[:])
	return err == nil && string(head[:]) != "#!"
}

// Each runs a test with each python3 of PATH. Without one the test is skipped,
// or fails if REQUIRE_PYTHON is set.
func Each(t *testing.T, test func(t *testing.T, python string)) {
	t.Helper()
	if len(pythons()) == 0 {
		if os.Getenv("REQUIRE_PYTHON") != "" {
			t.Fatal("REQUIRE_PYTHON is set and there is no python3 that runs")
		}
		t.Skip("no python3; with REQUIRE_PYTHON=1 this fails")
	}
	for _, python := range pythons() {
		t.Run(python, func(t *testing.T) { test(t, python) })
	}
}

// Since skips a test with a Python older than 3.minor.
func Since(t *testing.T, python string, minor int) {
	t.Helper()
	if err := exec.Command(python, "-c", fmt.Sprintf("import sys; sys.exit(sys.version_info < (3, %d))", minor)).Run(); err != nil {
		t.Skipf("%s is older than 3.%d, which does it as we do", python, minor)
	}
}

// Lines gives a script one value of in a line as JSON, and decodes as many
// lines of its output.
func Lines[In, Out any](t *testing.T, python, script string, in []In) []Out {
	t.Helper()
	var stdin bytes.Buffer
	for _, v := range in {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		stdin.Write(append(line, '\n'))
	}
	cmd := exec.Command(python, "-W", "ignore", "-c", script)
	cmd.Stdin, cmd.Stderr = &stdin, os.Stderr
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	lines := bytes.Split(bytes.TrimSuffix(stdout, []byte("\n")), []byte("\n"))
	if len(lines) != len(in) {
		t.Fatalf("%s printed %d lines for %d", python, len(lines), len(in))
	}
	out := make([]Out, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal(line, &out[i]); err != nil {
			t.Fatalf("%s: %q: %v", python, line, err)
		}
	}
	return out
}
