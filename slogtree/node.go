package slogtree

import (
	"context"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"sync/atomic"
	"weak"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// A node is the state behind all Loggers of one name. Its configuration is
// guarded by the tree's mu; records look only at what is published.
type node struct {
	threshold atomic.Int64 // that of published, for Enabled
	published atomic.Pointer[effective]

	tree   *Tree
	entry  *entry
	parent *node // the nearest ancestor that exists; nil for the root

	level    slog.Level // as SetLevel left it
	levelBy  string     // what set it, for Explain
	ruled    bool       // a rule of SetLevels came after it
	inherits bool       // SetLevel(LevelNotSet) came after a rule of SetLevels
	override *override  // of OverrideLevel, while it holds
	noParent bool       // propagate is off
	disabled bool
	targets  targets
	filters  []handlers.Filter
	changed  uint64 // what of the tree's changes was the last to this

	logger  Logger  // what Get returns
	handler handler // what logger logs to
}

// A target is an attached handler.
type target struct {
	id    slog.Handler // as the user gave it
	h     slog.Handler // the same, adopted
	order uint64       // when it was first attached, for Close

	needsSource bool
}

func newTarget(h slog.Handler) target {
	adopted := handlers.Adopt(h)
	return target{id: h, h: adopted, needsSource: handlers.NeedsSource(adopted)}
}

// same reports whether two handlers or filters are the same one. Values that
// == can't compare are never the same.
func same(a, b any) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// newNode returns the node of e, unpublished. The caller holds t.mu.
func (t *Tree) newNode(e *entry, parent *node) *node {
	n := &node{tree: t, entry: e, parent: parent, level: LevelNotSet}
	n.handler.node = n
	n.logger = Logger{Logger: slog.New(&n.handler), node: n, handler: &n.handler}
	e.node = weak.Make(n)
	return n
}

// isRoot reports whether n is the root's node. Unlike the parent, which it has
// not, that never changes, so no lock is needed.
func (n *node) isRoot() bool { return n.entry == n.tree.top }

// name returns the logger's name.
func (n *node) name() string {
	if n.isRoot() {
		return rootName
	}
	return n.entry.name
}

// configure changes the node's configuration and publishes the result.
func (n *node) configure(change func()) {
	n.tree.mu.Lock()
	defer n.tree.mu.Unlock()
	change()
	n.pin()
	n.push()
}

// pin follows each change of the node's own configuration. It keeps the node alive
// while it has one. The caller holds the tree's mu.
func (n *node) pin() {
	n.tree.changes++
	n.changed = n.tree.changes
	n.entry.pinned = nil
	if n.isRoot() || n.level != LevelNotSet || n.inherits || n.override != nil || n.noParent || n.disabled || len(n.targets)+len(n.filters) > 0 {
		n.entry.pinned = n
	}
}

// An effective is what a record needs to know of its logger's configuration.
// It is immutable: a change publishes another one.
type effective struct {
	node      *node
	version   uint64     // of the tree's configuration
	level     slog.Level // the effective level
	threshold slog.Level // the level from which records are enabled
	floor     slog.Level // the same if the logger had the lowest level
	disabled  bool
	filters   []handlers.Filter
	path      targets // the node's own targets, then those of its ancestors
	targets   targets // path, or the last resort if that is empty, and the watchers
	source    bool    // a target or a filter needs to know where records are made
}

// retired reports whether the node has published another effective since.
func (e *effective) retired() bool { return e.node.published.Load() != e }

// holds reports whether id is among the targets.
func (e *effective) holds(id slog.Handler) bool { return e.targets.holds(id) }

// push publishes the node's effective and that of all nodes below. The caller
// holds the tree's mu.
func (n *node) push() {
	n.tree.version++
	n.publish()
	n.entry.descendants((*node).push)
}

// publish decides all of the node's effective and makes it visible with one
// store. The threshold may lag behind it, so a record checks its level again.
func (n *node) publish() {
	e := &effective{
		node:     n,
		version:  n.tree.version,
		level:    n.effectiveLevel(),
		disabled: n.disabled,
		filters:  n.filters,
		path:     n.path(),
	}
	e.floor = n.tree.limit(e.disabled)
	e.threshold = max(e.level, e.floor)
	e.targets = n.receivers(e.path)
	e.source = len(e.filters) > 0 || slices.ContainsFunc(e.targets, func(t target) bool { return t.needsSource })
	n.published.Store(e)
	n.threshold.Store(int64(e.threshold))
}

// path returns the targets on the way to the root. It shares the parent's
// slice where it can, since most loggers have no handler of their own.
func (n *node) path() targets {
	if n.isRoot() || n.noParent {
		return slices.Clip(n.targets)
	}
	inherited := n.parent.published.Load().path
	if len(n.targets) == 0 {
		return inherited
	}
	return slices.Concat(n.targets, inherited)
}

// receivers returns who gets the records that go to path. It shares what the
// parent has where it can.
func (n *node) receivers(path targets) targets {
	t := n.tree
	switch {
	case len(path) > 0 && len(t.watchers) == 0:
		return path
	case !n.isRoot() && !n.noParent && len(n.targets) == 0:
		return n.parent.published.Load().targets
	case len(path) == 0:
		path = targets{t.lastResort}
	}
	return slices.Concat(path, t.watchers)
}

// limit returns the level below which no record is let through, whatever the
// level of its logger.
func (t *Tree) limit(disabled bool) slog.Level {
	switch {
	case disabled || t.disabled == math.MaxInt:
		return math.MaxInt
	case t.disabled == LevelNotSet:
		return LevelNotSet
	}
	return t.disabled + 1
}

// lets reports whether a record with ctx is enabled. Only where some context
// overrides the loggers' levels is it looked whether this one does.
func (e *effective) lets(ctx context.Context, level slog.Level) bool {
	if contextattrs.Overridden() {
		return e.letsIn(ctx, level)
	}
	return level >= e.threshold
}

func (e *effective) letsIn(ctx context.Context, level slog.Level) bool {
	if own, ok := contextattrs.Level(ctx); ok {
		return level >= max(own, e.floor)
	}
	return level >= e.threshold
}

// lets is that of what the node has published, from its threshold alone.
func (n *node) lets(ctx context.Context, level slog.Level) bool {
	if contextattrs.Overridden() {
		return n.letsIn(ctx, level)
	}
	return int64(level) >= n.threshold.Load()
}

func (n *node) letsIn(ctx context.Context, level slog.Level) bool {
	return n.published.Load().letsIn(ctx, level)
}
