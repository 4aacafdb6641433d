package config

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// handlerKinds are those of package handlers.
func handlerKinds() []*Kind {
	return []*Kind{streamKind(), fileKind(), memoryKind(), nullKind()}
}

func streamKind() *Kind {
	return &Kind{
		Name: "stream", Classes: []string{"logging.StreamHandler"}, Args: []string{"stream"},
		Doc:     "Writes to standard output or standard error.",
		Options: []Option{{Name: "stream", Type: TypeStream, Default: "ext://sys.stderr", Doc: "which one"}},
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewStream(a.Writer("stream"), a.Formatter, nil), nil
		},
	}
}

// utf8Option is Python's encoding, of which there is one.
var utf8Option = Option{Name: "encoding", Type: TypeText, Default: "utf-8", Choices: []string{"utf-8", "utf8", "UTF-8", "UTF8", "utf_8", "ascii", "us-ascii"}, Doc: "how text is encoded: UTF-8 is all there is, and ASCII is part of it"}

var errorsOption = Option{Name: "errors", Type: TypeText, Choices: []string{"strict", "ignore", "replace", "surrogateescape", "xmlcharrefreplace", "backslashreplace", "namereplace"}, Doc: "what Python does with text that can't be encoded; there is none here"}

// fileOptions are options that all kinds of files have.
func fileOptions(more ...Option) []Option {
	return append([]Option{
		{Name: "filename", Type: TypePath, Required: true, Doc: "the file's name; directories that are missing are made"},
		{Name: "mode", Type: TypeText, Default: "a", Choices: []string{"a", "w", "at", "wt"}, Doc: "\"a\" appends to the file, \"w\" empties it when it is opened"},
		utf8Option,
		{Name: "delay", Type: TypeBool, Default: "false", Doc: "open the file at the first record"},
		errorsOption,
		{Name: "perm", Type: TypePerm, Default: "0666", Doc: "the permissions of a file that is created, before umask"},
	}, more...)
}

// truncates reports whether the file is to be emptied. If it is opened at once, that is
// done when nothing else can fail.
func truncates(a *Args) (atOpen bool) {
	if m := a.Text("mode"); m[0] != 'w' {
		return false
	}
	if a.Bool("delay") {
		return true
	}
	name := a.Path("filename")
	a.Commit(func() error {
		if fi, err := os.Stat(name); err == nil && !fi.Mode().IsRegular() {
			return nil // a device or a pipe has nothing that could be emptied, as with O_TRUNC
		}
		return os.Truncate(name, 0)
	})
	return false
}

func fileKind() *Kind {
	return &Kind{
		Name: "file", Classes: []string{"logging.FileHandler"}, Args: []string{"filename", "mode", "encoding", "delay", "errors"},
		Doc:     "Writes to a file.",
		Options: fileOptions(),
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewFile(a.Path("filename"), a.Formatter, nil, handlers.FileOptions{
				Truncate: truncates(a), Delay: a.Bool("delay"), Perm: a.Perm("perm"),
			})
		},
	}
}

func memoryKind() *Kind {
	return &Kind{
		Name: "memory", Classes: []string{"logging.handlers.MemoryHandler"}, Args: []string{"capacity", "flush_level", "target", "flush_on_close"},
		Doc: "Holds records back and passes them on in bulk.",
		Options: []Option{
			{Name: "capacity", Type: TypeInt, Required: true, Doc: "how many records make it flush"},
			{Name: "flush_level", Python: "flushLevel", Type: TypeLevel, Default: "ERROR", Doc: "the level from which a record makes it flush"},
			{Name: "target", Type: TypeHandler, Doc: "the handler that gets the records; without one they are collected without end"},
			{Name: "flush_on_close", Python: "flushOnClose", Type: TypeBool, Default: "true", Doc: "flush when it is closed"},
		},
		ignoresLevel: func(*Args) bool { return true },
		Handler: func(a *Args) (slog.Handler, error) {
			return handlers.NewMemory(a.Handler("target"), handlers.MemoryOptions{
				Capacity: max(1, int(a.Int("capacity"))), FlushLevel: a.Level("flush_level"), KeepOnClose: !a.Bool("flush_on_close"),
			}), nil
		},
	}
}

func nullKind() *Kind {
	return &Kind{
		Name: "null", Classes: []string{"logging.NullHandler"},
		Doc:     "Drops what it gets.",
		Handler: func(*Args) (slog.Handler, error) { return &nullHandler{}, nil },
	}
}

// A nullHandler is logging.NullHandler. Unlike slog.DiscardHandler each is one of its own, and it is
// there for the last resort.
type nullHandler struct{ _ byte }

func (*nullHandler) String() string { return "Null" }

func filterKinds() []*Kind {
	return []*Kind{{
		Name: "name", Classes: []string{"logging.Filter"}, Args: []string{"name"},
		Doc:     "Passes the records of one logger and of those below it.",
		Options: []Option{{Name: "name", Type: TypeText, Doc: "the logger's name; an empty one passes all"}},
		Filter:  func(a *Args) (handlers.Filter, error) { return handlers.NameFilter(a.Text("name")), nil },
	}}
}

// formatterKinds are those of package formatters.
func formatterKinds() []*Kind {
	return []*Kind{
		textKind(),
		plainKind("json", "One JSON object a line.", formatters.JSON, fieldOptions, jsonOptions),
		plainKind("logfmt", "key=value pairs.", formatters.Logfmt, fieldOptions),
		plainKind("console", "Lines for people, in colour on a terminal.", formatters.Console, consoleOptions),
	}
}

// Options of formatters.
var (
	commonOptions = []Option{
		{Name: "datefmt", Type: TypeText, Doc: "the format of the time, in directives of strftime"},
		{Name: "zone", Type: TypeZone, Doc: "the time zone of the time"},
		{Name: "raw", Type: TypeBool, Default: "false", Doc: "print text as it is, as CPython does, so that a record can forge another"},
	}
	fieldOptions = []Option{
		{Name: "source", Type: TypeBool, Default: "false", Doc: "print where the record was made"},
		{Name: "fields", Type: TypeTexts, Doc: "fields of Python's LogRecord to write in place of slog's, in this order"},
		{Name: "keys", Type: TypeTable, Doc: "other names for fields; \"\" leaves one out"},
		{Name: "time_unit", Type: TypeDuration, Doc: "write the time as a number of these since 1970"},
	}
	jsonOptions = []Option{
		{Name: "duplicates", Type: TypeText, Default: "keep", Choices: []string{"keep", "last", "rename"}, Doc: "what becomes of members of one name in an object"},
		{Name: "escape_controls", Type: TypeBool, Default: "false", Doc: "escape control characters, and those that turn the direction of text, that JSON need not escape"},
	}
	consoleOptions = []Option{
		{Name: "source", Type: TypeBool, Default: "false", Doc: "print where the record was made"},
		{Name: "color", Type: TypeText, Default: "auto", Choices: []string{"auto", "never", "always"}, Doc: "whether there are colours"},
	}
)

func textKind() *Kind {
	return &Kind{
		Name: "text", Classes: []string{"logging.Formatter"}, Args: []string{"format", "datefmt", "style", "validate"},
		Doc: "Lines by a format of Python's.",
		Options: append([]Option{
			{Name: "format", Python: "fmt", Type: TypeText, Doc: "the format, as \"%(levelname)s %(message)s\"; the message alone if empty"},
			{Name: "style", Type: TypeText, Default: "%", Choices: []string{"%", "{", "$"}, Doc: "how fields are written in the format"},
			{Name: "validate", Type: TypeBool, Default: "true", Doc: "refuse a format that has a mistake"},
			{Name: "defaults", Type: TypeTable, Doc: "values for attrs that a record lacks"},
			{Name: "strict", Type: TypeBool, Default: "false", Doc: "leave out attrs that the format does not name"},
		}, commonOptions...),
		Formatter: textFormatter,
	}
}

func textFormatter(a *Args) (formatters.Formatter, error) {
	make := map[string]func(string, *formatters.Options) (formatters.Formatter, error){
		"%": formatters.Percent, "{": formatters.Brace, "$": formatters.Dollar,
	}[a.Text("style")]
	o := commonOf(a)
	o.NoValidate, o.Defaults, o.Strict = !a.Bool("validate"), a.Table("defaults"), a.Bool("strict")
	format := a.Text("format")
	if format == "" {
		format = map[string]string{"%": "%(message)s", "{": "{message}", "$": "${message}"}[a.Text("style")]
	}
	return make(format, o)
}

func commonOf(a *Args) *formatters.Options {
	return &formatters.Options{DateFmt: a.Text("datefmt"), Location: a.Location("zone"), Raw: a.Bool("raw")}
}

// plainKind is a kind of formatters without a format string.
func plainKind(name, doc string, make func(*formatters.Options) formatters.Formatter, options ...[]Option) *Kind {
	k := &Kind{Name: name, Doc: doc, Options: append([]Option(nil), commonOptions...)}
	for _, more := range options {
		k.Options = append(k.Options, more...)
	}
	k.Formatter = func(a *Args) (formatters.Formatter, error) {
		o := commonOf(a)
		o.Source = a.Bool("source")
		if k.option("fields") != nil {
			o.Fields, o.TimeUnit = a.Texts("fields"), a.Duration("time_unit")
			var err error
			if o.Keys, err = textTable(a, "keys"); err != nil {
				return nil, err
			}
		}
		if k.option("duplicates") != nil {
			o.Duplicates = map[string]formatters.Duplicates{"keep": formatters.DuplicatesKeep, "last": formatters.DuplicatesLast, "rename": formatters.DuplicatesRename}[a.Text("duplicates")]
			o.EscapeControls = a.Bool("escape_controls")
		}
		if k.option("color") != nil {
			o.Color = map[string]formatters.Color{"auto": formatters.ColorAuto, "never": formatters.ColorNever, "always": formatters.ColorAlways}[a.Text("color")]
		}
		return make(o), nil
	}
	return k
}

// textTable returns a table whose values are texts.
func textTable(a *Args, name string) (map[string]string, error) {
	texts := map[string]string{}
	for key, v := range a.Table(name) {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("%s: %s must be text", name, key)
		}
		texts[key] = s
	}
	return texts, nil
}
