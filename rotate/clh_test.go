//go:build unix && !solaris && !illumos && !aix

package rotate_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/rotate"
)

// clhPython is the part of Python in these tests: a program that writes numbered lines by
// ConcurrentRotatingFileHandler. Its arguments are the file, maxBytes, backupCount, a name,
// how many lines, and what happens at its first rotation, between its two renames.
const clhPython = `
import logging, os, signal, sys, zlib
import concurrent_log_handler as clh

name, max_bytes, backups, who, lines, trouble = sys.argv[1:7]

class Handler(clh.ConcurrentRotatingFileHandler):
    rotations = 0
    def doRollover(self):
        super().doRollover()
        self.rotations += 1
    def handleError(self, record):
        raise

if trouble:
    rename = os.rename
    def troubled(old, new):
        rename(old, new)
        os.rename = rename
        os.kill(os.getpid(), getattr(signal, trouble))
    os.rename = troubled

h = Handler(name, maxBytes=int(max_bytes), backupCount=int(backups))
log = logging.getLogger(who)
log.addHandler(h)
log.propagate = False
log.setLevel(logging.INFO)
print(h.lockFilename, flush=True)
sys.stdin.readline()
for i in range(int(lines)):
    text = "%s %d %s" % (who, i, "x" * (i * 7 % 90))
    log.info("%s %08x", text, zlib.crc32(text.encode()))
print(h.rotations, flush=True)
`

// clhInterpreter returns a Python that has concurrent-log-handler: Debian's is not always
// the first in PATH.
func clhInterpreter(t *testing.T) string {
	t.Helper()
	var errs []error
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		out, err := exec.Command(name, "-c", "import concurrent_log_handler, portalocker").CombinedOutput()
		if err == nil {
			return name
		}
		errs = append(errs, fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out)))
	}
	const need = "no Python with concurrent-log-handler here (Debian: python3-concurrent-log-handler): "
	if os.Getenv("REQUIRE_TOOLS") != "" {
		t.Fatal(need, errors.Join(errs...))
	}
	t.Skip(need, errors.Join(errs...))
	return ""
}

// A clhWriter is a process that writes numbered lines. It says what its lock file is called, waits for
// a line, writes, and says how often it has rotated.
type clhWriter struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	errs bytes.Buffer
}

func startWriter(t *testing.T, name string, cmd *exec.Cmd) *clhWriter {
	t.Helper()
	w := &clhWriter{t: t, name: name, cmd: cmd}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.in, w.out, cmd.Stderr = in, bufio.NewScanner(out), &w.errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return w
}

// next returns the next line of the writer's output.
func (w *clhWriter) next() string {
	w.t.Helper()
	if !w.out.Scan() {
		w.t.Fatalf("%s ended: %v\n%s", w.name, w.out.Err(), &w.errs)
	}
	return w.out.Text()
}

func (w *clhWriter) begin() {
	if _, err := io.WriteString(w.in, "go\n"); err != nil {
		w.t.Fatal(err)
	}
}

// end returns how often the writer has rotated, once it is done.
func (w *clhWriter) end() (rotations int) {
	w.t.Helper()
	if _, err := fmt.Sscan(w.next(), &rotations); err != nil {
		w.t.Fatal(err)
	}
	if err := w.cmd.Wait(); err != nil {
		w.t.Fatalf("%s: %v\n%s", w.name, err, &w.errs)
	}
	return rotations
}

func pythonWriter(t *testing.T, python, file, who string, lines, maxBytes, backups int, trouble string) *clhWriter {
	return startWriter(t, who, exec.Command(python, "-c", clhPython, file, fmt.Sprint(maxBytes), fmt.Sprint(backups), who, fmt.Sprint(lines), trouble))
}

const clhWriterEnv = "SLOGSUITE_CLH_WRITER"

func goWriter(t *testing.T, file, who string, lines, maxBytes, backups int, lock rotate.LockProtocol) *clhWriter {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCLHGoWriter$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %d %d %s %s", clhWriterEnv, lock, lines, maxBytes, backups, who, file))
	return startWriter(t, who, cmd)
}

// TestCLHGoWriter is no test, but the program of goWriter.
func TestCLHGoWriter(t *testing.T) {
	args := os.Getenv(clhWriterEnv)
	if args == "" {
		t.Skip("it is run by others")
	}
	var o rotate.Options
	var lines int
	var who, file string
	if _, err := fmt.Sscan(args, &o.Lock, &lines, &o.MaxBytes, &o.BackupCount, &who, &file); err != nil {
		t.Fatal(err)
	}
	o.Shared = true
	f, err := rotate.Open(file, o)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	bufio.NewScanner(os.Stdin).Scan()
	for i := range lines {
		if _, err := f.Write([]byte(numbered(who, i))); err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	s := f.Stats()
	if s.Degraded > 0 {
		fmt.Fprintf(os.Stderr, "%+v\n", s)
	}
	fmt.Println(s.Rotations)
}

// numbered returns line i of a writer: its payload, and a sum, follow from the number.
func numbered(who string, i int) string {
	text := fmt.Sprintf("%s %d %s", who, i, strings.Repeat("x", i*7%90))
	return fmt.Sprintf("%s %08x\n", text, crc32.ChecksumIEEE([]byte(text)))
}

// faults tells what is wrong with the lines in all files whose names begin with that of file.
func faults(t *testing.T, file string, lines map[string]int) (found []string) {
	t.Helper()
	files, err := filepath.Glob(file + "*")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, name := range files {
		for line := range strings.Lines(fileText(t, name)) {
			seen[line]++
		}
	}
	for who, n := range lines {
		lost, doubled := 0, 0
		for i := range n {
			line := numbered(who, i)
			switch seen[line] {
			case 0:
				lost++
			case 1:
			default:
				doubled++
			}
			delete(seen, line)
		}
		if lost+doubled > 0 {
			found = append(found, fmt.Sprintf("%s: of %d lines %d are lost, %d doubled", who, n, lost, doubled))
		}
	}
	for line := range seen {
		found = append(found, fmt.Sprintf("torn: %.200q", line))
	}
	return found
}

// writeBesidePython has two programs in Go and two in Python write one file, and returns how
// often each side rotated and what is wrong with the lines.
func writeBesidePython(t *testing.T, python string, lines, maxBytes int, lock rotate.LockProtocol) (ours, theirs int, found []string) {
	t.Helper()
	const backups = 1000 // none is deleted
	file := filepath.Join(t.TempDir(), "app.log")
	var writers []*clhWriter
	numbers := map[string]int{}
	for i := range 2 {
		p, g := fmt.Sprint("python-", i), fmt.Sprint("go-", i)
		numbers[p], numbers[g] = lines, lines
		writers = append(writers, pythonWriter(t, python, file, p, lines, maxBytes, backups, ""), goWriter(t, file, g, lines, maxBytes, backups, lock))
	}
	for _, w := range writers {
		w.next()
	}
	for _, w := range writers {
		w.begin()
	}
	for i, w := range writers {
		if n := w.end(); i%2 == 0 {
			theirs += n
		} else {
			ours += n
		}
		if w.errs.Len() > 0 {
			t.Logf("%s: %s", w.name, &w.errs)
		}
	}
	return ours, theirs, faults(t, file, numbers)
}

// The control needs many rotations to lose anything, and the test beside it has as many.
const clhLines, clhMaxBytes = 4000, 3000

// TestConcurrentLogHandler is judged by the real thing: nothing is lost where both rotate.
func TestConcurrentLogHandler(t *testing.T) {
	python := clhInterpreter(t)
	for _, c := range []struct{ lines, maxBytes int }{{10_000, 64 << 10}, {clhLines, clhMaxBytes}} {
		start := time.Now()
		ours, theirs, found := writeBesidePython(t, python, c.lines, c.maxBytes, rotate.LockConcurrentLogHandler)
		for _, f := range found {
			t.Error(f)
		}
		if ours == 0 || theirs == 0 {
			t.Errorf("%d rotations in Go and %d in Python: one side has left it to the other", ours, theirs)
		}
		t.Logf("%d lines of 4 processes at %d bytes, %d rotations in Go, %d in Python, %v", 4*c.lines, c.maxBytes, ours, theirs, time.Since(start))
	}
}

// Control: with a lock of our own, which Python does not know, lines are lost.
func TestConcurrentLogHandlerNeedsItsLock(t *testing.T) {
	python := clhInterpreter(t)
	for i := range 20 {
		ours, theirs, found := writeBesidePython(t, python, clhLines, clhMaxBytes, rotate.LockShared)
		if len(found) > 0 {
			t.Logf("run %d, %d rotations in Go and %d in Python: %.300s", i+1, ours, theirs, found)
			return
		}
	}
	t.Error("nothing was lost without a common lock: the test above proves nothing")
}

// TestCLHLockName compares the names of lock files.
func TestCLHLockName(t *testing.T) {
	python := clhInterpreter(t)
	for _, name := range []string{"app.log", "app", "app.txt", ".log", "app.log.log", "a b.log", "log"} {
		file := filepath.Join(t.TempDir(), name)
		f, err := rotate.Open(file, rotate.Options{Shared: true, Lock: rotate.LockConcurrentLogHandler})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lock := pythonWriter(t, python, file, "python", 0, 0, 0, "").next()
		if _, err := os.Stat(lock); err != nil {
			t.Errorf("%s: the lock file of Python, %s: %v", name, lock, err)
		}
		if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 2 {
			t.Errorf("%s: there are %v, %v", name, entries, err)
		}
	}
}

// Python dies between the two renames of its rotation: its lines stay in a file of a name
// that is no backup's, which nobody may touch.
func TestCLHKilledWhileRotating(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	w := pythonWriter(t, clhInterpreter(t), file, "python", 10_000, 4000, 500, "SIGKILL")
	w.next()
	w.begin()
	if err := w.cmd.Wait(); err == nil || w.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("Python was not killed: %v\n%s", err, &w.errs)
	}
	orphans, _ := filepath.Glob(file + ".rotate.*")
	if len(orphans) != 1 {
		t.Fatalf("there are %q", orphans)
	}
	orphan := fileText(t, orphans[0])
	written := strings.Count(orphan, "\n")
	rotations := goLines(t, file, 1000, rotate.Options{MaxBytes: 4000, BackupCount: 500})
	if rotations < 10 {
		t.Errorf("%d rotations", rotations)
	}
	wantText(t, "what Python left", fileText(t, orphans[0]), orphan)
	for _, f := range faults(t, file, map[string]int{"python": written, "go": 1000}) {
		t.Error(f)
	}
	// Nor does it count as a backup where few are kept.
	goLines(t, file, 1000, rotate.Options{MaxBytes: 4000, BackupCount: 2})
	wantText(t, "what Python left", fileText(t, orphans[0]), orphan)
}

// goLines writes lines in this process, and returns how often that rotated.
func goLines(t *testing.T, file string, lines int, o rotate.Options) uint64 {
	t.Helper()
	o.Shared, o.Lock = true, rotate.LockConcurrentLogHandler
	f, err := rotate.Open(file, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range lines {
		if _, err := f.Write([]byte(numbered("go", i))); err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	return f.Stats().Rotations
}

// stopRotating starts a Python that stops between the two renames of its rotation, with the lock.
func stopRotating(t *testing.T, file string, lines int) *clhWriter {
	t.Helper()
	w := pythonWriter(t, clhInterpreter(t), file, "python", lines, 4000, 500, "SIGSTOP")
	w.next()
	w.begin()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(w.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("Python is not stopped: %v, %v", status, err)
	}
	return w
}

// stoppedOptions are for a file that a stopped Python has locked.
var stoppedOptions = rotate.Options{Shared: true, Lock: rotate.LockConcurrentLogHandler, MaxBytes: 4000, BackupCount: 500, LockWait: 50 * time.Millisecond}

// Python is stopped between the two renames of its rotation, with the lock. Ours write
// without it after LockWait, and Python then goes on.
func TestCLHStoppedWhileRotating(t *testing.T) {
	const lines = 300
	file := filepath.Join(t.TempDir(), "app.log")
	w := stopRotating(t, file, lines)
	f, err := rotate.Open(file, stoppedOptions)
	if err != nil {
		t.Fatal(err)
	}
	write := func(from, to int) {
		for i := from; i < to; i++ {
			if _, err := f.Write([]byte(numbered("go", i))); err != nil {
				t.Error(err)
			}
		}
	}
	write(0, lines)
	if s := f.Stats(); s.Degraded != lines || s.Rotations != 0 {
		t.Errorf("while Python was stopped: %+v", s)
	}
	if err := w.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if n := w.end(); n < 2 {
		t.Errorf("Python rotated %d times", n)
	}
	write(lines, 2*lines)
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if s := f.Stats(); s.Degraded != lines || s.Rotations == 0 || s.Lost > 0 {
		t.Errorf("after it went on: %+v", s)
	}
	for _, f := range faults(t, file, map[string]int{"python": lines, "go": 2 * lines}) {
		t.Error(f)
	}
}

// The lock file is deleted from outside: Python makes a new one, and ours find that.
func TestCLHLockFileDeleted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.log")
	f, err := rotate.Open(file, stoppedOptions)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for i, stopped := range []bool{false, true} {
		if _, err := f.Write([]byte(numbered("go", i))); err != nil {
			t.Error(err)
		}
		if degraded := f.Stats().Degraded == 1; degraded != stopped {
			t.Errorf("record %d: %+v", i, f.Stats())
		}
		if !stopped {
			if err := os.Remove(filepath.Join(filepath.Dir(file), ".__app.lock")); err != nil {
				t.Fatal(err)
			}
			stopRotating(t, file, 100)
		}
	}
}
