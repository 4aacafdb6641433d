package slogtree

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// An Error is trouble in a handler or filter, as Options.OnError gets it.
type Error struct {
	Logger     string // the name of the logger whose record met it
	Err        error  // the handlers' errors, joined
	Unreported uint64 // how many errors since the last report were only counted
}

// Error returns the logger's name and the error.
func (e *Error) Error() string {
	s := fmt.Sprintf("slogtree: logger %q: %v", e.Logger, e.Err)
	if e.Unreported > 0 {
		s += fmt.Sprintf(" (and %d errors before it that were not reported)", e.Unreported)
	}
	return s
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Errors beyond burst in a period are only counted.
const (
	reportBurst  = 5
	reportPeriod = time.Second
)

// A reporter passes errors on, but not more than a reader can bear.
type reporter struct {
	mu         sync.Mutex
	since      time.Time // when the current period began
	reported   int       // in the current period
	unreported uint64
	total      uint64
}

// add counts err, and reports it unless there were too many. What the report
// panics with goes to os.Stderr: the caller only wanted to log.
func (r *reporter) add(report func(error), logger string, err error) {
	unreported, ok := r.admit(time.Now())
	if !ok {
		return
	}
	var panicked error
	defer func() {
		if panicked != nil {
			printError(fmt.Errorf("slogtree: OnError: %w", panicked))
		}
	}()
	defer catch(&panicked)
	report(&Error{Logger: logger, Err: err, Unreported: unreported})
}

func (r *reporter) admit(now time.Time) (unreported uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	if now.Sub(r.since) >= reportPeriod {
		r.since, r.reported = now, 0
	}
	if r.reported == reportBurst {
		r.unreported++
		return 0, false
	}
	r.reported++
	unreported, r.unreported = r.unreported, 0
	return unreported, true
}

// flush returns an error that tells how many errors nobody was told of.
func (r *reporter) flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.unreported
	r.unreported = 0
	if n == 0 {
		return nil
	}
	return fmt.Errorf("slogtree: %d errors of handlers were not reported", n)
}

// Errors returns how many errors handlers and filters have had, reported or not.
func (t *Tree) Errors() uint64 {
	t.errors.mu.Lock()
	defer t.errors.mu.Unlock()
	return t.errors.total
}

// printError is the default OnError.
func printError(err error) { fmt.Fprintln(os.Stderr, oneLine(err)) }

// oneLine returns the error's text with what could break or steer a line made
// visible. Joined errors, which stand on lines of their own, get a semicolon.
func oneLine(err error) string {
	var b strings.Builder
	for text := err.Error(); text != ""; {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == '\n':
			b.WriteString("; ")
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case !unicode.IsPrint(r):
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}
