package incoming

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// caught returns the stack of the panic of f, as a deferred function sees it.
func caught(limit int, f func()) (stack string) {
	defer func() {
		_ = recover()
		stack = tell(limit)
	}()
	f()
	return ""
}

func tell(limit int) string { return Stack(limit) }

func fails() { panic(errors.New("boom")) }

func failsItself() {
	var none []int
	_ = none[len(os.Args)] // the runtime's own panic
}

func rethrows() {
	defer func() { panic(recover()) }()
	fails()
}

func TestStackBeginsWithThePanic(t *testing.T) {
	for name, f := range map[string]func(){"fails": fails, "failsItself": failsItself, "rethrows": rethrows} {
		stack := caught(1<<20, f)
		lines := strings.Split(stack, "\n")
		if !strings.HasPrefix(lines[0], "goroutine ") || !strings.HasPrefix(lines[1], "panic(") {
			t.Errorf("%s: the stack begins with %q and %q", name, lines[0], lines[1])
		}
		if strings.Contains(stack, "incoming.tell(") || !strings.Contains(stack, "incoming."+name+"(") {
			t.Errorf("%s: not the frames below the panic, or not all of them:\n%s", name, stack)
		}
	}
}

func TestStackWithoutPanic(t *testing.T) {
	if stack := tell(1 << 20); !strings.Contains(stack, "incoming.tell(") {
		t.Errorf("the stack of no panic is not whole:\n%s", stack)
	}
}

func TestStackIsCut(t *testing.T) {
	if stack := caught(100, fails); len(stack) > 120 || !strings.HasSuffix(stack, "... (cut)") {
		t.Errorf("a stack of 100 bytes at most: %q", stack)
	}
}
