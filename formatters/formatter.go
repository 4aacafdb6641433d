// Package formatters turns records into bytes. It knows no I/O: a handler
// asks a [Formatter] to append one record to a buffer, and writes the buffer.
//
// [Percent] is Python's "%(name)s %(message)s" style: every attribute of
// CPython's LogRecord, every flag, width, precision and conversion, and any
// attr of a slog record by key or dotted path.
package formatters

import (
	"log/slog"
	"time"
)

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

// Options change how a formatter renders. The zero value and nil mean all
// defaults. Constructors copy what they are given.
type Options struct {
	// DateFmt is the format of %(asctime)s, in the directives of C's strftime,
	// as in CPython's logging.Formatter(datefmt=...): "%d %b %H:%M" gives
	// "29 Feb 12:30". It is no layout of Go's package time: text without a %
	// prints as it is. If empty, it is "%Y-%m-%d %H:%M:%S", a comma and the
	// milliseconds: "2024-02-29 12:30:45,678".
	DateFmt string

	// Location is the zone of %(asctime)s. Nil means time.Local, as in CPython.
	// Use time.UTC for what CPython calls converter = time.gmtime.
	Location *time.Location

	// Levels names the levels. Nil means Python's five.
	Levels *LevelNames

	// Defaults holds values for fields whose attr a record lacks.
	// It is CPython's logging.Formatter(defaults=...).
	Defaults map[string]any

	// Strict leaves out attrs that the format does not name. Otherwise a
	// format without %(attrs)s gets them at the end of its line.
	Strict bool

	// Raw prints text as it is, as CPython does. Otherwise what fields print
	// is escaped, so that no record can forge another one: line breaks, control
	// characters but for the tab, characters that turn the direction of text,
	// and bytes that are no UTF-8 become \n, \x1b, \u202e and the like. The
	// lines of an error's text or a stack are indented by four spaces.
	//
	// Attrs as key=value, at the line's end or in %(attrs)s, are the same with
	// Raw and without: a text that has a space, a quote, an equals sign or
	// anything of the above in it, the tab too, is quoted as Go quotes strings,
	// with the tab as \t.
	Raw bool

	// NoValidate accepts any format string, as CPython's validate=False does.
	// What a bad field can't print becomes a %!field(REASON) mark in the line.
	NoValidate bool

	// ReplaceAttr is called for each attr that is no group before it is
	// rendered, with the groups it stands in, which must not be kept or
	// changed. It returns the attr to render instead; a zero Attr leaves it out.
	// It is not called for the record's own fields, which the format names.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr
}

// Must returns f, and panics if err is not nil. It is for formats that are
// constants of the program.
func Must(f Formatter, err error) Formatter {
	if err != nil {
		panic(err)
	}
	return f
}
