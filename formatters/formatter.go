// Package formatters turns records into bytes. It knows no I/O: a handler
// asks a [Formatter] to append one record to a buffer, and writes the buffer.
//
// [Percent], [Brace] and [Dollar] are the styles of Python's logging.Formatter,
// "%(name)s %(message)s", "{name} {message}" and "$name $message": every attribute
// of CPython's LogRecord, every flag, width, precision and conversion, and any
// attr of a slog record by key or dotted path.
//
// [JSON] writes what slog.JSONHandler does, in less time, and valid JSON
// always; or the fields of CPython's LogRecord, as python-json-logger does.
// [Logfmt] writes what slog.TextHandler does. [Console] is for people.
package formatters

import "log/slog"

// A Formatter renders records. It is an immutable value that carries the
// attrs and groups given to it, already formatted; each With method returns
// another value and leaves its receiver as it was. All methods may be called
// from several goroutines at once.
type Formatter interface {
	// WithAttrs returns a Formatter that renders attrs with every record.
	// The caller gives the slice away: it must not use it afterwards.
	WithAttrs(attrs []slog.Attr) Formatter

	// WithGroup returns a Formatter that qualifies the attrs given to it
	// later, and those of records, by name. An empty name changes nothing.
	WithGroup(name string) Formatter

	// WithLoggerName returns a Formatter that knows the logger's name. The
	// name is what %(name)s prints; formatters that write keys write it
	// under key, and leave it out if key is "".
	WithLoggerName(key, name string) Formatter

	// Append appends r to dst, without a line terminator, and returns the
	// extended buffer. The ctxAttrs, which come from a context, stand at top
	// level whatever groups are open. It never fails and never panics: what
	// can't be rendered becomes visible text in the line.
	Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte

	// Key identifies the rendering: it is comparable, and two Formatters
	// with equal keys render every record to equal bytes.
	Key() any
}

// Must returns f, and panics if err is not nil. It is for formats that are
// constants of the program.
func Must(f Formatter, err error) Formatter {
	if err != nil {
		panic(err)
	}
	return f
}

// AppendRecord is f.Append(dst, ctxAttrs, *r), in less time: it hands formatters
// of this package the record as it is, which Append, being a method of an
// interface, has to copy. The record is not changed.
func AppendRecord(f Formatter, dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	switch f := f.(type) {
	case *template:
		return f.append(dst, ctxAttrs, r)
	case *logfmt:
		return f.append(dst, ctxAttrs, r)
	case *jsonFormatter:
		return f.append(dst, ctxAttrs, r)
	}
	return f.Append(dst, ctxAttrs, r.Clone())
}
