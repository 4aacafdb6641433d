// Package config configures a [slogtree.Tree] from a document: Python's
// logging.conf ([ParseINI]) or its dictConfig, as JSON or YAML ([ParseDict]).
//
// Python's documents load unchanged: its class names mean our handlers. Nothing
// in a document is executed, and what has no equivalent here is an error that
// says so. A [Config] that was parsed is applied as a whole or not at all.
//
// What a document may name is in a [Registry]: kinds of handlers, of formatters
// and of filters. [DefaultRegistry] has all of ours.
package config

import (
	"context"

	"github.com/slogsuite/slogsuite/slogtree"
)

// Options say how a document is read, and what it may do. The zero value is for
// files of one's own. They are copied.
type Options struct {
	// Filename is what errors call the document. Its extension says what ParseDict
	// reads: ".json" is JSON, ".yaml" and ".yml" are YAML; by any other, a document that begins
	// with a brace or a bracket is JSON.
	Filename string

	// Registry has what the document may name; nil is [DefaultRegistry].
	Registry *Registry

	// Defaults are values for interpolation in an INI file: defaults of CPython's
	// logging.config.fileConfig.
	Defaults map[string]string

	// DisableExisting says whether an INI file mutes loggers that exist and that it
	// does not name: disable_existing_loggers of fileConfig. nil is true, as in
	// CPython. A dictConfig document says it itself.
	DisableExisting *bool

	// Kinds are the short names of the only kinds of handlers, formatters and
	// filters that the document may use; nil allows all. It is for documents from elsewhere.
	Kinds []string

	// Root is a directory. Files and sockets that the document names, in options of TypePath, must be in
	// it: relative names count from it, and what leads out of it, by "..", from "/" or through a
	// symbolic link, is an error, and so is a named pipe or a device, which could hold up who opens it. ""
	// allows any. Where a name leads is looked up by os.Root when the document is applied, before anything
	// is opened; then the files are opened by their names, also later, when they are rotated. So it protects from the document's author, not from somebody who can
	// change the directory meanwhile. Files of certificates are only read, when the document is read and when it is
	// applied, and are opened by os.Root itself.
	Root string

	// OnError is told of what goes wrong in handlers later, where no record can return
	// it: a connection that breaks, for one. It may be called from several goroutines
	// at once, and must not apply a configuration. nil writes a line to os.Stderr, ten a second at most.
	OnError func(error)
}

// A Config is a document that was read and found valid. It is immutable, and
// may be applied to several trees, by several goroutines.
type Config struct {
	spec    *spec
	options Options
}

// ParseINI reads Python's logging.conf, for logging.config.fileConfig. An error joins all that is
// wrong, each an [*Error].
func ParseINI(data []byte, o Options) (*Config, error) {
	return parseINI(data, o)
}

// ParseDict reads a document of Python's logging.config.dictConfig, version 1,
// or one with "version": "slogsuite/1". An error joins all that is wrong, each
// an [*Error]. A document has 4 MiB at most, a hundred levels of nesting and, its YAML
// aliases replaced, 200,000 values, and defines 5,000 formatters, filters and handlers each.
func ParseDict(data []byte, o Options) (*Config, error) {
	return parseDict(data, o)
}

// Loggers returns the names of the loggers that the document names, in its order; "root" is the root.
func (c *Config) Loggers() []string {
	names := make([]string, len(c.spec.defined.loggers))
	for i, l := range c.spec.defined.loggers {
		names[i] = l.name
	}
	return names
}

// Check returns all that would keep the configuration from being applied, as far as can
// be seen without opening anything: options that their handlers refuse, names of files
// that are directories or lie outside of Options.Root, and, if tree is not nil, what an
// incremental document needs of it. Each error is an [*Error]. Handlers that can't open
// are found by Apply alone.
func (c *Config) Check(tree *slogtree.Tree) error { return c.check(tree) }

// Plan returns what Apply would change. Its error is that of Check. It changes and
// opens nothing. Plan, Check and Dump wait for an Apply to the tree that is under way, so they must not
// be called inside a handler, filter or LogValuer.
func (c *Config) Plan(tree *slogtree.Tree) (*Plan, error) { return c.plan(tree) }

// Apply makes tree as the configuration says, in one step, or changes nothing and
// returns an error. It
//
//   - makes the handlers that are new or defined otherwise than before; if one fails,
//     those made are closed, and files and directories that were created are removed again, but for
//     the lock file of rotate's Shared mode, which another process may have opened,
//   - publishes: each record meets the old configuration or the new one,
//   - waits until no record is in a handler that was replaced, and closes what was made by an
//     earlier Apply and is attached nowhere any more.
//
// Handlers whose definition is the same stay open and attached, and
// a document that was applied already changes nothing. Calls for one tree follow one
// another; what others configure meanwhile, while handlers are opened, is kept, except for what the
// document says. If publishing was done and only the rest went wrong, there is a
// Report beside the error: a handler that did not close well, a file that can't be emptied after
// another one was (see [Args.Commit]), or ctx that ended
// before a replaced handler was idle, which is closed when it is. Code that
// runs inside a handler, filter or LogValuer must pass a ctx that is cancelled already.
func (c *Config) Apply(ctx context.Context, tree *slogtree.Tree) (*Report, error) {
	return c.apply(ctx, tree)
}

// Dump returns a document, as JSON with "version": "slogsuite/1", that makes an
// empty tree like this one. Handlers, filters and formatters that no configuration has made, and loggers whose name is
// no UTF-8, can't be in it: they are left out, and named by the error, beside the document.
func Dump(tree *slogtree.Tree) ([]byte, error) { return dump(tree) }
