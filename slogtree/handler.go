package slogtree

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// A handler is what the loggers of one node log to. With and WithGroup make
// another one that refers to the one it was made from, so the operations form
// a list that is never appended to, and siblings share nothing they could
// overwrite.
type handler struct {
	node   *node
	remote *remote // instead of node, for Tree.Handler
	parent *handler
	op     *operation // what was done to parent; nil without one
	direct bool       // the levels of loggers are not asked
	label  string     // the name that records carry, if not the logger's
	bound  atomic.Pointer[binding]
	home   home // where its records are announced
}

// A remote is the name of a logger that may not exist.
type remote struct {
	tree *Tree
	name string
}

// A binding is an effective's targets with the logger's name and the
// handler's operations applied. It is good for that effective alone.
type binding struct {
	effective *effective
	targets   []slog.Handler
	direct    []slog.Handler // the same for records whose context carries no attrs
	sharing   *handlers.Sharing
}

// newBinding finds out which targets can share renderings, and which ones records
// without such attrs can go to without the handler that would add the attrs, and
// copy the record once more.
func newBinding(e *effective, ts []slog.Handler) *binding {
	b := &binding{effective: e, targets: ts, direct: slices.Clone(ts), sharing: handlers.Share(ts)}
	for i, t := range ts {
		if adds, ok := t.(interface{ WithoutContextAttrs() slog.Handler }); ok {
			b.direct[i] = adds.WithoutContextAttrs()
		}
	}
	return b
}

// Enabled reports whether the logger lets level through.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	if h.direct {
		return true
	}
	if contextattrs.Overridden() {
		return h.node.letsIn(ctx, level)
	}
	return int64(level) >= h.node.threshold.Load()
}

// WithAttrs returns a handler on the same node. Attrs are resolved now, and
// given to each target when the first record needs it.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.derive(&operation{attrs: handlers.ResolveAttrs(attrs)})
}

// WithGroup returns a handler on the same node.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(&operation{group: name})
}

func (h *handler) derive(op *operation) *handler {
	return &handler{node: h.node, remote: h.remote, parent: h, op: op, direct: h.direct, label: h.label}
}

// WithLoggerName returns a handler of the same logger whose records carry
// another logger's name: one that was told them by a tree elsewhere. The name
// goes under this tree's key, whatever key says. It mirrors Logger.handle of a
// record whose name is not the logger's.
func (h *handler) WithLoggerName(key, name string) slog.Handler {
	if h.parent != nil {
		return h.parent.WithLoggerName(key, name).(*handler).derive(h.op)
	}
	return &handler{node: h.node, remote: h.remote, direct: h.direct, label: name}
}

// AddsContextAttrs marks the handler as one whose targets add the attrs of a
// context themselves.
func (h *handler) AddsContextAttrs() {}

// String says which logger the handler belongs to.
func (h *handler) String() string { return "Logger(" + h.name() + ")" }

// nearest returns the logger's node, or that of its nearest ancestor.
func (r *remote) nearest() *node { return r.tree.nearest(r.name) }

func (h *handler) tree() *Tree {
	if h.remote != nil {
		return h.remote.tree
	}
	return h.node.tree
}

// name returns the name that records carry.
func (h *handler) name() string {
	if h.label != "" {
		return h.label
	}
	if h.remote != nil {
		return h.remote.name
	}
	return h.node.name()
}

// bind returns the targets of e as this handler's records need them.
func (h *handler) bind(e *effective) *binding {
	if b := h.bound.Load(); b != nil && (b.effective == e || faultNoRebind && h.op != nil) {
		return b
	}
	return h.rebind(e)
}

// rebind binds the targets anew: the logger's name first, then the operations
// from the oldest to the newest. Of the handlers that h was made from, only
// the nearest keeps what was made for it on the way: often it is what many
// more are made from. If all did, a long chain would keep as many copies.
func (h *handler) rebind(e *effective) (b *binding) {
	bound, steps := h.steps(e)
	for _, step := range slices.Backward(steps) {
		if step.parent == nil {
			bound = h.bindName(e)
		} else {
			bound = step.op.applyAll(bound)
		}
		if step == h || step == h.parent {
			b = newBinding(e, bound)
			step.bound.Store(b)
		}
	}
	return b
}

// steps returns h and the handlers that it was made from, the newest first,
// up to one that is bound to e, and what that is bound to.
func (h *handler) steps(e *effective) (bound []slog.Handler, steps []*handler) {
	for step := h; step != nil; step = step.parent {
		if b := step.bound.Load(); step != h && b != nil && b.effective == e {
			return b.targets, steps
		}
		steps = append(steps, step)
	}
	return nil, steps
}

// bindName returns the targets of e with the name of h's logger.
func (h *handler) bindName(e *effective) []slog.Handler {
	bound := make([]slog.Handler, len(e.targets))
	for i, t := range e.targets {
		bound[i] = bindSafely(t.h, func(t slog.Handler) slog.Handler {
			return handlers.BindName(t, h.tree().options.Load().NameKey, h.name())
		})
	}
	return bound
}

// bindSafely returns f(t), or if that panics a handler that tells so for
// each record that it loses.
func bindSafely(t slog.Handler, f func(slog.Handler) slog.Handler) (bound slog.Handler) {
	var err error
	defer func() {
		if err != nil {
			bound = broken{fmt.Errorf("slogtree: %T can't be derived: %w", t, err)}
		}
	}()
	defer catch(&err)
	return f(t)
}

// broken stands for a handler whose WithAttrs or WithGroup panicked.
type broken struct{ err error }

func (broken) Enabled(context.Context, slog.Level) bool       { return true }
func (b broken) Handle(context.Context, slog.Record) error    { return b.err }
func (b broken) WithAttrs([]slog.Attr) slog.Handler           { return b }
func (b broken) WithGroup(string) slog.Handler                { return b }
func (b broken) WithLoggerName(key, name string) slog.Handler { return b }
func (b broken) String() string                               { return b.err.Error() }
func (b broken) AddsContextAttrs()                            {}

// An operation is one WithAttrs or WithGroup.
type operation struct {
	attrs []slog.Attr // never changed
	group string      // if attrs is nil
}

// applyAll does the operation to each of the targets.
func (op *operation) applyAll(ts []slog.Handler) []slog.Handler {
	bound := make([]slog.Handler, len(ts))
	for i, t := range ts {
		bound[i] = bindSafely(t, op.apply)
	}
	return bound
}

// apply does the operation to t, which owns what it is given.
func (op *operation) apply(t slog.Handler) slog.Handler {
	if op.attrs == nil {
		return t.WithGroup(op.group)
	}
	return t.WithAttrs(handlers.ResolveAttrs(op.attrs)) // resolved already: a copy
}
