package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/slogsuite/slogsuite/formatters"
)

// FileOptions say how a [File] opens its file. The zero value appends to it at
// once. They are the arguments mode and delay of CPython's FileHandler.
type FileOptions struct {
	// Truncate empties the file when it is opened: mode "w". Otherwise records
	// are appended to what is there: mode "a".
	Truncate bool

	// Delay opens the file at the first record. If that fails, the record is
	// lost, with an error, and the next one tries again.
	Delay bool

	// Perm are the permissions of a file that is created, before umask; 0 means
	// 0666. A file that exists keeps its own.
	Perm fs.FileMode
}

// A File writes records to a file of its own. It is logging.FileHandler of
// CPython, and a [Stream] in all else.
//
// The file is always open for appending, so that several writers, or a tool
// that truncates it, do no harm. It is written without a buffer: a record that
// Handle returned for is with the operating system.
//
// Use [NewFile]; the zero value is not usable.
type File struct {
	stream *Stream
	file   *lazyFile
}

// NewFile opens the file called name, and creates it and its parent directories
// where they are missing. Later changes of the working directory do not matter.
// The formatter and the level are as for [NewStream]. An error names the file;
// nothing is left open then.
func NewFile(name string, f formatters.Formatter, level slog.Leveler, o FileOptions) (*File, error) {
	lf, err := newLazyFile(name, o)
	if err != nil {
		return nil, fmt.Errorf("handlers: file %q: %w", name, err)
	}
	return &File{stream: newStream(lf, printable(name), f, level), file: lf}, nil
}

// WithDefaultFormatter returns h or one like it, see [Stream.WithDefaultFormatter].
func (h *File) WithDefaultFormatter(f formatters.Formatter) slog.Handler {
	if !h.stream.plain {
		return h
	}
	return &File{stream: h.stream.with(f), file: h.file}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *File) AddsContextAttrs() {}

// Name returns the absolute name of the file. It is FileHandler.baseFilename.
func (h *File) Name() string { return h.file.name }

// String describes h, as in "File(app.log) level DEBUG".
func (h *File) String() string {
	return withLevel("File("+h.stream.sink.name+")", h.stream.level)
}

// SetTerminator sets what ends each record, see [Stream.SetTerminator].
func (h *File) SetTerminator(s string) { h.stream.SetTerminator(s) }

// Enabled reports whether l is at or above the File's level.
func (h *File) Enabled(ctx context.Context, l slog.Level) bool { return h.stream.Enabled(ctx, l) }

// Handle writes r. After Close it returns an error that wraps [os.ErrClosed].
func (h *File) Handle(ctx context.Context, r slog.Record) error { return h.stream.Handle(ctx, r) }

// Formatter returns the formatter, with all that was bound to h.
func (h *File) Formatter() formatters.Formatter { return h.stream.format }

// WriteRendered writes line and the terminator, see [Renderer].
func (h *File) WriteRendered(ctx context.Context, level slog.Level, line []byte) error {
	return h.stream.WriteRendered(ctx, level, line)
}

// NeedsSource reports whether the formatter prints where records were made.
func (h *File) NeedsSource() bool { return h.stream.NeedsSource() }

// WithAttrs returns a File that writes attrs with each record.
func (h *File) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &File{stream: h.stream.with(h.stream.format.WithAttrs(attrs)), file: h.file}
}

// WithGroup returns a File that qualifies later attrs by name.
func (h *File) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &File{stream: h.stream.with(h.stream.format.WithGroup(name)), file: h.file}
}

// WithLoggerName returns a File whose formatter knows the logger's name.
func (h *File) WithLoggerName(key, name string) slog.Handler {
	return &File{stream: h.stream.with(h.stream.format.WithLoggerName(key, name)), file: h.file}
}

// Flush writes what an error has left of a record. It does not sync the disk.
func (h *File) Flush() error { return h.stream.Flush() }

// Close flushes and closes the file, for everything derived from h too. Only
// the first call does anything.
func (h *File) Close() error {
	s := h.stream.sink
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.file.closed {
		return nil
	}
	return errors.Join(s.writeRest(), s.wrap(h.file.close()))
}

// Reopen opens what now has the file's name, and closes the file: after a program such as
// logrotate has moved it. What was there is appended to, with FileOptions.Truncate too. If
// it does not open, records go on into the old one, and the error says why; they do
// while it opens, too. A file that is not open yet, by FileOptions.Delay, is left to the
// next record. After Close the error wraps [os.ErrClosed].
//
// It is what CPython's WatchedFileHandler.reopenIfNeeded does, when it is told to.
func (h *File) Reopen() error {
	h.file.reopening.Lock() // or the older of two files may come last
	defer h.file.reopening.Unlock()
	s := h.stream.sink
	s.mu.Lock()
	closed, waits := h.file.closed, h.file.f == nil
	s.mu.Unlock()
	switch {
	case closed:
		return s.wrap(os.ErrClosed)
	case waits:
		return nil
	}
	opened, err := h.file.openFile(0) // without the lock: it may take a time
	if err != nil {
		return s.wrap(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.file.closed {
		return errors.Join(s.wrap(os.ErrClosed), s.wrap(opened.Close()))
	}
	err = s.writeRest() // if that fails, it stands in the new file
	old := h.file.f
	h.file.f = opened
	return errors.Join(err, s.wrap(old.Close()))
}

// lazyFile is a file that opens when it is first written to. The sink's lock
// guards it.
type lazyFile struct {
	name   string // absolute
	o      FileOptions
	f      *os.File // nil until opened
	closed bool

	reopening sync.Mutex // taken before the sink's lock
}

func newLazyFile(name string, o FileOptions) (*lazyFile, error) {
	switch {
	case name == "":
		return nil, errors.New("the name is empty")
	case strings.ContainsRune(name, 0):
		return nil, errors.New("the name holds a NUL character")
	case o.Perm&^fs.ModePerm != 0:
		return nil, fmt.Errorf("FileOptions.Perm %O has other bits than permissions", o.Perm)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	if o.Perm == 0 {
		o.Perm = 0o666
	}
	lf := &lazyFile{name: abs, o: o}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return nil, errors.New("is a directory")
	}
	if o.Delay {
		return lf, nil
	}
	return lf, lf.open()
}

func (f *lazyFile) open() error {
	flags := 0
	if f.o.Truncate {
		flags = os.O_TRUNC
	}
	file, err := f.openFile(flags)
	if err == nil {
		f.f = file
	}
	return err
}

// openFile opens what has the file's name. It needs no lock.
func (f *lazyFile) openFile(flags int) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(f.name), 0o777); err != nil {
		return nil, err
	}
	return os.OpenFile(f.name, flags|os.O_WRONLY|os.O_CREATE|os.O_APPEND, f.o.Perm)
}

func (f *lazyFile) Write(p []byte) (int, error) {
	if f.closed {
		return 0, os.ErrClosed
	}
	if f.f == nil {
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	return f.f.Write(p)
}

func (f *lazyFile) close() error {
	f.closed = true
	if f.f == nil {
		return nil
	}
	return f.f.Close()
}
