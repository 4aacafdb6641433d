package handlers_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
)

// move renames a file that is open.
func move(t *testing.T, from, to string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be renamed")
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestFileReopen(t *testing.T) {
	for _, o := range []handlers.FileOptions{{}, {Truncate: true}} {
		dir := t.TempDir()
		name := filepath.Join(dir, "logs", "app.log")
		f := newFile(t, name, o)
		derived := f.WithAttrs([]slog.Attr{slog.Int("a", 1)})
		handle(t, f, record(slog.LevelInfo, "one"))
		if err := f.Reopen(); err != nil { // nothing has moved
			t.Error(err)
		}
		handle(t, f, record(slog.LevelInfo, "two"))
		wantFile(t, name, "one\ntwo\n")

		move(t, filepath.Join(dir, "logs"), filepath.Join(dir, "old"))
		handle(t, f, record(slog.LevelInfo, "three"))
		if err := f.Reopen(); err != nil {
			t.Error(err)
		}
		handle(t, derived, record(slog.LevelInfo, "four"))
		wantFile(t, filepath.Join(dir, "old", "app.log"), "one\ntwo\nthree\n")
		wantFile(t, name, "four a=1\n")
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err := f.Reopen(); !errors.Is(err, os.ErrClosed) || !strings.Contains(err.Error(), name) {
			t.Errorf("Reopen after Close: %v", err)
		}
	}
}

// TestFileReopenFails has something in the way of the new file: the old one stays in use.
func TestFileReopenFails(t *testing.T) {
	dir := t.TempDir()
	logs, old := filepath.Join(dir, "logs"), filepath.Join(dir, "old")
	f := newFile(t, filepath.Join(logs, "app.log"), handlers.FileOptions{})
	move(t, logs, old)
	writeFile(t, logs, "no directory", 0o600)
	if err := f.Reopen(); err == nil || !strings.HasPrefix(err.Error(), "handlers: "+f.Name()+": ") {
		t.Errorf("%v", err)
	}
	handle(t, f, record(slog.LevelInfo, "one"))
	wantFile(t, filepath.Join(old, "app.log"), "one\n")
	if err := os.Remove(logs); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil {
		t.Error(err)
	}
	handle(t, f, record(slog.LevelInfo, "two"))
	wantFile(t, f.Name(), "two\n")
	wantFile(t, filepath.Join(old, "app.log"), "one\n")
}

// TestFileReopenDelayed leaves a file that is not open yet to the first record.
func TestFileReopenDelayed(t *testing.T) {
	f := newFile(t, filepath.Join(t.TempDir(), "app.log"), handlers.FileOptions{Delay: true})
	if err := f.Reopen(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	handle(t, f, record(slog.LevelInfo, "one"))
	wantFile(t, f.Name(), "one\n")
}

// TestFileReopenUnderLoad moves and opens anew while others write: each record is in one of
// the files, once.
func TestFileReopenUnderLoad(t *testing.T) {
	dir := t.TempDir()
	f := newFile(t, filepath.Join(dir, "app.log"), handlers.FileOptions{})
	const writers, records, moves = 4, 200, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range records {
				handle(t, f, record(slog.LevelInfo, fmt.Sprint(w, " ", i)))
			}
		})
	}
	for range 2 { // Reopen may come twice at once
		wg.Go(func() {
			for range moves {
				if err := f.Reopen(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range moves {
		if runtime.GOOS != "windows" {
			move(t, f.Name(), filepath.Join(dir, fmt.Sprint(i)))
		}
		if err := f.Reopen(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	handle(t, f, record(slog.LevelInfo, "last"))
	if text, err := os.ReadFile(f.Name()); err != nil || !strings.HasSuffix(string(text), "last\n") {
		t.Errorf("the last record is not in the file of that name: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	seen := map[string]int{}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(string(text)) {
			seen[line]++
		}
	}
	for w := range writers {
		for i := range records {
			if n := seen[fmt.Sprintf("%d %d\n", w, i)]; n != 1 {
				t.Errorf("record %d of %d is there %d times", i, w, n)
			}
		}
	}
	if len(seen) != writers*records+1 {
		t.Errorf("%d lines", len(seen))
	}
}

// TestFileReopenClosing closes while it opens anew: no file stays open unseen.
func TestFileReopenClosing(t *testing.T) {
	for range 50 {
		f := newFile(t, filepath.Join(t.TempDir(), "app.log"), handlers.FileOptions{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := f.Reopen(); err != nil && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		})
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}
}
