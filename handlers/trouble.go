package handlers

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// ErrClosed is what Handle returns, wrapped, after Close, by handlers that do not
// work any longer then.
var ErrClosed = errors.New("the handler is closed")

// Errors beyond so many in a period are only counted.
const (
	troubleBurst  = 5
	troublePeriod = time.Second
)

// A trouble passes errors on to a function, but no more than a reader can bear. It is
// for errors that no caller of Handle is there to get.
type trouble struct {
	fn func(error) // nil prints to os.Stderr

	mu     sync.Mutex
	since  time.Time // when the current period began
	told   int       // in the current period
	untold uint64
}

// tell counts err, and tells of it unless there were too many. A panic of the function
// goes to os.Stderr, since logging must not end the program.
func (t *trouble) tell(err error) {
	untold, ok := t.admit(time.Now())
	if !ok {
		return
	}
	if untold > 0 {
		err = fmt.Errorf("%w (and %d errors before it that were not reported)", err, untold)
	}
	if t.fn == nil {
		printTrouble(err)
		return
	}
	defer func() {
		if v := recover(); v != nil {
			printTrouble(fmt.Errorf("handlers: OnError: panic: %v", v))
		}
	}()
	t.fn(err)
}

func (t *trouble) admit(now time.Time) (untold uint64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.since) >= troublePeriod {
		t.since, t.told = now, 0
	}
	if t.told == troubleBurst {
		t.untold++
		return 0, false
	}
	t.told++
	untold, t.untold = t.untold, 0
	return untold, true
}

func printTrouble(err error) { fmt.Fprintln(os.Stderr, printable(err.Error())) }
