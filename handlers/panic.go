package handlers

import (
	"fmt"
	"runtime/debug"
)

// A PanicError says that a handler or a filter panicked. It unwraps to the
// panic's value if that is an error. It is what remains of such trouble, as
// CPython's Handler.handleError keeps it from who logs.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // the stack of the goroutine, as debug.Stack gives it
}

// Error returns the value, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("handlers: panic: %v", e.Value) }

// Unwrap returns the value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// recoverTo must be deferred directly.
func recoverTo(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
