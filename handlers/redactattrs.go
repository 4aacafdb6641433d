package handlers

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"

	"github.com/slogsuite/slogsuite/formatters"
)

// A scrubber hides what is secret in one record.
type scrubber struct {
	rules *redactRules
	found bool // something was hidden
	nodes int  // parts of values that may still be looked at
	depth int  // of groups
}

// Bounds on values that are looked into.
const (
	maxRedactDepth = 32
	maxRedactNodes = 1 << 14 // for each attr
)

func (r *redactRules) scrubber() scrubber { return scrubber{rules: r} }

// record hides what is secret in r, whose attrs are within the groups of path.
// It reports whether it found anything.
func (s *scrubber) record(path string, hidden bool, r *slog.Record) bool {
	message, changed := s.text(r.Message)
	attrs, attrsChanged := []slog.Attr(nil), false
	if r.NumAttrs() > 0 {
		var room [8]slog.Attr
		attrs = room[:0]
		r.Attrs(func(a slog.Attr) bool {
			attrs = append(attrs, a)
			return true
		})
		attrs, attrsChanged = s.attrs(path, hidden, attrs)
	}
	switch {
	case attrsChanged:
		scrubbed := slog.NewRecord(r.Time, r.Level, message, r.PC)
		scrubbed.AddAttrs(attrs...)
		*r = scrubbed
	case changed:
		r.Message = message
	}
	return s.found
}

// attrs returns attrs, or if there is anything to replace, a copy without it.
func (s *scrubber) attrs(path string, hidden bool, attrs []slog.Attr) ([]slog.Attr, bool) {
	var copied []slog.Attr
	for i, a := range attrs {
		v, changed := s.attr(path, hidden, a)
		if changed && copied == nil {
			copied = append([]slog.Attr(nil), attrs...)
		}
		if changed {
			copied[i].Value = v
		}
	}
	if copied == nil {
		return attrs, false
	}
	return copied, true
}

// attr returns the value to show for a. If anything in there panics, it is hidden.
func (s *scrubber) attr(path string, hidden bool, a slog.Attr) (v slog.Value, changed bool) {
	defer func() {
		if recover() != nil {
			v, changed = s.broken(fmt.Sprintf("a %T", a.Value.Any())), true
		}
	}()
	if s.depth == 0 {
		s.nodes = maxRedactNodes
	}
	if s.nodes--; s.nodes < 0 { // LogValuers may go on returning groups
		return s.broken("a group so large"), true
	}
	// Empty attrs and empty groups stay what handlers leave out.
	if a.Key == "" && a.Value.Kind() == slog.KindAny && a.Value.Any() == nil {
		return a.Value, false
	}
	if a.Key != "" && s.rules.hides(path, a.Key) {
		hidden = true
	}
	if hidden && a.Value.Kind() != slog.KindGroup {
		return s.hide(), true
	}
	return s.value(path, a.Key, hidden, a.Value)
}

// value looks at the value of the attr called key.
func (s *scrubber) value(path, key string, hidden bool, v slog.Value) (slog.Value, bool) {
	if s.rules.kinds[v.Kind()] {
		return s.hide(), true
	}
	switch v.Kind() {
	case slog.KindString:
		text, changed := s.text(v.String())
		return slog.StringValue(text), changed
	case slog.KindInt64:
		return s.number(v, v.Int64(), 0)
	case slog.KindUint64:
		return s.number(v, 0, v.Uint64())
	case slog.KindFloat64:
		return s.float(v)
	case slog.KindGroup:
		return s.group(path, key, hidden, v)
	case slog.KindLogValuer:
		return s.valuer(path, key, hidden, v)
	case slog.KindAny:
		return s.any(path+key, v)
	}
	return v, false
}

// number hides one whose digits fit a pattern, as those of a card do.
func (s *scrubber) number(v slog.Value, i int64, u uint64) (slog.Value, bool) {
	if len(s.rules.patterns) == 0 {
		return v, false
	}
	digits := strconv.FormatInt(i, 10)
	if v.Kind() == slog.KindUint64 {
		digits = strconv.FormatUint(u, 10)
	}
	text, changed := s.text(digits)
	if !changed {
		return v, false
	}
	return slog.StringValue(text), true
}

// float hides one whose digits fit a pattern, as JSON writes them or as text has it.
func (s *scrubber) float(v slog.Value) (slog.Value, bool) {
	if len(s.rules.patterns) == 0 {
		return v, false
	}
	d := drawing{s: s}
	p := d.scalar(reflect.ValueOf(v.Float64()))
	if !s.note(d.found) {
		return v, false
	}
	return slog.StringValue(p.text), true
}

// group hides all members of a group that a key names, one by one: a group
// that turns out to be empty has to be left out.
func (s *scrubber) group(path, key string, hidden bool, v slog.Value) (slog.Value, bool) {
	if s.depth == maxRedactDepth {
		return s.broken("a group nested too deep"), true
	}
	if key != "" {
		path += key + "."
	}
	s.depth++
	defer func() { s.depth-- }()
	members, changed := s.attrs(path, hidden, v.Group())
	if !changed {
		return v, false
	}
	return slog.GroupValue(members...), true
}

// valuer resolves a LogValuer, once: asked again it could say something else.
func (s *scrubber) valuer(path, key string, hidden bool, v slog.Value) (slog.Value, bool) {
	x := v.Any()
	switch {
	case s.rules.hidesType(reflect.TypeOf(x)):
		return s.hide(), true
	case isSpecial(v):
		return s.special(path+key, v)
	}
	v, ok := resolveSafely(v)
	if !ok {
		return s.broken(fmt.Sprintf("a %T", x)), true
	}
	shown, changed := s.value(path, key, hidden, v)
	if !changed {
		shown = v
	}
	return shown, true
}

// resolveSafely is Resolve without the text of a panic. A value that goes on
// returning LogValuers is not resolved.
func resolveSafely(v slog.Value) (resolved slog.Value, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	for range maxRedactDepth {
		if v.Kind() != slog.KindLogValuer {
			return v, true
		}
		v = v.LogValuer().LogValue()
	}
	return v, false
}

// special looks into what formatters know by its type, and keeps it that.
func (s *scrubber) special(path string, v slog.Value) (slog.Value, bool) {
	if o, ok := v.Any().(*formatters.Origin); ok {
		return s.origin(v, o)
	}
	if err := formatters.ExcError(v); err != nil {
		d := drawing{s: s, of: fmt.Sprintf("%T", err)}
		if shown := d.value(path, reflect.ValueOf(err), 0); d.hidden > 0 {
			s.found = true
			return formatters.Exc(&scrubbedError{shown.text, fmt.Sprintf("%T: %s", err, shown.text)}).Value, true
		}
	}
	text, _ := formatters.ExcText(v)
	text, inText := s.text(text)
	message, inMessage := s.text(v.LogValuer().LogValue().String())
	if !inText && !inMessage {
		return v, false
	}
	return formatters.Exc(&scrubbedError{message, text}).Value, true
}

// origin hides what is secret in the texts of an Origin.
func (s *scrubber) origin(v slog.Value, o *formatters.Origin) (slog.Value, bool) {
	if o == nil {
		return v, false
	}
	c, changed := *o, false
	for _, text := range []*string{&c.ExcText, &c.StackInfo, &c.ThreadName, &c.ProcessName, &c.TaskName} {
		scrubbed, found := s.text(*text)
		*text, changed = scrubbed, changed || found
	}
	if !changed {
		return v, false
	}
	return c.Attr().Value, true
}

// text replaces the patterns in text.
func (s *scrubber) text(text string) (string, bool) {
	text, found := s.rules.text(text)
	s.found = s.found || found
	return text, found
}

// hide returns what stands for something secret.
func (s *scrubber) hide() slog.Value {
	s.found = true
	return slog.StringValue(s.rules.replacement)
}

// broken returns what stands for something that can't be looked into. It says
// nothing of what is in there.
func (s *scrubber) broken(what string) slog.Value {
	s.found = true
	s.rules.tell(what)
	return slog.StringValue(s.rules.replacement + " (" + what + " that can't be looked into)")
}

// A scrubbedError stands for an error whose text had secrets in it. It does not
// unwrap to that error.
type scrubbedError struct{ message, text string }

func (e *scrubbedError) Error() string { return e.message }

// Format writes what the error's stack and chain were to formatters.Exc.
func (e *scrubbedError) Format(f fmt.State, verb rune) {
	text := e.message
	if verb == 'v' && f.Flag('+') && e.text != "" {
		text = e.text
	}
	_, _ = f.Write([]byte(text))
}

// tell tells of something that can't be looked into. It says nothing of what is in there.
func (r *redactRules) tell(what string) {
	r.trouble.tell(errors.New("handlers: redact: " + what + " can't be looked into, and is hidden"))
}
