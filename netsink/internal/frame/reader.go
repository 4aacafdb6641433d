package frame

import (
	"encoding/binary"
	"io"
	"math"
	"sync"
)

// A Reader's own buffer begins small, since a thousand connections may have nothing to
// say, and grows while reads fill it.
const (
	minOwn = 4 << 10
	maxOwn = 64 << 10
)

// MaxShort is how long a frame may be, header included, that fits into a Reader's own
// buffer. A longer one is read into memory that is asked for.
const MaxShort = maxOwn

// A Budget lends memory to frames that are longer than [MaxShort].
type Budget interface {
	// Take waits until so many bytes may be used. It is called when the frame's
	// first MaxShort bytes have come: a length is only what the peer says.
	Take(n int64) error

	// Give returns what Take gave.
	Give(n int64)
}

// A Reader reads frames. Its memory grows with what comes, not with what is announced.
type Reader struct {
	r      io.Reader
	max    int64
	budget Budget // nil for none

	own []byte // for frames up to MaxShort; its length does not matter
	buf []byte // what was read, in own or in the memory of a long frame
	at  int    // what of it was returned

	long  *[]byte // the memory of a long frame, which buf stands in
	taken int64   // from the budget
}

// NewReader returns a Reader of frames of up to so many bytes, which an int can hold with their header.
func NewReader(r io.Reader, max int) *Reader {
	return &Reader{r: r, max: int64(min(max, math.MaxInt-HeaderLen))}
}

// UseBudget has the Reader ask b before it reads a long frame. [Reader.Release] has to be
// called at the end.
func (r *Reader) UseBudget(b Budget) { r.budget = b }

// Buffered returns how much was read and not returned yet.
func (r *Reader) Buffered() int { return len(r.buf) - r.at }

// Next returns the next frame's bytes, which are good until the next call. The error is
// io.EOF if the stream ends between two frames.
func (r *Reader) Next() ([]byte, error) {
	r.Release()
	if err := r.fill(HeaderLen); err != nil {
		return nil, shortened(err, r.Buffered(), ErrShortHeader)
	}
	n := int64(binary.BigEndian.Uint32(r.buf[r.at:]))
	if n > r.max {
		return nil, &TooLongError{Len: n, Max: r.max}
	}
	if err := r.fillFrame(HeaderLen + n); err != nil {
		return nil, shortened(err, 1, ErrShortBody)
	}
	start := r.at + HeaderLen
	r.at = start + int(n)
	return r.buf[start:r.at], nil
}

// Release gives back the memory of a long frame. What Next has returned is not good any
// more. Next does it too.
func (r *Reader) Release() {
	if r.long != nil {
		*r.long = r.buf[:0]
		longs.Put(r.long)
		r.long, r.buf, r.at = nil, r.own[:0], 0 // a long frame is read to its end alone
	}
	if r.taken > 0 {
		r.budget.Give(r.taken)
		r.taken = 0
	}
}

// shortened returns what the end of the stream means after so many bytes.
func shortened(err error, have int, short error) error {
	if err == io.EOF && have > 0 {
		return short
	}
	return err
}

// fillFrame reads until the n bytes of a frame are there.
func (r *Reader) fillFrame(n int64) error {
	if n <= maxOwn {
		return r.fill(int(n))
	}
	if err := r.fill(maxOwn); err != nil { // which is all that own can hold
		return err
	}
	if r.budget != nil {
		if err := r.budget.Take(n); err != nil {
			return err
		}
		r.taken = n
	}
	return r.fillLong(int(n))
}

// fill reads until n bytes are there that were not returned yet, or more of what is
// there to read.
func (r *Reader) fill(n int) error {
	for r.Buffered() < n {
		r.makeRoom(n)
		if err := r.read(cap(r.buf), n); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom has room behind what was read.
func (r *Reader) makeRoom(n int) {
	full := len(r.buf) == cap(r.buf)
	if r.at > 0 && (r.at == len(r.buf) || full || r.at+n > cap(r.buf)) {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
		r.at = 0
	}
	if full && cap(r.buf) < maxOwn { // a frame fills it, or the peer sends more than it holds
		r.own = make([]byte, min(max(2*cap(r.buf), minOwn), maxOwn))
		r.buf = r.own[:copy(r.own, r.buf)]
	}
}

// longs are buffers that no frame stands in. All are longer than maxOwn.
var longs = sync.Pool{New: func() any { return new([]byte) }}

// fillLong reads the rest of a frame of n bytes whose first maxOwn fill own, and nothing
// beyond.
func (r *Reader) fillLong(n int) error {
	r.long = longs.Get().(*[]byte)
	for r.growLong(); len(r.buf) < n; {
		if len(r.buf) == cap(r.buf) {
			r.growLong()
		}
		if err := r.read(min(cap(r.buf), n), n); err != nil {
			return err
		}
	}
	return nil
}

// growLong moves what was read into twice the memory, or into what is there.
func (r *Reader) growLong() {
	room := *r.long
	if cap(room) <= len(r.buf) {
		room = make([]byte, 0, min(int64(2*len(r.buf)), HeaderLen+r.max))
	}
	r.buf = append(room[:0], r.buf...)
	*r.long = r.buf
}

// maxEmptyReads bounds how often a reader may return neither bytes nor an error.
const maxEmptyReads = 100

// read reads into buf up to its given end, once or as often as nothing comes. An error
// that comes with the last of n bytes is left to the next read.
func (r *Reader) read(end, n int) error {
	for range maxEmptyReads {
		got, err := r.r.Read(r.buf[len(r.buf):end])
		r.buf = r.buf[:len(r.buf)+got]
		switch {
		case r.Buffered() >= n:
			return nil
		case err != nil:
			return err
		case got > 0:
			return nil
		}
	}
	return io.ErrNoProgress
}
