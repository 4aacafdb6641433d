package rotate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"
)

const (
	pieceSize = 32 << 10 // between two looks at whether others want the processor
	syncEvery = 8 << 20  // so that no sync takes long
	settled   = 50 * time.Millisecond
)

// compressAll compresses what is to be compressed, the oldest first, and reports
// whether the backups have to be looked at again.
func (m *mill) compressAll(slots []slot) (more bool) {
	for _, s := range slots {
		if !m.isPlain(s) {
			continue
		}
		if m.isEnding() || m.holds(trouble{op: "store"}) {
			return false
		}
		if m.compress(s) {
			more = true
		}
		if m.takeAgain() {
			return true
		}
	}
	return more
}

// isPlain reports whether a slot has something to be compressed, or to be tidied up.
func (m *mill) isPlain(s slot) bool {
	return s.files[0].ext == "" && !m.holds(trouble{"compress", fileID(s.files[0])})
}

// willShrink reports whether a slot is about to be compressed.
func (m *mill) willShrink(s slot) bool {
	return m.f.o.Compress != nil && !m.isEnding() && len(s.files) == 1 && m.isPlain(s) && !m.holds(trouble{op: "store"})
}

// compress compresses the backup of a slot, and reports whether that worked.
func (m *mill) compress(s slot) bool {
	b, store := s.files[0], trouble{op: "store"}
	var full error
	ok := m.try(trouble{"compress", fileID(b)}, func() error {
		err := m.compressSlot(s)
		if errors.As(err, new(storeError)) {
			full, err = err, errLater
		}
		return err
	})
	if ok {
		delete(m.troubles, store)
	} else if full != nil {
		m.failed(store, full)
	}
	return ok
}

func (m *mill) compressSlot(s slot) (err error) {
	if len(s.files) > 1 {
		err = m.tidy(s)
	} else {
		err = m.compressOne(s.files[0])
	}
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// A storeError says that a compressed file can't be written. That is likely so for
// all of them: the disk is full.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

var (
	errMoved   = errors.New("the backup was renamed")
	errGone    = errors.New("the backup was deleted")
	errChanged = fmt.Errorf("the backup was changed: %w", errLater)
)

// A compression puts a compressed file into the place of a backup.
type compression struct {
	m     *mill
	codec Codec
	ext   string
	path  string      // of the backup
	src   *os.File    // it
	info  fs.FileInfo // what it was like before it was read
	tmp   string      // name of the compressed file while it is made
	out   *os.File    // it
	made  fs.FileInfo // it, when it is complete
}

// compressOne compresses b:
//
//	make name.gz.tmp, and lock it: another process that compresses leaves it alone
//	write it, sync it
//	alone: if name still is what was read, rename it to name.gz, and delete name
//
// At each moment name or a complete name.gz is there. What is left of a process that was
// killed is put right by sweep and tidy.
func (m *mill) compressOne(b backup) error {
	c := &compression{m: m, codec: m.f.o.Compress, ext: m.f.o.Compress.Ext(), path: b.path}
	defer c.close()
	if err := c.open(b); err != nil {
		return err
	}
	if err := c.create(); err != nil {
		return err
	}
	failpoint("mill.begin")
	if err := c.fill(); err != nil {
		return fmt.Errorf("compress %q: %w", b.path, err)
	}
	return c.finish()
}

// open opens the backup, where it is by now.
func (c *compression) open(b backup) error {
	c.info = b.info
	for range maxMoves {
		src, err := os.Open(c.path)
		if err == nil {
			c.src = src
			if there, err := src.Stat(); err != nil {
				return err
			} else if os.SameFile(there, b.info) {
				return c.settle()
			}
			src.Close()
		} else if !isMissing(err) {
			return err
		}
		if err := c.find(); err != nil {
			return err
		}
	}
	return errLater
}

// settle waits, in Shared mode, until the time of the last write tells whether
// there is another one: a slow writer may still end a torn line, in its middle.
func (c *compression) settle() (err error) {
	for first := true; ; first = false {
		before := c.info
		if c.info, err = c.src.Stat(); err != nil {
			return err
		}
		if c.m.f.shared == nil || time.Since(c.info.ModTime()) > settled || !first && sameState(before, c.info) {
			return nil
		}
		if err := c.m.sleep(settled); err != nil {
			return err
		}
	}
}

// sameState reports whether a file was not written to.
func sameState(a, b fs.FileInfo) bool { return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) }

// create makes the temporary file. Until it has the backup's permissions nobody else
// may read it.
func (c *compression) create() error {
	path := c.path + c.ext + begunExt
	out, err := createBegun(path)
	if err != nil {
		return err
	}
	c.out, c.tmp = out, path
	return nil
}

// fill has the temporary file complete and on the disk.
func (c *compression) fill() error {
	s := &sink{c: c}
	w, err := c.codec.NewWriter(s)
	if err != nil {
		return err
	}
	n, err := c.copy(w)
	err = errors.Join(err, w.Close())
	switch {
	case s.err != nil:
		return s.err
	case err != nil:
		return err
	case n != c.info.Size():
		return errChanged
	}
	if err := c.resemble(); err != nil {
		return err
	}
	if err := c.out.Sync(); err != nil {
		return storeError{err}
	}
	c.made, err = c.out.Stat()
	return err
}

// copy copies the backup into w.
func (c *compression) copy(w io.Writer) (n int64, err error) {
	piece := make([]byte, pieceSize)
	for {
		if err := c.m.breathe(); err != nil {
			return n, err
		}
		m, err := c.src.Read(piece)
		if n += int64(m); err != nil && err != io.EOF {
			return n, err
		}
		if m == 0 {
			return n, nil
		}
		if k, err := w.Write(piece[:m]); err != nil || k < m {
			return n, orElse(err, io.ErrShortWrite)
		}
		runtime.Gosched()
	}
}

// A sink is what the codec writes into.
type sink struct {
	c      *compression
	err    error
	synced int64
}

func (s *sink) Write(p []byte) (n int, err error) {
	if s.err != nil {
		return 0, s.err
	}
	if err := s.c.m.breathe(); err != nil {
		s.err = err
		return 0, err
	}
	n, err = s.c.out.Write(p)
	if s.synced += int64(n); err == nil && s.synced >= syncEvery {
		s.synced, err = 0, syncData(s.c.out)
	}
	if err != nil {
		s.err = storeError{err}
	}
	return n, s.err
}

// resemble gives the compressed file the permissions, the owner and the times of the
// backup.
func (c *compression) resemble() error {
	src, err := wrapFile(c.src, nil)
	if err != nil {
		return err
	}
	like, err := src.stat()
	if err != nil {
		return err
	}
	out, err := wrapFile(c.out, nil)
	if err != nil {
		return err
	}
	if err := out.resemble(like); err != nil {
		return err
	}
	return os.Chtimes(c.tmp, c.info.ModTime(), c.info.ModTime())
}

// finish puts the compressed file into the backup's place, at once: in between, a backup
// is there twice.
func (c *compression) finish() error {
	return c.follow(func() error {
		if err := c.publish(); err != nil {
			return err
		}
		if c.m.f.sync != nil { // Durable: not even a power cut shows neither
			if err := syncDir(dirOf(c.path)); err != nil {
				return storeError{err}
			}
		}
		return c.dropPlain()
	})
}

// follow does one step alone. If the backup was renamed meanwhile, it looks for it.
func (c *compression) follow(step func() error) error {
	if !renamesOpen {
		c.closeFiles()
	}
	for range maxMoves {
		err := c.m.exclusively(func() error { return c.alone(step) })
		if !errors.Is(err, errMoved) {
			return err
		}
		if err := c.find(); err != nil {
			return err
		}
	}
	return ErrBusy
}

// alone does a step if the backup is where it was, as it was, and nobody writes to it.
// A writer that does without the lock, because its holder has stopped, holds the
// backup's own.
func (c *compression) alone(step func() error) error {
	if c.m.f.shared != nil {
		if ok, err := tryFlock(c.src, lockAlone); err != nil || !ok {
			return orElse(err, ErrBusy)
		}
		defer tryFlock(c.src, lockNot)
	}
	there, err := os.Lstat(c.path)
	switch {
	case isMissing(err):
		return errMoved
	case err != nil:
		return err
	case !os.SameFile(there, c.info):
		return errMoved
	case !sameState(there, c.info):
		return c.takeBack()
	}
	return step()
}

// find looks where the backup is by now.
func (c *compression) find() error {
	backups, err := c.m.f.names.list()
	if err != nil {
		return err
	}
	for _, b := range backups {
		if b.ext == "" && os.SameFile(b.info, c.info) {
			c.path = b.path
			return nil
		}
	}
	return errGone
}

// publish gives the compressed file its name.
func (c *compression) publish() error {
	there, err := os.Lstat(c.tmp)
	if err != nil {
		return storeError{err}
	}
	if !os.SameFile(there, c.made) {
		return fmt.Errorf("%q was replaced: %w", c.tmp, errLater)
	}
	failpoint("mill.publish")
	if err := renameNoReplace(c.tmp, c.path+c.ext); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return errLater // the next pass sees both
		}
		return storeError{err}
	}
	c.tmp = ""
	return nil
}

// dropPlain deletes the backup, which is there compressed.
func (c *compression) dropPlain() error {
	there, err := os.Lstat(c.path + c.ext)
	if err != nil || !os.SameFile(there, c.made) {
		return orElse(err, errLater)
	}
	failpoint("mill.drop")
	if err := os.Remove(c.path); err != nil {
		return fmt.Errorf("compressed, but not deleted: %w", err)
	}
	return nil
}

// takeBack deletes what is no longer the same as the backup.
func (c *compression) takeBack() error {
	if there, err := os.Lstat(c.path + c.ext); c.tmp == "" && c.out != nil && err == nil && os.SameFile(there, c.made) {
		if err := os.Remove(c.path + c.ext); err != nil {
			return err
		}
	}
	return errChanged
}

// close closes what is open, and removes the temporary file.
func (c *compression) close() {
	if !renamesOpen {
		c.closeFiles()
	}
	if c.tmp != "" {
		os.Remove(c.tmp) // still locked, so it is ours
	}
	c.closeFiles()
}

func (c *compression) closeFiles() {
	for _, f := range []*os.File{c.src, c.out} {
		if f != nil {
			f.Close() // a second one does no harm
		}
	}
}
