package slogtree

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/slogsuite/slogsuite/handlers"
)

// A Logger logs under a dotted name. It is a *slog.Logger with the methods of
// CPython's logging.Logger beside it. [Get] returns the same pointer for the
// same name; With and WithGroup return other Loggers of that name. All
// methods may be called from several goroutines at once, and changes hold for
// all Loggers of the name, made before or after.
//
// Debug, Info, Warn, Error, Log, LogAttrs and their forms with a context do what
// those of [slog.Logger] do, in less time: they look up where they were called
// only if a handler or filter of the logger needs to know, see
// [handlers.NeedsSource]. The check of go vet for keys and values sees only calls
// of the embedded logger: log.Logger.Info("hi", "key", 1).
type Logger struct {
	*slog.Logger // not to be assigned
	node         *node
	handler      *handler // that of the slog.Logger
}

// Name returns the dotted name, "root" for the root logger.
func (l *Logger) Name() string { return l.node.name() }

// String returns the name and the effective level, as CPython's repr does:
// "<Logger app.db (INFO)>".
func (l *Logger) String() string {
	kind := "Logger"
	if l.node.isRoot() {
		kind = "RootLogger"
	}
	return fmt.Sprintf("<%s %s (%s)>", kind, printable(l.Name()), l.node.tree.options.Load().Levels.Name(l.EffectiveLevel()))
}

// Parent returns the nearest logger above, nil for the root. It can change:
// a logger made later comes between its ancestors and its descendants.
func (l *Logger) Parent() *Logger {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	if l.node.isRoot() {
		return nil
	}
	return &l.node.parent.logger
}

// Child returns the logger whose name is this one's, a dot, and suffix; for
// the root, the logger named suffix. It mirrors Logger.getChild.
func (l *Logger) Child(suffix string) *Logger {
	switch {
	case !l.node.isRoot():
		suffix = l.Name() + "." + suffix
	case suffix == "":
		return l.node.tree.Root()
	}
	return &l.node.tree.node(suffix).logger
}

// Children returns the loggers one dot below this one, sorted by name; for the
// root, those without a dot. It mirrors Logger.getChildren.
func (l *Logger) Children() []*Logger {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	var children []*Logger
	for e := range l.node.entry.children {
		if n := e.node.Value(); n != nil && (!l.node.isRoot() || e.name[0] != '.') {
			children = append(children, &n.logger)
		}
	}
	slices.SortFunc(children, func(a, b *Logger) int { return compareNames(a.Name(), b.Name()) })
	return children
}

// Level returns the logger's own level, LevelNotSet if it inherits it.
func (l *Logger) Level() slog.Level {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	if d, ok := l.node.own(); ok {
		return d.level
	}
	return LevelNotSet
}

// SetLevel gives the logger, and those below that inherit from it, a level.
// LevelNotSet makes it inherit again; at the root it lets everything through.
// A rule in SLOG_LEVELS for this logger goes on deciding: see [Tree.SetLevels].
func (l *Logger) SetLevel(level slog.Level) {
	l.node.configure(func() { l.node.setLevel(level, "SetLevel") })
}

// setLevel sets the level and notes what did. The caller holds the tree's mu.
func (n *node) setLevel(level slog.Level, by string) {
	n.level, n.levelBy, n.ruled, n.override = level, by, false, nil
	n.inherits = level == LevelNotSet && n.tree.rules.match(n.name()) != nil
}

// EffectiveLevel returns the level from which the logger lets records
// through: its own, or that of the nearest ancestor that has one. Disable and
// SetDisabled do not change it.
func (l *Logger) EffectiveLevel() slog.Level { return l.node.published.Load().level }

// AddHandler attaches h: it gets what this logger and those below let
// through. A handler that is attached already is not attached again, unless
// its value is one that == can't compare. slog's default handler is replaced
// by one that writes the same lines but can't deadlock with [slog.SetDefault].
// A nil handler, one that hides slog's default handler inside a wrapper that
// is not ours, and one that leads back to this tree are refused, and OnError
// told. The methods WithAttrs and WithGroup of h must not log to this tree.
func (l *Logger) AddHandler(h slog.Handler) {
	t := l.node.tree
	if h == nil {
		t.report(l.Name(), errors.New("AddHandler: the handler is nil"))
		return
	}
	if err := t.refuse(h); err != nil {
		t.report(l.Name(), fmt.Errorf("AddHandler: %w", err))
		return
	}
	added := newTarget(h)
	l.node.configure(func() {
		if !l.node.targets.holds(h) {
			t.attached++
			added.order = t.attached
			l.node.targets = append(slices.Clip(l.node.targets), added)
		}
	})
}

// refuse returns an error if h can't be attached to the tree.
func (t *Tree) refuse(h slog.Handler) error {
	if handlers.WrapsDefault(h) {
		return errors.New("slog's default handler inside a wrapper would wait for itself in SetDefault; " +
			"wrap handlers.Adopt(slog.Default().Handler()) instead")
	}
	if t.isBehind(h, 0) {
		return errors.New("the handler is, wraps, or writes to a logger of this tree: a record would go round for ever")
	}
	return nil
}

// maxWriters is more than there can sensibly be one behind the other.
const maxWriters = 100

// isBehind reports whether what h gets may come to a logger of the tree: h is, or wraps,
// one, or writes to a Writer of one.
func (t *Tree) isBehind(h slog.Handler, writers int) bool {
	for inner := range handlers.All(h) {
		switch to := inner.(type) {
		case *handler:
			if to.tree() == t {
				return true
			}
		case interface{ WritesTo() slog.Handler }:
			if next := to.WritesTo(); next != nil && (writers == maxWriters || t.isBehind(next, writers+1)) {
				return true
			}
		}
	}
	return false
}

// RemoveHandler takes h out, and waits until no record that came through
// here is in it: then it is the caller's to close, unless another logger holds
// it too. If ctx ends first, h is out all the same, and the error is that of
// ctx. Code that runs inside a handler, filter or LogValuer must pass a ctx
// that is already cancelled, since the record it runs for is never over before
// it returns. RemoveHandler reports whether h was attached; a handler that ==
// can't compare is never found.
func (l *Logger) RemoveHandler(ctx context.Context, h slog.Handler) (removed bool, err error) {
	n := l.node
	var taken detachment
	n.configure(func() {
		taken.version, taken.from = n.tree.version, n.entry
		i := slices.IndexFunc(n.targets, func(t target) bool { return same(t.id, h) })
		if removed = i >= 0; removed {
			taken.targets = n.targets[i : i+1]
			n.targets = slices.Concat(n.targets[:i], n.targets[i+1:])
		}
	})
	if !removed {
		return false, nil
	}
	return true, n.tree.flight.wait(ctx, taken.busy)
}

// Handlers returns the handlers attached to this logger itself.
func (l *Logger) Handlers() []slog.Handler {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	hs := make([]slog.Handler, len(l.node.targets))
	for i, own := range l.node.targets {
		hs[i] = own.id
	}
	return hs
}

// AddFilter attaches f: it is asked for each record logged through this
// logger, not through those below. A filter that is attached already is not
// attached again; nil is refused, and OnError told. If f panics, the record
// passes as it was, and OnError is told.
func (l *Logger) AddFilter(f handlers.Filter) {
	n := l.node
	if f == nil {
		n.tree.report(l.Name(), errors.New("AddFilter: the filter is nil"))
		return
	}
	n.configure(func() {
		if n.filter(f) < 0 {
			n.filters = append(slices.Clip(n.filters), f)
		}
	})
}

// RemoveFilter takes f out and reports whether it was attached. Records in
// flight may still meet it.
func (l *Logger) RemoveFilter(f handlers.Filter) (removed bool) {
	n := l.node
	n.configure(func() {
		i := n.filter(f)
		if removed = i >= 0; removed {
			n.filters = slices.Concat(n.filters[:i], n.filters[i+1:])
		}
	})
	return removed
}

// Filters returns the filters attached to this logger.
func (l *Logger) Filters() []handlers.Filter {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(l.node.filters)
}

// filter returns the index of f, or -1.
func (n *node) filter(f handlers.Filter) int {
	return slices.IndexFunc(n.filters, func(other handlers.Filter) bool { return same(other, f) })
}

// Propagate reports whether records go on to the handlers of ancestors, which
// they do at first.
func (l *Logger) Propagate() bool {
	t := l.node.tree
	t.mu.RLock()
	defer t.mu.RUnlock()
	return !l.node.noParent
}

// SetPropagate sets whether records go on to the handlers of ancestors.
func (l *Logger) SetPropagate(on bool) { l.node.configure(func() { l.node.noParent = !on }) }

// Disabled reports whether the logger is turned off.
func (l *Logger) Disabled() bool { return l.node.published.Load().disabled }

// SetDisabled turns the logger off or on. Those below are not concerned.
func (l *Logger) SetDisabled(off bool) { l.node.configure(func() { l.node.disabled = off }) }

// With returns a Logger of the same name that adds args, as in
// [slog.Logger.With], to each record.
func (l *Logger) With(args ...any) *Logger {
	if len(args) == 0 {
		return l
	}
	return l.derived(l.Logger.With(args...))
}

// WithGroup returns a Logger of the same name that puts the attrs added
// later, and those of records, into the group name.
func (l *Logger) WithGroup(name string) *Logger {
	if name == "" {
		return l
	}
	return l.derived(l.Logger.WithGroup(name))
}

// derived returns a Logger on l's node that logs to what log logs to.
func (l *Logger) derived(log *slog.Logger) *Logger {
	return &Logger{Logger: log, node: l.node, handler: log.Handler().(*handler)}
}
