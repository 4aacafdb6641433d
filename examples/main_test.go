package examples

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// binaries is the directory of the built examples.
var binaries string

// TestMain builds all examples once.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	args := []string{"build", "-buildvcs=false", "-o", dir + string(filepath.Separator)}
	for _, name := range programs() {
		args = append(args, "./"+name)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the examples: %v\n%s", err, out)
		return 1
	}
	binaries = dir
	return m.Run()
}

// programs returns the names of the examples.
func programs() []string {
	mains, _ := filepath.Glob("*/main.go") // the pattern is well-formed
	for i := range mains {
		mains[i] = filepath.Dir(mains[i])
	}
	return mains
}

// An outcome is what a program left: its output and the files that it made.
type outcome struct {
	stdout, stderr string
	files          map[string]string // by name
}

// execute runs a program in an empty directory of its own that holds only
// the given files, and fails the test if the program fails.
func execute(t *testing.T, given map[string]string, program string, args ...string) outcome {
	t.Helper()
	dir := directory(t, given)
	o := complete(t, command(t.Context(), dir, program, args...))
	o.files = written(t, dir, given)
	return o
}

// directory returns a new directory that holds the given files.
func directory(t *testing.T, given map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range given {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// written returns the files in a directory besides the given ones.
func written(t *testing.T, dir string, given map[string]string) map[string]string {
	t.Helper()
	files := read(t, dir)
	for name := range given {
		delete(files, name)
	}
	return files
}

// complete runs a command to its end, fails the test if it fails, and returns
// what it printed.
func complete(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	return outcome{stdout: stdout.String(), stderr: stderr.String()}
}

// terminal runs an example, a name and its arguments, as a person does, who
// sees both streams as one.
func terminal(t *testing.T, example string) string {
	t.Helper()
	args := strings.Fields(example)
	cmd := command(t.Context(), t.TempDir(), filepath.Join(binaries, args[0]), args[1:]...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", example, err, out)
	}
	return string(out)
}

func command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C.UTF-8", "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1", "SLOG_LEVELS=")
	return cmd
}

// read returns the texts of the files in a directory.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
