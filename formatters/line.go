package formatters

import (
	"log/slog"
	"slices"
	"time"
)

// A line is one record on its way through a compiled format.
//
// It holds no pointer to the record, which would put every record on the heap.
type line struct {
	*template
	time    time.Time
	message string
	level   slog.Level
	pc      uintptr
	exc     *excValue
	origin  *Origin
	slots   []slot
	all     []slog.Attr // the record's attrs, if the format prints the record whole

	lent     bool // the tail is at buffer[from:to]
	from, to int
}

func newLine(t *template, r *slog.Record) line {
	return line{
		template: t,
		time:     r.Time,
		message:  r.Message,
		level:    r.Level,
		pc:       r.PC,
		exc:      t.state.exc,
		origin:   t.state.origin,
		slots:    t.state.slots,
	}
}

// appendLine appends a record by the long way.
func (t *template) appendLine(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	l := newLine(t, r)
	if len(ctxAttrs) == 0 && r.NumAttrs() == 0 {
		return l.append(dst)
	}
	return l.appendWithAttrs(dst, ctxAttrs, r)
}

// append appends the line of a record without attrs, or whose tail is lent,
// and the texts after it.
func (l *line) append(dst []byte) []byte {
	start := len(dst)
	return l.appendBlocks(l.appendOps(dst, l.ops), start)
}

func (l *line) appendOps(dst []byte, ops []op) []byte {
	for i := range ops {
		dst = l.appendOp(dst, &ops[i])
	}
	return dst
}

// appendWithAttrs is append for a record that brings attrs.
func (l *line) appendWithAttrs(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if l.cfg.replace != nil {
		replaced := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		ctxAttrs = l.replaced(&replaced, ctxAttrs, r)
		r = &replaced
	}
	l.findSpecial(ctxAttrs, r)
	if l.program.whole {
		l.all = slices.Clip(ctxAttrs)
		r.Attrs(func(a slog.Attr) bool {
			l.all = append(l.all, a)
			return true
		})
	}
	if i := l.tailAt; i >= 0 && len(l.slots) == 0 {
		start := len(dst)
		dst = l.appendOps(dst, l.ops[:i])
		dst = l.appendAttrs(append(dst, l.state.tail...), ctxAttrs, r)
		dst = l.appendOps(dst, l.ops[i+1:])
		return l.appendBlocks(dst, start)
	}
	return l.appendSorted(dst, ctxAttrs, r)
}

// findSpecial notes the error and the Origin that attrs carry.
func (l *line) findSpecial(ctxAttrs []slog.Attr, r *slog.Record) {
	l.exc, l.origin = findSpecial(ctxAttrs, l.exc, l.origin)
	r.Attrs(func(a slog.Attr) bool {
		l.exc, l.origin = special(a.Value, l.exc, l.origin)
		return true
	})
}

// replaced applies ReplaceAttr: it adds what becomes of r's attrs to out, and
// returns what becomes of the context's.
func (l *line) replaced(out *slog.Record, ctxAttrs []slog.Attr, r *slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	out.AddAttrs(replaceAll(l.cfg.replace, l.state.groups, attrs)...)
	return replaceAll(l.cfg.replace, nil, ctxAttrs)
}

// appendSorted is for a format with fields that name attrs, or with %(attrs)s.
// Which attrs are left for the tail is known only when all are seen, so the
// tail is made first, in the buffer before the line, and taken out at the end.
func (l *line) appendSorted(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	w := getAttrWriter()
	defer w.release()
	w.slots = append(w.slots, l.slots...)
	start := len(dst)
	dst = l.writeAttrs(w, append(dst, l.state.tail...), ctxAttrs, r)
	l.slots, l.lent, l.from, l.to = w.slots, true, start, len(dst)
	dst = l.append(dst)
	return append(dst[:start], dst[l.to:]...)
}

// appendAttrs writes the context's and the record's attrs to the tail.
func (l *line) appendAttrs(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	w := getAttrWriter()
	defer w.release()
	return l.writeAttrs(w, dst, ctxAttrs, r)
}

// writeAttrs writes the context's and the record's attrs to w's slots and to
// the tail, dst.
func (l *line) writeAttrs(w *attrWriter, dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	w.paths, w.parts, w.exc, w.dst = l.program.paths, l.program.parts, l.exc, dst
	w.noTail = l.cfg.strict && !l.program.printsAll
	if l.state.exc != nil && l.state.exc != l.exc {
		w.top(slog.Any(excKey, l.state.exc))
	}
	w.from = fromContext
	for _, a := range ctxAttrs {
		w.top(a)
	}
	w.from = fromRecord
	w.prefix = append(w.prefix, l.state.prefix...)
	r.Attrs(func(a slog.Attr) bool {
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
	return append(dst, l.state.tail...)
}

func (l *line) appendOp(dst []byte, o *op) []byte {
	switch o.kind {
	case opText:
		return append(dst, o.text...)
	case opMessage:
		if l.cfg.raw {
			return append(dst, l.message...)
		}
		return appendEscaped(dst, l.message)
	case opLevel:
		return l.appendLevel(dst)
	case opAsctime:
		return l.appendAsctime(dst)
	case opTail:
		return l.appendTail(dst)
	case opSite:
		if l.origin == nil && l.pc != 0 {
			return l.appendSite(dst, o.field)
		}
	case opSlot:
		return l.appendSlot(dst, o)
	case opRecord:
		return l.appendRecord(dst, &o.spec)
	case opBrace:
		return l.appendBrace(dst, o)
	}
	return l.appendField(dst, o)
}

// appendSite appends a plain field that tells where the record was made.
func (l *line) appendSite(dst []byte, f field) []byte {
	s := sites.get(l.pc)
	if f == fieldLineNo {
		return appendDecimal(dst, int64(s.line))
	}
	if text := s.text(f); text == "" && f == fieldFuncName {
		return append(dst, "None"...)
	} else if l.cfg.raw || s.safe {
		return append(dst, text...)
	} else {
		return appendEscaped(dst, text)
	}
}

// appendLevelName appends %(levelname)s as it is.
func (l *line) appendLevelName(dst []byte) []byte {
	if l.origin != nil {
		return append(dst, l.origin.LevelName...)
	}
	return l.cfg.levels.Append(dst, l.level)
}

// appendLevel appends a plain %(levelname)s.
func (l *line) appendLevel(dst []byte) []byte {
	switch {
	case l.origin == nil:
		return l.template.appendLevel(dst, l.level)
	case l.cfg.raw:
		return append(dst, l.origin.LevelName...)
	}
	return appendEscaped(dst, l.origin.LevelName)
}

// appendAsctime appends the time or a marker.
func (l *line) appendAsctime(dst []byte) []byte {
	start := len(dst)
	dst, bad := l.cfg.clock.appendAsctime(dst, l.time, l.origin)
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
		if dst, bad = l.cfg.clock.appendAsctime(dst, l.time, l.origin); bad != "" {
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
		return slog.StringValue(l.exc.message())
	}
	return l.recordField(f)
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
	return appendMarker(dst, o.text, "MISSING"+suggestField(o.text))
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
