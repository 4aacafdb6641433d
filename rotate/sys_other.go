//go:build !unix

package rotate

import (
	"io"
	"os"
	"time"
)

// renamesOpen says whether a file can be renamed while it is open.
const renamesOpen = false

// An osFile is an open file. The zero value is none.
type osFile struct{ f *os.File }

func wrapFile(f *os.File, err error) (osFile, error) {
	if err != nil {
		return osFile{}, err
	}
	return osFile{f}, nil
}

func (o *osFile) write(p []byte) (n int, err error) {
	n, err = o.f.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

func (o *osFile) writeOnce(p []byte) (n int, err error) { return o.write(p) }

// A seen is what the system says of a file.
type seen struct {
	info    os.FileInfo
	size    int64
	links   uint64
	regular bool
}

func (s seen) same(t seen) bool { return os.SameFile(s.info, t.info) }

func (o *osFile) stat() (seen, error) { return seenOf(o.f.Stat()) }

// statPath looks at the file that a path leads to.
func statPath(path string) (seen, error) { return seenOf(os.Stat(path)) }

func seenOf(info os.FileInfo, err error) (seen, error) {
	if err != nil {
		return seen{}, err
	}
	return seen{info: info, size: info.Size(), links: 1, regular: info.Mode().IsRegular()}, nil
}

// resemble gives the file the permissions of another.
func (o *osFile) resemble(like seen) error { return o.f.Chmod(like.info.Mode().Perm()) }

// renameNoReplace renames a file unless there is one of that name.
func renameNoReplace(from, to string) error { return linkNoReplace(from, to) }

// syncData has the file on the disk.
func syncData(f *os.File) error { return f.Sync() }

func pauseFor(d time.Duration) { time.Sleep(d) }
