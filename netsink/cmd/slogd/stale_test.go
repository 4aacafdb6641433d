//go:build unix

package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A socket that nobody has any more is removed, of whatever kind it was.
func TestStaleSocket(t *testing.T) {
	stream, datagram := filepath.Join(t.TempDir(), "s"), filepath.Join(t.TempDir(), "d")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stream, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	listenDatagrams(t, datagram).Close()
	for _, path := range []string{stream, datagram} {
		removeStale(path)
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
}

// One that somebody has stays: for streams, for datagrams, as /dev/log is, and with so many who wait that
// there is no room for another. What is no socket stays, too.
func TestLivingSocket(t *testing.T) {
	dir := t.TempDir()
	stream, datagram, busy, file := filepath.Join(dir, "s"), filepath.Join(dir, "d"), filepath.Join(dir, "b"), filepath.Join(dir, "f")
	l, err := net.Listen("unix", stream)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	defer listenDatagrams(t, datagram).Close()
	listenBusy(t, busy)
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{stream, datagram, busy, file} {
		removeStale(path)
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s is removed: %v", path, err)
		}
	}
}

func listenDatagrams(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listenBusy listens and accepts nobody, and has the queue full, as far as the system lets it.
func listenBusy(t *testing.T, path string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		c, err := net.DialTimeout("unix", path, time.Second)
		if err != nil {
			return
		}
		t.Cleanup(func() { c.Close() })
	}
}
