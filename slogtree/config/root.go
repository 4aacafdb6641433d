package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// confined returns where a document's path is: in root, if there is one.
func confined(root, name string) string {
	if root == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(root, name)
}

// escapes returns why a path is not in root, "" if it is. A symbolic link that leads out
// of it is found by os.Root, as far as the path exists.
func escapes(root, name string) string {
	if root == "" {
		return ""
	}
	rel := name
	if filepath.IsAbs(name) {
		abs, err := filepath.Abs(root)
		if err == nil {
			rel, err = filepath.Rel(abs, name)
		}
		if err != nil {
			return "the path is not in " + root
		}
	}
	if !filepath.IsLocal(rel) {
		return "the path leads out of " + root
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return "the directory that paths are confined to can't be opened: " + err.Error()
	}
	defer r.Close()
	for at := filepath.Clean(rel); ; at = filepath.Dir(at) {
		_, err := r.Stat(at)
		switch {
		case err == nil:
			return ""
		case !errors.Is(err, fs.ErrNotExist):
			return "the path leads out of " + root + ": " + err.Error()
		}
		if info, err := r.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return "the path leads through a symbolic link to what does not exist"
		}
		if at == "." || !strings.ContainsRune(at, filepath.Separator) {
			return ""
		}
	}
}
