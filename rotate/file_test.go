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
		"Options.MaxAge is negative: -1s", "Options.Perm", "Options.Durability is unknown: 7", "Options.Lock is unknown: 9",
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

// TestTimeThatHasABackup rotates twice, by the clock alone, within the time of one name.
func TestTimeThatHasABackup(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{When: "D", now: c.now, Location: time.UTC})
	for _, line := range []string{"aaa", "bbb", "ccc"} {
		write(t, f, line)
		if err := f.Rotate(); err != nil {
			t.Fatal(err)
		}
	}
	wantFiles(t, dir, "app.log", "", "app.log.2026-03-04", "aaa|", "app.log.2026-03-04.1", "bbb|", "app.log.2026-03-04.2", "ccc|")
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
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
		runtime.Gosched() // one that has done its last step is counted for a moment
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

// TestDeletedAndInTheWay deletes the live file and puts a directory in its place: what can't
// be written anywhere is an error, and counted.
func TestDeletedAndInTheWay(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Watch: true})
	write(t, f, "a")
	os.Remove(f.Name())
	if err := os.MkdirAll(filepath.Join(f.Name(), "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := f.Write([]byte("b\n")); err == nil {
			t.Error("written to a deleted file")
		}
	}
	if err := f.Close(); err == nil {
		t.Error("Close: no error, and a is in no file")
	}
	if s := f.Stats(); s.Records+s.Lost != 3 || s.Lost != 3 {
		t.Errorf("%+v", s)
	}
}

// TestNamerIsTried has Namers that would have the live file, or another's, deleted.
func TestNamerIsTried(t *testing.T) {
	base := filepath.Join(t.TempDir(), "app.log")
	for name, namer := range map[string]func(string) string{
		"the base":  func(string) string { return base },
		"one name":  func(string) string { return base + ".old" },
		"nothing":   func(string) string { return "" },
		"relative":  func(name string) string { return filepath.Base(name) },
		"a panic":   func(string) string { panic("oops") },
		"elsewhere": func(name string) string { return filepath.Join(filepath.Dir(base), "old", filepath.Base(name)) },
	} {
		_, err := Open(base, Options{MaxBytes: 10, BackupCount: 2, Namer: namer, When: map[bool]string{true: "D"}[name == "elsewhere"]})
		if err == nil || !strings.Contains(err.Error(), "Options.Namer") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLinkRotates has the file's name lead to another, which is what rotates.
func TestLinkRotates(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("real.log", filepath.Join(dir, "app.log")); err != nil {
		t.Skip(err)
	}
	f := opened(t, dir, Options{MaxBytes: 8, BackupCount: 2})
	write(t, f, "aaa", "bbb", "ccc", "ddd")
	wantFiles(t, dir, "real.log", "ddd|", "real.log.1", "ccc|", "real.log.2", "bbb|")
}

// TestReopenKeepsTheSchedule reopens the same file more often than it rotates.
func TestReopenKeepsTheSchedule(t *testing.T) {
	c := newClock()
	f := opened(t, t.TempDir(), Options{When: "H", now: c.now, Location: time.UTC})
	for range 6 {
		c.add(50 * time.Minute)
		if err := f.Reopen(); err != nil {
			t.Fatal(err)
		}
		write(t, f, "x")
	}
	if n := f.Stats().Rotations; n < 3 {
		t.Errorf("%d rotations in five hours", n)
	}
}

// TestEmptyRecords are no more than nothing, and keep nothing.
func TestEmptyRecords(t *testing.T) {
	f := opened(t, t.TempDir(), Options{Durability: Buffered})
	for range 1000 {
		if _, err := f.Write(nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.buf.ends); n != 0 {
		t.Errorf("%d entries are kept", n)
	}
	if err := f.Close(); err != nil || f.Stats().Lost != 0 {
		t.Errorf("%v, %+v", err, f.Stats())
	}
}

// TestClockSetBackKeepsTheNewest has numbers go on behind the newest time.
func TestClockSetBackKeepsTheNewest(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{When: "H", MaxBytes: 8, BackupCount: 2, now: c.now, Location: time.UTC})
	write(t, f, "aaa", "bbb")
	c.add(-3 * time.Hour)
	f.due = f.sched.next(c.now())
	write(t, f, "ccc", "ddd")
	f.mill.settle()
	wantFiles(t, dir, "app.log", "ddd|", "app.log.2026-03-04_05.1", "bbb|", "app.log.2026-03-04_05.2", "ccc|")
}
