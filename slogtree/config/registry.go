package config

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A Kind is what a document may make: a kind of handlers, of formatters or of
// filters. Exactly one of Handler, Formatter and Filter is set. They make one of
// the options that the document gives, which have been checked by their types, and may be called
// from several goroutines at once.
type Kind struct {
	// Name is the short name, as in "rotating_file".
	Name string

	// Classes are the names of Python's classes that mean this kind, as in
	// "logging.handlers.RotatingFileHandler". Nothing is looked up by them but this.
	Classes []string

	// Args are the names of options in the order of the arguments of Python's class, for
	// args= of an INI file.
	Args []string

	// Doc says what it is, in a sentence.
	Doc string

	// Options are all that it can be given. Those that every handler has, level,
	// formatter and filters, are not among them.
	Options []Option

	// Check returns what is wrong with options together, and opens nothing. It is called
	// when a document is read. nil finds nothing.
	Check func(*Args) error

	// Handler makes and opens a handler. It must not change anything that exists, such
	// as a file's content, but by Args.Commit. The handler's level and filters are put around it.
	Handler func(*Args) (slog.Handler, error)

	// Formatter makes a formatter.
	Formatter func(*Args) (formatters.Formatter, error)

	// ignoresLevel says whether handlers that it feeds are fed records below their level too, as
	// CPython's MemoryHandler does; nil is no.
	ignoresLevel func(*Args) bool

	// Filter makes a filter. Each call returns one that equals no other.
	Filter func(*Args) (handlers.Filter, error)
}

// An Option is one option of a [Kind].
type Option struct {
	Name     string   // in lower case with underscores
	Python   string   // another name, that Python's class has for it, as "maxBytes"; "" is none
	Type     Type     // what it takes
	Default  string   // what it is if nothing is given, as a document would say it; "" is the zero value
	Required bool     // it must be given
	Choices  []string // the only texts that it takes, nil for any
	Doc      string   // what it does, in a sentence
}

// Registry has the kinds that documents may name. The zero value has none. It is a value of its
// own: nothing registers itself. A Registry must not be changed while documents are
// parsed with it.
type Registry struct {
	kinds []*Kind
}

// DefaultRegistry returns a new Registry with all of our kinds, which may be
// added to.
func DefaultRegistry() *Registry {
	return &Registry{slices.Concat(handlerKinds(), rotateKinds(), netKinds(), farKinds(), wrapperKinds(), formatterKinds(), filterKinds())}
}

// Add adds a kind, and replaces one of the same name and sort. Two kinds with one name in
// two registries are taken for the same when configurations are compared. It
// panics if k is incomplete or one of its names is taken by another kind: that is a mistake in the program.
func (r *Registry) Add(k Kind) {
	if err := k.check(); err != nil {
		panic("config: Registry.Add: " + err.Error())
	}
	kept := slices.DeleteFunc(slices.Clone(r.kinds), func(old *Kind) bool { return old.Name == k.Name && old.sort() == k.sort() })
	for _, old := range kept {
		for _, class := range k.Classes {
			if old.sort() == k.sort() && slices.Contains(old.Classes, class) {
				panic("config: Registry.Add: " + class + " is a class of " + old.Name)
			}
		}
	}
	r.kinds = append(kept, &k)
}

// Kinds returns copies of all kinds, in the order in which they were added.
func (r *Registry) Kinds() []Kind {
	kinds := make([]Kind, len(r.kinds))
	for i, k := range r.kinds {
		kinds[i] = *k
	}
	return kinds
}

// check returns what is wrong with a kind.
func (k *Kind) check() error {
	made := 0
	for _, is := range []bool{k.Handler != nil, k.Formatter != nil, k.Filter != nil} {
		if is {
			made++
		}
	}
	if k.Name == "" || made != 1 {
		return fmt.Errorf("kind %q needs a name, and one of Handler, Formatter and Filter", k.Name)
	}
	for i, o := range k.Options {
		if o.Name == "" || k.option(o.Name) != &k.Options[i] || o.Python != "" && k.option(o.Python) != &k.Options[i] {
			return fmt.Errorf("kind %q: option %q has no name, or that of another", k.Name, o.Name)
		}
	}
	for _, name := range k.Args {
		if k.option(name) == nil {
			return fmt.Errorf("kind %q: Args has %q, which is no option", k.Name, name)
		}
	}
	return nil
}

// option returns the option of a name, nil if there is none.
func (k *Kind) option(name string) *Option {
	for i := range k.Options {
		if o := &k.Options[i]; o.Name == name || o.Python != "" && o.Python == name {
			return o
		}
	}
	return nil
}

// optionNames returns all names of options.
func (k *Kind) optionNames() (names []string) {
	for _, o := range k.Options {
		if names = append(names, o.Name); o.Python != "" {
			names = append(names, o.Python)
		}
	}
	return names
}

// A sort is what a kind makes.
type sort string

const (
	ofHandlers   sort = "handler"
	ofFormatters sort = "formatter"
	ofFilters    sort = "filter"
)

func (k *Kind) sort() sort {
	switch {
	case k.Handler != nil:
		return ofHandlers
	case k.Formatter != nil:
		return ofFormatters
	}
	return ofFilters
}

// find returns the kind that a name means. In an INI file names are those of
// Python's module logging, too: "StreamHandler" is "logging.StreamHandler".
func (r *Registry) find(s sort, name string, ini bool) *Kind {
	for _, k := range r.kinds {
		if k.sort() != s {
			continue
		}
		if k.Name == name || slices.Contains(k.Classes, name) || ini && slices.Contains(k.Classes, "logging."+name) {
			return k
		}
	}
	return nil
}

// names returns what may be written for kinds of a sort.
func (r *Registry) names(s sort, ini bool) (names []string) {
	for _, k := range r.kinds {
		if k.sort() != s {
			continue
		}
		names = append(append(names, k.Name), k.Classes...)
		for _, class := range k.Classes {
			if ini {
				names = append(names, strings.TrimPrefix(class, "logging."))
			}
		}
	}
	return names
}

// unrepresented are classes of Python's logging that have no kind, and why.
var unrepresented = map[string]string{
	"logging.handlers.SysLogHandler":     "there is no kind for syslog",
	"logging.handlers.HTTPHandler":       "a form for each record can't be sent; \"webhook\" sends JSON",
	"logging.handlers.NTEventLogHandler": "the event log of Windows can't be written to",
	"logging.handlers.BufferingHandler":  "it is a base class; \"memory\" is one that can be used",
	"logging.handlers.QueueListener":     "it is no handler",
	"logging.Handler":                    "it is a base class",
	"logging.BufferingFormatter":         "there is no kind for it",
}
