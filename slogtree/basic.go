package slogtree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// basicFormat is CPython's logging.BASIC_FORMAT.
const basicFormat = "%(levelname)s:%(name)s:%(message)s"

// BasicOptions are the arguments of [Basic], under Python's names. The zero
// value logs to os.Stderr in Python's basic format.
type BasicOptions struct {
	Level    slog.Leveler       // the root logger's level from now on; nil leaves it as it is
	Format   string             // as in formatters.Percent; "" means "%(levelname)s:%(name)s:%(message)s"
	DateFmt  string             // strftime format of %(asctime)s; "" means "2006-01-02 15:04:05,000"
	Style    string             // "%", which "" means too
	Filename string             // a file to log to, made with its parents if need be
	FileMode string             // "a" appends to the file, which "" means too; "w" empties it first
	Stream   io.Writer          // a stream to log to; nil means os.Stderr
	Handlers []slog.Handler     // handlers to attach instead of a file or a stream; the format is theirs to choose
	Force    bool               // take out and close the root's handlers first
	Options  formatters.Options // further options of the format; its DateFmt is not used
}

// Basic gives the root logger of the default tree a handler, if it has none
// or Force is set, and otherwise does nothing. On error nothing is changed
// and no file is left open. The returned function takes out what was attached,
// waits as [Logger.RemoveHandler] does, and closes what Basic made; it may be
// called again. It mirrors logging.basicConfig.
func Basic(options BasicOptions) (close func(context.Context) error, err error) {
	return Default().basic(options)
}

func (t *Tree) basic(options BasicOptions) (close func(context.Context) error, err error) {
	nothing := func(context.Context) error { return nil }
	if !options.Force && len(t.Root().Handlers()) > 0 {
		return nothing, nil
	}
	made, err := options.make()
	if err != nil {
		return nothing, fmt.Errorf("slogtree: Basic: %w", err)
	}
	attach := options.Handlers
	if made != nil {
		attach = []slog.Handler{made}
	}
	replaced, ok := t.replaceRoot(attach, options)
	if !ok { // somebody else attached a handler meanwhile
		return nothing, handlers.Close(context.Background(), made)
	}
	if err := t.closeIdle(context.Background(), replaced); err != nil {
		t.errors.add(rootName, err) // the new handlers are in place all the same
	}
	return func(ctx context.Context) error { return t.undoBasic(ctx, attach, made) }, nil
}

// make checks all options, and returns the handler that they ask for, nil if
// they name handlers.
func (o *BasicOptions) make() (slog.Handler, error) {
	if err := o.check(); err != nil || o.Handlers != nil {
		return nil, err
	}
	format, options := o.Format, o.Options
	if format == "" {
		format = basicFormat
	}
	options.DateFmt = o.DateFmt
	f, err := formatters.Percent(format, &options)
	if err != nil {
		return nil, err
	}
	if o.Filename != "" {
		return handlers.NewFile(o.Filename, f, nil, handlers.FileOptions{Truncate: o.FileMode == "w"})
	}
	if o.Stream == nil {
		return handlers.NewStream(os.Stderr, f, nil), nil
	}
	return handlers.NewStream(o.Stream, f, nil), nil
}

// check returns all that is wrong with the options.
func (o *BasicOptions) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Stream != nil && o.Filename != "" {
		wrong("Stream and Filename %q exclude each other", o.Filename)
	}
	if o.Handlers != nil && (o.Stream != nil || o.Filename != "") {
		wrong("Handlers and Stream or Filename exclude each other")
	}
	if o.Handlers != nil && (o.Format != "" || o.DateFmt != "") {
		wrong("Format and DateFmt have no effect on Handlers, which bring their formatters")
	}
	if o.Style != "" && o.Style != "%" {
		wrong("Style %q is not known; known is %%", o.Style)
	}
	switch o.FileMode {
	case "", "a", "w":
	default:
		wrong("FileMode %q is neither a nor w", o.FileMode)
	}
	for i, h := range o.Handlers {
		if h == nil {
			wrong("Handlers[%d] is nil", i)
		} else if handlers.WrapsDefault(h) {
			wrong("Handlers[%d]: %w", i, errDefaultInside)
		}
	}
	return errors.Join(errs...)
}

// replaceRoot makes hs the root's handlers in one step, and returns those it
// had. It does nothing, and reports so, if there are some and Force is not set.
func (t *Tree) replaceRoot(hs []slog.Handler, options BasicOptions) (replaced detached, ok bool) {
	var added detached
	for _, h := range hs {
		if !added.holds(h) {
			added = append(added, newTarget(h))
		}
	}
	t.root.configure(func() {
		if ok = options.Force || len(t.root.targets) == 0; !ok {
			return
		}
		replaced, t.root.targets = without(t.root.targets, added), added
		if options.Level != nil {
			t.root.level, t.root.ruled = options.Level.Level(), false
		}
	})
	return replaced, ok
}

// undoBasic takes out what Basic attached and closes what it made.
func (t *Tree) undoBasic(ctx context.Context, attached []slog.Handler, made slog.Handler) error {
	var errs []error
	for _, h := range attached {
		_, err := t.Root().RemoveHandler(ctx, h)
		errs = append(errs, err)
	}
	if made == nil {
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, t.closeDetached(ctx, detached{{made, made}}))...)
}
