package rotate

import "time"

// A buffer keeps whole records for [Buffered]. Its File's lock guards it.
type buffer struct {
	b     []byte
	ends  []int // of each record
	size  int
	every time.Duration
	timer *time.Timer
	told  bool // OnError was, of a flush that fails again and again
}

func (b *buffer) init(o Options) {
	if o.Durability == Buffered {
		b.size, b.every = o.BufferBytes, o.FlushInterval
		b.b = make([]byte, 0, b.size)
	}
}

// fits reports whether n more bytes have room.
func (b *buffer) fits(n int) bool { return len(b.b)+n <= b.size }

// records returns how many records are kept.
func (b *buffer) records() uint64 { return uint64(len(b.ends)) }

// add keeps p, which fits. The first record has f flushed after a while.
func (b *buffer) add(p []byte, f *File) {
	if len(b.b) == 0 {
		b.start(f)
	}
	b.append(p)
}

func (b *buffer) append(p []byte) {
	b.b = append(b.b, p...)
	b.ends = append(b.ends, len(b.b))
}

func (b *buffer) start(f *File) {
	if b.timer == nil {
		b.timer = time.AfterFunc(b.every, f.flushLate)
		return
	}
	b.timer.Reset(b.every)
}

// flushLate is what the buffer's timer does.
func (f *File) flushLate() {
	defer f.unlock(f.lock())
	if f.closed || len(f.buf.b) == 0 {
		return
	}
	if f.shared == nil {
		if err := f.prepare(nil); err != nil {
			f.errs.add(f.wrap(err))
		}
	}
	err := f.flush()
	if err != nil {
		if !f.buf.told {
			f.errs.add(f.wrap(err))
		}
		f.buf.start(f) // tried again
	}
	f.buf.told = err != nil
	f.tune()
}

// drop forgets the records that lie whole in the first n bytes, and returns
// how many bytes they had.
func (b *buffer) drop(n int) int {
	whole, i := 0, 0
	for i < len(b.ends) && b.ends[i] <= n {
		whole = b.ends[i]
		i++
	}
	b.b = append(b.b[:0], b.b[whole:]...)
	b.ends = append(b.ends[:0], b.ends[i:]...)
	for j := range b.ends {
		b.ends[j] -= whole
	}
	return whole
}

func (b *buffer) clear() { b.b, b.ends = b.b[:0], b.ends[:0] }

func (b *buffer) stop() { stopTimer(b.timer) }
