package formatters

import "log/slog"

// A simpleLine is the short way for the everyday record, in a format that has
// at most the time, the level and the message, in that order, and the attrs
// after them. All that does not change from record to record is text here: the
// logger's name, and the attrs of With. There is no loop, as a loop over
// fields costs more in mispredicted branches than the fields do.
type simpleLine struct {
	able  bool // for records without attrs; if not, there is no short way
	attrs bool // and for others

	head                                string
	hasTime, hasLevel, hasMessage       bool
	afterTime, afterLevel, afterMessage string
	end                                 string // what follows the attrs
}

// newSimpleLine returns the short way for t.
func newSimpleLine(t *template) simpleLine {
	l := simpleLine{able: t.state.exc == nil && t.state.origin == nil}
	text := &l.head
	for _, o := range t.ops {
		switch {
		case o.kind == opText:
			*text += o.text
		case o.kind == opTail:
			*text += string(t.state.tail)
			text = &l.end
			l.attrs = l.able && t.cfg.replace == nil && len(t.program.paths) == 0
		case o.kind == opAsctime && text == &l.head:
			l.hasTime, text = true, &l.afterTime
		case o.kind == opLevel && (text == &l.head || text == &l.afterTime):
			l.hasLevel, text = true, &l.afterLevel
		case o.kind == opMessage && text != &l.afterMessage && text != &l.end:
			l.hasMessage, text = true, &l.afterMessage
		default:
			return simpleLine{}
		}
	}
	return l
}

// appendSimple appends a record without attrs by the short way.
func (t *template) appendSimple(dst []byte, r *slog.Record) []byte {
	return appendShort(t.appendHead(dst, r), t.simple.end)
}

// appendWithTail appends a record with attrs by the short way.
func (t *template) appendWithTail(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	var tail shortTail
	start := len(dst)
	dst = t.appendHead(dst, r)
	attrs := len(dst)
	dst = tail.append(dst, t.state.prefix, ctxAttrs, r)
	if tail.special() {
		return t.appendSpecial(dst, start, attrs, &tail, r)
	}
	return appendShort(dst, t.simple.end)
}

// appendSpecial ends a line that begins at start, with its attrs from there on,
// whose record brought an error or an Origin. An Origin changes what
// stands before the attrs; they are not made anew, since their methods must not be
// called twice.
func (t *template) appendSpecial(dst []byte, start, attrs int, tail *shortTail, r *slog.Record) []byte {
	l := newLine(t, r)
	l.exc, l.origin = tail.exc, tail.origin
	if l.origin != nil {
		made := string(dst[attrs:])
		dst = append(l.appendOps(dst[:start], l.ops[:l.tailAt]), l.state.tail...)
		dst = append(dst, made...)
	}
	dst = l.appendOps(dst, l.ops[l.tailAt+1:])
	return l.appendBlocks(dst, start)
}

// appendHead appends what stands before the attrs of the record.
func (t *template) appendHead(dst []byte, r *slog.Record) []byte {
	l := &t.simple
	dst = appendShort(dst, l.head)
	if l.hasTime {
		if !r.Time.IsZero() {
			dst = t.cfg.clock.append(dst, r.Time, r.Time.Nanosecond()/1e6)
		}
		dst = appendShort(dst, l.afterTime)
	}
	if l.hasLevel {
		dst = t.appendLevel(dst, r.Level)
		dst = appendShort(dst, l.afterLevel)
	}
	if l.hasMessage {
		if t.cfg.raw {
			dst = append(dst, r.Message...)
		} else {
			dst = appendEscaped(dst, r.Message)
		}
		dst = appendShort(dst, l.afterMessage)
	}
	return dst
}

// appendShort appends text that is often empty or one byte.
func appendShort(dst []byte, text string) []byte {
	switch len(text) {
	case 0:
		return dst
	case 1:
		return append(dst, text[0])
	}
	return append(dst, text...)
}

// appendLevel appends the level's name.
func (t *template) appendLevel(dst []byte, level slog.Level) []byte {
	if level == slog.LevelInfo && t.cfg.levels == nil {
		return append(dst, "INFO"...)
	}
	start := len(dst)
	dst = t.cfg.levels.Append(dst, level)
	if t.cfg.raw || t.cfg.levels == nil {
		return dst
	}
	return escapeTail(dst, start)
}
