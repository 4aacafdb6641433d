package formatters

import (
	"encoding"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
)

// A braceField is a field of the { style that is more than a key.
type braceField struct {
	member  int      // index of the whole name's path, such as a.real, -1 if the name has no dots
	base    string   // the name up to the lookups
	lookups []lookup // after base
	conv    byte     // 's', 'r' or 'a', 0 for none
	spec    *braceSpec
	nested  []op // the pieces of a spec that has fields in it; else nil
}

// appendBrace appends a field of the { style, or a marker.
func (l *line) appendBrace(dst []byte, o *op) []byte {
	b, start := o.brace, len(dst)
	s := b.spec
	if b.nested != nil {
		// In the same buffer, as the tail is lent there.
		dst = l.appendOps(dst, b.nested)
		s = parseBraceSpec(string(dst[start:]))
		dst = dst[:start]
	}
	dst, bad := l.appendBraceField(dst, o, s)
	if bad != "" {
		return appendMarker(dst[:start], o.text, bad)
	}
	return dst
}

func (l *line) appendBraceField(dst []byte, o *op, s *braceSpec) (_ []byte, bad string) {
	start, b := len(dst), o.brace
	if l.builds(o) && len(b.lookups) == 0 && b.conv != 'r' && b.conv != 'a' {
		if dst, bad = l.appendBuiltField(dst, o.field); bad != "" {
			return dst, bad
		}
		return s.appendText(dst, start, !l.cfg.raw && o.field == fieldLevelName)
	}
	v, bad := l.braceValue(o)
	if bad != "" {
		return dst, bad
	}
	switch b.conv {
	case 0:
		return s.appendValue(dst, v, !l.cfg.raw)
	case 's':
		dst, bad = appendPyStr(dst, v)
	default:
		if dst, bad = appendPyRepr(dst, v); b.conv == 'a' {
			dst = escapeNonASCII(dst, start)
		}
	}
	if bad != "" {
		return dst, bad
	}
	return s.appendText(dst, start, !l.cfg.raw)
}

// builds reports whether the field of o is made in the buffer.
func (l *line) builds(o *op) bool {
	switch o.field {
	case fieldAsctime, fieldLevelName, fieldAttrs:
		return o.brace.member < 0 || l.slots[o.brace.member].from == nowhere
	}
	return false
}

// appendBuiltField appends one of the fields that are made in the buffer.
func (l *line) appendBuiltField(dst []byte, f field) (_ []byte, bad string) {
	start := len(dst)
	switch f {
	case fieldAsctime:
		return l.cfg.clock.appendAsctime(dst, l.time, l.origin)
	case fieldLevelName:
		return l.appendLevelName(dst), ""
	}
	dst = l.appendTail(dst)
	if len(dst) > start {
		dst = append(dst[:start], dst[start+1:]...) // the first space
	}
	return dst, ""
}

// braceValue returns the value that o prints, or why there is none.
func (l *line) braceValue(o *op) (v slog.Value, bad string) {
	b := o.brace
	if b.member >= 0 {
		if v, bad = l.slotValue(b.member, o.text); bad != "MISSING" {
			return v, bad
		}
	}
	switch {
	case o.field == noField:
		v, bad = l.slotValue(o.slot, b.base)
	case l.builds(o):
		var text []byte
		text, bad = l.appendBuiltField(nil, o.field)
		v = slog.StringValue(string(text))
	default:
		v, bad = l.value(o.field), ""
	}
	for _, k := range b.lookups {
		if bad != "" {
			break
		}
		v, bad = k.in(v)
	}
	return v, bad
}

// slotValue returns the attr of a slot, or the default of its key.
func (l *line) slotValue(slot int, key string) (_ slog.Value, bad string) {
	s := &l.slots[slot]
	if s.bad != "" || s.from != nowhere {
		return s.value, s.bad
	}
	if v, ok := l.cfg.defaults[key]; ok {
		return v, ""
	}
	return slog.Value{}, "MISSING"
}

// appendText makes the text dst[start:] what s wants, or returns why it can't.
func (s *braceSpec) appendText(dst []byte, start int, safe bool) (_ []byte, bad string) {
	if !s.plain() && s.noText != "" {
		return dst, s.noText
	}
	return s.finishText(dst, start, safe), ""
}

// appendValue appends v as Python's format does, or returns why it can't. If
// safe is set, text is escaped.
//
// Values with a text of their own are formatted as that text, unless the type
// is one of numbers and so are they: durations, levels and the like. A time
// takes a spec with a % as strftime's.
func (s *braceSpec) appendValue(dst []byte, v slog.Value, safe bool) (_ []byte, bad string) {
	if v, bad = resolve(v); bad != "" {
		return dst, bad
	}
	start := len(dst)
	if s.plain() || s.takesText(v) {
		if s.layout != nil && v.Kind() == slog.KindTime {
			return escapeIf(safe, s.layout.append(dst, v.Time()), start), ""
		}
		if dst, bad = appendPyStr(dst, v); bad != "" {
			return dst, bad
		}
		return s.appendText(dst, start, safe)
	}
	if n, ok := toNumber(v); ok {
		return s.appendNumber(dst, n, safe)
	}
	if f, ok := failed(v); ok {
		return dst, string(f)
	}
	return dst, "a format spec needs text or a number, not " + typeName(v) + ": write !s before it"
}

func escapeIf(safe bool, dst []byte, start int) []byte {
	if safe {
		return escapeTail(dst, start)
	}
	return dst
}

// takesText reports whether s applies to the text of v.
func (s *braceSpec) takesText(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString, slog.KindTime:
		return true
	case slog.KindDuration:
		return s.typ == 0 || s.typ == 's'
	case slog.KindAny:
		if _, ok := toNumber(v); ok {
			return (s.typ == 0 || s.typ == 's') && hasTextMethod(v.Any())
		}
		return hasTextMethod(v.Any()) || isString(v.Any())
	}
	return false
}

// isString reports whether x is a string of whatever name, or a pointer to one.
func isString(x any) bool {
	t := reflect.TypeOf(x)
	if t != nil && t.Kind() == reflect.Pointer && !isNilPointer(x) {
		t = t.Elem()
	}
	return t != nil && t.Kind() == reflect.String
}

// hasTextMethod reports whether x has a text of its own. A big.Int is a number.
func hasTextMethod(x any) bool {
	switch x.(type) {
	case *big.Int:
		return false
	case error, encoding.TextMarshaler, fmt.Stringer:
		return !isNilPointer(x)
	}
	return false
}
