package handlers

import (
	"log/slog"
	"slices"
)

// binding is what With, WithGroup and WithLoggerName made of a handler whose
// target may change: a linked list that is never changed, newest first. The root
// of the list holds the logger's name.
type binding struct {
	parent *binding

	attrs []slog.Attr // this step, unless it is a group
	group string

	named     bool // only at the root
	key, name string

	// What the list is for one target. Only the goroutine that flushes
	// touches it.
	target *memoryTarget
	cached slog.Handler
}

// to returns target with everything bound to it.
func (b *binding) to(t *memoryTarget) slog.Handler {
	if b.target == t {
		return b.cached
	}
	b.cached = b.bind(t)
	b.target = t
	return b.cached
}

func (b *binding) bind(t *memoryTarget) slog.Handler {
	switch {
	case b.parent != nil && b.group != "":
		return b.parent.to(t).WithGroup(b.group)
	case b.parent != nil:
		return b.parent.to(t).WithAttrs(cloneAttrs(b.attrs)) // the handler owns them
	case b.named:
		return BindName(t.h, b.key, b.name)
	}
	return t.h
}

// withName returns a list with the same steps and a named root.
func (b *binding) withName(key, name string) *binding {
	var steps []*binding
	for ; b.parent != nil; b = b.parent {
		steps = append(steps, b)
	}
	list := &binding{named: true, key: key, name: name}
	for _, s := range slices.Backward(steps) {
		list = &binding{parent: list, attrs: s.attrs, group: s.group}
	}
	return list
}
