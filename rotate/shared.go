package rotate

import (
	"errors"
	"time"
)

// maxMoves bounds how often a record follows a file that is moved away under it.
const maxMoves = 32

var errMoving = errors.New("the file was moved again and again")

// emitShared writes p while the lock is held together with other writers:
//
//	lock, look where the path leads, write, look what stood before, unlock
//
// If the file has to be rotated first, that needs the lock alone. If it is not to be
// had, p is written all the same, and the rotation is put off.
func (f *File) emitShared(p []byte) error {
	defer f.shared.release()
	if !f.shared.enter() {
		return f.emitDegraded(p)
	}
	if err := f.follow(); err != nil {
		return err
	}
	if now, yes := f.mustRotate(p); yes {
		if err := f.rollShared(now, p); err != nil {
			return err
		}
	}
	if f.fence {
		if err := f.checkFence(); err != nil {
			return err
		}
	}
	if f.shared.held == lockNot {
		return f.emitDegraded(p)
	}
	failpoint("write.write")
	return f.emitTo(p)
}

// checkFence finds out whether the line really is torn with which a file seemed to end:
// another process may have been writing it just then. If this one can't be alone to
// look, it looks after its write.
func (f *File) checkFence() error {
	if !f.shared.alone() {
		var err error
		if f.shared.enter() {
			err = f.follow()
		}
		f.fence, f.suspect = false, true
		return err
	}
	if err := f.follow(); err != nil {
		return err
	}
	torn := f.size > 0 && !f.out.endsLine(f.size)
	f.fence = torn && f.isQuiet()
	f.suspect = torn && !f.fence
	return nil
}

// midWrite is longer than a write(2) stands still that nobody has killed.
const midWrite = 50 * time.Millisecond

// isQuiet reports whether the file stays as long as it is for a moment. Who holds the lock
// alone can still meet a writer that does without it.
func (f *File) isQuiet() bool {
	time.Sleep(midWrite)
	st, err := f.out.stat()
	return err == nil && st.size == f.size
}

// rollShared rotates before p, if the lock is to be had alone. Either way the right
// file is open then; the lock is held, unless its holder has stopped.
func (f *File) rollShared(now time.Time, p []byte) error {
	alone, gone := f.aloneSoon()
	if !alone {
		if gone {
			f.retry.reset()
		} else {
			f.stats.PutOff++
			f.retry.busy(now)
		}
		if !f.shared.enter() {
			return nil
		}
		return f.follow()
	}
	if err := f.follow(); err != nil { // the lock was free for a moment
		return err
	}
	if now, yes := f.mustRotate(p); yes {
		f.rollOrReport(now)
	} else {
		f.retry.reset() // another process has rotated it
	}
	return f.follow()
}

// aloneWait bounds how long a record waits to rotate its file.
const aloneWait = 50 * time.Millisecond

// aloneSoon takes the lock alone, and gives others a moment to give it up. Writers
// come one after another, and one that holds the lock may wait for a processor; but all
// of them come here when the file is full. It gives up when one of them has rotated it.
func (f *File) aloneSoon() (alone, gone bool) {
	if f.shared.alone() {
		return true, false
	}
	tryFor(aloneWait, func() bool {
		if alone = f.shared.alone(); alone {
			return true
		}
		same, err := f.isOurs()
		gone = err == nil && !same
		return gone
	})
	return alone, gone
}

// follow has the file open that the path leads to. If that can't be opened, the old
// one will do, as long as it has a name.
func (f *File) follow() error {
	for range maxMoves {
		failpoint("write.stat")
		if f.out.isOpen() {
			same, err := f.isOurs()
			if err == nil && same {
				return nil
			}
			if err != nil && f.hasName() {
				return f.goAstray(err)
			}
		}
		if err := f.reopenShared(); err != nil {
			if f.hasName() {
				return f.goAstray(err)
			}
			return err
		}
	}
	return errMoving
}

// hasName reports whether what is open has a name still, so that what is written there
// can be found.
func (f *File) hasName() bool {
	st, err := f.out.stat()
	return err == nil && st.links > 0
}

// goAstray goes on with the file that is open, although its path could not be followed.
func (f *File) goAstray(err error) error {
	if !f.astray {
		f.errs.add(f.wrap(err))
	}
	f.astray = true
	return nil
}

func (f *File) reopenShared() error {
	if err := f.makeDir(); err != nil {
		return err
	}
	if f.shared.held != lockNot && f.shared.moved() {
		f.shared.enter() // or the record is written without
	}
	if !f.out.isOpen() {
		return f.open()
	}
	return f.reopen()
}

// emitDegraded writes p without the lock, because who holds it alone has stopped.
// It may go on at any time, so nothing is rotated. What it can't do meanwhile
// is delete the file or put a compressed one in its place: for that it needs the
// flock of the file itself, which is held here.
func (f *File) emitDegraded(p []byte) error {
	f.stats.Degraded++
	for range maxMoves {
		failpoint("write.degraded")
		if err := f.follow(); err != nil {
			return err
		}
		f.out.flock(lockTogether) // refused if it is a backup by now
		if same, err := f.isOurs(); err == nil && same || err != nil && f.hasName() {
			failpoint("write.again")
			if f.fence { // another may be writing just then
				f.fence, f.suspect = false, true
			}
			err := f.emitTo(p)
			f.out.flock(lockNot)
			return err
		}
		f.out.flock(lockNot)
	}
	return errMoving
}

// writeBetween writes p where other processes write too, by one system call: the rest of
// one that was cut short might come after somebody else's record.
func (f *File) writeBetween(p []byte) (int, error) {
	n, err := f.out.writeOnce(p)
	if err == nil && n > 0 && p[n-1] == '\n' && p[0] != '\n' { // that ends what stands before
		failpoint("write.check")
		f.endBefore(int64(n))
	}
	return n, err
}

// page is where the system may cut a write short if its process is killed meanwhile.
const page = 4096

// endBefore ends the line that stands before our last n bytes, if it has no end: a
// process was killed in the middle of its write. That is seen here and not before, since
// other writers come between a look and a write.
func (f *File) endBefore(n int64) {
	end, err := f.out.offset()
	at := end - n
	suspect := f.suspect || at%page == 0
	f.suspect = false
	if err != nil || at <= 0 || !suspect || f.out.endsLine(at) {
		return
	}
	if err := f.out.endLineAt(f.base, at); err != nil {
		f.errs.add(f.wrap(err))
	}
}
