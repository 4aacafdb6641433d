package rotate

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"
)

// lookEvery is how often a File looks whether its path still leads to it, while it
// writes, unless Options.Watch has it look before each record.
const lookEvery = time.Second

// write writes one record.
func (f *File) write(p []byte) error {
	f.mu.Lock()
	// The everyday record: 1 is the most that f.more can be.
	if f.quick && f.size+int64(len(p))+1 < f.limit && !f.tick.Load() {
		if n, err := f.out.write(p); err == nil {
			f.size += int64(n)
			f.stats.Records++
			f.stats.Bytes += uint64(n)
			f.mu.Unlock()
			return nil
		} else {
			return f.wrap(f.finishWrite(p, n, err))
		}
	}
	if f.keeps && !f.tick.Load() && f.keepQuick(p) {
		f.mu.Unlock()
		return nil
	}
	written, err := f.writeSlow(p)
	if written != nil {
		if err = f.sync.wait(written); err != nil {
			f.unsynced()
		}
	}
	return f.wrap(err)
}

// unsynced counts a record that is in the file, and may not be on the disk.
func (f *File) unsynced() {
	defer f.unlock(f.lock())
	f.stats.Unsynced++
}

// keepQuick keeps an everyday record in the buffer, if it is not the first there.
func (f *File) keepQuick(p []byte) bool {
	kept := len(f.buf.b)
	if kept == 0 || len(p) == 0 || !f.buf.fits(len(p)) || f.size+int64(kept+len(p))+1 >= f.limit {
		return false
	}
	f.buf.append(p)
	f.stats.Records++
	f.stats.Bytes += uint64(len(p))
	return true
}

// finishWrite is the end of a quick write that failed after n bytes. It unlocks f.
func (f *File) finishWrite(p []byte, n int, err error) error {
	defer f.unlock(struct{}{})
	f.size += int64(n)
	f.mend(n)
	f.lose(1, uint64(len(p)), err)
	f.tune()
	return err
}

// writeSlow is all but the everyday record. It unlocks f, and returns what to wait
// for in Durable.
func (f *File) writeSlow(p []byte) (written *batch, err error) {
	defer f.unlock(struct{}{})
	defer f.tune()
	if f.closed {
		f.stats.Lost++
		return nil, os.ErrClosed
	}
	if f.shared == nil {
		err = f.prepare(p)
	}
	if err == nil {
		err = f.put(p)
	}
	if err != nil {
		f.lose(1, uint64(len(p)), err)
		return nil, err
	}
	f.stats.Records++
	f.stats.Bytes += uint64(len(p))
	return f.written(), nil
}

// prepare has the right file open for p, which may be a new one.
func (f *File) prepare(p []byte) error {
	if f.out.isOpen() && (f.o.Watch || f.tick.Load()) {
		if err := f.look(); err != nil {
			return err
		}
	}
	if err := f.ensureOpen(); err != nil {
		return err
	}
	now, yes := f.mustRotate(p)
	if yes && !f.o.Watch { // somebody may have emptied it
		if err := f.look(); err != nil {
			return err
		}
		now, yes = f.mustRotate(p)
	}
	if yes {
		f.rotateOrReport(now)
	}
	return f.ensureOpen()
}

func (f *File) ensureOpen() error {
	if f.out.isOpen() {
		return nil
	}
	if f.sched != nil && f.isMissing() { // nothing is there to be rotated
		if now := f.o.now(); !now.Before(f.due) {
			f.nextDue(now)
		}
	}
	if err := f.open(); err != nil {
		return err
	}
	f.link()
	return nil
}

// mustRotate reports whether the file has to be rotated before p is written.
func (f *File) mustRotate(p []byte) (now time.Time, yes bool) {
	if f.sched != nil {
		now = f.o.now()
		yes = !now.Before(f.due)
	}
	if !yes {
		yes = f.wanted || f.tooBig(p)
	}
	if !yes {
		return now, false
	}
	if now.IsZero() {
		now = f.o.now()
	}
	return now, !f.retry.holds(now)
}

// tooBig reports whether p would bring the file to its limit: RotatingFileHandler's
// rule, which measures the file in bytes and the record in characters, as if "\n" ended it.
func (f *File) tooBig(p []byte) bool {
	size := f.size
	if f.shared == nil { // else p is the buffer
		size += int64(len(f.buf.b))
	}
	if size == 0 || size+int64(len(p)+f.more) < f.limit {
		return false
	}
	return size+int64(utf8.RuneCount(p)+f.more) >= f.limit
}

// put writes p, or keeps it in the buffer.
func (f *File) put(p []byte) error {
	if f.o.Durability != Buffered || len(p) == 0 {
		return f.emit(p)
	}
	if !f.buf.fits(len(p)) {
		if err := f.flush(); err != nil && !f.buf.fits(len(p)) {
			return err
		}
	}
	if !f.buf.fits(len(p)) { // longer than the buffer
		return f.emit(p)
	}
	f.buf.add(p, f)
	return nil
}

// flush writes what is in the buffer, whole records.
func (f *File) flush() error {
	if len(f.buf.b) == 0 {
		return nil
	}
	f.flushing = true
	err := f.emit(f.buf.b)
	f.flushing = false
	if err == nil {
		f.buf.clear()
	}
	return err
}

// emit writes p, whole records, after what has to come before: the end of a
// torn one, and the marker of what was lost. If it fails, nothing of p is left in the
// file, but for whole records of the buffer, which leave it then.
func (f *File) emit(p []byte) error {
	if f.shared != nil {
		return f.emitShared(p)
	}
	return f.emitTo(p)
}

func (f *File) emitTo(p []byte) error {
	head := f.head(p)
	if len(head) == 0 {
		err := f.raw(nil, p)
		if err == nil && f.lost.Records > 0 {
			f.told() // the marker is nothing
		}
		return err
	}
	if err := f.raw(head, p); err == nil || !f.flushing && len(head) == 1 {
		return err
	}
	if f.flushing { // whole records of it may have been written
		p = f.buf.b
	}
	if f.mustFence(p) { // there may be room for that
		return f.raw([]byte{'\n'}, p)
	}
	return f.raw(nil, p)
}

// head returns what has to come before p.
func (f *File) head(p []byte) []byte {
	var head []byte
	if f.mustFence(p) {
		head = append(head, '\n')
	}
	return append(head, f.marker()...)
}

// mustFence reports whether a torn record has to be ended before p, which ends as records
// do that can be told from torn ones.
func (f *File) mustFence(p []byte) bool {
	return f.fence && (len(p) == 0 || p[len(p)-1] == '\n')
}

// raw writes head and p by one system call, and takes back what an error has left of a
// record. If all of head was written, what it tells is told.
func (f *File) raw(head, p []byte) error {
	all := p
	if len(head) > 0 {
		all = append(head[:len(head):len(head)], p...)
	}
	n, err := f.writeOut(all)
	f.size += int64(n)
	if err != nil {
		if kept := f.kept(n, len(head)); kept > 0 {
			n, head = n-kept, nil
		}
		switch taken := f.mend(n); {
		case taken:
		case n >= len(head):
			f.headDone(len(head)) // it stays
		default:
			f.wipe(n) // or it might be taken for the marker
		}
		return err
	}
	f.headDone(len(head))
	return nil
}

func (f *File) writeOut(p []byte) (int, error) {
	if f.shared != nil {
		return f.writeBetween(p)
	}
	return f.out.write(p)
}

// kept returns how many of n bytes, which were written, can stay: the head and whole
// records of the buffer, which then leave it.
func (f *File) kept(n, head int) int {
	if !f.flushing || n < head {
		return 0
	}
	whole := f.buf.drop(n - head)
	if whole == 0 {
		return 0
	}
	f.headDone(head)
	return head + whole
}

// headDone notes that n bytes of a head are in the file.
func (f *File) headDone(n int) {
	if n > 0 {
		f.fence = false
	}
	if n > 1 {
		f.told()
	}
}

// mend takes back the last n bytes, which are the beginning of a record, or
// ends them with a line break, so that the next record is whole. It reports which.
func (f *File) mend(n int) (taken bool) {
	if n <= 0 {
		return true
	}
	if f.cut(n) {
		f.size -= int64(n)
		return true
	}
	f.fence = f.out.endLine(f.base) != nil // else it is ended
	return false
}

// wipe makes blanks of the last n bytes, which are the beginning of a marker.
func (f *File) wipe(n int) {
	if end, err := f.out.offset(); err == nil {
		_ = f.out.overwrite(f.base, end-int64(n), append(bytes.Repeat([]byte{' '}, n-1), '\n'))
	}
}

// cut takes n bytes from the end of the file, unless somebody else has written
// after them, or may: to keep others from it would hold up all of them if this process
// were stopped meanwhile.
func (f *File) cut(n int) bool {
	if f.shared != nil {
		return false
	}
	end, err := f.out.offset()
	return err == nil && f.atEnd() && end >= int64(n) && f.out.truncate(end-int64(n)) == nil
}

// atEnd reports whether nobody has written after us.
func (f *File) atEnd() bool {
	end, err := f.out.offset()
	if err != nil {
		return false
	}
	st, err := f.out.stat()
	return err == nil && st.regular && st.size == end
}

// written returns what Durable has to wait for.
func (f *File) written() *batch {
	if f.sync == nil {
		return nil
	}
	return f.sync.ticket()
}

// tune decides whether the next record is an everyday one.
func (f *File) tune() {
	everyday := f.shared == nil && !f.wanted && f.sched == nil && !f.o.Watch &&
		f.out.isOpen() && f.lost.Records == 0 && !f.fence && !f.closed
	f.quick = everyday && f.o.Durability == Direct
	f.keeps = everyday && f.o.Durability == Buffered
}

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
