package rotate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSharedFollows has two Files, as two processes have them, rotate one file.
func TestSharedFollows(t *testing.T) {
	for _, lock := range []LockProtocol{LockShared, LockConcurrentLogHandler} {
		dir := t.TempDir()
		o := Options{MaxBytes: 8, BackupCount: 9, Shared: true, Lock: lock}
		a, b := opened(t, dir, o), opened(t, dir, o)
		write(t, a, "a1")
		write(t, b, "b1")
		write(t, a, "a2")
		write(t, b, "b2")
		write(t, b, "b3")
		write(t, a, "a3")
		wantFiles(t, dir, "app.log", "b3|a3|", "app.log.1", "a2|b2|", "app.log.2", "a1|b1|")
		if ra, rb := a.Stats().Rotations, b.Stats().Rotations; ra != 1 || rb != 1 {
			t.Errorf("%d and %d rotations", ra, rb)
		}
	}
}

// TestSharedWriters writes from goroutines of several Files, which meet in the lock
// as processes do, and loses nothing.
func TestSharedWriters(t *testing.T) {
	for name, o := range map[string]Options{
		"upward":    {MaxBytes: 4 << 10, Upward: true},
		"shifting":  {MaxBytes: 4 << 10, BackupCount: 1000},
		"buffered":  {MaxBytes: 4 << 10, Upward: true, Durability: Buffered, BufferBytes: 1 << 10},
		"durable":   {MaxBytes: 16 << 10, Upward: true, Durability: Durable},
		"by time":   {When: "S", MaxBytes: 4 << 10},
		"Python's":  {MaxBytes: 4 << 10, Upward: true, Lock: LockConcurrentLogHandler},
		"gzipped":   {MaxBytes: 4 << 10, Upward: true, Compress: Gzip},
		"unlimited": {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o.Shared = true
			var errs errorList
			o.OnError = errs.add
			const files, writers, lines = 3, 2, 500
			var wg sync.WaitGroup
			var degraded, rotations uint64
			var mu sync.Mutex
			for i := range files {
				f := opened(t, dir, o)
				var inner sync.WaitGroup
				for j := range writers {
					inner.Go(func() {
						for k := range lines {
							write(t, f, fmt.Sprintf("%d %d %04d", i, j, k))
						}
					})
				}
				wg.Go(func() {
					inner.Wait()
					if err := f.Close(); err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					degraded += f.Stats().Degraded
					rotations += f.Stats().Rotations
				})
			}
			wg.Wait()
			counts := map[string]int{}
			for name, text := range tree(t, dir) {
				text = uncompressed(t, name, text)
				for line := range strings.Lines(text) {
					counts[line]++
				}
			}
			for line, n := range counts {
				if n != 1 || len(line) != 9 {
					t.Errorf("%q is there %d times", line, n)
				}
			}
			if len(counts) != files*writers*lines {
				t.Errorf("%d lines of %d", len(counts), files*writers*lines)
			}
			if degraded > 0 || len(errs.all()) > 0 || o.MaxBytes > 0 && rotations == 0 {
				t.Errorf("%d degraded, %d rotations, %v", degraded, rotations, errs.all())
			}
		})
	}
}

// held holds the lock of dir/app.log as another process would.
func held(t *testing.T, dir string, how int) (release func()) {
	t.Helper()
	l, err := os.OpenFile(filepath.Join(dir, "app.log.lock"), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := tryFlock(l, how); !ok {
		t.Fatal("the lock is not to be had: ", err)
	}
	return func() { l.Close() }
}

// TestStoppedWriter puts rotation off, and nothing else.
func TestStoppedWriter(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	f := opened(t, dir, Options{MaxBytes: 8, Upward: true, Shared: true, now: c.now})
	write(t, f, "aaa")
	release := held(t, dir, lockTogether)
	write(t, f, "bbb", "ccc")
	if err := f.Rotate(); !errors.Is(err, ErrBusy) {
		t.Errorf("Rotate: %v", err)
	}
	wantFiles(t, dir, "app.log", "aaa|bbb|ccc|")
	if s := f.Stats(); s.PutOff == 0 || s.Degraded != 0 || s.Errors != 0 {
		t.Errorf("%+v", s)
	}
	release()
	c.add(time.Second)
	write(t, f, "ddd")
	wantFiles(t, dir, "app.log", "ddd|", "app.log.1", "aaa|bbb|ccc|")
}

// TestStoppedRotator holds the lock alone at each state that a rotation can stop in:
// before its renames, between them, and before the new file is there.
func TestStoppedRotator(t *testing.T) {
	for name, halfway := range map[string]func(dir string){
		"before":  func(string) {},
		"between": func(dir string) { os.Rename(filepath.Join(dir, "app.log"), filepath.Join(dir, "app.log.1")) },
	} {
		c := newClock()
		dir := t.TempDir()
		f := opened(t, dir, Options{MaxBytes: 8, Upward: true, Shared: true, LockWait: time.Millisecond, now: c.now})
		write(t, f, "aaa")
		release := held(t, dir, lockAlone)
		halfway(dir)
		write(t, f, "bbb", "ccc")
		if s := f.Stats(); s.Degraded != 2 || s.Rotations != 0 || s.Lost != 0 {
			t.Errorf("%s: %+v", name, s)
		}
		release()
		write(t, f, "ddd")
		all := tree(t, dir)
		if got := all["app.log.1"] + all["app.log.2"] + all["app.log"]; got != "aaa\nbbb\nccc\nddd\n" || all["app.log"] != "ddd\n" {
			t.Errorf("%s: %v", name, all)
		}
	}
}

// TestDegradedWriterHoldsItsFile keeps a backup from being deleted while somebody
// writes to it without the lock.
func TestDegradedWriterHoldsItsFile(t *testing.T) {
	dir := t.TempDir()
	o := Options{MaxBytes: 8, BackupCount: 1, Shared: true}
	f := opened(t, dir, o)
	write(t, f, "aaa", "bbb")
	old, err := os.Open(filepath.Join(dir, "app.log.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if ok, err := tryFlock(old, lockTogether); !ok {
		t.Fatal(err)
	}
	write(t, f, "ccc")
	wantFiles(t, dir, "app.log", "bbb|ccc|", "app.log.1", "aaa|")
	if s := f.Stats(); s.PutOff == 0 || s.Errors != 0 {
		t.Errorf("%+v", s)
	}
}

// TestLockFileIsReplaced deletes the lock file under two writers.
func TestLockFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	o := Options{MaxBytes: 8, Upward: true, Shared: true}
	a, b := opened(t, dir, o), opened(t, dir, o)
	write(t, a, "aaa")
	os.Remove(filepath.Join(dir, "app.log.lock"))
	for i := range 10 {
		write(t, a, fmt.Sprintf("a%02d", i))
		write(t, b, fmt.Sprintf("b%02d", i))
	}
	lines := 0
	for _, text := range tree(t, dir) {
		lines += strings.Count(text, "\n")
	}
	if lines != 21 {
		t.Errorf("%d lines", lines)
	}
	if err := statSame(a.shared.file, b.shared.file); err != nil {
		t.Error(err)
	}
}

func statSame(a, b osFile) error {
	x, errX := a.stat()
	y, errY := b.stat()
	if errX != nil || errY != nil || !x.same(y) {
		return fmt.Errorf("two lock files: %v, %v", errX, errY)
	}
	return nil
}

// TestKilledInTheMiddleOfARecord leaves the beginning of one where a page ends, as a
// process does that is killed in its write. It is ended, and the next records are whole.
func TestKilledInTheMiddleOfARecord(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Shared: true})
	torn := strings.Repeat("x\n", (page-50)/2) + strings.Repeat("y", 50)
	if err := os.WriteFile(f.Name(), []byte(torn), 0o666); err != nil {
		t.Fatal(err)
	}
	write(t, f, "aaa", "bbb")
	want := strings.Repeat("x\n", (page-50)/2) + strings.Repeat("y", 49) + "\naaa\nbbb\n"
	wantFiles(t, dir, "app.log", want)
}

// TestLiveFileIsLocked has somebody hold the live file's own flock, and the lock: records
// are written all the same.
func TestLiveFileIsLocked(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Shared: true, LockWait: time.Millisecond})
	write(t, f, "a")
	defer held(t, dir, lockAlone)()
	live, err := os.Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	if ok, err := tryFlock(live, lockAlone); !ok {
		t.Fatal(err)
	}
	write(t, f, "b")
	wantFiles(t, dir, "app.log", "a|b|")
}

// TestOnStartIsPutOff rotates with the first record after the lock is free.
func TestOnStartIsPutOff(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	o := Options{Shared: true, BackupCount: 3, now: c.now}
	write(t, opened(t, dir, o), "old")
	release := held(t, dir, lockTogether)
	o.OnStart = true
	f := opened(t, dir, o)
	wantFiles(t, dir, "app.log", "old|")
	release()
	c.add(time.Hour)
	write(t, f, "new", "newer")
	wantFiles(t, dir, "app.log", "new|newer|", "app.log.1", "old|")
}

// TestPutOffIsCountedOnce holds a compression up.
func TestPutOffIsCountedOnce(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Shared: true, Upward: true, Compress: Gzip})
	write(t, f, "a")
	if err := f.Rotate(); err != nil {
		t.Fatal(err)
	}
	release := held(t, dir, lockTogether)
	f.mill.settle()
	release()
	if n := f.Stats().PutOff; n > 2 {
		t.Errorf("%d times put off", n)
	}
}

// TestOldBackupThatIsStillOpen deletes, by age, what an idle process has open.
func TestOldBackupThatIsStillOpen(t *testing.T) {
	c := newClock()
	dir := t.TempDir()
	var errs errorList
	o := Options{Shared: true, MaxBytes: 4, Upward: true, now: c.now}
	a := opened(t, dir, o)
	o.MaxAge, o.OnError = time.Hour, errs.add
	b := opened(t, dir, o)
	write(t, b, "bbb")
	write(t, a, "aaa")
	c.set(time.Now().Add(2 * time.Hour))
	b.mill.wake()
	b.mill.settle()
	wantFiles(t, dir, "app.log", "aaa|")
	if all := errs.all(); len(all) > 0 {
		t.Error(all)
	}
}

// TestTextWithoutAnEndStays opens a file whose last line somebody has not ended.
func TestTextWithoutAnEndStays(t *testing.T) {
	for _, shared := range []bool{false, true} {
		t.Run(fmt.Sprintf("shared=%v", shared), func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.WriteFile(filepath.Join(dir, "app.log"), []byte("theirs"), 0o666))
			f := opened(t, dir, Options{Shared: shared, MaxBytes: 1000})
			write(t, f, "a", "b")
			wantFiles(t, dir, "app.log", "theirs|a|b|")
		})
	}
}

// TestTextThatGrowsIsNotEnded looks twice at a line that another may be writing.
func TestTextThatGrowsIsNotEnded(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Shared: true, MaxBytes: 1000})
	write(t, f, "a")
	if !f.isQuiet() {
		t.Error("nobody has written, and it is not quiet")
	}
	other := opened(t, dir, Options{Shared: true, MaxBytes: 1000})
	write(t, other, "b")
	if f.isQuiet() {
		t.Error("another has written, and it is quiet")
	}
}

// TestPythonsLockStandsBesideTheLink opens a symbolic link.
func TestPythonsLockStandsBesideTheLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "there"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("there/real.log", filepath.Join(dir, "app.log")); err != nil {
		t.Fatal(err)
	}
	opened(t, dir, Options{Shared: true, MaxBytes: 100, Lock: LockConcurrentLogHandler})
	if _, err := os.Stat(filepath.Join(dir, ".__app.lock")); err != nil {
		t.Error(err)
	}
}
