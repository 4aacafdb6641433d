//go:build linux

package main

import (
	"compress/gzip"
	"io"
)

// gzipCodec is what -gzip compresses with: the fastest there is, so that it is done often.
type gzipCodec struct{}

func (gzipCodec) Ext() string { return ".gz" }

func (gzipCodec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	return gzip.NewWriterLevel(w, gzip.BestSpeed)
}

func (gzipCodec) NewReader(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }
