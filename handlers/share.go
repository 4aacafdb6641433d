package handlers

import (
	"context"
	"log/slog"
	"math"
	"reflect"
	"slices"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// A Renderer is a handler that writes what a formatter makes of each record,
// and nothing else of it. Several of them whose formatters have equal keys can
// share one rendering: see [Sharing]. [Stream] and [File] are Renderers, and
// handlers of others may be; with their wrappers they need the method
// AddsContextAttrs() of their own too, see [Adopt].
type Renderer interface {
	slog.Handler

	// Formatter returns the formatter, with all that was bound to the handler.
	Formatter() formatters.Formatter

	// WriteRendered does what Handle does once the record is rendered: line is
	// what Formatter made of it, and level is the record's. The handler may
	// write to line's spare capacity, but must not keep line or change it.
	WriteRendered(ctx context.Context, level slog.Level, line []byte) error
}

// transparent is implemented by wrappers whose Handle does nothing but pass
// the record on.
type transparent interface {
	Transparent() slog.Handler
}

// A Sharing tells which of several handlers can share renderings, so that a
// record is rendered once for all destinations of one format. It looks through
// wrappers that pass records on as they are, such as NewLevel's, which have a
// method
//
//	Transparent() slog.Handler
//
// that returns what they wrap. NewFilter's wrapper shares what its filters
// surely leave as it is. At most eight formats are shared; the targets of others
// render for themselves. A Sharing is immutable; make one with [Share].
type Sharing struct {
	parts []sharedPart // one for each handler
}

// A sharedPart is how one handler takes part.
type sharedPart struct {
	group   int // of those with equal formatters; -1 if the handler is alone
	format  formatters.Formatter
	filters []*filtered // from the outermost
	target  Renderer
}

// maxSharedGroups bounds how many renderings of one record are kept.
const maxSharedGroups = 8

// Share returns how hs, which are as [Adopt] returned them or derived from that,
// can share renderings, nil if no two of them can.
func Share(hs []slog.Handler) *Sharing {
	if len(hs) < 2 {
		return nil
	}
	s, renderers := &Sharing{make([]sharedPart, len(hs))}, 0
	for i, h := range hs {
		if s.parts[i] = newSharedPart(h); s.parts[i].target != nil {
			renderers++
		}
	}
	if renderers < 2 || !s.group() {
		return nil
	}
	return s
}

// group puts the parts whose formatters have equal keys into groups, and
// reports whether there are any.
func (s *Sharing) group() bool {
	shares, groups := 0, 0
	keys := make([]any, len(s.parts))
	for i := range s.parts {
		if s.parts[i].target == nil {
			continue
		}
		if keys[i] = keyOf(s.parts[i].format); keys[i] == nil {
			continue
		}
		first := slices.Index(keys[:i], keys[i])
		switch {
		case first < 0:
		case s.parts[first].group >= 0:
			s.parts[i].group = s.parts[first].group
			shares++
		case groups < maxSharedGroups:
			s.parts[first].group, s.parts[i].group = groups, groups
			groups++
			shares++
		}
	}
	return shares > 0
}

// keyOf returns f's key, or nil if that, against the contract, can't be compared or had.
func keyOf(f formatters.Formatter) (key any) {
	defer func() {
		if recover() != nil {
			key = nil
		}
	}()
	if key = f.Key(); key == nil {
		return nil
	}
	// Of its type too: one that embeds another has that one's Key.
	key = typedKey{reflect.TypeOf(f), key}
	if other := key; key != other { // which panics if it can't be told
		return nil
	}
	return key
}

type typedKey struct {
	formatter reflect.Type
	key       any
}

// newSharedPart looks for the Renderer in h. What has none is alone.
func newSharedPart(h slog.Handler) sharedPart {
	p := sharedPart{group: -1}
	for i := 0; h != nil && i < maxNesting; i++ {
		h = p.look(h)
	}
	return p
}

// look notes what h is, and returns what it wraps if records reach that
// through it unchanged.
func (p *sharedPart) look(h slog.Handler) (next slog.Handler) {
	switch w := h.(type) {
	case *Stream:
		p.target, p.format = w, w.format
	case *filtered:
		p.filters = append(p.filters, w)
		return w.next
	case *level:
		return w.next
	default:
		return p.lookAtOther(h)
	}
	return nil
}

// lookAtOther is look for any handler. Methods that it got by embedding another do
// not count: it may have a Handle of its own.
func (p *sharedPart) lookAtOther(h slog.Handler) (next slog.Handler) {
	switch {
	case contextattrs.Owns[Renderer](h):
		w := h.(Renderer)
		if p.format = w.Formatter(); p.format != nil {
			p.target = w
		}
	case contextattrs.Owns[transparent](h):
		return Adopt(h.(transparent).Transparent())
	}
	return nil
}

// Alone reports whether handler i shares with no other: give it records by its
// own Handle.
func (s *Sharing) Alone(i int) bool { return s.parts[i].group < 0 }

// Handle does what the Handle of handler i does, which must not be alone and
// must be enabled for r. It takes the rendering from lines, or leaves it there
// for the handlers after it.
func (s *Sharing) Handle(ctx context.Context, i int, r *slog.Record, lines *Renderings) error {
	p := &s.parts[i]
	if len(p.filters) > 0 {
		return p.handleFiltered(ctx, r, lines)
	}
	return p.target.WriteRendered(ctx, r.Level, lines.line(ctx, p, r))
}

// Renderings holds what one record was rendered to. The zero value is empty;
// call Release at the end. It is for one goroutine, and for one Sharing.
type Renderings struct {
	lines [maxSharedGroups]*[]byte
	n     int // of the groups, those before it may have a line
}

// terminatorRoom is the spare capacity of a line, for what ends it.
const terminatorRoom = 16

// line returns the rendering of r for p's group.
func (l *Renderings) line(ctx context.Context, p *sharedPart, r *slog.Record) []byte {
	if l.lines[p.group] == nil {
		buf := getBuffer()
		*buf = slices.Grow(formatters.AppendRecord(p.format, *buf, contextattrs.Attrs(ctx), r), terminatorRoom)
		l.lines[p.group] = buf
		l.n = max(l.n, p.group+1)
	}
	return *l.lines[p.group]
}

// Release gives the memory of the renderings back. They must not be used after it.
func (l *Renderings) Release() {
	for i := range l.n {
		if l.lines[i] != nil {
			putBuffer(l.lines[i])
			l.lines[i] = nil
		}
	}
}

// handleFiltered shares the rendering unless a filter has replaced the record.
func (p *sharedPart) handleFiltered(ctx context.Context, r *slog.Record, lines *Renderings) error {
	var trouble error
	for _, f := range p.filters {
		out := *r
		passed, err := f.filter(ctx, &out)
		trouble = joined(trouble, err)
		if !passed {
			return trouble
		}
		if !sameRecord(r, &out) {
			return joined(trouble, f.next.Handle(ctx, out))
		}
	}
	return joined(trouble, p.target.WriteRendered(ctx, r.Level, lines.line(ctx, p, r)))
}

// sameRecord reports whether a and b surely render alike. It may say no where
// that can't be told.
func sameRecord(a, b *slog.Record) bool {
	if a.Time != b.Time || a.Message != b.Message || a.Level != b.Level || a.PC != b.PC || a.NumAttrs() != b.NumAttrs() {
		return false
	}
	if a.NumAttrs() == 0 {
		return true
	}
	var room [8]slog.Attr
	others := room[:0]
	b.Attrs(func(o slog.Attr) bool {
		others = append(others, o)
		return true
	})
	same, i := true, 0
	a.Attrs(func(x slog.Attr) bool {
		same = x.Key == others[i].Key && sameValue(x.Value, others[i].Value)
		i++
		return same
	})
	return same
}

// sameValue reports whether a and b surely are the same value. What a filter may
// have changed in place, the members of a group and what pointers point to, is not.
func sameValue(a, b slog.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case slog.KindGroup:
		return len(a.Group())+len(b.Group()) == 0
	case slog.KindAny, slog.KindLogValuer:
		return sameAny(a.Any(), b.Any())
	case slog.KindTime:
		return a.Time() == b.Time()
	case slog.KindFloat64:
		return math.Float64bits(a.Float64()) == math.Float64bits(b.Float64())
	}
	return a.Equal(b)
}

func sameAny(a, b any) bool {
	if a == nil || b == nil || reflect.TypeOf(a) != reflect.TypeOf(b) {
		return a == nil && b == nil
	}
	switch k := reflect.TypeOf(a).Kind(); k {
	case reflect.Bool, reflect.String:
		return a == b
	default:
		return reflect.Int <= k && k <= reflect.Uintptr && a == b
	}
}
