package rotatetest

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A Check says what is known of the writers of the files that it verifies. The zero
// value knows nothing: then all numbers from 1 to the greatest that is there have
// to be there.
type Check struct {
	// Acks are what the writers say of their lines, by their names, as [ReadAcks]
	// reads it. What was not acknowledged need not be there. A writer without one
	// is taken as above.
	Acks map[string]Ack

	// Torn is how many torn lines there may be. A writer that is killed in the
	// middle of a write leaves one at most.
	Torn int

	// Pruned says that old backups were deleted. What is missing before the first
	// line of a writer that is there, or after the last, is no loss then.
	Pruned bool

	// AnyOrder says that a writer writes its lines from several goroutines. Else
	// they have to ascend in each file.
	AnyOrder bool

	// Doubtful says that a line whose Write has returned an error may be there all
	// the same: it was written, and then could not be synced, for example.
	Doubtful bool

	// Foreign reports whether a line, without its line break, is no numbered one and
	// still may be there; nil is no line. The record of package rotate that tells
	// what was lost is always one of those that may.
	Foreign func(line []byte) bool

	// Open opens a file; nil is [Open].
	Open func(name string) (io.ReadCloser, error)
}

// Verify is [Check.Verify] of the zero Check.
func Verify(files ...string) (*Report, error) { return Check{}.Verify(files...) }

// Verify reads files, in any order, and reports what is in them. An error is that of
// a file which could not be read; what is wrong with the lines is told by
// [Report.Err].
//
// A file whose name ends in ".gz" is decompressed; one that ends in ".zst" is an error,
// unless Check.Open can read it. A file that is named twice, by
// a symbolic link for example, is read once, and lock files (".lock") are not
// read: app.log* is good enough for the names.
//
// It takes memory for a bit for each number, and does not keep the lines.
func (c Check) Verify(files ...string) (*Report, error) {
	s := scan{Check: c, writers: map[string]*writer{}, buf: bufio.NewReaderSize(nil, MaxLine)}
	if s.Open == nil {
		s.Open = Open
	}
	for _, name := range files {
		if err := s.file(name); err != nil {
			return nil, fmt.Errorf("rotatetest: %w", err)
		}
	}
	return s.report(), nil
}

// Open opens a file, and decompresses it if its name ends in ".gz".
func Open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	switch {
	case err != nil:
		return nil, err
	case filepath.Ext(name) == ".zst":
		return nil, errors.Join(fmt.Errorf("%q: .zst is not decompressed here: set Check.Open, or decompress it first", name), f.Close())
	case filepath.Ext(name) != ".gz":
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%q: %w", name, err), f.Close())
	}
	return gzipFile{z, f}, nil
}

type gzipFile struct {
	*gzip.Reader
	f *os.File
}

func (g gzipFile) Close() error { return errors.Join(g.Reader.Close(), g.f.Close()) }

// A scan is one run of Verify.
type scan struct {
	Check
	buf     *bufio.Reader
	seen    []os.FileInfo // the files that were read
	writers map[string]*writer
	sum     Report
}

// A writer is what a scan knows of one.
type writer struct {
	Writer
	lines  bitmap
	file   int    // the file that last is about
	last   uint64 // the greatest number in it
	failed []Range
}

func (s *scan) writer(name []byte) *writer {
	w := s.writers[string(name)]
	if w == nil {
		w = &writer{Writer: Writer{Name: string(name)}}
		s.writers[w.Name] = w
	}
	return w
}

func (s *scan) file(name string) error {
	if strings.HasSuffix(name, ".lock") {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	for _, other := range s.seen {
		if os.SameFile(info, other) {
			return nil
		}
	}
	s.seen = append(s.seen, info)
	s.sum.Files++
	f, err := s.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.lines(name, f); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

// lines reads one file.
func (s *scan) lines(name string, f io.Reader) error {
	s.buf.Reset(f)
	for n := uint64(1); ; n++ {
		line, err := s.buf.ReadSlice('\n')
		s.sum.Bytes += uint64(len(line))
		switch {
		case err == nil:
			s.line(line[:len(line)-1], name, n)
		case errors.Is(err, bufio.ErrBufferFull):
			s.torn(line, name, n)
			if err := s.skip(); err != nil {
				return err
			}
		case errors.Is(err, io.EOF):
			if len(line) > 0 { // it has no end, and may be whole but for that
				s.torn(line, name, n)
			}
			return nil
		default:
			return err
		}
	}
}

// skip reads what is left of a line that is too long.
func (s *scan) skip() error {
	for {
		rest, err := s.buf.ReadSlice('\n')
		s.sum.Bytes += uint64(len(rest))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// line takes one line, without its line break.
func (s *scan) line(line []byte, name string, n uint64) {
	h, whole := parse(line)
	if !whole {
		s.other(line, name, n)
		return
	}
	s.sum.Lines++
	w := s.writer(h.writer)
	w.Lines++
	if w.First == 0 || h.seq < w.First {
		w.First = h.seq
	}
	w.Last = max(w.Last, h.seq)
	if w.lines.add(h.seq) {
		w.Doubled++
		s.sample("doubled", line, name, n)
		return
	}
	if w.file != s.sum.Files {
		w.file, w.last = s.sum.Files, 0
	}
	if h.seq < w.last && !s.AnyOrder {
		w.Disordered++
		s.sample("disordered", line, name, n)
	}
	w.last = max(w.last, h.seq)
}

// other takes a line that is not whole.
func (s *scan) other(line []byte, name string, n uint64) {
	if _, ok := isFragment(line); !ok {
		if lost, ok := parseMarker(line); ok {
			s.sum.Markers++
			s.sum.Marked += lost
			return
		}
		if s.Foreign != nil && s.Foreign(line) {
			s.sum.Foreign++
			return
		}
	}
	s.torn(line, name, n)
}

func (s *scan) torn(line []byte, name string, n uint64) {
	s.sum.Torn++
	kind := "torn"
	if isGlued(line) {
		s.sum.Glued++
		kind = "glued"
	}
	if h, ok := isFragment(line); ok {
		s.writer(h.writer).Torn++
	}
	s.sample(kind, line, name, n)
}

// isGlued reports whether a whole line stands at the end of a torn one.
func isGlued(line []byte) bool {
	for i := 1; i < len(line); i++ {
		if _, whole := parse(line[i:]); whole {
			return true
		}
	}
	return false
}
