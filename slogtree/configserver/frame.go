package configserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// headerLen is the length of the length that a document begins with:
// struct.pack(">L", n), as logging.config.listen has it.
const headerLen = 4

// errNothing is the end of a peer that has sent nothing at all, as who looks whether
// the port is open does.
var errNothing = errors.New("nothing was sent")

// A frameReader reads one document with its length, each within its time.
type frameReader struct {
	r        io.Reader
	max      int             // bytes of the document
	deadline func(time.Time) // of reads
	header   time.Time       // when the length has to be there
	body     time.Duration   // how long the document may take after it, but not
	last     time.Time       // beyond this
}

// read returns the document. It makes no room for what has not come.
func (f frameReader) read() ([]byte, error) {
	f.deadline(f.header)
	var head [headerLen]byte
	switch n, err := io.ReadFull(f.r, head[:]); {
	case err == io.EOF:
		return nil, errNothing
	case err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("the length was cut short: %d of %d bytes", n, headerLen)
	case err != nil:
		return nil, fmt.Errorf("reading the length, after %d of %d bytes: %w", n, headerLen, err)
	}
	length := binary.BigEndian.Uint32(head[:])
	if uint64(length) > uint64(f.max) {
		return nil, fmt.Errorf("the length is %d (first bytes %q): more than the %d that are allowed", length, head[:], f.max)
	}
	f.deadline(earlier(time.Now().Add(f.body), f.last))
	document, err := io.ReadAll(io.LimitReader(f.r, int64(length)))
	if err == nil && len(document) < int(length) {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the document was cut short: %d of %d bytes", len(document), length)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the document, after %d of %d bytes: %w", len(document), length, err)
	}
	return document, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// appendFrame appends a document with its length.
func appendFrame(dst, document []byte) ([]byte, error) {
	if uint64(len(document)) > math.MaxUint32 {
		return dst, fmt.Errorf("a document of %d bytes is too long for its length", len(document))
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(document)))
	return append(dst, document...), nil
}
