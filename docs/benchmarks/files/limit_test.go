package files

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// limit is the floor of the buffered ones: a locked buffer of 64 KiB that
// renames the file aside when the next line would not fit. It is no use as a
// log file: it flushes when it is full alone, renames onto what is there, and
// after an error is broken.
type limit struct {
	mu   sync.Mutex
	path string
	f    *os.File
	w    *bufio.Writer
	size int64
	max  int64
	n    int
}

func openLimit(path string, max int64) io.WriteCloser {
	f := create(path)
	return &limit{path: path, f: f, w: bufio.NewWriterSize(f, 64*kib), max: max}
}

func (l *limit) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size+int64(len(p)) > l.max {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := l.w.Write(p)
	l.size += int64(n)
	return n, err
}

func (l *limit) rotate() error {
	if err := l.Close(); err != nil {
		return err
	}
	l.n++
	if err := os.Rename(l.path, l.path+"."+strconv.Itoa(l.n)); err != nil {
		return err
	}
	f, err := os.Create(l.path)
	if err != nil {
		return err
	}
	l.f, l.size = f, 0
	l.w.Reset(f)
	return nil
}

func (l *limit) Close() error { return errors.Join(l.w.Flush(), l.f.Close()) }

// locked is what a shared file needs at least that is locked by flock: each line
// is written under a shared lock, and after a look whether the file is full or
// another one. It does nothing about it.
type locked struct {
	path   string
	f      *os.File
	lock   *os.File
	lockFD int
}

func openLocked(path string, _ int64) io.WriteCloser {
	lock := appending(path + ".lock")
	return &locked{path, appending(path), lock, int(lock.Fd())}
}

func (l *locked) Write(p []byte) (int, error) {
	if err := syscall.Flock(l.lockFD, syscall.LOCK_SH); err != nil {
		return 0, err
	}
	var s syscall.Stat_t
	if err := syscall.Stat(l.path, &s); err != nil {
		return 0, err
	}
	n, err := l.f.Write(p)
	return n, errors.Join(err, syscall.Flock(l.lockFD, syscall.LOCK_UN))
}

func (l *locked) Close() error { return errors.Join(l.f.Close(), l.lock.Close()) }
