//go:build unix && !linux

package rotate

import (
	"os"
	"time"
)

// renameNoReplace renames a file unless there is one of that name.
func renameNoReplace(from, to string) error { return linkNoReplace(from, to) }

// syncData has the file on the disk.
func syncData(f *os.File) error { return f.Sync() }

func pauseFor(d time.Duration) { time.Sleep(d) }
