package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

// A PanicError says that a handler panicked. It unwraps to the panic's value
// if that is an error.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // the stack of the goroutine, as debug.Stack gives it
}

func (e *PanicError) Error() string { return fmt.Sprintf("handlers: panic: %v", e.Value) }

func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Handle is h.Handle, but a panic in h becomes an error, a [*PanicError], as
// CPython's Handler.handleError keeps trouble in a handler from the caller.
func Handle(ctx context.Context, h slog.Handler, r slog.Record) (err error) {
	defer recoverTo(&err)
	return h.Handle(ctx, r)
}

// recoverTo must be deferred directly.
func recoverTo(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
