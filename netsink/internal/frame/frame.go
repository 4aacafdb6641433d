// Package frame cuts a stream into frames, as CPython's SocketHandler does: each is
// four bytes of length, big-endian, and so many bytes.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// HeaderLen is the length of the length.
const HeaderLen = 4

// Begin appends room for a frame's header. What is appended after it is the frame, until
// [End].
func Begin(dst []byte) []byte { return append(dst, 0, 0, 0, 0) }

// End writes the header of the frame for which Begin made room at dst[start:].
func End(dst []byte, start int) {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-HeaderLen))
}

// Len returns the length of the first frame in p, header included, or 0 if p is too short
// to tell.
func Len(p []byte) int {
	if len(p) < HeaderLen {
		return 0
	}
	return HeaderLen + int(binary.BigEndian.Uint32(p))
}

// A stream that ends within a frame ends with one of these.
var (
	ErrShortHeader = errors.New("the stream ends within a frame's length")
	ErrShortBody   = errors.New("the stream ends within a frame")
)

// A TooLongError tells of a frame that is longer than it may be.
type TooLongError struct{ Len, Max int64 }

func (e *TooLongError) Error() string {
	return fmt.Sprintf("a frame of %d bytes, where %d are allowed", e.Len, e.Max)
}

// firstRead is how much is reserved for a frame before any of it has come. A length is
// only what the peer says.
const firstRead = 64 << 10

// A Reader reads frames. Its memory grows to the longest frame that has come.
type Reader struct {
	r   io.Reader
	max int64
	buf []byte // what was read
	at  int    // what of it was returned
}

// NewReader returns a Reader of frames of up to so many bytes.
func NewReader(r io.Reader, max int) *Reader {
	return &Reader{r: r, max: int64(max), buf: make([]byte, 0, firstRead)}
}

// Buffered returns how much was read and not returned yet.
func (r *Reader) Buffered() int { return len(r.buf) - r.at }

// Next returns the next frame's bytes, which are good until the next call. The error is
// io.EOF if the stream ends between two frames.
func (r *Reader) Next() ([]byte, error) {
	if err := r.fill(HeaderLen); err != nil {
		return nil, shortened(err, r.Buffered(), ErrShortHeader)
	}
	n := int64(binary.BigEndian.Uint32(r.buf[r.at:]))
	if n > r.max {
		return nil, &TooLongError{Len: n, Max: r.max}
	}
	if err := r.fill(HeaderLen + int(n)); err != nil {
		return nil, shortened(err, 1, ErrShortBody)
	}
	p := r.buf[r.at+HeaderLen : r.at+HeaderLen+int(n)]
	r.at += HeaderLen + int(n)
	return p, nil
}

// shortened returns what the end of the stream means after so many bytes.
func shortened(err error, have int, short error) error {
	if err == io.EOF && have > 0 {
		return short
	}
	return err
}

// maxEmptyReads bounds how often a reader may return neither bytes nor an error.
const maxEmptyReads = 100

// fill reads until n bytes are there that were not returned yet.
func (r *Reader) fill(n int) error {
	for empty := 0; r.Buffered() < n; {
		r.makeRoom(n)
		got, err := r.r.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+got]
		switch {
		case r.Buffered() >= n:
			return nil
		case err != nil:
			return err
		case got > 0:
			empty = 0
		default:
			if empty++; empty == maxEmptyReads {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// makeRoom has room behind what was read. It grows with what comes, not with what was
// announced.
func (r *Reader) makeRoom(n int) {
	if r.at > 0 && r.at+n > cap(r.buf) || r.at == len(r.buf) {
		r.buf = r.buf[:copy(r.buf, r.buf[r.at:])]
		r.at = 0
	}
	if len(r.buf) == cap(r.buf) {
		grown := make([]byte, len(r.buf), min(2*cap(r.buf), max(n, firstRead)))
		copy(grown, r.buf)
		r.buf = grown
	}
}
