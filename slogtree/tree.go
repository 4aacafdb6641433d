// Package slogtree is Python's tree of named loggers as a [slog.Handler].
//
//	log := slogtree.Get("app.db")
//	log.Info("connected", "host", host)
//
// Loggers have dotted names. A logger without a level of its own has that of
// its nearest ancestor, and a record that a logger lets through goes to the
// handlers of that logger and of all its ancestors. Levels, handlers and
// filters can change while other goroutines log: loggers made by With and
// WithGroup obey each change too, and each record meets the configuration as
// it was before the change or as it is after it, never a mixture.
//
// It mirrors the module logging of CPython 3.13; docs/from-python.md lists
// the differences.
package slogtree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree/internal/beside"
)

// The levels that Python has and slog lacks.
const (
	// LevelNotSet is the level of a logger that inherits its level, Python's NOTSET.
	LevelNotSet = formatters.LevelNotSet

	// LevelCritical is Python's CRITICAL.
	LevelCritical = formatters.LevelCritical
)

// Options configure a Tree. The zero value is ready to use. New copies them.
type Options struct {
	// RootLevel is the root logger's first level. Zero is slog.LevelInfo;
	// CPython's is slog.LevelWarn.
	RootLevel slog.Level

	// LastResort gets the records of loggers that no handler is attached
	// to, on the whole path to the root. Nil writes message and attrs to
	// os.Stderr, and so does a handler that AddHandler would refuse, after
	// OnError was told; slog.DiscardHandler drops them. It mirrors
	// logging.lastResort.
	LastResort slog.Handler

	// NameKey is the key of the attr that tells a logger's name to handlers
	// that know nothing of loggers, such as slog.JSONHandler. Empty means
	// "logger", and "-" adds no attr.
	NameKey string

	// Levels names levels for SetLevels and String. Nil means Python's five.
	Levels *formatters.LevelNames

	// OnError is called with the errors of handlers, which slog.Logger
	// drops, and with panics of handlers and filters. It may be called from
	// several goroutines at once, no lock is held meanwhile, and the record
	// has left its handlers by then, so OnError may remove the one that
	// failed. It gets an *Error. Of more than five in a second, the others
	// are counted and reported with the next. A panic of OnError becomes a
	// line on os.Stderr. Nil writes each error there, on a line.
	OnError func(error)
}

// A Tree is a set of loggers with one root. Programs mostly use one, that of
// [Default]; several trees know nothing of each other. All methods may be
// called from several goroutines at once. A Tree must not be copied.
type Tree struct {
	options atomic.Pointer[Options] // defaults filled in
	root    *node
	flight  flight
	errors  reporter
	beside  any // of package config, which guards it

	mu         sync.RWMutex // guards what follows, and the configuration of all nodes
	names      map[string]*entry
	top        *entry // the root's entry, which names does not hold
	version    uint64 // counts what was published
	changes    uint64 // counts changes of nodes
	attached   uint64 // counts the handlers that were attached
	lastResort target
	watchers   targets // of Watch; never appended to in place
	disabled   slog.Level
	levels     string  // the text of SLOG_LEVELS
	operator   ruleSet // from it
	rules      ruleSet // from SetLevels
}

func init() { beside.Of = func(tree any) *any { return &tree.(*Tree).beside } }

// New returns a tree that has only its root logger.
func New(options Options) *Tree {
	t := &Tree{names: map[string]*entry{}, disabled: LevelNotSet, top: &entry{}}
	t.root = t.newNode(t.top, nil)
	t.root.levelBy = byOptions
	t.top.pinned = t.root
	t.SetOptions(options)
	return t
}

// SetOptions gives the tree other options, as if [New] had been called with
// them. RootLevel has no effect once the root's level was set otherwise. It is
// for the tree of [Default], and best called before anything is logged.
func (t *Tree) SetOptions(options Options) {
	if options.NameKey == "" {
		options.NameKey = "logger"
	} else if options.NameKey == "-" {
		options.NameKey = ""
	}
	if options.OnError == nil {
		options.OnError = printError
	}
	t.options.Store(&options)
	last := newTarget(handlers.NewStream(stderr{}, nil, nil))
	if options.LastResort != nil {
		if err := t.refuse(options.LastResort); err != nil {
			t.report(rootName, fmt.Errorf("Options.LastResort: %w", err))
		} else {
			last = newTarget(options.LastResort)
		}
	}
	t.configure(func() {
		t.lastResort = last
		t.operator, _ = parseRules(t.levels, operatorSource, options.Levels) // told by then
		if t.root.levelBy == byOptions {
			t.root.level = options.RootLevel
		}
	})
}

// report counts err and tells OnError.
func (t *Tree) report(logger string, err error) { t.errors.add(t.options.Load().OnError, logger, err) }

// Default returns the tree that [Get] and [Root] use. The first call makes it
// and reads the environment variable SLOG_LEVELS, whose rules have the form
// that [Tree.SetLevels] takes; bad ones are reported on stderr, and the good
// ones hold. [Tree.SetOptions] gives it options.
func Default() *Tree { return defaultTree() }

var defaultTree = sync.OnceValue(func() *Tree {
	t := New(Options{})
	t.setOperatorLevels(os.Getenv(operatorSource))
	return t
})

// Get returns the logger of that name in the default tree. See [Tree.Get].
func Get(name string) *Logger { return Default().Get(name) }

// Root returns the root logger of the default tree.
func Root() *Logger { return Default().Root() }

// Root returns the root logger. Its name is "root".
func (t *Tree) Root() *Logger { return &t.root.logger }

// Get returns the logger of that name, and makes it if need be. It returns
// the same pointer for the same name, as long as anything refers to the
// logger, to one derived from it, or it is configured: loggers that nobody
// configured or holds are freed. The names "" and "root" mean the root logger.
// Names are otherwise opaque: only dots have a meaning. It mirrors
// logging.getLogger.
func (t *Tree) Get(name string) *Logger {
	if name == "" || name == rootName {
		return t.Root()
	}
	return &t.node(name).logger
}

// Lookup returns the logger of that name, or nil if there is none: unlike Get it
// makes none.
func (t *Tree) Lookup(name string) *Logger {
	if name == "" || name == rootName {
		return t.Root()
	}
	if n := t.lookup(name); n != nil {
		return &n.logger
	}
	return nil
}

// Levels returns the names that the tree has for levels, Options.Levels. Nil has
// Python's five.
func (t *Tree) Levels() *formatters.LevelNames { return t.options.Load().Levels }

// Disable turns records off that are at or below level, for all loggers.
// LevelNotSet, which is how a tree begins, turns nothing off. It mirrors
// logging.disable.
func (t *Tree) Disable(level slog.Level) {
	t.configure(func() { t.disabled = level })
}

// configure changes any part of the tree's configuration in one step: each
// record meets all of it or nothing.
func (t *Tree) configure(change func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change()
	t.root.push()
}

// All returns the loggers that exist, sorted by name, the root first.
func (t *Tree) All() iter.Seq[*Logger] {
	return func(yield func(*Logger) bool) {
		for _, n := range t.nodes() {
			if !yield(&n.logger) {
				return
			}
		}
	}
}

// nodes returns the nodes that exist, sorted by name, the root first. It sorts
// without the lock, which takes the longer part of the time.
func (t *Tree) nodes() []*node { return sortNodes(t.unsorted()) }

func (t *Tree) unsorted() []*node {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.unsortedLocked()
}

func (t *Tree) nodesLocked() []*node { return sortNodes(t.unsortedLocked()) }

// unsortedLocked returns the root's node, then the others in any order.
func (t *Tree) unsortedLocked() []*node {
	nodes := []*node{t.root}
	for _, e := range t.names {
		if n := e.node.Value(); n != nil {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

func sortNodes(nodes []*node) []*node {
	slices.SortFunc(nodes[1:], func(a, b *node) int { return compareNames(a.entry.name, b.entry.name) })
	return nodes
}

// compareNames orders names part by part, so that a logger comes right before
// those below it: the end of a name is less than a dot, and a dot less than
// anything else.
func compareNames(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case a[i] == '.':
			return -1
		case b[i] == '.':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// Close detaches every handler, then flushes and closes each once, the last
// one attached first. It waits for records in flight until ctx ends; handlers
// that still hold one by then are closed when the record leaves them, by a
// goroutine that ends with that. A Flush that has not ended a tenth of a second
// after ctx goes on by itself, and its handler is closed meanwhile. Code that runs inside a handler, filter or
// LogValuer must pass a ctx that is already cancelled. Levels and filters
// stay; later records go to the last resort. It mirrors logging.shutdown.
func (t *Tree) Close(ctx context.Context) error {
	return errors.Join(t.closeDetached(ctx, t.detachAll()), t.errors.flush())
}

// closeDetached closes all of d, each once no record is in it: what still
// holds one when ctx ends is closed by a goroutine.
func (t *Tree) closeDetached(ctx context.Context, d detachment) error {
	if err := t.flight.wait(ctx, d.busy); err != nil {
		return errors.Join(err, t.closeIdle(ctx, d))
	}
	return d.close(ctx)
}

// closeIdle closes those of d that no record is in, and leaves the others to
// a goroutine that ends once they are closed.
func (t *Tree) closeIdle(ctx context.Context, d detachment) error {
	idle, busy := d.split(&t.flight)
	if len(busy.targets) > 0 {
		go func() {
			_ = t.flight.wait(context.Background(), busy.busy) // can't end early
			if err := busy.close(context.Background()); err != nil {
				t.report(rootName, err)
			}
		}()
	}
	return idle.close(ctx)
}

// detachAll takes out every handler and returns them, the last one first.
func (t *Tree) detachAll() detachment {
	var all detachment
	t.configure(func() {
		all.version = t.version
		for _, n := range t.nodesLocked() {
			for _, own := range n.targets {
				if !all.holds(own.id) {
					all.targets = append(all.targets, own)
				}
			}
			n.targets = nil
			n.pin()
		}
	})
	slices.SortFunc(all.targets, func(a, b target) int { return cmp.Compare(b.order, a.order) })
	return all
}

// Handler returns a handler that delivers records as the logger of that name
// would: to the handlers on its path, through its filters if it exists, and
// not at all if it is disabled. No logger's level is asked, nor Disable, as in
// CPython's Logger.handle, and no logger is made. It is for records that
// loggers elsewhere have let through, such as a receiver's.
func (t *Tree) Handler(name string) slog.Handler {
	if name == "" || name == rootName {
		return &handler{node: t.root, direct: true}
	}
	return &handler{remote: &remote{t, name}, direct: true}
}

// stderr writes to what os.Stderr is at that moment.
type stderr struct{}

func (stderr) Write(p []byte) (int, error) { return os.Stderr.Write(p) }
func (stderr) Name() string                { return "stderr" }
