//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tidied waits, for writers with options like o, until no backup is there twice. A process that
// is killed when it has compressed one, and has not deleted it, leaves both; the next that has
// the file open for a moment puts that right, and is this one.
func (s *site) tidied(o writeOptions) error {
	if !o.gzip {
		return nil
	}
	f, err := o.open()
	if err != nil {
		return err
	}
	err = s.r.waitFor("backups that are there twice", 20*time.Second, func() bool { return !s.hasTwice() })
	return errorsOf(err, f.Close())
}

// hasTwice reports whether a backup is there both plain and compressed.
func (s *site) hasTwice() bool {
	packed, _ := filepath.Glob(s.name + ".*.gz")
	for _, name := range packed {
		if _, err := os.Stat(strings.TrimSuffix(name, ".gz")); err == nil {
			return true
		}
	}
	return false
}
