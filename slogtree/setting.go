package slogtree

import (
	"cmp"
	"log/slog"
	"slices"

	"github.com/slogsuite/slogsuite/handlers"
)

// A Setting is all that a logger is configured with. That of a logger which
// nobody has configured has LevelNotSet, and Propagate set.
type Setting struct {
	Level     slog.Level // LevelNotSet inherits
	Handlers  []slog.Handler
	Filters   []handlers.Filter
	Propagate bool
	Disabled  bool

	// By tells Explain what set the level. "" means Replace.
	By string

	// Override says that Level is one for a time, of [Logger.OverrideLevel].
	// Replace starts none; without it, it ends one that holds.
	Override bool

	changed uint64 // when the logger was last configured
}

// Setting returns the logger's own configuration. Rules of SetLevels and of
// SLOG_LEVELS are not in it. The slices are copies.
func (l *Logger) Setting() Setting {
	t, n := l.node.tree, l.node
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := Setting{Level: n.level, Filters: slices.Clone(n.filters), Propagate: !n.noParent, Disabled: n.disabled, By: n.levelBy,
		Override: n.override != nil, changed: n.changed}
	for _, own := range n.targets {
		s.Handlers = append(s.Handlers, own.id)
	}
	return s
}

// set gives the node a setting. The caller holds the tree's mu.
func (n *node) set(s Setting, made targets) {
	for i := range made {
		if old := slices.IndexFunc(n.targets, func(t target) bool { return same(t.id, made[i].id) }); old >= 0 {
			made[i] = n.targets[old]
			continue
		}
		n.tree.attached++
		made[i].order = n.tree.attached
	}
	n.targets = made
	n.filters = slices.Clone(s.Filters)
	n.noParent = !s.Propagate && !n.isRoot()
	n.disabled = s.Disabled
	by := cmp.Or(s.By, "Replace")
	if n.level != s.Level || s.Level != LevelNotSet && n.levelBy != by || n.override != nil && !s.Override {
		n.setLevel(s.Level, by)
	}
	n.pin()
}
