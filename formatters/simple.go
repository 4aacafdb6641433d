package formatters

import "log/slog"

// A simpleLine is the short way for the everyday record: one without attrs,
// in a format that has at most the time, the level and the message, in that
// order. All that does not change from record to record is text here: the
// logger's name, and the attrs of With. There is no loop, as a loop over
// fields costs more in mispredicted branches than the fields do.
type simpleLine struct {
	able bool // if not, there is no short way

	head                                string
	hasTime, hasLevel, hasMessage       bool
	afterTime, afterLevel, afterMessage string
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
		case o.kind == opAsctime && !l.hasTime && !l.hasLevel && !l.hasMessage:
			l.hasTime, text = true, &l.afterTime
		case o.kind == opLevel && !l.hasLevel && !l.hasMessage:
			l.hasLevel, text = true, &l.afterLevel
		case o.kind == opMessage && !l.hasMessage:
			l.hasMessage, text = true, &l.afterMessage
		default:
			return simpleLine{}
		}
	}
	return l
}

// appendSimple appends a record by the short way.
func (t *template) appendSimple(dst []byte, r *slog.Record) []byte {
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
		start := len(dst)
		dst = append(dst, r.Message...)
		if !t.cfg.raw && safePrefix(dst[start:]) < len(r.Message) {
			dst = escapeTail(dst, start)
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
