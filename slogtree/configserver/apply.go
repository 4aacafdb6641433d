package configserver

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

// The kinds of config.DefaultRegistry that DefaultKinds has.
var (
	streamKinds = []string{"stream", "null"}
	fileKinds   = []string{"file", "watched_file", "rotating_file", "timed_rotating_file"}
	formatKinds = []string{"text", "json", "logfmt", "console", "name"} // formatters and filters
)

// An applier applies documents to a tree.
type applier struct {
	tree   *slogtree.Tree
	config config.Options
	names  names
}

// newApplier returns one that lets documents do what o allows and no more, or what of it
// can't be allowed.
func newApplier(tree *slogtree.Tree, o config.Options, maxLoggers int) (*applier, error) {
	o.Filename = cmp.Or(o.Filename, "document")
	if o.Registry == nil {
		o.Registry = config.DefaultRegistry()
	}
	switch {
	case o.Kinds == nil && o.Root == "":
		o.Kinds = slices.Concat(streamKinds, formatKinds)
	case o.Kinds == nil:
		o.Kinds = DefaultKinds()
	}
	return &applier{tree, o, names{tree: tree, max: maxLoggers}}, needsRoot(o)
}

// needsRoot returns that the root is no directory, or, where there is none, the kinds that open files.
func needsRoot(o config.Options) error {
	if o.Root != "" {
		if info, err := os.Stat(o.Root); err != nil {
			return fmt.Errorf("Options.Config.Root: %w", err)
		} else if !info.IsDir() {
			return fmt.Errorf("Options.Config.Root %s is no directory", o.Root)
		}
		return nil
	}
	var errs []error
	for _, k := range o.Registry.Kinds() {
		opens := slices.ContainsFunc(k.Options, func(opt config.Option) bool { return opt.Type == config.TypePath })
		if opens && slices.Contains(o.Kinds, k.Name) {
			errs = append(errs, fmt.Errorf("kind %q of Options.Config.Kinds opens files: give Options.Config.Root, the directory that they have to be in", k.Name))
		}
	}
	return errors.Join(errs...)
}

// apply makes the tree as the document says, or changes nothing. With a report there may be
// errors: the configuration is live then, and something went wrong afterwards.
func (a *applier) apply(ctx context.Context, document []byte) Reply {
	c, err := a.parse(document)
	if err != nil {
		return refusal(err)
	}
	fresh, err := a.names.fresh(c)
	if err != nil {
		return refusal(err)
	}
	if fresh > 0 {
		defer a.names.count(c, fresh)
	}
	report, err := c.Apply(ctx, a.tree)
	return Reply{Applied: report != nil, Report: report, Errors: flatten(err)}
}

// parse reads a document as CPython's listener does, which takes it for JSON and, if that fails for any
// reason, for INI. JSON's objects begin with a brace, and no INI file does. A panic of a kind's Check, which
// opens nothing, is an error.
func (a *applier) parse(document []byte) (c *config.Config, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, &panicError{p, debug.Stack()}
		}
	}()
	if bytes.HasPrefix(bytes.TrimLeft(document, " \t\r\n"), []byte("{")) {
		return config.ParseDict(document, a.config)
	}
	return config.ParseINI(document, a.config)
}

// errUnknown is what is said where a panic has come out of an Apply: before or after the
// tree was changed.
var errUnknown = errors.New("it is not known whether the document was applied")

// safely returns what f does, and that nobody knows what it did if it panics: a handler or a kind that a
// program has registered may.
func safely(f func() Reply) (r Reply) {
	defer func() {
		if p := recover(); p != nil {
			r = refusal(fmt.Errorf("%w: %w", errUnknown, &panicError{p, debug.Stack()}))
			r.Unknown = true
		}
	}()
	return f()
}

// A panicError is a panic of the program's own code. Its stack is for OnError, not for peers.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// verify returns what Options.Verify makes of a document.
func verify(f func([]byte) []byte, document []byte) (verified []byte, err error) {
	if f == nil {
		return document, nil
	}
	defer func() {
		if p := recover(); p != nil {
			verified, err = nil, fmt.Errorf("Options.Verify: %w", &panicError{p, debug.Stack()})
		}
	}()
	if verified = f(document); verified == nil {
		return nil, errors.New("Options.Verify has discarded it")
	}
	return verified, nil
}
