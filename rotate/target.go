package rotate

import (
	"fmt"
	"os"
	"time"
)

// stampedTarget returns a name with a time. Where there are several backups of one
// time they get numbers, which ascend and are not used again, since by them the oldest
// is known.
func (f *File) stampedTarget(stamp string) (string, error) {
	stamp, err := f.notBefore(stamp)
	if err != nil {
		return "", err
	}
	n, err := f.highest(stamp)
	if err != nil {
		return "", err
	}
	for n++; !f.names.isFree(f.names.stamped(stamp, n)) && n < maxNumber; n++ { // by something else
	}
	f.last = serial{stamp, n}
	return f.names.stamped(stamp, n), nil
}

// notBefore returns stamp, or that of the newest backup if that is later: clocks are set
// back, and what is made last must not count as the oldest.
func (f *File) notBefore(stamp string) (string, error) {
	stamp = max(stamp, f.last.stamp)
	if f.last.stamp != "" && f.shared == nil {
		return stamp, nil
	}
	backups, err := f.names.list()
	for _, b := range backups {
		if isDate(b.stamp) {
			stamp = max(stamp, b.stamp)
		}
	}
	return stamp, err
}

// isDate reports whether a stamp begins with a day that there is.
func isDate(stamp string) bool {
	const day = "2006-01-02"
	_, err := time.Parse(day, stamp[:min(len(day), len(stamp))])
	return err == nil
}

// upwardTarget returns the name with the next number.
func (f *File) upwardTarget() (string, error) {
	n, err := f.highest("")
	if err != nil {
		return "", err
	}
	n = max(n, 0) + 1
	f.last = serial{"", n}
	if f.shared != nil {
		f.shared.keepNumber(n)
	}
	return f.names.numbered(n), nil
}

// highest returns the highest number that a backup of a time has, or had while
// this process, or in Shared mode the lock file, remembers; -1 if there was none.
func (f *File) highest(stamp string) (int, error) {
	n := -1
	if f.last.stamp == stamp && (stamp != "" || f.last.n > 0) {
		n = f.last.n
	}
	if f.shared != nil && stamp == "" {
		n = max(n, f.shared.number())
	}
	if n >= 0 && f.isFreeAfter(stamp, n) && (f.shared == nil || stamp == "") {
		return n, nil
	}
	backups, err := f.names.list()
	for _, b := range backups {
		if b.stamp == stamp {
			n = max(n, b.n)
		}
	}
	return n, err
}

// isFreeAfter reports whether the name after number n is free.
func (f *File) isFreeAfter(stamp string, n int) bool {
	if stamp == "" {
		return f.names.isFree(f.names.numbered(n + 1))
	}
	return f.names.isFree(f.names.stamped(stamp, n+1))
}

// shift renames name.1 to name.2 and so on, the last of them goes, and
// returns name.1, which is free then: RotatingFileHandler's doRollover. If that
// stops in the middle there is a gap, which the next one closes. If only the last
// step failed, the file's own, nothing is shifted again: or a file that can't be
// renamed would have all its backups go one after another.
func (f *File) shift() (string, error) {
	first := f.names.numbered(1)
	if (f.shifted || f.shared != nil) && f.names.isFree(first) {
		return first, nil
	}
	f.shifted = true
	for i := f.o.BackupCount - 1; i >= 1; i-- {
		from, to := f.names.numbered(i), f.names.numbered(i+1)
		if f.names.isFree(from) {
			continue
		}
		if i+1 == f.o.BackupCount {
			if err := f.removeSlot(to); err != nil {
				return "", err
			}
		}
		if err := f.names.moveSlot(from, to); err != nil {
			return "", err
		}
	}
	if f.o.BackupCount == 1 {
		return first, f.removeSlot(first)
	}
	return first, nil
}

// removeSlot removes the backup called name, plain or compressed. Its blocks are
// freed beside the writers.
func (f *File) removeSlot(name string) error {
	for _, path := range f.names.variants(name) {
		failpoint("roll.remove")
		if err := f.remove(path); err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}

// remove removes a backup, which nobody may be writing to.
func (f *File) remove(path string) error {
	if f.isLive(path) {
		return fmt.Errorf("%q is the file itself", path)
	}
	if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() {
		return orElse(err, fmt.Errorf("%q is not a regular file", path))
	}
	if !renamesOpen { // nor removes
		return os.Remove(path)
	}
	held, err := os.Open(path)
	if err != nil {
		return os.Remove(path) // may be ours without being readable
	}
	defer f.mill.release(held)
	if f.shared != nil {
		if ok, err := tryFlock(held, lockAlone); err != nil || !ok {
			return orElse(err, ErrBusy)
		}
	}
	return os.Remove(path)
}

// isLive reports whether a path leads to the file that is written.
func (f *File) isLive(path string) bool {
	live, err := statPath(f.base)
	if path == f.base || err != nil {
		return path == f.base
	}
	there, err := statPath(path)
	return err == nil && there.same(live)
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// variants returns the names that the backup called name may have, plain first.
func (n *names) variants(name string) []string {
	all := []string{name}
	for _, ext := range n.exts {
		all = append(all, name+ext)
	}
	return all
}

// isFree reports whether there is no backup called name, plain or compressed.
func (n *names) isFree(name string) bool {
	for _, path := range n.variants(name) {
		if _, err := os.Lstat(path); err == nil {
			return false
		}
	}
	return true
}

// moveSlot renames a backup, plain or compressed.
func (n *names) moveSlot(from, to string) error {
	toNames := n.variants(to)
	for i, path := range n.variants(from) {
		if st, err := os.Lstat(path); err == nil && !st.Mode().IsRegular() {
			return fmt.Errorf("%q is not a regular file", path)
		}
		failpoint("roll.shift")
		if err := renameNoReplace(path, toNames[i]); err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}
