package rotate

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// renameNoReplace renames a file unless there is one of that name, at once.
func renameNoReplace(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch err {
	case nil:
		return nil
	case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP: // not on this file system
		return linkNoReplace(from, to)
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

// syncData has the data of the file on the disk, and of the rest what is needed to
// find them.
func syncData(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var synced error
	err = conn.Control(func(fd uintptr) {
		for {
			if synced = syscall.Fdatasync(int(fd)); synced != syscall.EINTR {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return synced
}

// pauseFor sleeps. time.Sleep takes a millisecond for less, too, if there is nothing
// else to do; here that is long.
func pauseFor(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&ts, nil)
}
