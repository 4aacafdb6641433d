package handlers

import "io"

// A ConcurrentWriter is a writer that sees to its own order: Write may be
// called by several goroutines at once, and either writes all of p, unmixed with
// what others write, or nothing. The method WritesConcurrently says so and does
// nothing. A [Stream] calls such a writer without a lock, which
// is what two processors at work on one Stream would wait for most.
//
// A file is none, though the operating system keeps its writes apart: on a full
// disk it takes a part of a record.
type ConcurrentWriter interface {
	io.Writer
	WritesConcurrently()
}

// Concurrent returns w as a [ConcurrentWriter]: the caller promises that it is
// one. NewStream sees through it. It panics if w is nil.
func Concurrent(w io.Writer) ConcurrentWriter {
	if w == nil {
		panic("handlers: Concurrent: the writer is nil")
	}
	return concurrent{w}
}

type concurrent struct{ io.Writer }

func (concurrent) WritesConcurrently() {}

// seenThrough returns what Concurrent was given, or else w, and whether it needs
// no lock.
func seenThrough(w io.Writer) (io.Writer, bool) {
	_, ok := w.(ConcurrentWriter)
	for {
		c, wrapped := w.(concurrent)
		if !wrapped {
			return w, ok
		}
		w = c.Writer
	}
}
