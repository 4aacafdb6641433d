package formatters

import (
	"log/slog"
)

// A line is one record on its way through a compiled format.
type line struct {
	*percent
	record *slog.Record
	exc    *excValue
	origin *Origin
	slots  []slot

	ctxAttrs []slog.Attr
	hasAttrs bool // the record's own and the context's are yet to be written
	lent     bool // the tail is at buffer[from:to]
	from, to int
}

// append appends the line and the texts after it.
func (l *line) append(dst []byte) []byte {
	start := len(dst)
	for i := range l.program.ops {
		dst = l.appendOp(dst, &l.program.ops[i])
	}
	if l.exc != nil || l.origin != nil {
		dst = l.appendBlocks(dst, start)
	}
	return dst
}

// maxStackSlots is how many slots a record has without an allocation.
const maxStackSlots = 8

// appendWithAttrs is append for a record that brings attrs.
func (l *line) appendWithAttrs(dst []byte, ctxAttrs []slog.Attr) []byte {
	l.ctxAttrs, l.hasAttrs = ctxAttrs, true
	l.exc, l.origin = findSpecial(ctxAttrs, l.exc, l.origin)
	l.record.Attrs(func(a slog.Attr) bool {
		l.exc, l.origin = special(a.Value, l.exc, l.origin)
		return true
	})
	if len(l.slots) == 0 {
		return l.append(dst)
	}
	var slots [maxStackSlots]slot
	l.slots = append(slots[:0], l.slots...)
	return l.appendSorted(dst)
}

// appendSorted is for a format with fields that name attrs. Which attrs are
// left for the tail is known only when all are seen, so the tail is made
// first, in the buffer before the line, and taken out at the end.
func (l *line) appendSorted(dst []byte) []byte {
	start := len(dst)
	dst = l.appendAttrs(append(dst, l.state.tail...))
	l.hasAttrs, l.lent = false, true
	l.from, l.to = start, len(dst)
	dst = l.append(dst)
	return append(dst[:start], dst[l.to:]...)
}

// appendAttrs writes the context's and the record's attrs to slots and tail.
func (l *line) appendAttrs(dst []byte) []byte {
	var buf [64]byte
	w := attrWriter{
		cfg:    l.cfg,
		paths:  l.program.paths,
		slots:  l.slots,
		exc:    l.exc,
		noTail: l.cfg.strict && !l.program.printsAll,
		dst:    dst,
		prefix: buf[:0],
		from:   fromContext,
	}
	if l.state.exc != nil && l.state.exc != l.exc {
		w.top(slog.Any(excKey, l.state.exc))
	}
	for _, a := range l.ctxAttrs {
		w.top(a)
	}
	w.from = fromRecord
	w.prefix = append(w.prefix, l.state.prefix...)
	w.groups = l.state.groups
	l.record.Attrs(func(a slog.Attr) bool {
		w.top(a)
		return true
	})
	return w.dst
}

// appendTail appends " key=value" of all attrs that no field printed.
func (l *line) appendTail(dst []byte) []byte {
	if l.lent {
		return append(dst, dst[l.from:l.to]...)
	}
	dst = append(dst, l.state.tail...)
	if l.hasAttrs {
		dst = l.appendAttrs(dst)
	}
	return dst
}

func (l *line) appendOp(dst []byte, o *op) []byte {
	switch o.kind {
	case opText:
		return append(dst, o.text...)
	case opMessage:
		if l.cfg.raw {
			return append(dst, l.record.Message...)
		}
		return appendEscaped(dst, l.record.Message)
	case opName:
		return append(dst, l.name...)
	case opLevel:
		return l.appendLevel(dst)
	case opAsctime:
		return l.appendAsctime(dst)
	case opTail:
		return l.appendTail(dst)
	case opSlot:
		return l.appendSlot(dst, o)
	case opRecord:
		return l.appendRecord(dst, &o.spec)
	}
	return l.appendField(dst, o)
}

// appendLevelName appends %(levelname)s as it is.
func (l *line) appendLevelName(dst []byte) []byte {
	if l.origin != nil {
		return append(dst, l.origin.LevelName...)
	}
	return l.cfg.levels.Append(dst, l.record.Level)
}

// appendLevel appends a plain %(levelname)s.
func (l *line) appendLevel(dst []byte) []byte {
	start := len(dst)
	dst = l.appendLevelName(dst)
	if l.cfg.raw {
		return dst
	}
	return escapeTail(dst, start)
}

// appendAsctime appends the time or a marker.
func (l *line) appendAsctime(dst []byte) []byte {
	start := len(dst)
	dst, bad := l.cfg.clock.appendAsctime(dst, l.record, l.origin)
	if bad != "" {
		return appendMarker(dst[:start], "asctime", bad)
	}
	return dst
}

// appendField appends a field of the record with its conversion.
func (l *line) appendField(dst []byte, o *op) []byte {
	start := len(dst)
	switch o.field {
	case fieldAsctime:
		var bad string
		if dst, bad = l.cfg.clock.appendAsctime(dst, l.record, l.origin); bad != "" {
			return appendMarker(dst[:start], "asctime", bad)
		}
	case fieldLevelName:
		dst = l.appendLevelName(dst)
	case fieldAttrs:
		dst = l.appendTail(dst)
		if len(dst) > start {
			dst = append(dst[:start], dst[start+1:]...) // the first space
		}
	default:
		return l.appendValue(dst, &o.spec, o.text, l.value(o.field))
	}
	return l.appendBuilt(dst, start, o)
}

// appendBuilt is appendValue for a text that is in the buffer already.
func (l *line) appendBuilt(dst []byte, start int, o *op) []byte {
	if o.spec.conv == 's' {
		safe := !l.cfg.raw && o.field == fieldLevelName
		return o.spec.finishText(dst, start, safe)
	}
	text := string(dst[start:])
	return l.appendValue(dst[:start], &o.spec, o.text, slog.StringValue(text))
}

// value returns the value of a field that is not built in the buffer.
func (l *line) value(f field) slog.Value {
	switch f {
	case fieldName:
		return slog.StringValue(l.state.name)
	case fieldExcInfo:
		if l.exc == nil {
			return slog.Value{}
		}
		v, _ := resolve(slog.AnyValue(l.exc))
		return v
	}
	return recordField(f, l.record, l.origin)
}

// appendSlot appends an attr, or its default, or a marker.
func (l *line) appendSlot(dst []byte, o *op) []byte {
	s := &l.slots[o.slot]
	switch {
	case s.bad != "":
		return appendMarker(dst, o.text, s.bad)
	case s.from != nowhere:
		return l.appendValue(dst, &o.spec, o.text, s.value)
	}
	if v, ok := l.cfg.defaults[o.text]; ok {
		return l.appendValue(dst, &o.spec, o.text, v)
	}
	return appendMarker(dst, o.text, "MISSING")
}

// appendValue appends v with its conversion, or a marker.
func (l *line) appendValue(dst []byte, s *spec, key string, v slog.Value) []byte {
	start := len(dst)
	dst, bad := s.appendValue(dst, v, !l.cfg.raw)
	if bad != "" {
		return appendMarker(dst[:start], key, bad)
	}
	return dst
}
