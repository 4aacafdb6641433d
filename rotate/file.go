package rotate

import (
	"errors"
	"os"
	"sync"
)

// A File is a log file that rotates: an [io.WriteCloser] in which one Write is one record.
type File struct {
	o     Options
	names *names
	sched schedule // nil if the clock does not rotate
	mill  *mill

	mu sync.Mutex
}

// Open opens the file called name for appending.
func Open(name string, o Options) (*File, error) { return nil, errors.New("not yet") }

// Write writes p, one record.
func (f *File) Write(p []byte) (int, error) { return 0, os.ErrClosed }

// Close closes.
func (f *File) Close() error { return nil }

// exclusively runs fn while nobody writes to the file, rotates it, or deletes its
// backups, in this process or in another. ok is false if another process is at
// work, which is counted as put off: then fn was not run.
func (f *File) exclusively(fn func() error) (ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return true, fn()
}

// report counts an error and tells Options.OnError of it. f.mu may be held or not.
func (f *File) report(err error) {}
