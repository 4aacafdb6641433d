package rotate

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrBusy is what [File.Rotate] returns while another process is at work on the
// same file.
var ErrBusy = errors.New("another process is at work on the file")

// errUnflushed is why a rotation waits until the buffer can be written.
var errUnflushed = errors.New("the buffer can't be written")

// A serial is the stamp and the number of a backup.
type serial struct {
	stamp string
	n     int
}

// rotateOrReport rotates for a record, which is written whether that works or not.
func (f *File) rotateOrReport(now time.Time) { f.noteRotation(now, f.rotate(now)) }

// rollOrReport is rotateOrReport while the lock is held alone.
func (f *File) rollOrReport(now time.Time) { f.noteRotation(now, f.roll(now)) }

func (f *File) noteRotation(now time.Time, err error) {
	switch {
	case err == nil:
		f.retry.reset()
	case errors.Is(err, errUnflushed): // the next record tells
	case errors.Is(err, ErrBusy):
		f.stats.PutOff++
	default:
		f.errs.add(f.wrap(fmt.Errorf("not rotated: %w", err)))
		f.retry.failed(now)
	}
}

// rotate rotates, alone.
func (f *File) rotate(now time.Time) error {
	if err := f.flush(); err != nil { // it belongs into the old file
		return fmt.Errorf("%w: %w", errUnflushed, err)
	}
	if f.shared == nil {
		return f.roll(now)
	}
	defer f.shared.release()
	alone, gone := f.aloneSoon()
	switch {
	case alone:
		return f.roll(now)
	case gone: // somebody else has rotated it
		f.wanted = false
		return nil
	}
	return ErrBusy
}

// isBackup reports whether the file has the name of a backup as well.
func (f *File) isBackup(file seen) bool {
	backups, _ := f.names.list()
	for _, b := range backups {
		if there, err := statPath(b.path); err == nil && there.same(file) {
			return true
		}
	}
	return false
}

// roll makes the file a backup and opens a new one. Between any two of its system
// calls another process may have been at work, if this one was stopped for
// longer than the others wait; so it looks again at what it is about to rename, and
// never renames onto a file.
func (f *File) roll(now time.Time) error {
	if !f.out.isOpen() {
		if f.isMissing() {
			f.nextDue(now)
			return nil
		}
		if err := f.open(); err != nil {
			return err
		}
	}
	same, err := f.isOurs()
	if err != nil {
		return err
	}
	if !same { // somebody else has rotated it
		f.wanted = false
		return f.reopen()
	}
	st, err := f.out.stat()
	if err != nil {
		return err
	}
	if !st.regular {
		f.nextDue(now)
		return nil
	}
	if st.links > 1 && f.isBackup(st) { // a process was killed between a link and its removal
		return errors.Join(os.Remove(f.base), f.reopen())
	}
	failpoint("roll.begin")
	target, err := f.target(now)
	if err != nil || target == "" {
		f.wanted = f.wanted && err != nil
		return err
	}
	if err := f.replace(target, st); err != nil {
		return err
	}
	f.stats.Rotations++
	f.shifted, f.wanted = false, false
	f.nextDue(now)
	f.link()
	f.mill.rotated()
	return nil
}

func (f *File) nextDue(now time.Time) {
	if f.sched != nil {
		f.due = f.sched.next(wholeSeconds(now))
	}
}

// replace renames the file to target, and opens a new one like it. If that
// fails, the name is as it was.
func (f *File) replace(target string, like seen) error {
	if err := f.settleOld(); err != nil {
		return err
	}
	if same, err := f.isOurs(); err != nil || !same {
		return errors.Join(err, ErrBusy)
	}
	failpoint("roll.rename")
	if err := f.moveAway(target); err != nil {
		return err
	}
	failpoint("roll.open")
	if f.o.Delay { // the next record opens it
		f.like = &like
		if f.sync != nil {
			f.sync.use(nil)
		}
		return f.out.Close()
	}
	out, err := openFile(f.base, false, f.o.Perm)
	if err == nil {
		err = f.succeed(out, like)
	}
	if err != nil {
		return errors.Join(err, renameNoReplace(target, f.base))
	}
	failpoint("roll.end")
	return nil
}

// succeed goes on with out, after the file that is like like.
func (f *File) succeed(out osFile, like seen) error {
	old := f.out
	if err := out.resemble(like); err != nil {
		f.errs.add(f.wrap(err))
	}
	if err := f.adopt(out); err != nil {
		out.Close()
		return err
	}
	failpoint("roll.close")
	if err := old.Close(); err != nil {
		f.errs.add(f.wrap(err))
	}
	return nil
}

// target returns a name for the backup that is free, and remembers it as the last
// one. It is empty if there are to be no backups. A Namer that panics is an error.
func (f *File) target(now time.Time) (name string, err error) {
	defer func() {
		if v := recover(); v != nil {
			name, err = "", fmt.Errorf("panic: %v", v)
		}
	}()
	if dir := f.names.dir(); dir != dirOf(f.base) {
		if err := os.MkdirAll(dir, f.o.DirPerm); err != nil {
			return "", err
		}
	}
	switch {
	case f.sched != nil:
		return f.stampedTarget(f.sched.stamp(f.due, now))
	case f.o.Upward:
		return f.upwardTarget()
	case f.o.BackupCount == 0:
		return "", nil
	}
	return f.shift()
}

// moveAway renames the file. Where an open file can't be renamed, it is closed before
// that, and opened again if it does not work.
func (f *File) moveAway(target string) error {
	if !renamesOpen {
		f.out.Close()
	}
	err := renameNoReplace(f.base, target)
	if err != nil && !renamesOpen {
		return errors.Join(err, f.open())
	}
	return err
}
