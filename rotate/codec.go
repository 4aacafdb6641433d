package rotate

import "io"

// A Codec compresses backups. Its methods may be called by several goroutines. A
// panic in one of them is reported as an error, and leaves the backup as it is.
type Codec interface {
	// Ext is what a compressed backup's name ends in, as ".gz".
	Ext() string

	// NewWriter returns a writer that compresses into w. Its Close ends the
	// compressed data, and leaves w open. An error of w must come out of Write or
	// Close: that is how File.Close ends a compression early.
	NewWriter(w io.Writer) (io.WriteCloser, error)

	// NewReader returns a reader of what NewWriter wrote.
	NewReader(r io.Reader) (io.ReadCloser, error)
}
