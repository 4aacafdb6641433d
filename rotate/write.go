package rotate

import (
	"bytes"
	"os"
	"time"
	"unicode/utf8"
)

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
