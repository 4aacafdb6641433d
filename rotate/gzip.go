package rotate

import (
	"compress/gzip"
	"io"
	"sync"
)

// Gzip is the [Codec] of the standard library's compress/gzip, at its default
// level. Names end in ".gz"; gunzip and zcat read the files.
var Gzip Codec = gzipCodec{}

type gzipCodec struct{}

// gzipWriters keeps writers, which have 800 KB of tables each.
var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func (gzipCodec) Ext() string { return ".gz" }

func (gzipCodec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	z := gzipWriters.Get().(*gzip.Writer)
	z.Reset(w)
	return &gzipWriter{z}, nil
}

func (gzipCodec) NewReader(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

// A gzipWriter gives its writer back when it is closed.
type gzipWriter struct{ z *gzip.Writer }

func (w *gzipWriter) Write(p []byte) (int, error) {
	if w.z == nil {
		return 0, io.ErrClosedPipe
	}
	return w.z.Write(p)
}

func (w *gzipWriter) Close() error {
	if w.z == nil {
		return nil
	}
	err := w.z.Close()
	w.z.Reset(nil) // it must not keep what it wrote to
	gzipWriters.Put(w.z)
	w.z = nil
	return err
}
