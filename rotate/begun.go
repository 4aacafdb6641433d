package rotate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// maxBegunAge is when a temporary file is taken for left behind, where there are no
// locks that would tell.
const maxBegunAge = time.Hour

// createBegun creates a temporary file, and locks it for as long as it is open. If
// there is one which a process that has ended left behind, it goes; if one is being
// written by another, the error wraps errLater.
func createBegun(path string) (*os.File, error) {
	f, err := openBegun(path)
	if errors.Is(err, fs.ErrExist) {
		if err := removeStale(path); err != nil {
			return nil, err
		}
		f, err = openBegun(path)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, errLater
	case err != nil:
		return nil, storeError{err}
	}
	// Between the two another process may have taken it for left behind.
	if ok, err := tryFlock(f, lockAlone); err == nil && !ok || !leadsTo(path, f) {
		f.Close()
		return nil, errLater
	}
	return f, nil
}

func openBegun(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// leadsTo reports whether path is the name of f.
func leadsTo(path string, f *os.File) bool {
	there, err := os.Lstat(path)
	if err != nil {
		return false
	}
	ours, err := f.Stat()
	return err == nil && os.SameFile(there, ours)
}

// removeStale removes a temporary file that nobody writes any more. If somebody does,
// the error wraps errLater.
func removeStale(path string) error {
	st, err := os.Lstat(path)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("%q is not a regular file", path)
	}
	f, err := os.Open(path)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	ok, err := tryFlock(f, lockAlone)
	if err != nil {
		ok = time.Since(st.ModTime()) > maxBegunAge
	}
	if !ok || !leadsTo(path, f) {
		return errLater
	}
	if !renamesOpen {
		f.Close()
	}
	if err := os.Remove(path); !isMissing(err) {
		return err
	}
	return nil
}

// sweep removes the temporary files that processes have left behind.
func (m *mill) sweep(paths []string) {
	m.try(trouble{op: "sweep"}, func() (err error) {
		for _, path := range paths {
			if e := removeStale(path); !errors.Is(e, errLater) {
				err = errors.Join(err, e)
			}
		}
		return err
	})
}
