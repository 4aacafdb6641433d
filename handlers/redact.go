package handlers

import (
	"context"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"sync/atomic"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// RedactOptions say what a [Redact] hides.
type RedactOptions struct {
	// Keys are names of attrs, of members of structs (their JSON names too) and
	// of keys of maps whose values are hidden, groups and all. Case does not
	// matter; * stands for any text and ? for one character. A name without a dot
	// hides such a key wherever it stands, and keys that end in a dot and the
	// name. One with a dot is compared with the whole path from the top, groups
	// opened by WithGroup included: "request.header.cookie", "request.*",
	// "*.pin". Nil means those of [DefaultRedactKeys], whatever else is given; a list that is empty but not nil
	// means none.
	Keys []string

	// Types are the types whose values are hidden, wherever they stand; for an
	// interface, the types that implement it. Their methods are not called. Of numbers
	// slog keeps only int64, uint64 and float64: one listed type of a sort hides all
	// of that sort. In structs and other values only the listed type itself is hidden.
	Types []reflect.Type

	// Patterns are replaced in messages, in the text of values, and in the text
	// that errors and other values give of themselves.
	Patterns []*regexp.Regexp

	// Replacement is what stands for what is hidden. "" means "[REDACTED]".
	Replacement string

	// OnError is told of the type of what can't be looked into, and so is hidden: it
	// panics, or goes beyond the bounds. It gets no text of theirs, which may be secret.
	// Of more than five errors in a second it is told how many there were. Several
	// goroutines may call it at once. It may log to the Redact. Nil prints to os.Stderr.
	// What the next handler returns is what Handle returns.
	OnError func(error)
}

// DefaultRedactKeys returns names that usually mean secrets, as a start for
// RedactOptions.Keys.
func DefaultRedactKeys() []string {
	return []string{
		"*password*", "passwd", "pwd", "passphrase", "*secret*", "*token", "authorization", "proxy-authorization",
		"*cookie", "*api_key", "*api-key", "*apikey", "*private_key", "*privatekey", "*credential*",
	}
}

// A Redact passes records on with their secrets hidden. It sees all there is: the
// message, the record's attrs, those bound by With and those of the context;
// and in them the members of groups, what LogValuers return, and what maps,
// structs, slices, pointers and errors hold, to a depth of 32. The caller's
// values are never changed: what holds a secret is replaced by a picture of
// itself, which prints in fmt's "%+v" and in JSON as the value would, but for
// the secret. A value without secrets stays as it is.
//
// The text that a value writes itself, by String, Error, Format or MarshalText, shows only
// if no member of the value, and no error that it wraps, is hidden: else the members
// stand for it, or the replacement. For members that such methods may guard by a lock,
// it is enough that their type has a member to hide. JSON that a value writes
// itself is looked into, and so are bytes that begin as JSON. Not seen are secrets
// that only a key would tell in a string: give Patterns for these.
//
// What can't be looked into is hidden: values nested too deep, values of more than 16384
// parts, and what panics when it is asked for its text. What a pointer leads
// to can still change after it was looked at; hand on copies, or put the Redact
// behind the queue. Time is linear in the size of the text, as package regexp's.
//
// CPython has no such handler; its users write a logging.Filter. Use
// [NewRedact]; the zero value is not usable.
type Redact struct {
	next   slog.Handler
	rules  *redactRules
	count  *redactCounters
	path   string // of the open groups, with a dot at its end
	hidden bool   // an open group is one of the keys
}

// RedactStats tell what a Redact and all derived from it have done. No record is
// dropped or held: In is Out, but for those on their way.
type RedactStats struct {
	In       uint64 // records given to Handle
	Out      uint64 // records that the next handler is done with
	Redacted uint64 // records in which something of their own or their context's was hidden
}

type redactCounters struct{ in, out, redacted atomic.Uint64 }

// NewRedact returns a Redact that passes records on to next. It panics if next,
// a type or a pattern is nil.
func NewRedact(next slog.Handler, o RedactOptions) *Redact {
	mustHave("NewRedact", next)
	if slices.Contains(o.Types, nil) || slices.Contains(o.Patterns, nil) {
		panic("handlers: NewRedact: a type or a pattern is nil")
	}
	return &Redact{next: Adopt(next), rules: newRedactRules(o), count: &redactCounters{}}
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Redact) AddsContextAttrs() {}

// Unwrap returns the wrapped handler.
func (h *Redact) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the wrapped handler.
func (h *Redact) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "Redact(Stream(stderr))".
func (h *Redact) String() string { return "Redact(" + describe(h.next) + ")" }

// Stats returns the counts so far.
func (h *Redact) Stats() RedactStats {
	out := h.count.out.Load() // before in, which it never exceeds
	return RedactStats{In: h.count.in.Load(), Out: out, Redacted: h.count.redacted.Load()}
}

// Enabled asks the wrapped handler.
func (h *Redact) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes r on with its secrets hidden.
func (h *Redact) Handle(ctx context.Context, r slog.Record) error {
	h.count.in.Add(1)
	defer h.count.out.Add(1)
	ctx, changed := h.context(ctx)
	s := h.rules.scrubber()
	if s.record(h.path, h.hidden, &r) || changed {
		h.count.redacted.Add(1)
	}
	return h.next.Handle(ctx, r)
}

// context hides what is secret in the attrs of ctx. They stand at top level
// whatever groups are open.
func (h *Redact) context(ctx context.Context) (context.Context, bool) {
	attrs := contextattrs.Attrs(ctx)
	if len(attrs) == 0 {
		return ctx, false
	}
	s := h.rules.scrubber()
	scrubbed, replaced := s.attrs("", false, attrs)
	if replaced {
		ctx = contextattrs.Replace(ctx, scrubbed)
	}
	return ctx, s.found
}

// WithAttrs returns a Redact that hides what is secret in attrs, now.
func (h *Redact) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	s := h.rules.scrubber()
	scrubbed, _ := s.attrs(h.path, h.hidden, cloneAttrs(attrs))
	c := *h
	c.next = h.next.WithAttrs(scrubbed)
	return &c
}

// WithGroup returns a Redact whose later attrs are within the group name.
func (h *Redact) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.next = h.next.WithGroup(name)
	c.hidden = h.hidden || h.rules.hides(h.path, name)
	c.path = h.path + name + "."
	return &c
}

// WithLoggerName tells the wrapped handler the logger's name.
func (h *Redact) WithLoggerName(key, name string) slog.Handler {
	c := *h
	c.next = BindName(h.next, key, name)
	return &c
}
