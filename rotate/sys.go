package rotate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func dirOf(name string) string { return filepath.Dir(name) }

// openFile opens the file called name for appending, and to be read again where that
// is allowed.
func openFile(name string, truncate bool, perm fs.FileMode) (osFile, error) {
	flags := os.O_CREATE | os.O_APPEND
	if truncate {
		flags |= os.O_TRUNC
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return wrapFile(os.OpenFile(name, flags|os.O_WRONLY, perm))
	}
	f, err := os.OpenFile(name, flags|os.O_RDWR, perm)
	if errors.Is(err, fs.ErrPermission) {
		f, err = os.OpenFile(name, flags|os.O_WRONLY, perm)
	}
	return wrapFile(f, err)
}

func (o *osFile) isOpen() bool { return o.f != nil }

// Close closes the file, if it is open.
func (o *osFile) Close() error {
	if o.f == nil {
		return nil
	}
	f := o.f
	*o = osFile{}
	return f.Close()
}

func (o *osFile) truncate(size int64) error { return o.f.Truncate(size) }

// offset returns where the last write ended.
func (o *osFile) offset() (int64, error) { return o.f.Seek(0, 1) }

// endsLine reports whether a line ends at an offset, or that can't be told.
func (o *osFile) endsLine(at int64) bool {
	var b [1]byte
	_, err := o.f.ReadAt(b[:], at-1)
	return err != nil || b[0] == '\n'
}

// endLine puts a line break in the place of the last byte that was written, by a
// second descriptor, since one that appends can do nothing else.
func (o *osFile) endLine(base string) error {
	end, err := o.offset()
	if err != nil {
		return err
	}
	return o.endLineAt(base, end)
}

// endLineAt puts a line break before offset at.
func (o *osFile) endLineAt(base string, at int64) error {
	return o.overwrite(base, at-1, []byte{'\n'})
}

// overwrite writes b at an offset where there is something already.
func (o *osFile) overwrite(base string, at int64, b []byte) error {
	ours, err := o.stat()
	if err != nil {
		return err
	}
	if at < 0 || !ours.regular {
		return fmt.Errorf("nothing to write over at %d", at)
	}
	f, err := o.again(base, ours)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(b, at)
	return err
}

// again opens the file a second time, for writing at any place: by the name that the
// system has for what is open, if it has one, or by its path.
func (o *osFile) again(base string, ours seen) (*os.File, error) {
	var err error
	for _, name := range []string{fmt.Sprintf("/proc/self/fd/%d", o.f.Fd()), base} {
		var f *os.File
		if f, err = os.OpenFile(name, os.O_WRONLY, 0); err != nil {
			continue
		}
		if there, statErr := seenOfFile(f); statErr == nil && there.same(ours) {
			return f, nil
		}
		f.Close()
		err = errors.New("the file was moved")
	}
	return nil, err
}

func seenOfFile(f *os.File) (seen, error) {
	o, err := wrapFile(f, nil)
	if err != nil {
		return seen{}, err
	}
	return o.stat()
}

// syncDir has the names in a directory on the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}

// linkNoReplace renames by a link and its removal, where the system has no rename
// that keeps what is there; where there are no links, it looks first.
func linkNoReplace(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		if err = os.Remove(from); err != nil && !isMissing(err) {
			os.Remove(to)
		}
		return err
	case errors.Is(err, fs.ErrExist) || isMissing(err):
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: op, Path: path, Err: err}
}
