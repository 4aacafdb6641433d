package rotate

import (
	"bytes"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// String returns the text of the marker that is the default, as in
// "3 records (360 bytes) lost from 2026-01-02T15:04:05Z to 2026-01-02T15:04:06Z: no space left on device".
func (l Lost) String() string {
	what := "records"
	if l.Records == 1 {
		what = "record"
	}
	return fmt.Sprintf("%d %s (%d bytes) lost from %s to %s: %v", l.Records, what, l.Bytes,
		l.First.Format(time.RFC3339), l.Last.Format(time.RFC3339), l.Err)
}

// lose counts records that were not written. OnError is told of the first of
// them here, of all others by told.
func (f *File) lose(records, bytes uint64, err error) {
	now := f.o.now()
	if f.lost.Records == 0 {
		f.lost.First = now
		f.errs.add(f.wrap(err))
	}
	f.lost.Records += records
	f.lost.Bytes += bytes
	f.lost.Last, f.lost.Err = now, err
	f.stats.Lost += records
}

// marker returns the record that tells what was lost, nothing if nothing was. Where
// Options.Marker or the format panics it is the default.
func (f *File) marker() (text []byte) {
	if f.lost.Records == 0 {
		return nil
	}
	defer func() {
		if recover() != nil {
			text = f.lost.line()
		}
	}()
	switch {
	case f.o.Marker != nil:
		if text = f.o.Marker(f.lost); len(text) > 0 && !bytes.HasSuffix(text, []byte(f.terminator)) {
			text = append(text[:len(text):len(text)], f.terminator...)
		}
		return text
	case f.format != nil:
		return append(formatters.AppendRecord(f.format, nil, nil, f.lost.record()), f.terminator...)
	}
	return f.lost.line()
}

// line returns the marker that is the default.
func (l Lost) line() []byte { return []byte("rotate: " + oneLine(l.String()) + "\n") }

// record returns the marker as a record.
func (l Lost) record() *slog.Record {
	r := slog.NewRecord(l.Last, slog.LevelWarn, fmt.Sprintf("%d records lost", l.Records), 0)
	r.AddAttrs(slog.Uint64("records", l.Records), slog.Uint64("bytes", l.Bytes), slog.Time("first", l.First),
		slog.Time("last", l.Last), slog.String("err", l.Err.Error()))
	return &r
}

// told notes that the marker was written, and tells OnError as well.
func (f *File) told() {
	if f.lost.Records > 1 {
		f.errs.add(f.wrap(writingAgain{f.lost}))
	}
	f.lost = Lost{}
}

// writingAgain tells OnError what was lost, and wraps why.
type writingAgain struct{ lost Lost }

func (w writingAgain) Error() string { return "writing again: " + w.lost.String() }

func (w writingAgain) Unwrap() error { return w.lost.Err }

// oneLine keeps the text of an error from breaking the line.
func oneLine(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c == 0x7f {
			b[i] = ' '
		}
	}
	return string(b)
}
