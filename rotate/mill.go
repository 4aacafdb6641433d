package rotate

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A mill does what need not hold up writers: it compresses backups, deletes those
// that are not to be kept, and closes files whose last close frees many blocks.
//
// It has one goroutine, while there is something to do; close ends it. What can't
// be done is reported once, and tried again by a timer, with growing pauses. All
// that is slow is done without the File's lock. What changes a name is done under
// it, after a look at whether the name still leads to the file that was meant:
// rotations go on meanwhile.
type mill struct {
	f      *File
	needed bool // there can be backups to deal with
	counts atomic.Bool
	ending chan struct{}

	mu      sync.Mutex
	idle    sync.Cond // running has become false
	running bool      // there is a goroutine
	again   bool      // somebody called wake
	ended   bool
	files   []*os.File // to be closed
	timer   *time.Timer

	// The goroutine's own.
	troubles troubles
	soon     time.Duration // until the next pass, 0 for none
}

// maxFiles bounds how many files wait for their close.
const maxFiles = 64

func newMill(f *File) *mill {
	m := &mill{f: f, ending: make(chan struct{})}
	m.idle.L = &m.mu
	o := &f.o
	m.needed = o.Compress != nil || o.MaxAge > 0 || o.MaxTotalBytes > 0 || o.BackupCount > 0 && !o.shifts()
	return m
}

// wake looks for work after a rotation or an opening. It does not block; f.mu is held.
func (m *mill) wake() {
	if !m.needed {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.again = true
	m.start()
}

// rotated is wake after a rotation. Only from then on are backups deleted by number: one
// that opens a file with a lower BackupCount than before deletes nothing yet, as in CPython.
func (m *mill) rotated() {
	m.counts.Store(true)
	m.wake()
}

// release closes a file.
func (m *mill) release(file *os.File) {
	if !m.keep(file) {
		file.Close()
	}
}

func (m *mill) keep(file *os.File) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended || len(m.files) == maxFiles {
		return false
	}
	m.files = append(m.files, file)
	m.start()
	return true
}

// start starts the goroutine, if there is none. m.mu is held.
func (m *mill) start() {
	if !m.running && !m.ended {
		m.running = true
		go m.run()
	}
}

// settle waits until all is done that can be done now. It is for tests.
func (m *mill) settle() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.running {
		m.idle.Wait()
	}
}

// close ends the mill, and waits for its goroutine. A compression that is under way
// is given up, and its temporary file removed: it could take minutes. What is to be
// deleted is deleted. f.mu is not held.
func (m *mill) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ended {
		m.ended = true
		close(m.ending)
		stopTimer(m.timer)
	}
	for m.running {
		m.idle.Wait()
	}
}

// isEnding reports whether close was called.
func (m *mill) isEnding() bool {
	select {
	case <-m.ending:
		return true
	default:
		return false
	}
}

// run is the goroutine.
func (m *mill) run() {
	done := false
	defer func() {
		if !done { // a Codec has called runtime.Goexit
			m.stop()
		}
	}()
	for m.next() {
		m.pass()
	}
	done = true
}

func (m *mill) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = false
	m.idle.Broadcast()
}

// next closes files, and reports whether there is more to do. If not, the goroutine
// counts as ended.
func (m *mill) next() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closeFiles()
	if m.again {
		m.again = false
		return true
	}
	m.running = false
	m.idle.Broadcast()
	return false
}

// closeFiles closes what is to be closed. m.mu is held, but not meanwhile.
func (m *mill) closeFiles() {
	for len(m.files) > 0 {
		file := m.files[0]
		m.files = m.files[1:]
		m.mu.Unlock()
		file.Close()
		m.mu.Lock()
	}
	m.files = nil
}

// breathe is called between pieces of long work. It closes files, so that they don't
// wait, and returns errEnding after close.
func (m *mill) breathe() error {
	if m.isEnding() {
		return errEnding
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closeFiles()
	return nil
}

var errEnding = errors.New("the file is being closed")

// pass does all that can be done now, and sets the timer for the rest.
func (m *mill) pass() {
	m.soon = 0
	m.try(trouble{op: "list"}, m.tend)
	m.setTimer()
}

func (m *mill) setTimer() {
	m.mu.Lock()
	defer m.mu.Unlock()
	stopTimer(m.timer)
	if m.soon > 0 && !m.ended {
		m.timer = time.AfterFunc(m.soon, m.wake)
	}
}

// wakeIn has the next pass in d, or sooner.
func (m *mill) wakeIn(d time.Duration) {
	if d = max(d, time.Millisecond); m.soon == 0 || d < m.soon {
		m.soon = d
	}
}

// tend deletes, compresses, and begins anew while there is more to compress.
func (m *mill) tend() error {
	for {
		slots, left, err := m.f.names.slots()
		if isMissing(err) {
			return nil // no directory, no backups
		}
		if err != nil {
			return err
		}
		m.troubles.prune(slots)
		m.sweep(left)
		m.retain(slots)
		if m.f.o.Compress == nil || !m.compressAll(slots) {
			return nil
		}
	}
}

// takeAgain reports whether somebody called wake since the last pass began.
func (m *mill) takeAgain() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	again := m.again
	m.again = false
	return again
}

// exclusively is File.exclusively, with a number of attempts.
func (m *mill) exclusively(fn func() error) error {
	var waited time.Duration
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		ok, err := m.f.exclusively(fn)
		if ok {
			return err
		}
		if waited += pause; waited > maxPoll {
			return ErrBusy
		}
		if err := m.sleep(pause); err != nil {
			return ErrBusy
		}
	}
}

const (
	firstPoll = 50 * time.Microsecond
	lastPoll  = 5 * time.Millisecond
	maxPoll   = 2 * time.Second
)

// sleep waits, unless close is called.
func (m *mill) sleep(d time.Duration) error {
	if err := m.breathe(); err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-m.ending:
		return errEnding
	}
}

// guard returns a panic of fn as an error: a Codec and a Namer are the user's, and
// logging must not end the program.
func guard(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return fn()
}
