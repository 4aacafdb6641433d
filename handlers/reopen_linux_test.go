package handlers_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/handlers"
)

// TestFileReopenWaits opens a pipe that nobody reads: records go on meanwhile into the old
// file.
func TestFileReopenWaits(t *testing.T) {
	dir := t.TempDir()
	name, old := filepath.Join(dir, "app.log"), filepath.Join(dir, "old.log")
	f := newFile(t, name, handlers.FileOptions{})
	move(t, name, old)
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- f.Reopen() }()
	for range 20 {
		handle(t, f, record(slog.LevelInfo, "m"))
	}
	wantFile(t, old, strings.Repeat("m\n", 20))
	reader, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it does not open")
	}
	handle(t, f, record(slog.LevelInfo, "piped"))
	buf := make([]byte, 20)
	if n, err := reader.Read(buf); err != nil || string(buf[:n]) != "piped\n" {
		t.Errorf("%q, %v", buf[:n], err)
	}
}
