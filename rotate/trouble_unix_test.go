//go:build unix

package rotate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mounted mounts a small file system of a kind in a new directory.
func mounted(t *testing.T, options string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		unavailable(t, "a file system is mounted by root alone")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", dir).CombinedOutput(); err != nil {
		unavailable(t, "mount: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return dir
}

// numbered is a line of 100 bytes.
func numbered(i int) string { return fmt.Sprintf("%06d %s\n", i, strings.Repeat("x", 92)) }

// TestFullDisk fills a small disk, frees it, and fills it again. All lines are either
// there or counted, whole, and each gap has one marker.
func TestFullDisk(t *testing.T) {
	for name, o := range map[string]Options{
		"Direct": {}, "Buffered": {Durability: Buffered, BufferBytes: 1 << 10}, "Durable": {Durability: Durable},
		"Shared": {Shared: true}, "rotating": {MaxBytes: 20 << 10, Upward: true},
		"Shared, Buffered": {Shared: true, Durability: Buffered, BufferBytes: 1 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			dir := mounted(t, "size=256k")
			var errs errorList
			o.OnError = errs.add
			f := opened(t, dir, o)
			var all, lost uint64
			ballast := filepath.Join(dir, "ballast")
			for round := range 3 {
				if err := os.WriteFile(ballast, make([]byte, 100<<10), 0o666); err != nil {
					t.Fatal(err)
				}
				for range 2000 {
					if _, err := f.Write([]byte(numbered(int(all)))); err != nil {
						lost++
					}
					all++
				}
				if lost == 0 {
					t.Fatal("the disk never was full")
				}
				if err := os.Remove(ballast); err != nil {
					t.Fatal(err)
				}
				if _, err := f.Write([]byte(numbered(int(all)))); err != nil {
					t.Fatalf("round %d: after space returned: %v", round, err)
				}
				all++
				for _, old := range globbed(dir, "app.log.[0-9]*") {
					os.Remove(old)
				}
				if o.MaxBytes == 0 {
					checkWhole(t, f.Name(), o)
					f.Flush()
					os.Truncate(f.Name(), 0)
				}
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			s := f.Stats()
			if s.Records+s.Lost != all || s.Lost < lost {
				t.Errorf("%d written and %d lost of %d; Write failed for %d", s.Records, s.Lost, all, lost)
			}
			if !errs.has(syscall.ENOSPC) {
				t.Errorf("OnError was told %v", errs.all())
			}
			if n := len(errs.all()); n > 40 {
				t.Errorf("OnError was told %d times", n)
			}
		})
	}
}

func globbed(dir, pattern string) []string {
	names, _ := filepath.Glob(filepath.Join(dir, pattern))
	return names
}

// checkWhole fails unless the file holds whole lines and markers, and after a loss a
// marker.
func checkWhole(t *testing.T, name string, o Options) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	markers, pieces := 0, 0
	for line := range bytes.Lines(b) {
		if bytes.HasPrefix(line, []byte("rotate: ")) && bytes.Contains(line, []byte("lost from")) {
			markers++
		} else if o.Shared && len(line) < 100 && line[6] == ' ' {
			pieces++ // where others write nothing is taken back
		} else if len(line) != 100 || !bytes.HasSuffix(line, []byte("xxx\n")) {
			t.Errorf("torn: %q", line)
		}
	}
	if pieces > 1 {
		t.Errorf("%d pieces of lines", pieces)
	}
	if markers == 0 && o.Durability != Buffered {
		t.Error("no marker")
	}
}

// TestTornRecordIsTakenBack has the kernel stop in the middle of a record, by a
// limit on the size of files, as a quota does.
func TestTornRecordIsTakenBack(t *testing.T) {
	for _, name := range []string{"limited", "limited shared", "limited buffered"} {
		dir := t.TempDir()
		runChild(t, name, dir)
		b, err := os.ReadFile(filepath.Join(dir, "app.log"))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"rotate: 5 records (500 bytes) lost from ", numbered(15)}
		if name == "limited buffered" { // it keeps one
			want = []string{"rotate: 4 records (400 bytes) lost from ", numbered(10), numbered(15)}
		}
		lines := strings.SplitAfter(string(b), "\n")[10:]
		if name == "limited shared" { // where others write nothing is taken back, but ended
			if lines[0] != numbered(10)[:49]+"\n" {
				t.Errorf("%s: %q", name, lines[0])
			}
			lines = lines[1:]
		}
		ok := len(lines) == len(want)+1 && strings.HasSuffix(lines[0], "file too large\n")
		for i := range want {
			ok = ok && strings.HasPrefix(lines[i], want[i])
		}
		if !ok {
			t.Errorf("%s: %q", name, lines)
		}
	}
}

func limited(o Options) func(dir string) error {
	return func(dir string) error {
		f, err := Open(filepath.Join(dir, "app.log"), o)
		if err != nil {
			return err
		}
		defer f.Close()
		var was syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			return err
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1050, Max: was.Max}); err != nil {
			return err
		}
		for i := range 15 {
			_, err := f.Write([]byte(numbered(i)))
			if o.Durability != Buffered && (err != nil) != (i >= 10) {
				return fmt.Errorf("line %d: %v", i, err)
			}
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
			return err
		}
		_, err = f.Write([]byte(numbered(15)))
		return errors.Join(err, f.Close())
	}
}

func init() {
	children["limited"] = limited(Options{})
	children["limited shared"] = limited(Options{Shared: true})
	children["limited buffered"] = limited(Options{Durability: Buffered, BufferBytes: 100})
	children["no descriptors"] = noDescriptors
}

// TestNoDescriptors rotates while the process may open no more files: records go on
// into the old one, and into a new one when it may again.
func TestNoDescriptors(t *testing.T) {
	dir := t.TempDir()
	runChild(t, "no descriptors", dir)
	wantFiles(t, dir, "app.log", "d|", "app.log.1", "a|b|c|")
}

func noDescriptors(dir string) error {
	c := newClock()
	var errs errorList
	f, err := Open(filepath.Join(dir, "app.log"), Options{MaxBytes: 3, Upward: true, now: c.now, OnError: errs.add})
	if err != nil {
		return err
	}
	defer f.Close()
	put := func(s string) {
		if _, e := f.Write([]byte(s + "\n")); e != nil {
			err = errors.Join(err, e)
		}
	}
	put("a")
	var was syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was)
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 1, Max: was.Max})
	put("b")
	put("c")
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was)
	c.add(time.Second)
	put("d")
	s := f.Stats()
	if !errs.has(syscall.EMFILE) || s.Rotations != 1 || s.Lost != 0 || s.Errors != 1 {
		err = errors.Join(err, fmt.Errorf("%+v, %v", s, errs.all()))
	}
	return err
}

// TestRenameRefused rotates in a directory where nothing can be renamed or created.
func TestRenameRefused(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	var errs errorList
	f := opened(t, dir, Options{MaxBytes: 3, BackupCount: 2, now: c.now, OnError: errs.add})
	write(t, f, "a")
	release := refuseChanges(t, dir)
	write(t, f, "b", "c")
	release()
	c.add(time.Second)
	write(t, f, "d")
	wantFiles(t, dir, "app.log", "d|", "app.log.1", "a|b|c|")
	if s := f.Stats(); s.Errors != 1 || s.Lost != 0 || !errs.has(fs.ErrPermission) {
		t.Errorf("%+v, %v", s, errs.all())
	}
}

// TestFileThatCannotBeRenamed is tried again and again, and its backups stay.
func TestFileThatCannotBeRenamed(t *testing.T) {
	for _, shared := range []bool{false, true} {
		dir := t.TempDir()
		c := newClock()
		f := opened(t, dir, Options{MaxBytes: 3, BackupCount: 3, Shared: shared, now: c.now})
		write(t, f, "a", "b", "c")
		free := appendOnly(t, f.Name())
		for range 5 {
			write(t, f, "d")
			c.add(time.Minute)
		}
		wantFiles(t, dir, "app.log", "c|d|d|d|d|d|", "app.log.2", "b|", "app.log.3", "a|")
		free()
		write(t, f, "e")
		wantFiles(t, dir, "app.log", "e|", "app.log.1", "c|d|d|d|d|d|", "app.log.2", "b|", "app.log.3", "a|")
	}
}

// appendOnly makes a file one that can't be renamed, until the function is called.
func appendOnly(t *testing.T, name string) func() {
	t.Helper()
	if os.Geteuid() != 0 {
		unavailable(t, "chattr +a is for root alone")
	}
	if out, err := exec.Command("chattr", "+a", name).CombinedOutput(); err != nil {
		unavailable(t, "chattr: %v: %s", err, out)
	}
	free := func() { exec.Command("chattr", "-a", name).Run() }
	t.Cleanup(free)
	return free
}

// refuseChanges makes a directory one that can't be changed, until the function is
// called.
func refuseChanges(t *testing.T, dir string) func() {
	t.Helper()
	if os.Geteuid() != 0 {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		return func() { os.Chmod(dir, 0o755) }
	}
	if out, err := exec.Command("chattr", "+i", dir).CombinedOutput(); err != nil {
		unavailable(t, "chattr: %v: %s", err, out)
	}
	free := func() { exec.Command("chattr", "-i", dir).Run() }
	t.Cleanup(free)
	return free
}

// TestReadOnly has the file system become read-only, and writable again.
func TestReadOnly(t *testing.T) {
	dir := mounted(t, "size=256k")
	logs := filepath.Join(dir, "logs")
	f := opened(t, logs, Options{Delay: true})
	remount := func(how string) {
		if out, err := exec.Command("mount", "-o", "remount,"+how, dir).CombinedOutput(); err != nil {
			t.Fatalf("remount: %v: %s", err, out)
		}
	}
	remount("ro")
	for range 2 {
		if _, err := f.Write([]byte("a\n")); !errors.Is(err, syscall.EROFS) {
			t.Errorf("Write: %v", err)
		}
	}
	remount("rw")
	write(t, f, "b")
	b, _ := os.ReadFile(f.Name())
	if !strings.HasPrefix(string(b), "rotate: 2 records (4 bytes) lost") || !strings.HasSuffix(string(b), "read-only file system\nb\n") {
		t.Errorf("%q", b)
	}
}

// TestNoDirectory removes the directory, and puts a file in its place.
func TestNoDirectory(t *testing.T) {
	for _, shared := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "logs")
		f := opened(t, dir, Options{Watch: true, Shared: shared})
		write(t, f, "a")
		os.RemoveAll(dir)
		write(t, f, "b")
		if b, err := os.ReadFile(f.Name()); err != nil || !strings.HasSuffix(string(b), "b\n") {
			t.Errorf("shared %t: %q, %v", shared, b, err)
		}
	}
}

// TestClockJumps sets the clock back by an hour, ahead by an hour, and to 1970.
func TestClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, time.Hour, -56 * 365 * 24 * time.Hour} {
		c := newClock()
		dir := t.TempDir()
		o := Options{When: "M", MaxBytes: 1000, now: c.now, Location: time.UTC}
		f := opened(t, dir, o)
		for i := range 40 {
			if i == 20 {
				c.add(jump)
			}
			write(t, f, fmt.Sprintf("%03d", i))
			c.add(25 * time.Second)
		}
		f.Close()
		var all []byte
		for _, text := range tree(t, dir) {
			all = append(all, text...)
		}
		for i := range 40 {
			if n := bytes.Count(all, fmt.Appendf(nil, "%03d\n", i)); n != 1 {
				t.Errorf("jump of %v: record %d is there %d times", jump, i, n)
			}
		}
	}
}

func TestPermAndOwnerAreKept(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{MaxBytes: 8, BackupCount: 1, Perm: 0o640})
	write(t, f, "aaa")
	if err := os.Chmod(f.Name(), 0o604); err != nil {
		t.Fatal(err)
	}
	root := os.Geteuid() == 0
	if root {
		if err := os.Chown(f.Name(), 12, 34); err != nil {
			t.Fatal(err)
		}
	}
	write(t, f, "bbb")
	st, err := statPath(f.Name())
	if err != nil || st.perm != 0o604 || root && (st.uid != 12 || st.gid != 34) {
		t.Errorf("%+v, %v", st, err)
	}
}
