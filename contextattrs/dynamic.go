package contextattrs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// Dynamic returns a handler that calls f for each record on its way to next,
// and adds what f returns: attrs that are found out anew each time, such as a
// trace's id or how many requests run. They come after those that the context
// carries, at top level whatever groups are open. Values bound by With can't
// do it, since LogValuers are resolved there, once.
//
// f gets the record's context. It may be called from several goroutines at
// once, and must not change later what it has returned. If it panics, the record
// goes on without its attrs, and Handle returns an error that says so. A record
// that f itself logs with the context it was given gets through without f; with
// another context it would call f again, and again.
//
// next needs not know of contexts' attrs: it is given to [NewHandler]. The
// handler has the methods that NewHandler's has, but for WithoutContextAttrs.
// Dynamic panics if next or f is nil.
//
// It is logging.LoggerAdapter of CPython with an object whose values change in
// place of a dict.
func Dynamic(next slog.Handler, f func(context.Context) []slog.Attr) slog.Handler {
	if next == nil {
		panic("contextattrs: Dynamic: the handler is nil")
	}
	if f == nil {
		panic("contextattrs: Dynamic: the function is nil")
	}
	d := &dynamic{next: NewHandler(next), f: f}
	d.made = d
	return d
}

type dynamic struct {
	next slog.Handler
	f    func(context.Context) []slog.Attr
	made *dynamic // by Dynamic, however often derived since
}

// AddsContextAttrs marks d as a handler that needs no other to do so.
func (d *dynamic) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (d *dynamic) Unwrap() slog.Handler { return d.next }

// NeedsSource forwards what the wrapped handler says, and is true if it says nothing.
func (d *dynamic) NeedsSource() bool {
	return !Owns[needer](d.next) || d.next.(needer).NeedsSource()
}

func (d *dynamic) String() string {
	if s, ok := d.next.(fmt.Stringer); ok {
		return "Dynamic(" + s.String() + ")"
	}
	return fmt.Sprintf("Dynamic(%T)", d.next)
}

func (d *dynamic) Enabled(ctx context.Context, level slog.Level) bool {
	return d.next.Enabled(ctx, level)
}

func (d *dynamic) Handle(ctx context.Context, r slog.Record) error {
	if s := stateOf(ctx); s != nil && s.within.has(d.made) {
		return d.next.Handle(ctx, r)
	}
	attrs, err := d.ask(ctx)
	if len(attrs) > 0 {
		own := Attrs(ctx)
		c := derive(ctx)
		c.attrs, c.hidden = slices.Concat(own, attrs), true // late ones are among own
		ctx = c
	}
	return joined(err, d.next.Handle(ctx, r))
}

// ask calls f. What it returns may be resolved, but is not ours to change.
func (d *dynamic) ask(ctx context.Context) (attrs []slog.Attr, err error) {
	defer func() {
		if v := recover(); v != nil {
			attrs, err = nil, fmt.Errorf("contextattrs: Dynamic: the function panicked: %v", v)
		}
	}()
	c := derive(ctx)
	c.within = &within{d.made, c.within}
	return settle(slices.Clone(d.f(c))), nil
}

// joined is errors.Join, but leaves a lone error as it is.
func joined(trouble, err error) error {
	if trouble == nil {
		return err
	}
	return errors.Join(trouble, err)
}

func (d *dynamic) with(next slog.Handler) *dynamic {
	return &dynamic{next: next, f: d.f, made: d.made}
}

func (d *dynamic) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return d
	}
	return d.with(d.next.WithAttrs(attrs))
}

func (d *dynamic) WithGroup(name string) slog.Handler {
	if name == "" {
		return d
	}
	return d.with(d.next.WithGroup(name))
}

// WithLoggerName tells the wrapped handler the logger's name.
func (d *dynamic) WithLoggerName(key, name string) slog.Handler {
	return d.with(bindName(d.next, key, name))
}
