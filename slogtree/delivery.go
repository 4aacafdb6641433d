package slogtree

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
)

// A delivery is one record on its way to the targets. It lives on the stack
// of the goroutine that logs.
type delivery struct {
	handler   *handler
	tree      *Tree
	effective *effective
	slot      *slot
	hinted    bool // where the slot came from
	targets   []slog.Handler
	next      int // index of the target to try next
	err       error
	done      bool // nothing is left to do but to leave
}

// Handle delivers r to the handlers on the logger's path. It returns their
// errors, which OnError gets too.
//
// A record is 288 bytes, so it is passed on from this very frame: each
// function more that took it by value would copy it once more.
func (h *handler) Handle(ctx context.Context, r slog.Record) (err error) {
	d := delivery{handler: h}
	n := h.node
	if n == nil {
		n = h.remote.nearest()
	}
	d.tree = n.tree
	d.effective, d.slot, d.hinted = n.tree.flight.enter(n, &h.home)
	defer d.end(ctx, &r, &err)
	if !d.begin(ctx, &r) {
		return nil
	}
	for d.next < len(d.targets) {
		t := d.targets[d.next]
		d.next++
		if t.Enabled(ctx, r.Level) {
			if failure := t.Handle(ctx, r); failure != nil {
				d.err = errors.Join(d.err, failure)
			}
		}
	}
	d.done = true
	return nil
}

// begin reports whether there are targets to try. It checks the level again,
// since Enabled may have seen an older one, asks the filters, which may
// replace r, and binds.
func (d *delivery) begin(ctx context.Context, r *slog.Record) bool {
	h, e := d.handler, d.effective
	exists := h.node != nil || e.node.name() == h.remote.name // else e is an ancestor's
	switch {
	case e.disabled && exists, r.Level < e.threshold && !h.direct && !faultNoLevel:
		d.done = true
		return false
	case len(e.filters) > 0 && exists:
		if !d.filter(ctx, r) {
			d.done = true
			return false
		}
	}
	b := h.bind(e)
	if d.targets = b.targets; len(contextattrs.Attrs(ctx)) == 0 {
		d.targets = b.direct
	}
	if len(d.targets) > 1 {
		*r = r.Clone() // none can append to what the next one gets
	}
	return true
}

// filter asks the logger's filters and reports whether r passes them.
// One that panics leaves the record as it was.
func (d *delivery) filter(ctx context.Context, r *slog.Record) bool {
	for _, f := range d.effective.filters {
		filtered, pass, err := applyFilter(ctx, f, d.handler.name(), r)
		switch {
		case err != nil:
			d.err = errors.Join(d.err, err)
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

// end is deferred. If a target panicked or ended the goroutine, it gives the
// others their turn.
func (d *delivery) end(ctx context.Context, r *slog.Record, err *error) {
	if d.done {
		d.settle(err)
		return
	}
	defer d.settle(err)
	if v := recover(); v != nil {
		d.err = errors.Join(d.err, &handlers.PanicError{Value: v, Stack: debug.Stack()})
	}
	d.resume(ctx, r)
}

// settle leaves, and only then reports errors, so that OnError may remove the
// handler that failed.
func (d *delivery) settle(err *error) {
	d.tree.flight.leave(d.slot, d.hinted)
	if d.err != nil {
		*err = d.err
		d.tree.report(d.handler.name(), d.err)
	}
}

// resume tries the targets that are left, also when one ends the goroutine.
func (d *delivery) resume(ctx context.Context, r *slog.Record) {
	defer func() {
		if d.next < len(d.targets) {
			d.resume(ctx, r)
		}
	}()
	for d.next < len(d.targets) {
		t := d.targets[d.next]
		d.next++
		if err := try(ctx, t, r); err != nil {
			d.err = errors.Join(d.err, err)
		}
	}
}

// try is one target's turn.
func try(ctx context.Context, t slog.Handler, r *slog.Record) (err error) {
	defer catch(&err)
	if !t.Enabled(ctx, r.Level) {
		return nil
	}
	return t.Handle(ctx, *r)
}

// catch ends a panic and stores it as an error. It must be deferred itself.
func catch(err *error) {
	if v := recover(); v != nil {
		*err = &handlers.PanicError{Value: v, Stack: debug.Stack()}
	}
}
