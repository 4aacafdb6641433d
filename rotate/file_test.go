package rotate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestOptionsTellAllThatIsWrong(t *testing.T) {
	_, err := Open("", Options{MaxBytes: -1, BackupCount: -2, Perm: fs.ModeDir, Durability: 7, Lock: 9,
		When: "D", Cron: "* * * * *", MaxAge: -time.Second})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`rotate: file ""`, "the name is empty", "Options.MaxBytes is negative: -1", "Options.BackupCount is negative: -2",
		"Options.MaxAge is negative: -1000000000", "Options.Perm", "Options.Durability is unknown: 7", "Options.Lock is unknown: 9",
		"Options.Lock is set, and Options.Shared is not", `Options.When "D" and Options.Cron "* * * * *" exclude each other`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestOpenLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	for name, o := range map[string]Options{
		filepath.Join(dir, "bad.log"): {MaxBytes: -1},
		dir:                           {},
	} {
		before := openFiles(t)
		if _, err := Open(name, o); err == nil {
			t.Errorf("Open %q: no error", name)
		}
		if after := openFiles(t); after != before {
			t.Errorf("%d files open, before %d", after, before)
		}
	}
	wantFiles(t, dir)
}

func TestNumbersShiftAsInPython(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{MaxBytes: 8, BackupCount: 2})
	write(t, f, "aaa", "bbb", "ccc", "ddd")
	wantFiles(t, dir, "app.log", "ddd|", "app.log.1", "ccc|", "app.log.2", "bbb|")
	if s := f.Stats(); s.Records != 4 || s.Bytes != 16 || s.Rotations != 3 || s.Errors != 0 || s.Lost != 0 {
		t.Errorf("%+v", s)
	}
}

func TestNumbersUpward(t *testing.T) {
	dir := t.TempDir()
	o := Options{MaxBytes: 8, Upward: true}
	f := opened(t, dir, o)
	write(t, f, "aaa", "bbb", "ccc")
	wantFiles(t, dir, "app.log", "ccc|", "app.log.1", "aaa|", "app.log.2", "bbb|")
	f.Close()
	write(t, opened(t, dir, o), "ddd") // numbers go on after a restart
	wantFiles(t, dir, "app.log", "ddd|", "app.log.1", "aaa|", "app.log.2", "bbb|", "app.log.3", "ccc|")
}

// TestUpwardNumbersAreNotUsedAgain has the latest backups deleted from outside.
func TestUpwardNumbersAreNotUsedAgain(t *testing.T) {
	for _, shared := range []bool{false, true} {
		dir := t.TempDir()
		o := Options{MaxBytes: 8, Upward: true, Shared: shared}
		f := opened(t, dir, o)
		write(t, f, "aaa", "bbb", "ccc")
		os.Remove(filepath.Join(dir, "app.log.2"))
		write(t, f, "ddd")
		wantFiles(t, dir, "app.log", "ddd|", "app.log.1", "aaa|", "app.log.3", "ccc|")
	}
}

func TestNothingIsRenamedOntoABackup(t *testing.T) {
	for name, o := range map[string]Options{
		"upward":        {MaxBytes: 8, Upward: true},
		"upward shared": {MaxBytes: 8, Upward: true, Shared: true},
		"shifting":      {MaxBytes: 8, BackupCount: 9},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := opened(t, dir, o)
			write(t, f, "aaa")
			// Somebody makes a file of the very name that comes next.
			if err := os.WriteFile(filepath.Join(dir, "app.log.1"), []byte("theirs\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			write(t, f, "bbb")
			wantFiles(t, dir, "app.log", "bbb|", "app.log.1", map[bool]string{true: "aaa|", false: "theirs|"}[!o.Upward],
				"app.log.2", map[bool]string{true: "theirs|", false: "aaa|"}[!o.Upward])
		})
	}
}

// TestTwoRotationsAtOneTime rotates twice before the clock ticks.
func TestTwoRotationsAtOneTime(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{When: "S", MaxBytes: 8, now: c.now, Location: time.UTC})
	write(t, f, "aaa", "bbb", "ccc")
	c.add(time.Second)
	write(t, f, "ddd")
	got := tree(t, dir)
	for name, text := range map[string]string{"app.log": "ddd\n", "": ""} {
		if name != "" && got[name] != text {
			t.Errorf("%v", got)
		}
	}
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
}

func TestTimeAloneDoesNotOverwrite(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{When: "D", now: c.now, Location: time.UTC})
	write(t, f, "aaa")
	for range 2 { // the second time the name is taken
		if err := f.Rotate(); err != nil && !errors.Is(err, errTaken) {
			t.Fatal(err)
		}
		write(t, f, "bbb")
	}
	wantFiles(t, dir, "app.log", "bbb|bbb|", "app.log.2026-03-04", "aaa|")
}

func TestOnStart(t *testing.T) {
	dir := t.TempDir()
	o := Options{OnStart: true, BackupCount: 3}
	opened(t, dir, o).Close()
	wantFiles(t, dir, "app.log", "") // an empty one stays
	f := opened(t, dir, o)
	write(t, f, "a")
	f.Close()
	opened(t, dir, o)
	wantFiles(t, dir, "app.log", "", "app.log.1", "a|")
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{})
	write(t, f, "a")
	name := f.Name()
	if err := os.Rename(name, name+".old"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "b") // still the same file
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "c")
	wantFiles(t, dir, "app.log", "c|", "app.log.old", "a|b|")
}

// TestWatch moves and deletes the file between records.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Watch: true})
	write(t, f, "a")
	os.Rename(f.Name(), f.Name()+".old")
	write(t, f, "b")
	wantFiles(t, dir, "app.log", "b|", "app.log.old", "a|")
	os.Remove(f.Name())
	write(t, f, "c") // b may have been written after the deletion
	wantFiles(t, dir, "app.log", "b|c|", "app.log.old", "a|")
}

// TestDeletedFileIsSeenWithinASecond deletes the live file, and its directory.
// What was written to it after that is written again.
func TestDeletedFileIsSeenWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "logs")
		f := opened(t, dir, Options{})
		write(t, f, "a")
		time.Sleep(2 * time.Second)
		write(t, f, "b")
		os.RemoveAll(dir)
		write(t, f, "c")
		time.Sleep(2 * time.Second)
		write(t, f, "d")
		wantFiles(t, dir, "app.log", "b|c|d|")
		time.Sleep(2 * time.Second)
		write(t, f, "e")
		os.RemoveAll(dir)
		f.Close() // looks as well
		wantFiles(t, dir, "app.log", "e|")
	})
}

// TestTruncatedFromOutside is what logrotate's copytruncate does.
func TestTruncatedFromOutside(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{MaxBytes: 16, BackupCount: 1})
	write(t, f, "aaaaaaa")
	os.Truncate(f.Name(), 0)
	write(t, f, "bbbbbbb", "c")
	wantFiles(t, dir, "app.log", "bbbbbbb|c|")
}

func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "current")
	os.Symlink("nowhere", link)
	f := opened(t, dir, Options{Symlink: link})
	write(t, f, "a")
	if b, err := os.ReadFile(link); err != nil || string(b) != "a\n" {
		t.Errorf("%q, %v", b, err)
	}
	f.Close()
	os.Remove(link)
	os.WriteFile(link, []byte("mine"), 0o666)
	var errs errorList
	opened(t, dir, Options{Symlink: link, OnError: errs.add})
	if b, _ := os.ReadFile(link); string(b) != "mine" || len(errs.all()) != 1 {
		t.Errorf("%q, %v", b, errs.all())
	}
}

func TestClose(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []Durability{Direct, Buffered, Durable} {
		f := opened(t, dir, Options{Durability: d})
		write(t, f, d.String())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if _, err := f.Write([]byte("x\n")); !errors.Is(err, os.ErrClosed) {
			t.Errorf("Write after Close: %v", err)
		}
		if err := errors.Join(f.Flush()); err != nil {
			t.Errorf("Flush after Close: %v", err)
		}
		for _, err := range []error{f.Rotate(), f.Reopen()} {
			if !errors.Is(err, os.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		}
	}
	wantFiles(t, dir, "app.log", "Direct|Buffered|Durable|")
}

// TestNothingLeaks opens and closes a thousand times.
func TestNothingLeaks(t *testing.T) {
	dir := t.TempDir()
	once := func() {
		f := opened(t, dir, Options{MaxBytes: 20, BackupCount: 2, Shared: true, Durability: Buffered, Compress: Gzip})
		write(t, f, "0123456789", "0123456789")
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	once()
	files, goroutines := openFiles(t), runtime.NumGoroutine()
	for range 1000 {
		once()
	}
	if n := openFiles(t); n > files {
		t.Errorf("%d files open, before %d", n, files)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, before %d", n, goroutines)
	}
}

// openFiles returns how many descriptors are open.
func openFiles(t *testing.T) int {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(fds)
}

// TestOnErrorMayLog has OnError write to the failing file itself.
func TestOnErrorMayLog(t *testing.T) {
	var f *File
	told := 0
	f, err := Open("/dev/full", Options{OnError: func(err error) {
		told++
		f.Write([]byte("about " + err.Error() + "\n"))
	}})
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	for range 3 {
		if _, err := f.Write([]byte("x\n")); err == nil {
			t.Fatal("/dev/full took a record")
		}
	}
	if s := f.Stats(); told != 1 || s.Lost != 4 || s.Records != 0 {
		t.Errorf("told %d times, %+v", told, s)
	}
}
