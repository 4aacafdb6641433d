package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A footprint is what was there before a handler opened a path, so that what it created
// can be removed again.
type footprint struct {
	path string
	was  map[string]bool // what existed: the path and its lock file
	link string          // where the path led, if it was a symbolic link
	dirs []string        // parents that did not exist, innermost first
}

func newFootprint(path string) *footprint {
	f := &footprint{path: path, was: map[string]bool{}}
	if abs, err := filepath.Abs(path); err == nil {
		f.path = abs
	}
	for _, name := range f.names() {
		if _, err := os.Lstat(name); err == nil {
			f.was[name] = true
		}
	}
	f.link, _ = os.Readlink(f.path)
	for dir := filepath.Dir(f.path); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			return f
		}
		f.dirs = append(f.dirs, dir)
	}
}

func (f *footprint) names() []string { return []string{f.path, f.path + ".lock"} }

// undo removes what was created since, but no file that somebody has written to.
func (f *footprint) undo() error {
	var errs []error
	for _, name := range f.names() {
		info, err := os.Lstat(name)
		switch {
		case err != nil || f.was[name] && f.link == "":
		case info.Mode()&fs.ModeSymlink != 0 && (!f.was[name] || name == f.path):
			errs = append(errs, f.relink(name))
		case !f.was[name] && info.Mode().IsRegular() && info.Size() == 0:
			errs = append(errs, os.Remove(name))
		}
	}
	for _, dir := range f.dirs {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			break // somebody uses it
		}
	}
	return errors.Join(errs...)
}

// relink gives a symbolic link what it had.
func (f *footprint) relink(name string) error {
	if now, err := os.Readlink(name); err == nil && now == f.link {
		return nil
	}
	if err := os.Remove(name); err != nil || f.link == "" {
		return err
	}
	return os.Symlink(f.link, name)
}
