package formatters

import (
	"encoding/binary"
	"log/slog"
)

// A jsonLayout is what the options say of a line's members, compiled. Texts
// are `,"key":`, or empty for a field that is left out.
type jsonLayout struct {
	time, level, source, msg string
	excInfo, stackInfo       string
	start                    wordText    // what stands before the time
	between                  [4]wordText // from the time to the message, for the everyday levels
	open                     byte        // what opens an object
	stamps                   bool        // times are as slog has them, in their own zone
	long                     bool        // there is more to a line than its head, and attrs
	needsSource              bool
	fields                   []jsonField
	keys                     map[string]string
}

func newJSONLayout(cfg *config) *jsonLayout {
	l := &jsonLayout{open: '{', keys: cfg.keys}
	member := func(key string) string {
		if key = l.rename(key); key == "" {
			return ""
		}
		return "," + string(appendJSONString(nil, key, cfg.escapeControls)) + ":"
	}
	l.time, l.level, l.msg = member(slog.TimeKey), member(slog.LevelKey), member(slog.MessageKey)
	l.excInfo, l.stackInfo = member(excKey), member(fieldTable[fieldStackInfo].name)
	if cfg.source {
		l.source = member(slog.SourceKey)
	}
	if cfg.duplicates != DuplicatesKeep {
		l.open = groupMark
	}
	l.stamps = cfg.timeUnit <= 0 && cfg.clock.layout == nil && cfg.clock.loc == nil
	if l.time != "" {
		l.start = newWordText(string(l.open) + l.time[1:])
	}
	l.fields = newJSONFields(cfg.fields, member)
	l.needsSource = l.source != "" && len(cfg.fields) == 0 || fieldsNeedSource(l.fields)
	l.long = len(cfg.fields) > 0 || cfg.duplicates != DuplicatesKeep || cfg.replace != nil || l.level+l.msg == ""
	if cfg.levels == nil && l.source == "" {
		for i, name := range [...]string{"DEBUG", "INFO", "WARN", "ERROR"} {
			l.between[i] = newWordText(levelAndMessage(l, name))
		}
	}
	return l
}

// rename returns the name under which a field is written.
func (l *jsonLayout) rename(key string) string {
	if name, ok := l.keys[key]; ok {
		return name
	}
	return key
}

// levelAndMessage returns the text from the level to the message's first quote.
func levelAndMessage(l *jsonLayout, name string) (text string) {
	if l.level != "" {
		text = l.level + `"` + name + `"`
	}
	if l.msg != "" {
		text += l.msg + `"`
	}
	return text
}

// everyday returns the text between the time and the message of a level, or
// nil or an empty text.
func (l *jsonLayout) everyday(level slog.Level) *wordText {
	switch level {
	case slog.LevelInfo:
		return &l.between[1]
	case slog.LevelDebug:
		return &l.between[0]
	case slog.LevelWarn:
		return &l.between[2]
	case slog.LevelError:
		return &l.between[3]
	}
	return nil
}

// appendHead appends the record's own fields as slog has them.
func (j *jsonFormatter) appendHead(dst []byte, r *slog.Record) []byte {
	l := j.layout
	timed := l.start.text != "" && !r.Time.IsZero()
	switch {
	case !timed:
		dst = append(dst, l.open)
	case l.stamps:
		dst = j.cfg.clock.cache.appendStamp(l.start.append(dst), r.Time)
	default:
		dst = j.appendTime(l.start.append(dst), r.Time)
	}
	if between := l.everyday(r.Level); timed && between != nil && between.text != "" {
		dst = between.append(dst)
	} else {
		dst = j.appendLevelAndSource(dst, r.Level, r.PC)
	}
	if l.msg == "" {
		return dst
	}
	return append(appendJSONText(dst, r.Message, j.writer.controls), '"')
}

// A wordText is a text that is appended by words if it is short, in half the
// time of a copy.
type wordText struct {
	text  string
	words [4]uint64
}

func newWordText(text string) wordText {
	t := wordText{text: text}
	var padded [8 * len(t.words)]byte
	copy(padded[:], text)
	for i := range t.words {
		t.words[i] = binary.LittleEndian.Uint64(padded[8*i:])
	}
	return t
}

func (t *wordText) append(dst []byte) []byte {
	const room = 8 * len(t.words)
	n := len(dst)
	if len(t.text) > room || cap(dst)-n < room {
		return append(dst, t.text...)
	}
	b := dst[n : n+room]
	binary.LittleEndian.PutUint64(b, t.words[0])
	binary.LittleEndian.PutUint64(b[8:], t.words[1])
	binary.LittleEndian.PutUint64(b[16:], t.words[2])
	binary.LittleEndian.PutUint64(b[24:], t.words[3])
	return dst[:n+len(t.text)]
}

// appendLevelAndSource appends what stands between the time and the message's text.
func (j *jsonFormatter) appendLevelAndSource(dst []byte, level slog.Level, pc uintptr) []byte {
	l := j.layout
	if l.level != "" {
		dst = append(appendMembers(dst, l.level, l.open), '"')
		dst = append(j.appendLevel(dst, level), '"')
	}
	if l.source != "" {
		dst = j.appendSource(dst, pc)
	}
	if l.msg != "" {
		dst = append(appendMembers(dst, l.msg, l.open), '"')
	}
	return dst
}

// appendLevel appends the level's name, slog's unless Levels is set.
func (j *jsonFormatter) appendLevel(dst []byte, level slog.Level) []byte {
	if j.cfg.levels == nil {
		return appendSlogLevel(dst, level)
	}
	start := len(dst)
	return escapeJSONTail(j.cfg.levels.Append(dst, level), start, j.cfg.escapeControls)
}

// appendSource appends where the record was made, unless that is unknown.
func (j *jsonFormatter) appendSource(dst []byte, pc uintptr) []byte {
	s := sites.get(pc)
	w := j.writer
	if w.open == '{' && !w.controls && s.source != "" {
		dst = append(appendMembers(dst, j.layout.source, w.open), '{')
		return append(append(dst, s.source...), '}')
	}
	return w.source(dst, j.layout.rename(slog.SourceKey), s.function, s.pathname, s.line)
}

// appendLong appends a record in whatever layout.
func (j *jsonFormatter) appendLong(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if j.cfg.replace == nil {
		return j.appendAny(dst, ctxAttrs, r)
	}
	l := line{template: j.record}
	replaced := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	ctxAttrs = l.replaced(&replaced, ctxAttrs, r)
	return j.appendAny(dst, ctxAttrs, &replaced)
}

// appendAny is appendLong after ReplaceAttr.
func (j *jsonFormatter) appendAny(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	p := jsonLine{start: len(dst), w: j.writer}
	if len(j.cfg.fields) > 0 {
		dst = j.appendFields(dst, &p, ctxAttrs, r)
	} else {
		dst = j.appendHead(dst, r)
		dst = appendMembers(dst, j.name, j.layout.open)
		dst = j.appendAttrs(dst, &p, ctxAttrs, r)
		dst = append(j.appendSpecials(dst, &p.w, true), '}')
	}
	if j.cfg.duplicates != DuplicatesKeep {
		dst = settleDuplicates(dst, &p, j.cfg.duplicates)
	}
	return dst
}

// A jsonLine is one line on its way. The attrs are at dst[from:to].
type jsonLine struct {
	start, from, to int
	w               jsonWriter
}

// appendAttrs appends the attrs of the context, of With, and of the record.
func (j *jsonFormatter) appendAttrs(dst []byte, p *jsonLine, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	p.from = len(dst)
	for _, a := range ctxAttrs {
		dst = p.w.attr(dst, a)
	}
	dst = appendMembers(dst, j.bound[len(j.name):], j.layout.open) // the tail
	dst = j.appendRecordAttrs(dst, &p.w, r)
	dst = j.appendLoser(dst[:len(dst)-1], &p.w)
	p.to = len(dst)
	return dst
}

// appendLoser appends the error of With, as an attr, if the record has another.
func (j *jsonFormatter) appendLoser(dst []byte, w *jsonWriter) []byte {
	if old := j.state.exc; old != nil && old != w.exc {
		return w.attr(dst, slog.String(excKey, old.message()))
	}
	return dst
}

// appendSpecials appends the Origin, if it is wanted, and the error's text.
func (j *jsonFormatter) appendSpecials(dst []byte, w *jsonWriter, origin bool) []byte {
	if origin && w.origin != nil {
		dst = w.attr(dst, slog.Attr{Key: originKey, Value: w.origin.LogValue()})
	}
	if w.exc != nil && j.layout.excInfo != "" {
		dst = appendMembers(dst, j.layout.excInfo, w.open)
		dst = appendJSONString(dst, w.exc.text(), w.controls)
	}
	return dst
}
