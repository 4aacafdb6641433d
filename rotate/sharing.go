package rotate

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A sharing is this process's part in the lock of a shared file. Writers hold the
// lock together, who rotates holds it alone. It is a flock, which is given up
// when its process ends, however it ends, and which no other descriptor
// of the process can give up by mistake, as POSIX locks are. The File's lock guards it.
type sharing struct {
	path   string
	writer int // how a writer holds the lock
	counts bool
	perm   fs.FileMode
	wait   time.Duration

	file  osFile
	held  int // lockNot, or how
	tell  func(error)
	mute  bool // it was told that the lock file can't be opened
	stuck bool // the lock was not to be had for all of wait; until it is
}

func newSharing(base string, o *Options) *sharing {
	s := &sharing{path: base + ".lock", writer: lockTogether, counts: true, perm: o.Perm, wait: o.LockWait, held: lockNot}
	if o.Lock == LockConcurrentLogHandler {
		dir, name := filepath.Split(base)
		s.path, s.writer, s.counts = dir+".__"+strings.TrimSuffix(name, ".log")+".lock", lockAlone, false
	}
	return s
}

// open opens the lock file.
func (s *sharing) open() error {
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, s.perm)
	if os.IsPermission(err) { // another user's: enough to lock it
		f, err = os.OpenFile(s.path, os.O_RDONLY, 0)
	}
	if err != nil {
		err = fmt.Errorf("lock file: %w", err)
		if !s.mute && s.tell != nil {
			s.tell(err)
		}
		s.mute = true
		return err
	}
	s.mute = false
	s.file, err = wrapFile(f, nil)
	return err
}

func (s *sharing) close() {
	if s != nil {
		s.file.Close()
	}
}

// enter takes the lock for a record, and waits for it at most s.wait, once for
// a process that keeps it. It reports whether it has it.
func (s *sharing) enter() bool {
	if s.held != lockNot {
		return true
	}
	failpoint("write.lock")
	if s.take() {
		s.stuck = false
		return true
	}
	if s.stuck {
		return false
	}
	s.stuck = !s.poll()
	return !s.stuck
}

// take takes a writer's lock, without waiting. Python opens the lock file for each
// record, so its writers would not see one that was deleted.
func (s *sharing) take() bool {
	if !s.file.isOpen() && s.open() != nil || !s.file.flock(s.writer) {
		return false
	}
	s.held = s.writer
	return s.writer != lockAlone || !s.moved()
}

// poll asks for the lock until s.wait is over. A process that is at work keeps it for
// the time of a few system calls.
func (s *sharing) poll() bool {
	return tryFor(s.wait, s.take)
}

// tryFor calls try, with pauses, until it has worked or the time is over.
func tryFor(wait time.Duration, try func() bool) bool {
	start := time.Now()
	for pause := 10 * time.Microsecond; time.Since(start) < wait; pause = min(2*pause, 200*time.Microsecond) {
		pauseFor(pause)
		if try() {
			return true
		}
	}
	return false
}

// alone takes the lock alone, without waiting. If it is not to be had, it is not
// held at all afterwards.
func (s *sharing) alone() bool {
	if !s.file.isOpen() && s.open() != nil {
		return false
	}
	if s.held == lockAlone {
		return true
	}
	failpoint("roll.alone")
	if !s.file.flock(lockAlone) {
		s.held = lockNot
		return false
	}
	s.held = lockAlone
	if s.moved() { // others lock another file
		s.release()
		return false
	}
	return true
}

// release gives the lock up.
func (s *sharing) release() {
	if s.held != lockNot {
		failpoint("write.unlock")
		s.file.flock(lockNot)
		s.held = lockNot
	}
}

// moved reports whether the lock file is not the one that its path leads to, and
// closes it then: it opens again when it is needed.
func (s *sharing) moved() bool {
	there, err := statPath(s.path)
	if err == nil {
		if ours, err := s.file.stat(); err == nil && ours.same(there) {
			return false
		}
	}
	s.held = lockNot
	s.file.Close()
	return true
}

const numberLen = 20 // digits of a number in the lock file

// number returns the number of the last backup that was numbered upward, -1 if
// nobody kept it. The lock is held alone.
func (s *sharing) number() int {
	if !s.counts {
		return -1
	}
	var b [numberLen]byte
	if n, _ := s.file.f.ReadAt(b[:], 0); n < numberLen {
		return -1
	}
	n, err := strconv.Atoi(string(b[:]))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// keepNumber keeps a number for number. Without it, the backups are listed.
func (s *sharing) keepNumber(n int) {
	if s.counts {
		failpoint("roll.number")
		_, _ = fmt.Fprintf(writerAt0{s.file.f}, "%0*d", numberLen, n)
	}
}

// reserve has a block for the number, while there still is one on the disk.
func (s *sharing) reserve() {
	if !s.counts || !s.alone() {
		return
	}
	defer s.release()
	if st, err := s.file.stat(); err == nil && st.size == 0 {
		_, _ = fmt.Fprintf(writerAt0{s.file.f}, "%*s", numberLen, "") // no number
	}
}

type writerAt0 struct{ f *os.File }

func (w writerAt0) Write(p []byte) (int, error) { return w.f.WriteAt(p, 0) }
