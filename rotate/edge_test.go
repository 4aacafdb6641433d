package rotate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestKilledBetweenLinkAndRemoval has one file bear two names, as where a rename that replaces
// nothing is made of two steps.
func TestKilledBetweenLinkAndRemoval(t *testing.T) {
	for _, o := range []Options{{MaxBytes: 8, Upward: true}, {MaxBytes: 8, BackupCount: 9}} {
		dir := t.TempDir()
		name := filepath.Join(dir, "app.log")
		if err := errors.Join(os.WriteFile(name, []byte("1\n2\n"), 0o666), os.Link(name, name+".1")); err != nil {
			t.Fatal(err)
		}
		f := opened(t, dir, o)
		for i := 3; i < 10; i++ {
			write(t, f, strconv.Itoa(i))
		}
		counts := map[string]int{}
		for _, text := range tree(t, dir) {
			for line := range strings.Lines(text) {
				counts[line]++
			}
		}
		for i := 1; i < 10; i++ {
			if n := counts[strconv.Itoa(i)+"\n"]; n != 1 {
				t.Errorf("%d is there %d times", i, n)
			}
		}
	}
}

// TestLinkNoReplace renames in two steps, onto nothing and onto another file.
func TestLinkNoReplace(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for _, name := range []string{a, b} {
		if err := os.WriteFile(name, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := linkNoReplace(a, b); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto another: %v", err)
	}
	if err := errors.Join(os.Remove(b), linkNoReplace(a, b)); err != nil {
		t.Error(err)
	}
	wantFiles(t, dir, "b", a)
}

// TestStopsAreNotKept starts and stops what Close would have to stop.
func TestStopsAreNotKept(t *testing.T) {
	f := opened(t, t.TempDir(), Options{})
	for range 100 {
		f.ReopenOn(os.Interrupt)()
	}
	if n := len(f.stops); n > 0 {
		t.Errorf("%d are kept", n)
	}
}

// TestErrorsAreToldWhileOthersWrite reports while a quick record is being written.
func TestErrorsAreToldWhileOthersWrite(t *testing.T) {
	var errs errorList
	f := opened(t, t.TempDir(), Options{OnError: errs.add})
	f.mu.Lock()
	f.report(os.ErrInvalid)
	f.mu.Unlock()
	if all := errs.all(); len(all) != 1 {
		t.Errorf("OnError was told %v", all)
	}
}

// TestFailedFlushIsToldOnce lets the buffer's timer fail for a minute.
func TestFailedFlushIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs errorList
		f, err := Open("/dev/full", Options{Durability: Buffered, OnError: errs.add})
		if err != nil {
			t.Skip(err)
		}
		write(t, f, "a")
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(errs.all()); n != 1 {
			t.Errorf("OnError was told %d times", n)
		}
		f.Close()
	})
}

// TestMarkerWithoutEnd gets one.
func TestMarkerWithoutEnd(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir, Options{Marker: func(Lost) []byte { return []byte("lost") }})
	f.mu.Lock()
	f.lose(1, 1, os.ErrInvalid)
	f.tune()
	f.mu.Unlock()
	write(t, f, "a")
	wantFiles(t, dir, "app.log", "lost|a|")
}
