package slogtree

import "log/slog"

// An override is what a logger's level was before OverrideLevel. The tree's mu
// guards it.
type override struct {
	level    slog.Level
	by       string
	ruled    bool
	inherits bool
}

// SetLevelBy is SetLevel by somebody whose name [Tree.Explain] tells. "" means
// SetLevel.
func (l *Logger) SetLevelBy(level slog.Level, by string) {
	if by == "" {
		by = "SetLevel"
	}
	l.node.configure(func() { l.node.setLevel(level, by) })
}

// OverrideLevel is SetLevelBy for a time. The function that it returns ends it:
// the logger gets the level back that it had before, unless somebody has set it
// meanwhile, and undo reports whether it did so. Set means by SetLevel, a rule of
// SetLevels that matches, Replace without Override or with another level, or another OverrideLevel.
// That one keeps what was before the first. Undo may be called by several goroutines
// and more than once; all calls but the first that succeeds return false. While an
// override holds, its logger is not freed. A level that nobody undoes stays.
func (l *Logger) OverrideLevel(level slog.Level, by string) (undo func() bool) {
	n := l.node
	var o override
	n.configure(func() {
		if o = (override{n.level, n.levelBy, n.ruled, n.inherits}); n.override != nil {
			o = *n.override
		}
		n.setLevel(level, by)
		n.override = &o
	})
	return func() (undone bool) {
		n.configure(func() {
			if undone = n.override == &o; undone {
				n.level, n.levelBy, n.ruled, n.inherits, n.override = o.level, o.by, o.ruled, o.inherits, nil
			}
		})
		return undone
	}
}
