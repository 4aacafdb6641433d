package rotate

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// A File is a log file that rotates: an [io.WriteCloser] in which one Write is
// one record, which ends with a line break. It is CPython's RotatingFileHandler,
// TimedRotatingFileHandler and WatchedFileHandler, without their formatter.
//
// A record is written whole or not at all, whatever happens: Write then returns
// an error, what was lost is counted, and the next record that can be written
// comes after one that tells of it (Options.Marker). A rotation that fails is
// reported, put off and tried again; meanwhile records go on into the same file.
//
// Use [Open]; the zero value is not usable. A File is safe for use by several
// goroutines. It has a goroutine only while it compresses or deletes backups,
// and none is left when Close has returned.
type File struct {
	base   string // absolute
	o      Options
	names  *names
	sched  schedule // nil if the clock does not rotate
	mill   *mill
	errs   reporter
	shared *sharing // nil unless Options.Shared
	sync   *syncer  // nil unless Durable

	tick atomic.Bool // it is time to look at the path again

	mu       sync.Mutex
	quick    bool        // nothing but the size decides on the next record, of Direct
	keeps    bool        // the same, of Buffered
	limit    int64       // size at which the file rotates
	size     int64       // of the file, as far as we know
	out      osFile      // closed while there is none
	ours     seen        // of out, when it was opened
	seen     int64       // size when the path was found to be ours last
	like     *seen       // what the file was like that was rotated, if the next one is delayed
	due      time.Time   // when the clock rotates
	fence    bool        // a torn record has to be ended first
	suspect  bool        // there may be one before the next
	retry    backoff     // after a rotation failed
	shifted  bool        // that had made room already
	wanted   bool        // OnStart has still to rotate
	astray   bool        // the path leads elsewhere, and what is there can't be opened
	lost     Lost        // since the last marker
	last     serial      // what the last backup was called by
	buf      buffer      // of Buffered
	flushing bool        // it is what is being written
	ticker   *time.Timer // sets tick
	closed   bool
	ending   bool // Close was called
	stats    Stats
	more     int // characters that a record counts beyond its own
	closing  sync.Once
	closeErr error
	stops    []*stopper // of ReopenOn

	format     formatters.Formatter // of the marker, nil for a line of text
	terminator string               // of the marker
}

// Open opens the file called name for appending, and creates it and its
// directories where they are missing. Later changes of the working directory do
// not matter. An error tells all that is wrong, and leaves nothing open.
func Open(name string, o Options) (*File, error) {
	f, err := newFile(name, o)
	if err == nil {
		err = f.start()
	}
	if err != nil {
		return nil, fmt.Errorf("rotate: file %q: %w", name, err)
	}
	return f, nil
}

// newFile makes a File of what is asked for, and touches nothing on the disk.
func newFile(name string, o Options) (*File, error) {
	o, err := o.withDefaults(name)
	if err != nil {
		return nil, err
	}
	sched, err := newSchedule(&o)
	if err != nil {
		return nil, err
	}
	base, err := absolute(name, o.rotates() && o.Lock == LockShared) // Python's lock stands beside the link
	if err != nil {
		return nil, err
	}
	f := &File{base: base, o: o, sched: sched, names: newNames(base, &o, sched), limit: math.MaxInt64, terminator: "\n"}
	if err := f.names.check(); err != nil {
		return nil, err
	}
	f.errs.fn = o.OnError
	if o.MaxBytes > 0 && (o.BackupCount > 0 || !o.shifts()) {
		f.limit = o.MaxBytes
	}
	f.mill = newMill(f)
	if o.Shared {
		f.shared = newSharing(base, &o)
	}
	if o.Durability == Durable {
		f.sync = newSyncer(func(err error) { f.errs.add(f.wrap(err)) })
	}
	f.buf.init(o)
	return f, nil
}

// absolute returns the absolute name of a file. If it is a symbolic link, what rotates is
// the file that it leads to.
func absolute(name string, rotates bool) (string, error) {
	base, err := filepath.Abs(name)
	if err != nil || !rotates {
		return base, err
	}
	if st, err := os.Lstat(base); err != nil || st.Mode()&fs.ModeSymlink == 0 {
		return base, nil
	}
	there, err := filepath.EvalSymlinks(base)
	if err == nil {
		return there, nil
	}
	if there, err = os.Readlink(base); err == nil && !filepath.IsAbs(there) { // to nowhere yet
		there = filepath.Join(filepath.Dir(base), there)
	}
	return there, err
}

// start opens what newFile described.
func (f *File) start() (err error) {
	defer f.unlock(f.lock())
	defer f.tune()
	if info, err := os.Stat(f.base); err == nil && info.IsDir() {
		return errors.New("is a directory")
	}
	f.firstDue()
	if f.shared != nil {
		if err := f.makeDir(); err != nil {
			return err
		}
		if err := f.shared.open(); err != nil {
			return err
		}
		f.shared.tell = func(err error) { f.errs.add(f.wrap(err)) }
		f.shared.reserve()
	}
	if f.o.Delay && !f.o.OnStart {
		return nil
	}
	if err := f.open(); err != nil {
		f.shared.close()
		return err
	}
	f.link()
	if f.o.OnStart && f.size > 0 {
		f.wanted = true
		f.rotateOrReport(f.o.now())
	}
	f.mill.wake()
	return nil
}

// firstDue sets when the clock rotates: counted from when the file that is there was
// last written to, so that a restart does not begin the interval anew.
func (f *File) firstDue() {
	if f.sched == nil {
		return
	}
	from := f.o.now()
	if info, err := os.Stat(f.base); err == nil {
		from = info.ModTime()
	}
	f.due = f.sched.next(wholeSeconds(from))
}

func wholeSeconds(t time.Time) time.Time { return time.Unix(t.Unix(), 0) }

// Name returns the absolute name of the file. It is baseFilename of CPython.
func (f *File) Name() string { return f.base }

// String describes f, as in "rotate.File(/var/log/app.log)".
func (f *File) String() string { return "rotate.File(" + printable(f.base) + ")" }

// WritesConcurrently says that f orders its writers itself, for
// [github.com/slogsuite/slogsuite/handlers.ConcurrentWriter].
func (f *File) WritesConcurrently() {}

// Write writes p, one record, which ends with a line break, whole or not at all: n is
// len(p) or 0. When it has returned nil, p is as safe as Options.Durability says; if the
// sync of Durable fails it returns 0 and an error, though p may be in the file. It keeps
// no part of p.
func (f *File) Write(p []byte) (n int, err error) {
	if err := f.write(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush hands over what [Buffered] keeps, and waits, in Durable, until all is on the
// disk. An error leaves in the buffer what could not be written.
func (f *File) Flush() error {
	written, err := f.flushLocked()
	if err == nil && written != nil {
		err = f.sync.wait(written)
	}
	return f.wrap(err)
}

func (f *File) flushLocked() (*batch, error) {
	defer f.unlock(f.lock())
	if f.closed {
		return nil, nil
	}
	err := f.flush()
	f.tune()
	return f.written(), err
}

// Rotate rotates now, whatever the size and the time. It is doRollover of
// CPython, but that a second backup of one time gets a number. If another process of
// Shared mode is at work it returns an error that wraps [ErrBusy].
func (f *File) Rotate() error {
	defer f.unlock(f.lock())
	if f.closed {
		return f.wrap(os.ErrClosed)
	}
	defer f.tune()
	return f.wrap(f.rotate(f.o.now()))
}

// Reopen closes the file and opens what then has its name: after a program such
// as logrotate has moved it. If that fails, records go on into the old one.
func (f *File) Reopen() error {
	defer f.unlock(f.lock())
	if f.closed {
		return f.wrap(os.ErrClosed)
	}
	if !f.out.isOpen() {
		return nil // the next record opens it
	}
	defer f.tune()
	return f.wrap(f.reopen())
}

// Stats returns what f has done so far.
func (f *File) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	s.Errors, s.Syncs = f.errs.count.Load(), f.sync.count()
	return s
}

// Close writes what is in the buffer, tells of what was lost, closes the file, and
// ends the goroutine; a backup that is being compressed stays as it is.
// Only the first call does anything; the others wait for it. Then Write fails
// with an error that wraps [os.ErrClosed].
func (f *File) Close() error {
	f.closing.Do(func() { f.closeErr = f.close() })
	return f.closeErr
}

func (f *File) close() error {
	for _, s := range f.stopAll() {
		s.stop()
	}
	f.mill.close()
	var err error
	if f.sync != nil {
		err = f.Flush()
	}
	defer f.unlock(f.lock())
	err = errors.Join(err, f.wrap(f.finish()), f.wrap(f.settleOld()))
	f.closed, f.quick, f.keeps = true, false, false
	stopTimer(f.ticker)
	f.buf.stop()
	err = errors.Join(err, f.wrap(f.out.Close()))
	f.shared.close()
	return err
}

// finish is what Close does while the file is still open.
func (f *File) finish() error {
	if !f.out.isOpen() && len(f.buf.b) == 0 {
		return nil
	}
	var lookErr error
	if f.out.isOpen() && f.shared == nil && (f.size > f.seen || len(f.buf.b) > 0) {
		if lookErr = f.look(); lookErr != nil {
			f.forgo(f.out.f, f.seen, f.size, lookErr)
		}
	}
	err := lookErr // what is in the buffer has no file to go to
	if err == nil {
		err = f.flush()
	}
	if f.buf.records() > 0 {
		f.stats.Records -= f.buf.records()
		f.stats.Bytes -= uint64(len(f.buf.b))
		f.lose(f.buf.records(), uint64(len(f.buf.b)), err)
		f.buf.clear()
	}
	if f.lost.Records > 0 && f.out.isOpen() {
		_ = f.emit(nil) // the marker alone
	}
	return err
}

func (f *File) stopAll() []*stopper {
	defer f.unlock(f.lock())
	stops := f.stops
	f.stops, f.ending = nil, true
	return stops
}

// lock locks f. With unlock it makes one line: defer f.unlock(f.lock()).
func (f *File) lock() struct{} { f.mu.Lock(); return struct{}{} }

// unlock unlocks f, and then tells of the errors that came up, so that an OnError that
// logs to this file in spite of what it is told does not wait for ever.
func (f *File) unlock(struct{}) {
	f.mu.Unlock()
	if f.errs.waiting.Load() {
		f.errs.deliver()
	}
}

// exclusively runs fn while nobody writes to the file, rotates it, or deletes its
// backups, in this process or in another. ok is false if another process is at
// work: then fn was not run.
func (f *File) exclusively(fn func() error) (ok bool, err error) {
	defer f.unlock(f.lock())
	if f.shared == nil {
		return true, fn()
	}
	if !f.shared.alone() {
		return false, nil
	}
	defer f.shared.release()
	return true, fn()
}

// putOff counts work of the mill that another process holds up.
func (f *File) putOff() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.PutOff++
}

// report counts an error and tells Options.OnError of it. f.mu is not held.
func (f *File) report(err error) {
	if err == nil {
		return
	}
	f.errs.add(f.wrap(err))
	f.errs.deliver()
}

func (f *File) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rotate: file %q: %w", f.base, err)
}

func stopTimer(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
