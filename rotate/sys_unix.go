//go:build unix

package rotate

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// renamesOpen says whether a file can be renamed while it is open.
const renamesOpen = true

// An osFile is an open file, with its descriptor at hand. The zero value is none.
// Its File's lock guards it.
type osFile struct {
	f  *os.File
	fd int
}

func wrapFile(f *os.File, err error) (osFile, error) {
	if err != nil {
		return osFile{}, err
	}
	return osFile{f, int(f.Fd())}, nil
}

// write writes p, by one system call unless a signal or a full disk cuts it short.
func (o *osFile) write(p []byte) (n int, err error) {
	if o.f == nil { // its descriptor is somebody else's
		return 0, os.ErrClosed
	}
	for n < len(p) {
		m, err := syscall.Write(o.fd, p[n:])
		if m > 0 {
			n += m
		}
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return n, &os.PathError{Op: "write", Path: o.f.Name(), Err: err}
		case m == 0:
			return n, io.ErrShortWrite
		}
	}
	return n, nil
}

// writeOnce writes p by one system call.
func (o *osFile) writeOnce(p []byte) (n int, err error) {
	if o.f == nil {
		return 0, os.ErrClosed
	}
	for {
		n, err = syscall.Write(o.fd, p)
		switch {
		case err == syscall.EINTR:
			continue
		case err != nil:
			return 0, &os.PathError{Op: "write", Path: o.f.Name(), Err: err}
		case n < len(p):
			return n, io.ErrShortWrite
		}
		return n, nil
	}
}

// A seen is what the system says of a file.
type seen struct {
	dev, ino uint64
	size     int64
	links    uint64
	regular  bool
	perm     os.FileMode
	uid, gid int
}

func (s seen) same(t seen) bool { return s.dev == t.dev && s.ino == t.ino }

func (o *osFile) stat() (seen, error) {
	var st syscall.Stat_t
	if o.f == nil {
		return seen{}, os.ErrClosed
	}
	for {
		if err := syscall.Fstat(o.fd, &st); err != syscall.EINTR {
			return seenOf(&st), pathError("fstat", o.f.Name(), err)
		}
	}
}

// statPath looks at the file that a path leads to.
func statPath(path string) (seen, error) {
	var st syscall.Stat_t
	for {
		if err := syscall.Stat(path, &st); err != syscall.EINTR {
			return seenOf(&st), pathError("stat", path, err)
		}
	}
}

func seenOf(st *syscall.Stat_t) seen {
	return seen{
		dev: uint64(st.Dev), ino: uint64(st.Ino), size: st.Size, links: uint64(st.Nlink),
		regular: st.Mode&syscall.S_IFMT == syscall.S_IFREG, perm: os.FileMode(st.Mode & 0o777),
		uid: int(st.Uid), gid: int(st.Gid),
	}
}

// resemble gives the file the permissions and the owner of another.
func (o *osFile) resemble(like seen) error {
	st, err := o.stat()
	if err != nil {
		return err
	}
	if st.uid != like.uid || st.gid != like.gid {
		err = o.f.Chown(like.uid, like.gid)
	}
	if st.perm != like.perm {
		err = errors.Join(err, o.f.Chmod(like.perm))
	}
	return err
}
