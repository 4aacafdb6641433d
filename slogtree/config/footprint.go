package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A footprint is what was there before a handler opened a path, so that what it created
// can be removed again. The lock file of rotate's Shared mode stays: another process may have
// opened it.
type footprint struct {
	path string
	was  bool     // the path existed
	link string   // where the path led, if it was a symbolic link
	dirs []string // parents that did not exist, innermost first

	end *footprint // of where the link led at last, if there was nothing
}

func newFootprint(path string) *footprint {
	f := &footprint{path: path}
	if abs, err := filepath.Abs(path); err == nil {
		f.path = abs
	}
	_, err := os.Lstat(f.path)
	f.was = err == nil
	f.link, _ = os.Readlink(f.path)
	if _, err := os.Stat(f.path); f.link != "" && errors.Is(err, fs.ErrNotExist) {
		if names := linksOf(f.path); len(names) <= maxLinks {
			f.end = newFootprint(names[len(names)-1]) // no link
		}
	}
	for dir := filepath.Dir(f.path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return f
		}
		f.dirs = append(f.dirs, dir)
	}
}

// undo removes what was created since, but no file that somebody has written to.
func (f *footprint) undo() error {
	var errs []error
	if f.end != nil {
		errs = append(errs, f.end.undo())
	}
	info, err := os.Lstat(f.path)
	switch {
	case err != nil || f.was && f.link == "":
	case info.Mode()&fs.ModeSymlink != 0:
		errs = append(errs, f.relink())
	case !f.was && info.Mode().IsRegular() && info.Size() == 0:
		errs = append(errs, os.Remove(f.path))
	}
	for _, dir := range f.dirs {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			break // somebody uses it
		}
	}
	return errors.Join(errs...)
}

// relink gives a symbolic link what it had.
func (f *footprint) relink() error {
	if now, err := os.Readlink(f.path); err == nil && now == f.link {
		return nil
	}
	if err := os.Remove(f.path); err != nil || f.link == "" {
		return err
	}
	return os.Symlink(f.link, f.path)
}
