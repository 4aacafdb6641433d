package formatters

import (
	"log/slog"
	"time"
)

// Options change how a formatter renders. The zero value and nil mean all
// defaults. Constructors copy what they are given.
type Options struct {
	// DateFmt is the format of the time, in the directives of C's strftime,
	// as in CPython's logging.Formatter(datefmt=...): "%d %b %H:%M" gives
	// "29 Feb 12:30". A layout of Go's package time, such as "15:04", is refused by
	// the constructors that return an error, and a mark in each line of the others.
	// If empty, %(asctime)s is "%Y-%m-%d %H:%M:%S", a comma and the milliseconds,
	// "2024-02-29 12:30:45,678", and JSON, Logfmt and Console have a form of their own.
	DateFmt string

	// Location is the zone of the time. Nil means time.Local, as in CPython, and for
	// JSON and Logfmt the record's own, as in slog. Use time.UTC for what CPython
	// calls converter = time.gmtime.
	Location *time.Location

	// Levels names the levels. Nil means Python's five, and in JSON and Logfmt without
	// Fields slog's, so that CRITICAL is ERROR+4 there; new(LevelNames) is
	// Python's five everywhere.
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
	// It is not called for the record's own fields: time, level, message and the like.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// Source makes JSON, Logfmt and Console print where the record was made, as
	// slog.HandlerOptions.AddSource does. A format names the fields that it
	// wants instead, such as %(pathname)s.
	Source bool

	// Fields makes JSON and Logfmt write these fields of CPython's LogRecord,
	// in this order, in place of slog's time, level, source, msg and the
	// logger's name: "asctime", "name", "levelname", "message" and any other
	// that [Percent] lists. The attrs follow, or stand where "attrs" does. A name
	// that is no such field, an attr's for one, has a mark for its value. It is what a
	// format is to python-json-logger.
	Fields []string

	// Keys renames the fields that JSON and Logfmt write for the record itself:
	// Keys["msg"] = "message". The usual keys are time, level, source, msg, exc_info,
	// and the logger's, which is "logger" in a tree; with Fields, they are the
	// fields' names. A field whose new name is "" is left out. Attrs keep their keys;
	// that is what ReplaceAttr is for.
	Keys map[string]string

	// TimeUnit makes JSON and Logfmt write the time as a whole number, how many
	// of these units have passed since 1970: time.Second, time.Millisecond and so on.
	// If zero, it is text, in slog's form unless DateFmt gives another.
	TimeUnit time.Duration

	// Duplicates says what JSON does with several members of one name in an
	// object.
	Duplicates Duplicates

	// EscapeControls makes JSON write C1 control characters, and those that turn
	// the direction of text, as \u009b and the like. Both are valid as they are,
	// and slog.JSONHandler leaves them so, but terminals and editors obey them.
	EscapeControls bool

	// Color says whether Console writes colours.
	Color Color
}

// Duplicates says what becomes of members that have the same name in one
// object of JSON. Most readers take the last one and drop the others.
type Duplicates uint8

const (
	DuplicatesKeep   Duplicates = iota // write all of them, as slog.JSONHandler does
	DuplicatesLast                     // write the last one, at the place of the first
	DuplicatesRename                   // write all, the second of name as name#2 and so on
)

// Color says whether text is coloured.
type Color uint8

const (
	ColorAuto   Color = iota // on a terminal, as NO_COLOR, FORCE_COLOR and TERM have it
	ColorNever               // no colours
	ColorAlways              // colours, whatever the writer is
)
