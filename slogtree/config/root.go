package config

import (
	"errors"
	"fmt"
	"io"
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

// inRoot returns a path as it counts from root, or why it is not in it by its text alone.
func inRoot(root, name string) (rel, wrong string) {
	rel = name
	if filepath.IsAbs(name) {
		abs, err := filepath.Abs(root)
		if err == nil {
			rel, err = filepath.Rel(abs, name)
		}
		if err != nil {
			return "", "the path is not in " + root
		}
	}
	if !filepath.IsLocal(rel) {
		return "", "the path leads out of " + root
	}
	return rel, ""
}

// maxRead is how much is read of a file that a document names.
const maxRead = 1 << 20

// read returns the content of the file that an option of TypePath names. With a root it is opened by os.Root, so
// that nothing is read that is not in it, whoever changes the directory meanwhile.
func (a *Args) read(option string) ([]byte, error) {
	f, err := a.openRead(option)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", option, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", option, err)
	case len(text) > maxRead:
		return nil, fmt.Errorf("%s: the file is longer than %d bytes", option, maxRead)
	}
	return text, nil
}

func (a *Args) openRead(option string) (*os.File, error) {
	name := a.Path(option)
	if a.root == "" {
		return os.Open(name)
	}
	_, given := a.option(option, TypePath)
	rel, wrong := inRoot(a.root, given.(string))
	if wrong == "" {
		wrong = escapes(a.root, rel)
	}
	if wrong != "" {
		return nil, errors.New(wrong)
	}
	return os.OpenInRoot(a.root, rel)
}

// escapes returns why a path is not in root, "" if it is; or why nobody should wait for it to open. A symbolic link that leads out
// of it is found by os.Root, as far as the path exists.
func escapes(root, name string) string {
	if root == "" {
		return ""
	}
	rel, wrong := inRoot(root, name)
	if wrong != "" {
		return wrong
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return "the directory that paths are confined to can't be opened: " + err.Error()
	}
	defer r.Close()
	for at := filepath.Clean(rel); ; at = filepath.Dir(at) {
		info, err := r.Stat(at)
		switch {
		case err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeIrregular) != 0:
			return "it is a named pipe or a device: to open one may take for ever" // and nobody else's document would be applied
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
