package rotate

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

// lookEvery is how often a File looks whether its path still leads to it, while it
// writes, unless Options.Watch has it look before each record.
const lookEvery = time.Second

// look opens the file anew if its path leads elsewhere, or nowhere. If that fails,
// records go on into the old one, as long as that has a name.
func (f *File) look() error {
	f.arm()
	same, err := f.isOurs()
	if err == nil && same {
		return nil
	}
	if err = f.reopen(); err == nil {
		return nil
	}
	if f.out.isOpen() && f.hasName() {
		return f.goAstray(err)
	}
	f.tick.Store(true) // the next record looks again
	return err
}

// isOurs reports whether the path leads to the open file, and looks how large it is.
// What fstat said of the open file when it was opened is still true: as long as
// it is open, no other gets its number.
func (f *File) isOurs() (bool, error) {
	there, err := statPath(f.base)
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !there.same(f.ours) {
		return false, nil
	}
	f.size, f.seen, f.astray = there.size, there.size, false
	return true, nil
}

// arm has the path looked at again after a while.
func (f *File) arm() {
	f.tick.Store(false)
	if f.o.Watch {
		return
	}
	if f.ticker == nil {
		f.ticker = time.AfterFunc(lookEvery, func() { f.tick.Store(true) })
		return
	}
	f.ticker.Reset(lookEvery)
}

// open opens the file for the first time, or again after it could not be opened.
func (f *File) open() error {
	if err := f.makeDir(); err != nil {
		return err
	}
	out, err := openFile(f.base, f.o.Truncate, f.o.Perm)
	if err != nil {
		return err
	}
	f.o.Truncate = false
	if f.like != nil {
		if err := out.resemble(*f.like); err != nil {
			f.errs.add(f.wrap(err))
		}
		f.like = nil
	}
	if err := f.adopt(out); err != nil {
		out.Close()
		return err
	}
	return nil
}

func (f *File) isMissing() bool {
	_, err := statPath(f.base)
	return isMissing(err)
}

func (f *File) makeDir() error { return os.MkdirAll(dirOf(f.base), f.o.DirPerm) }

// adopt goes on with another open file.
func (f *File) adopt(out osFile) error {
	st, err := out.stat()
	if err != nil {
		return err
	}
	if f.sync != nil {
		if err := syncDir(dirOf(f.base)); err != nil {
			return err
		}
	}
	f.out, f.ours, f.size, f.seen, f.astray = out, st, st.size, st.size, false
	f.fence = st.regular && st.size > 0 && !out.endsLine(st.size) // a process or a machine has died
	if f.sync != nil {
		f.sync.use(out.f)
	}
	f.arm()
	return nil
}

// reopen puts the file that its path leads to in the place of the open one. What
// went into the open one since the path was last seen to lead to it, and was
// deleted with it, is written again.
func (f *File) reopen() error {
	old, was, from, to := f.out, f.ours, f.seen, f.size
	if err := f.settleOld(); err != nil {
		return err
	}
	if err := f.open(); err != nil {
		f.out = old
		return err
	}
	if f.sched != nil && !was.same(f.ours) {
		f.due = f.sched.next(wholeSeconds(f.o.now()))
	}
	if st, err := old.stat(); err == nil && st.links == 0 && f.shared == nil {
		f.rescue(old.f, from, to)
	}
	f.link()
	return old.Close()
}

// settleOld has all on the disk, in Durable, that will not be written to any more.
func (f *File) settleOld() error {
	if f.sync == nil || !f.out.isOpen() {
		return nil
	}
	return f.sync.all()
}

// forgo counts the lines that a deleted file has between two offsets as lost.
func (f *File) forgo(old *os.File, from, to int64, why error) {
	if to <= from {
		return
	}
	text := make([]byte, min(to-from, maxForgone))
	n, _ := old.ReadAt(text, from)
	lines := uint64(max(bytes.Count(text[:n], []byte{'\n'}), 1))
	f.stats.Records -= min(f.stats.Records, lines)
	f.stats.Bytes -= min(f.stats.Bytes, uint64(to-from))
	f.lose(lines, uint64(to-from), why)
}

// maxForgone bounds the memory for counting what is lost within a second.
const maxForgone = 64 << 20

// rescue writes again what a deleted file has between two offsets. What can't be
// written is lost like any record, a line for one.
func (f *File) rescue(old *os.File, from, to int64) {
	lines := bufio.NewReader(io.NewSectionReader(old, from, to-from))
	for from < to {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 {
			f.errs.add(f.wrap(fmt.Errorf("%d bytes of a deleted file: %w", to-from, err)))
			return
		}
		if err := f.emitTo(line); err != nil {
			f.stats.Records -= min(f.stats.Records, 1)
			f.stats.Bytes -= min(f.stats.Bytes, uint64(len(line)))
			f.lose(1, uint64(len(line)), err)
		}
		from += int64(len(line))
	}
}
