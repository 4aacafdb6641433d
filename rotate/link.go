package rotate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// link has Options.Symlink lead to the file.
func (f *File) link() {
	if f.o.Symlink == "" {
		return
	}
	if err := f.putLink(); err != nil {
		f.errs.add(f.wrap(fmt.Errorf("symlink: %w", err)))
	}
}

func (f *File) putLink() error {
	target := f.base
	if rel, err := filepath.Rel(dirOf(f.o.Symlink), f.base); err == nil {
		target = rel
	}
	if now, err := os.Readlink(f.o.Symlink); err == nil && now == target {
		return nil
	}
	if st, err := os.Lstat(f.o.Symlink); err == nil && st.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("%q is no symbolic link", f.o.Symlink)
	}
	// A link is put in the place of another by a rename, so that it never is missing.
	made := f.o.Symlink + ".tmp" + strconv.FormatUint(rand.Uint64(), 36)
	if err := os.Symlink(target, made); err != nil {
		return err
	}
	if err := os.Rename(made, f.o.Symlink); err != nil {
		os.Remove(made)
		return err
	}
	return nil
}
