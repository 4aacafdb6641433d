// Package zstd compresses backups of package rotate with Zstandard: faster than
// gzip, and smaller. It is apart from rotate so that only programs which import it
// link an encoder.
package zstd

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// window is how far the encoder looks back, which bounds its memory: to some
// megabytes, and to 40 at the highest levels.
const window = 1 << 20

// maxWindow bounds the memory of a reader, whatever a file asks for. It is what
// zstd --long writes.
const maxWindow = 128 << 20

// A Codec is a rotate.Codec for [RFC 8878]. Names end in ".zst"; zstd -d and
// zstdcat read the files. The zero value has level 3. It starts no goroutines.
//
// [RFC 8878]: https://www.rfc-editor.org/rfc/rfc8878
type Codec struct {
	// Level is that of the command zstd, 1 (fast) to 22 (small), to the nearest of
	// four that there are; 0 means 3, and any other number is an error of rotate.Open.
	Level int
}

// Ext returns ".zst".
func (Codec) Ext() string { return ".zst" }

// NewWriter returns a writer that compresses into w. An error is one of c.Level.
func (c Codec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	level := c.Level
	if level == 0 {
		level = 3
	}
	if level < 1 || level > 22 {
		return nil, fmt.Errorf("zstd: Codec.Level %d is not 0 to 22", c.Level)
	}
	return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(window),
		zstd.WithZeroFrames(true)) // else nothing would be written for an empty file, which zstd -d refuses
}

// NewReader returns a reader of what is compressed in r.
func (Codec) NewReader(r io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
