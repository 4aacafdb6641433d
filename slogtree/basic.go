package slogtree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A basicStyle is a style of formats, with CPython's logging.BASIC_FORMAT in it.
type basicStyle struct {
	format string
	make   func(format string, options *formatters.Options) (formatters.Formatter, error)
}

var basicStyles = map[string]basicStyle{
	"":  {"%(levelname)s:%(name)s:%(message)s", formatters.Percent},
	"%": {"%(levelname)s:%(name)s:%(message)s", formatters.Percent},
	"{": {"{levelname}:{name}:{message}", formatters.Brace},
	"$": {"${levelname}:${name}:${message}", formatters.Dollar},
}

// BasicOptions are the arguments of [Basic], under Python's names. The zero
// value logs to os.Stderr in Python's basic format.
type BasicOptions struct {
	Level    slog.Leveler       // gives the root logger's level, asked once; nil leaves it as it is
	Format   string             // in the style; "" means "%(levelname)s:%(name)s:%(message)s", or that in the style
	DateFmt  string             // strftime format of the time; "" means "%Y-%m-%d %H:%M:%S" and the milliseconds
	Style    string             // "%", which "" means too, "{" or "$": formatters.Percent, Brace or Dollar
	Filename string             // a file to log to, made with its parents if need be
	FileMode string             // "a" appends to the file, which "" means too; "w" empties it first
	Stream   io.Writer          // a stream to log to; nil means os.Stderr
	Handlers []slog.Handler     // handlers to attach instead of a file or a stream; streams and files made without a formatter get Format
	Force    bool               // take out and close the root's handlers first
	Options  formatters.Options // further options of the format; DateFmt above comes before its own

	// Formatter formats in place of Format: formatters.Console, JSON and so on.
	Formatter formatters.Formatter
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
	added, made, err := options.build(t)
	if err != nil {
		return nothing, fmt.Errorf("slogtree: Basic: %w", err)
	}
	replaced, ok := t.replaceRoot(added, options)
	if !ok { // somebody else attached a handler meanwhile
		return nothing, detachment{targets: made}.close(context.Background())
	}
	if err := t.closeIdle(context.Background(), replaced); err != nil {
		t.report(rootName, err) // the new handlers are in place all the same
	}
	return func(ctx context.Context) error { return t.undoBasic(ctx, added, made) }, nil
}

// build checks all options, and returns the targets that they ask for, and
// those among them that it made.
func (o *BasicOptions) build(t *Tree) (added, made targets, err error) {
	options := o.Options
	options.DateFmt = cmp.Or(o.DateFmt, options.DateFmt)
	f, err := o.formatter(&options)
	if err := errors.Join(o.check(t), err); err != nil {
		return nil, nil, err
	}
	if o.Handlers == nil {
		h, err := o.make(f)
		if err != nil {
			return nil, nil, err
		}
		made = targets{newTarget(h)}
		return made, made, nil
	}
	for _, h := range o.Handlers {
		if !added.holds(h) {
			added = append(added, withFormat(newTarget(h), f))
		}
	}
	return added, nil, nil
}

// formatter returns the formatter of the style and the format.
func (o *BasicOptions) formatter(options *formatters.Options) (formatters.Formatter, error) {
	if o.Formatter != nil {
		if o.Format != "" || o.Style != "" || o.DateFmt != "" {
			return nil, errors.New("the option Formatter excludes Format, Style and DateFmt")
		}
		return o.Formatter, nil
	}
	style, ok := basicStyles[o.Style]
	if !ok {
		return nil, fmt.Errorf("style %q is not known; known are %%, { and $", o.Style)
	}
	return style.make(cmp.Or(o.Format, style.format), options)
}

// make returns the handler that is asked for without Handlers.
func (o *BasicOptions) make(f formatters.Formatter) (slog.Handler, error) {
	switch {
	case o.Filename != "":
		return handlers.NewFile(o.Filename, f, nil, handlers.FileOptions{Truncate: o.FileMode == "w"})
	case o.Stream != nil:
		return handlers.NewStream(o.Stream, f, nil), nil
	}
	return handlers.NewStream(os.Stderr, f, nil), nil
}

// withFormat gives t the format if it has none.
func withFormat(t target, f formatters.Formatter) target {
	if h, ok := t.h.(interface {
		WithDefaultFormatter(formatters.Formatter) slog.Handler
	}); ok {
		t.h = h.WithDefaultFormatter(f)
		t.needsSource = handlers.NeedsSource(t.h)
	}
	return t
}

// check returns all that is wrong with the options.
func (o *BasicOptions) check(t *Tree) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Stream != nil && o.Filename != "" {
		wrong("Stream and Filename %q exclude each other", o.Filename)
	}
	if o.FileMode != "" && o.Filename == "" {
		wrong("FileMode %q is given without a Filename", o.FileMode)
	}
	if o.Handlers != nil && (o.Stream != nil || o.Filename != "") {
		wrong("Handlers and Stream or Filename exclude each other")
	}
	switch o.FileMode {
	case "", "a", "w":
	default:
		wrong("FileMode %q is neither a nor w", o.FileMode)
	}
	for i, h := range o.Handlers {
		if h == nil {
			wrong("Handlers[%d] is nil", i)
		} else if err := t.refuse(h); err != nil {
			wrong("Handlers[%d]: %w", i, err)
		}
	}
	return errors.Join(errs...)
}

// replaceRoot makes added the root's handlers in one step, and returns those
// of the ones it had that share nothing with them. It does nothing, and
// reports so, if there are some and Force is not set.
func (t *Tree) replaceRoot(added targets, options BasicOptions) (replaced detachment, ok bool) {
	var level slog.Level
	if options.Level != nil {
		level = options.Level.Level() // may use the tree, so not under its lock
	}
	t.root.configure(func() {
		if ok = options.Force || len(t.root.targets) == 0; !ok {
			return
		}
		replaced = detachment{targets: t.root.targets, version: t.version}
		for i := range added {
			t.attached++
			added[i].order = t.attached
		}
		t.root.targets = added
		if options.Level != nil {
			t.root.setLevel(level, "Basic")
		}
	})
	replaced.targets = slices.DeleteFunc(slices.Clone(replaced.targets), added.share)
	return replaced, ok
}

// undoBasic takes out what Basic attached and closes what it made.
func (t *Tree) undoBasic(ctx context.Context, added, made targets) error {
	var errs []error
	var version uint64
	for _, own := range added {
		_, err := t.Root().RemoveHandler(ctx, own.id)
		errs = append(errs, err)
	}
	t.configure(func() { version = t.version })
	return errors.Join(append(errs, t.closeDetached(ctx, detachment{targets: made, version: version}))...)
}
