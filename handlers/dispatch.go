package handlers

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
)

// A Dispatch gives one record to several handlers, each in its turn, whatever
// those before it return, panic with, or end. It is what NewFanout's handler and
// the loggers of package slogtree do, for handlers that do the like. The zero
// value is ready for one record, on one goroutine:
//
//	var d handlers.Dispatch
//	defer func() { err = d.End(ctx, &r, recover()) }()
//	d.Run(ctx, hs, sharing, &r)
type Dispatch struct {
	handlers []slog.Handler
	sharing  *Sharing
	next     int  // index of the handler to try next
	running  bool // false again once all have been tried
	cloned   bool // the record is
	err      error
	lines    Renderings
}

// Run gives r to all of hs that are enabled for it. The sharing is that of hs,
// or nil. Each gets its own copy: none can append to what the next one gets.
func (d *Dispatch) Run(ctx context.Context, hs []slog.Handler, sharing *Sharing, r *slog.Record) {
	d.handlers, d.sharing, d.running = hs, sharing, true
	for d.next < len(hs) {
		h := hs[d.next]
		d.next++
		if h.Enabled(ctx, r.Level) {
			if err := d.handle(ctx, h, r); err != nil {
				d.Note(err)
			}
		}
	}
	d.running = false
}

// handle gives r to h, the handler before next.
func (d *Dispatch) handle(ctx context.Context, h slog.Handler, r *slog.Record) error {
	if i := d.next - 1; d.sharing != nil && !d.sharing.Alone(i) {
		return d.sharing.Handle(ctx, i, r, &d.lines)
	}
	if len(d.handlers) > 1 && !d.cloned {
		*r = r.Clone()
		d.cloned = true
	}
	return h.Handle(ctx, *r)
}

// Note adds err to what Close returns.
func (d *Dispatch) Note(err error) { d.err = errors.Join(d.err, err) }

// End is Resume and Close. It is to be deferred, with what recover returned.
func (d *Dispatch) End(ctx context.Context, r *slog.Record, panicked any) error {
	if panicked != nil || d.running {
		d.Resume(ctx, r, panicked)
	}
	return d.Close()
}

// Interrupted reports whether Run has not come to its end: a handler has
// panicked or ended the goroutine.
func (d *Dispatch) Interrupted() bool { return d.running }

// Resume gives the handlers that are left their turn, after one has panicked
// or ended the goroutine.
func (d *Dispatch) Resume(ctx context.Context, r *slog.Record, panicked any) {
	if panicked != nil {
		d.Note(&PanicError{Value: panicked, Stack: debug.Stack()})
	}
	if d.running {
		d.resume(ctx, r)
		d.running = false
	}
}

// Close ends the dispatch, and returns all errors joined.
func (d *Dispatch) Close() error {
	d.lines.Release()
	return d.err
}

// resume tries the handlers that are left, also when one ends the goroutine.
func (d *Dispatch) resume(ctx context.Context, r *slog.Record) {
	defer func() {
		if d.next < len(d.handlers) {
			d.resume(ctx, r)
		}
	}()
	for d.next < len(d.handlers) {
		h := d.handlers[d.next]
		d.next++
		if err := d.try(ctx, h, r); err != nil {
			d.Note(err)
		}
	}
}

// try is one handler's turn.
func (d *Dispatch) try(ctx context.Context, h slog.Handler, r *slog.Record) (err error) {
	defer recoverTo(&err)
	if !h.Enabled(ctx, r.Level) {
		return nil
	}
	return d.handle(ctx, h, r)
}
