//go:build linux || darwin

package rotate_test

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"

	"github.com/slogsuite/slogsuite/rotate"
)

func init() { troubleDescriptors = noDescriptors }

// noDescriptors rotates while no more files can be opened.
func noDescriptors(t *testing.T) {
	var told []error
	h, text := openHandler(t, nil, nil, rotate.Options{MaxBytes: 5, Upward: true, OnError: func(err error) { told = append(told, err) }})
	handleAll(t, h, 0, "one")
	back := limitDescriptors(t)
	handleAll(t, h, 0, "two")
	back()
	wantText(t, "the file", text(), "one\ntwo\n")
	if len(told) != 1 || !errors.Is(told[0], syscall.EMFILE) {
		t.Errorf("OnError was told %v", told)
	}
	if _, err := os.Stat(h.Name() + ".1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the backup: %v", err)
	}
	if err := h.File().Rotate(); err != nil {
		t.Error(err)
	}
	wantText(t, "the backup", fileText(t, h.Name()+".1"), "one\ntwo\n")
}

// limitDescriptors lets no more files be opened, until back is called.
func limitDescriptors(t *testing.T) (back func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	free, err := os.Open(os.DevNull) // has the lowest number that is free
	if err != nil {
		t.Fatal(err)
	}
	limit := syscall.Rlimit{Cur: uint64(free.Fd()), Max: was.Max}
	free.Close()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
	}
}
