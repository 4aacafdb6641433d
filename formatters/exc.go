package formatters

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
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
// It is made once, when first asked for, and is bounded.
func Exc(err error) slog.Attr { return slog.Any(excKey, &excValue{err: err}) }

// An excValue carries the error of an Exc.
type excValue struct {
	err  error
	once sync.Once
	made string
}

// LogValue returns the error's message.
func (e *excValue) LogValue() slog.Value { return slog.StringValue(e.message()) }

func (e *excValue) message() string {
	if e == nil || e.err == nil {
		return noException
	}
	return errorMessage(e.err)
}

// noException is what CPython prints for an exc_info of nothing.
const noException = "NoneType: None"

// text returns the text that stands after the line.
func (e *excValue) text() string {
	e.once.Do(func() {
		if e.err == nil {
			e.made = noException
			return
		}
		w := excWriter{left: maxErrors}
		w.chain(e.err, "", "")
		e.made = w.text.String()
	})
	return e.made
}

// Bounds on the text of an error.
const (
	maxErrors  = 64
	maxExcText = 1 << 16 // bytes of one error
)

// An excWriter writes a tree of errors.
type excWriter struct {
	text strings.Builder
	left int // errors still allowed
}

// chain writes err and what it unwraps to, each on lines of its own.
func (w *excWriter) chain(err error, indent, lead string) {
	for err != nil {
		if w.left--; w.left < 0 {
			w.line(indent, lead+"...")
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
		for _, e := range several {
			w.chain(e, indent+"  ", causedBy)
		}
		err, lead = next, causedBy
	}
}

const causedBy = "caused by "

// line writes text, bounded, each of its lines indented.
func (w *excWriter) line(indent, text string) {
	if w.text.Len() > 0 {
		w.text.WriteByte('\n')
	}
	if len(text) > maxExcText {
		n := maxExcText
		for !utf8.RuneStart(text[n]) && n > maxExcText-utf8.UTFMax {
			n--
		}
		text = text[:n] + "..."
	}
	w.text.WriteString(indent)
	w.text.WriteString(strings.ReplaceAll(text, "\n", "\n"+indent))
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
