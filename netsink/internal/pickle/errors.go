package pickle

import "fmt"

// An Error tells why a pickle was refused, and where.
type Error struct {
	Offset int    // of the opcode, in bytes
	Op     string // the opcode's name, as pickletools has it; "" if there is none
	Reason string
}

// Error names the instruction and where it stands.
func (e *Error) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("pickle: byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("pickle: %s at byte %d: %s", e.Op, e.Offset, e.Reason)
}

// fail returns an Error of the opcode that is being executed.
func (r *reader) fail(format string, args ...any) error {
	return &Error{Offset: r.opAt, Op: opName(r.op), Reason: fmt.Sprintf(format, args...)}
}

func (r *reader) truncated() error { return r.fail("the pickle ends within it") }

func (r *reader) underflow() error { return r.fail("nothing is left on the stack for it") }
