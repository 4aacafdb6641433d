package config

import (
	"log/slog"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A Kind is what a document may make: a kind of handlers, of formatters or of
// filters. Exactly one of Handler, Formatter and Filter is set.
type Kind struct {
	// Name is the short name, as in "rotating_file".
	Name string

	// Classes are the names of Python's classes that mean this kind, as in
	// "logging.handlers.RotatingFileHandler".
	Classes []string

	// Args are the names of options in the order of the arguments of Python's class, for
	// args= of an INI file.
	Args []string

	// Doc says what it is, in a sentence.
	Doc string

	// Options are all that it can be given. Those that every handler has, level,
	// formatter and filters, are not among them.
	Options []Option

	// Check returns what is wrong with options together, and opens nothing; nil for none.
	Check func(*Args) error

	Handler   func(*Args) (slog.Handler, error)
	Formatter func(*Args) (formatters.Formatter, error)
	Filter    func(*Args) (handlers.Filter, error)
}

// An Option is one option of a [Kind].
type Option struct {
	Name     string   // in lower case with underscores, or as Python has it
	Python   string   // another name that Python's class has for it, as "maxBytes"
	Type     Type     // what it takes
	Default  string   // what it is if nothing is given, for the documentation
	Required bool     // it must be given
	Choices  []string // the only texts that it takes, nil for any
	Doc      string   // what it does, in a sentence
}

// A Type is what an option takes.
type Type int

// Registry has the kinds that documents may name. The zero value has none. A Registry must not be changed
// while a document is parsed with it.
type Registry struct {
	kinds []*Kind
}

// DefaultRegistry returns a new Registry with all of our kinds, which may be
// added to.
func DefaultRegistry() *Registry { return &Registry{} }

// Args are the options of one handler, formatter or filter, checked by their types.
type Args struct {
	// Level is what the handler's level is kept in. A handler that has a level of its own
	// should use it; around others Apply puts one.
	Level slog.Leveler

	// Formatter is the formatter that the document gave the handler, nil if none.
	Formatter formatters.Formatter
}
