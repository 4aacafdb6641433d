package netsink

// windowMarks is how finely a window is kept.
const windowMarks = 256

// A window knows which records were sent last on a connection.
type window struct {
	max   int64  // bytes
	bytes int64  // sent so far
	last  uint64 // record
	marks []mark // ascending
}

// A mark says which record was the first one sent at or after a place in the stream.
type mark struct {
	at    int64
	first uint64
}

// add notes that so many bytes were sent, of records that end with last. Some of them may be none of
// a record, and first is greater than last if all are.
func (w *window) add(bytes int, first, last uint64) {
	if n := len(w.marks); n == 0 || w.bytes-w.marks[n-1].at >= w.max/windowMarks {
		w.marks = append(w.marks, mark{at: w.bytes, first: first})
	}
	w.bytes += int64(bytes)
	w.last = max(w.last, last)
	w.forget()
}

// forget drops the marks that nobody needs: all that are before the last one at or before
// the window's begin.
func (w *window) forget() {
	n := 0
	for n+1 < len(w.marks) && w.marks[n+1].at <= w.bytes-w.max {
		n++
	}
	if n > 0 {
		w.marks = append(w.marks[:0], w.marks[n:]...)
	}
}

// records returns which records are in the window, the first and the last, and how many.
func (w *window) records() (first, last, n uint64) {
	if len(w.marks) == 0 || w.last < w.marks[0].first {
		return 0, 0, 0
	}
	return w.marks[0].first, w.last, w.last - w.marks[0].first + 1
}
