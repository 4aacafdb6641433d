package formatters

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// excKey is the key of the attr that carries an error as exc_info.
const excKey = "exc_info"

// Exc returns an attr that makes err the record's exc_info, as the argument
// exc_info does in CPython. The formatters of this package print its text
// after the line, not as an attr; to other handlers the attr is the error's
// message. A nil err is Python's "NoneType: None".
//
// The text names the error's type and message, then those of each error that
// Unwrap leads to, and the stack of an error that carries one: by a method
// StackTrace or Stack, or by its own fmt.Formatter, whose "%+v" is taken then.
// It is made when first asked for, is the same for every formatter from then
// on, and is bounded.
func Exc(err error) slog.Attr { return slog.Any(excKey, &excValue{err: err}) }

// ExcText returns the text that stands after the line for the value of an attr made by
// [Exc]: CPython's exc_text. ok is false for any other value.
func ExcText(v slog.Value) (text string, ok bool) {
	exc, _ := special(v, nil, nil)
	if exc == nil {
		return "", false
	}
	return exc.text(), true
}

// ExcError returns the error in the value of an attr made by [Exc], nil for any other
// value.
func ExcError(v slog.Value) error {
	exc, _ := special(v, nil, nil)
	if exc == nil {
		return nil
	}
	return exc.err
}

// An excValue carries the error of an Exc.
type excValue struct {
	err         error
	short, long lazyText
}

// LogValue returns the error's message.
func (e *excValue) LogValue() slog.Value { return slog.StringValue(e.message()) }

// message returns what stands for the error in a line.
func (e *excValue) message() string {
	if e == nil || e.err == nil {
		return noException
	}
	return e.short.get(e.err, errorMessage)
}

// noException is what CPython prints for an exc_info of nothing.
const noException = "NoneType: None"

// text returns the text that stands after the line.
func (e *excValue) text() string {
	if e.err == nil {
		return noException
	}
	return e.long.get(e.err, errorText)
}

// A lazyText is made when it is first asked for. It is no sync.Once: an Error
// method may log with the very error, and so ask for the text while it is
// being made.
type lazyText struct {
	made   atomic.Pointer[string]
	making atomic.Int32
}

// maxMaking bounds how often a text is being made at once: an Error method
// that logs whenever it is called would come to no end.
const maxMaking = 256

// get returns the text that of makes of err. Who asks while it is being made
// makes another one, and that which is done first is everybody's.
func (t *lazyText) get(err error, of func(error) string) string {
	if made := t.made.Load(); made != nil {
		return *made
	}
	defer t.making.Add(-1)
	if t.making.Add(1) > maxMaking {
		return errorType(err) + ": ..."
	}
	text := of(err)
	t.made.CompareAndSwap(nil, &text)
	return *t.made.Load()
}

// errorText returns the text of err and of all that it wraps.
func errorText(err error) string {
	w := excWriter{left: maxErrors}
	w.chain(err, "", "")
	return w.text.String()
}

// Bounds on the text of an error.
const (
	maxErrors   = 64
	maxExcText  = 1 << 16 // bytes of one error
	maxExcWhole = 1 << 20 // bytes of all, but for the indentation of blocks
)

// An excWriter writes a tree of errors.
type excWriter struct {
	text  strings.Builder
	begun bool // there is a line, which may be empty
	left  int  // errors still allowed
	full  bool // the text is cut off: nothing more is written
}

// chain writes err and what it unwraps to, each on lines of its own.
func (w *excWriter) chain(err error, indent, lead string) {
	for err != nil && !w.full {
		if w.left--; w.left < 0 {
			w.line(indent, lead+"...")
			w.full = true
			return
		}
		if text, ok := ownText(err); ok {
			w.line(indent, lead+text)
			return
		}
		w.line(indent, lead+errorType(err)+": "+errorMessage(err))
		if stack := strings.Trim(errorStack(err), "\n"); stack != "" {
			w.line(indent, stack)
		}
		several, next := unwrap(err)
		w.each(several, indent+"  ")
		err, lead = next, causedBy
	}
}

// each writes errors that were joined.
func (w *excWriter) each(errs []error, indent string) {
	for _, err := range errs {
		if w.full {
			return
		}
		w.chain(err, indent, causedBy)
	}
}

const causedBy = "caused by "

// line writes text, bounded, each of its lines indented.
func (w *excWriter) line(indent, text string) {
	if len(text) > maxExcText {
		n := maxExcText
		for !utf8.RuneStart(text[n]) && n > maxExcText-utf8.UTFMax {
			n--
		}
		text = text[:n] + "..."
	}
	for line := range strings.SplitSeq(text, "\n") {
		if w.full {
			return
		}
		w.one(indent, line)
	}
}

// one writes one line, or that the text is cut off.
func (w *excWriter) one(indent, line string) {
	if w.full = w.text.Len()+len("\n")+len(indent)+len(line) > maxExcWhole; w.full {
		line = "..."
	}
	if w.begun {
		w.text.WriteByte('\n')
	}
	w.begun = true
	w.text.WriteString(indent)
	w.text.WriteString(line)
}

// errorMessage returns err's message, or a marker if there is none.
func errorMessage(err error) string {
	text, kind := methodText(err, false)
	switch kind {
	case badText:
		return string(appendMarker(nil, "error", text))
	case nilText:
		return "<nil>"
	}
	return text
}

// errorType returns the name of err's type. The types of packages errors and
// fmt say nothing, and are called "error".
func errorType(err error) string {
	name := fmt.Sprintf("%T", err)
	for _, dull := range []string{"*errors.", "*fmt.wrap"} {
		if strings.HasPrefix(name, dull) {
			return "error"
		}
	}
	return name
}

// ownText returns what err's fmt.Formatter makes of it, if it makes more than
// the message.
func ownText(err error) (string, bool) {
	if _, ok := err.(fmt.Formatter); !ok {
		return "", false
	}
	text, bad := sprintf("%+v", err)
	return text, bad == "" && text != errorMessage(err)
}

// errorStack returns the stack that err carries, or "".
func errorStack(err error) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = ""
			if reason := panicReason(err, "StackTrace", p); reason != "" {
				text = string(appendMarker(nil, "stack", reason))
			}
		}
	}()
	switch e := err.(type) {
	case interface{ Stack() []byte }:
		return string(e.Stack())
	case interface{ Stack() string }:
		return e.Stack()
	}
	// The result's type differs from library to library.
	m := reflect.ValueOf(err).MethodByName("StackTrace")
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
		return ""
	}
	text, _ = sprintf("%+v", m.Call(nil)[0].Interface())
	return text
}

// unwrap returns what err wraps: several errors, or one.
func unwrap(err error) (several []error, one error) {
	defer func() {
		if recover() != nil {
			several, one = nil, nil // its message tells of a nil pointer already
		}
	}()
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return nil, e.Unwrap()
	case interface{ Unwrap() []error }:
		return e.Unwrap(), nil
	}
	return nil, nil
}
