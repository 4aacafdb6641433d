// Package frame cuts a stream into frames, as CPython's SocketHandler does: each is
// four bytes of length, big-endian, and so many bytes.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// HeaderLen is the length of the length.
const HeaderLen = 4

// What package receiver says to package netsink, in the direction in which no frames go: that it is
// about to end and reads what was sent until then, and, once the peer has closed its side, that
// it has given all of it to handlers. It says so only where the first frame has the [Mark]: CPython's
// senders never read, and what is unread when one of them closes would cost it the records on the way.
const (
	Ending = 0x04 // EOT of ASCII
	Ended  = 0x06 // ACK
)

// Mark stands at the end of the first frame of a connection from package netsink. Who reads a
// pickle ignores what comes after it, and who reads JSON ignores blanks.
const Mark = " \t "

// Marked appends a frame to dst, with the mark.
func Marked(dst, frame []byte) []byte {
	start := len(dst)
	dst = append(append(dst, frame...), Mark...)
	End(dst, start)
	return dst
}

// Begin appends room for a frame's header. What is appended after it is the frame, until
// [End].
func Begin(dst []byte) []byte { return append(dst, 0, 0, 0, 0) }

// End writes the header of the frame for which Begin made room at dst[start:].
func End(dst []byte, start int) {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start-HeaderLen))
}

// Len returns the length of the first frame in p, header included, or 0 if p is too short
// to tell. A length that an int can't hold is the greatest int.
func Len(p []byte) int {
	if len(p) < HeaderLen {
		return 0
	}
	return int(min(HeaderLen+int64(binary.BigEndian.Uint32(p)), math.MaxInt))
}

// A stream that ends within a frame ends with one of these.
var (
	ErrShortHeader = errors.New("the stream ends within a frame's length")
	ErrShortBody   = errors.New("the stream ends within a frame")
)

// A TooLongError tells of a frame that is longer than it may be.
type TooLongError struct{ Len, Max int64 }

// Error names both lengths.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("a frame of %d bytes, where %d are allowed", e.Len, e.Max)
}
