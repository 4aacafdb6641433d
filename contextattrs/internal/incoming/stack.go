package incoming

import (
	"runtime/debug"
	"strings"
)

// Stack returns the stack of a panic, at most limit bytes of it, to the function that was
// deferred and what it calls: from the panic on, since the frames above it, of those who tell
// of it, would be the same each time.
func Stack(limit int) string {
	stack := string(debug.Stack())
	head, frames, _ := strings.Cut(stack, "\n")
	if _, from, ok := strings.Cut(frames, "\npanic("); ok {
		stack = head + "\npanic(" + from
	}
	return Cut(stack, limit)
}
