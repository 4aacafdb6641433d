package rotate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// childEnv names what a test binary that was started again has to do, and childDir
// where.
const (
	childEnv = "SLOGSUITE_ROTATE_CHILD"
	childDir = "SLOGSUITE_ROTATE_DIR"
)

// children are what a second process does in a test, in a directory. An
// error ends it with status 1.
var children = map[string]func(dir string) error{}

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		if err := children[name](os.Getenv(childDir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child prepares a process that does one of the children.
func child(name, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+name, childDir+"="+dir)
	return cmd
}

func runChild(t *testing.T, name, dir string) {
	t.Helper()
	if out, err := child(name, dir).CombinedOutput(); err != nil {
		t.Fatalf("child %s: %v\n%s", name, err, out)
	}
}

// unavailable skips the test, for want of a tool or a privilege; where REQUIRE_TOOLS
// is set it fails.
func unavailable(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("REQUIRE_TOOLS") != "" {
		t.Fatalf("REQUIRE_TOOLS is set: "+format, args...)
	}
	t.Skipf(format, args...)
}

// errorList keeps what OnError was told.
type errorList struct {
	mu   sync.Mutex
	errs []error
}

func (l *errorList) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

func (l *errorList) all() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.errs)
}

// has reports whether an error wraps target.
func (l *errorList) has(target error) bool {
	return slices.ContainsFunc(l.all(), func(err error) bool { return errors.Is(err, target) })
}

// opened opens dir/app.log for a test, which closes it.
func opened(t *testing.T, dir string, o Options) *File {
	t.Helper()
	f, err := Open(filepath.Join(dir, "app.log"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func write(t *testing.T, f *File, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if n, err := f.Write([]byte(line + "\n")); err != nil || n != len(line)+1 {
			t.Fatalf("Write %q: %d, %v", line, n, err)
		}
	}
}

// tree returns the files of a directory, without those that lock.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			return err
		}
		b, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir+"/")] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wantFiles compares a directory with names and contents, in pairs; "|" stands for
// a line break.
func wantFiles(t *testing.T, dir string, pairs ...string) {
	t.Helper()
	want := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		want[pairs[i]] = strings.ReplaceAll(pairs[i+1], "|", "\n")
	}
	if got := tree(t, dir); !maps.Equal(got, want) {
		t.Errorf("files:\n%s", handlertest.Diff(want, got))
	}
}

// A clock is one that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// uncompressed returns the text of a file that may have been compressed.
func uncompressed(t *testing.T, name, text string) string {
	t.Helper()
	if !strings.HasSuffix(name, Gzip.Ext()) {
		return text
	}
	r, err := Gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(b)
}
