package handlers

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
)

// maxNesting bounds walks through wrappers, which could wrap themselves.
const maxNesting = 1000

// Flush flushes h and everything that it wraps, outermost first, so that what a
// wrapper holds back arrives before its target is flushed. Wrapped handlers are
// found by the methods
//
//	Unwrap() slog.Handler
//	Unwrap() []slog.Handler
//
// and flushed by their method Flush() error, each only once. Errors and panics
// do not end the walk: they are returned joined. It is Handler.flush of
// CPython, but reaches through wrappers.
func Flush(h slog.Handler) error {
	return walk(h, func(h slog.Handler) error {
		if f, ok := h.(interface{ Flush() error }); ok {
			return f.Flush()
		}
		return nil
	})
}

// Close closes h and everything that it wraps, as [Flush] flushes, by the
// methods Close(context.Context) error or Close() error. The first kind gets
// ctx, and should give up waiting when it ends. It is Handler.close of CPython.
func Close(ctx context.Context, h slog.Handler) error {
	return walk(h, func(h slog.Handler) error {
		switch c := h.(type) {
		case interface{ Close(context.Context) error }:
			return c.Close(ctx)
		case interface{ Close() error }:
			return c.Close()
		}
		return nil
	})
}

// All returns h and everything that it wraps, outermost first, each only once,
// as [Flush] and [Close] find it.
func All(h slog.Handler) iter.Seq[slog.Handler] {
	return func(yield func(slog.Handler) bool) {
		var all []slog.Handler
		_ = walk(h, func(one slog.Handler) error {
			all = append(all, one)
			return nil
		})
		for _, one := range all {
			if !yield(one) {
				return
			}
		}
	}
}

// walk calls do for h and everything in it.
func walk(h slog.Handler, do func(slog.Handler) error) error {
	w := walker{do: do, seen: map[slog.Handler]bool{}}
	w.visit(h, 0)
	return errors.Join(w.errs...)
}

type walker struct {
	do   func(slog.Handler) error
	seen map[slog.Handler]bool
	errs []error
}

func (w *walker) visit(h slog.Handler, depth int) {
	if h == nil || !w.isNew(h) {
		return
	}
	if depth > maxNesting {
		w.errs = append(w.errs, fmt.Errorf("handlers: more than %d handlers wrapped in each other, the last a %T", maxNesting, h))
		return
	}
	// Closing a wrapper may make it forget its target.
	wrapped, err := unwrap(h)
	w.note(err)
	w.note(try(h, w.do))
	for _, next := range wrapped {
		w.visit(next, depth+1)
	}
}

func (w *walker) note(err error) {
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

// isNew reports whether h is met for the first time. A value that can't be
// compared is never the same as another.
func (w *walker) isNew(h slog.Handler) bool {
	if !reflect.ValueOf(h).Comparable() {
		return true
	}
	if w.seen[h] {
		return false
	}
	w.seen[h] = true
	return true
}

func try(h slog.Handler, do func(slog.Handler) error) (err error) {
	defer recoverTo(&err)
	return do(h)
}

// unwrap returns the handlers that h wraps.
func unwrap(h slog.Handler) (wrapped []slog.Handler, err error) {
	defer recoverTo(&err)
	switch u := h.(type) {
	case interface{ Unwrap() slog.Handler }:
		return []slog.Handler{u.Unwrap()}, nil
	case interface{ Unwrap() []slog.Handler }:
		return u.Unwrap(), nil
	}
	return nil, nil
}
