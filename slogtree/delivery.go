package slogtree

import (
	"context"
	"log/slog"
	"runtime/debug"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// A delivery is one record on its way to the targets. It lives on the stack
// of the goroutine that logs.
type delivery struct {
	handlers.Dispatch
	handler   *handler
	tree      *Tree
	effective *effective
	slot      *slot
	hinted    bool // where the slot came from
}

// enter announces a record of h at n. The delivery must end.
func (d *delivery) enter(h *handler, n *node) {
	d.handler, d.tree = h, n.tree
	d.effective, d.slot, d.hinted = n.tree.flight.enter(n, &h.home)
}

// Handle delivers r to the handlers on the logger's path. It returns their
// errors, which OnError gets too.
func (h *handler) Handle(ctx context.Context, r slog.Record) (err error) {
	n := h.node
	if n == nil {
		n = h.remote.nearest()
	}
	var d delivery
	d.enter(h, n)
	defer func() { err = d.end(ctx, &r, recover()) }()
	if h.direct || faultNoLevel || d.effective.lets(ctx, r.Level) { // again: Enabled may have seen an older level
		d.deliver(ctx, &r)
	}
	return nil
}

// deliver gives r, whose level was checked, to the targets. It asks the filters,
// which may replace r, and binds.
//
// A record is 288 bytes: passed by value, each function more would copy it
// once more.
func (d *delivery) deliver(ctx context.Context, r *slog.Record) {
	h, e := d.handler, d.effective
	exists := h.node != nil || e.node.name() == h.remote.name // else e is an ancestor's
	switch {
	case e.disabled && exists:
		return
	case len(e.filters) > 0 && exists && !d.filter(ctx, r):
		return
	}
	b := h.bind(e)
	targets := b.targets
	if len(contextattrs.Attrs(ctx)) == 0 {
		targets = b.direct
	}
	d.Run(ctx, targets, b.sharing, r)
}

// filter asks the logger's filters and reports whether r passes them.
// One that panics leaves the record as it was.
func (d *delivery) filter(ctx context.Context, r *slog.Record) bool {
	for _, f := range d.effective.filters {
		filtered, pass, err := applyFilter(ctx, f, d.handler.name(), r)
		switch {
		case err != nil:
			d.Note(err)
		case !pass:
			return false
		default:
			*r = filtered
		}
	}
	return true
}

func applyFilter(ctx context.Context, f handlers.Filter, name string, r *slog.Record) (_ slog.Record, pass bool, err error) {
	defer catch(&err)
	filtered, pass := f.Filter(ctx, name, r.Clone())
	return filtered, pass, nil
}

// end is deferred, with what recover returned.
func (d *delivery) end(ctx context.Context, r *slog.Record, panicked any) (err error) {
	if panicked == nil && !d.Interrupted() {
		return d.settle()
	}
	defer func() { err = d.settle() }() // deferred: a target may end the goroutine
	d.Resume(ctx, r, panicked)
	return nil
}

// settle leaves, and only then reports errors, so that OnError may remove the
// handler that failed.
func (d *delivery) settle() error {
	d.tree.flight.leave(d.slot, d.hinted)
	err := d.Close()
	if err != nil {
		d.tree.report(d.handler.name(), err)
	}
	return err
}

// catch ends a panic and stores it as an error. It must be deferred itself.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &handlers.PanicError{Value: v, Stack: debug.Stack()}
	}
}
