package rotate

import "io"

// A Codec compresses backups. Its methods may be called by several goroutines.
type Codec interface {
	// Ext is what a compressed backup's name ends in, as ".gz".
	Ext() string

	// NewWriter returns a writer that compresses into w. Its Close ends the
	// compressed data, and leaves w open.
	NewWriter(w io.Writer) (io.WriteCloser, error)

	// NewReader returns a reader of what NewWriter wrote.
	NewReader(r io.Reader) (io.ReadCloser, error)
}
