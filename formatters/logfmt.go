package formatters

import (
	"cmp"
	"log/slog"
	"slices"
)

// Logfmt returns a Formatter that writes lines of key=value pairs, as
// [slog.TextHandler] does:
//
//	time=2024-02-29T12:30:45.678Z level=INFO msg="item added" logger=shop sku=A-17 price=9.5
//
// The logger's name follows the message, then come the attrs of With, of the
// context and of the record; groups become prefixes. What could be misread is
// quoted as Go quotes strings, so a record is one line whatever it holds, and
// the pairs can be read back.
//
// An error given by [Exc] stands at the end under exc_info, its chain and stack
// in one quoted value. An [Origin] is a group of attrs, as for other handlers.
//
// [Options.Source], Fields, Keys, TimeUnit, DateFmt, Location, Levels, Strict and
// ReplaceAttr hold; without them the time is in the record's own location and the
// level is slog's, such as WARN. With Fields, the fields come from the record's
// Origin if it has one. NoValidate, Raw and Defaults have no effect.
func Logfmt(opts *Options) Formatter {
	cfg := newConfig(opts)
	cfg.clock.raw = true // quoted instead
	f := &logfmt{line: &template{cfg: cfg, program: &program{printsAll: true}, state: (&state{}).withName("root")}}
	fields := cfg.fields
	if len(fields) == 0 {
		fields = slogFields
		f.plain = true
		f.quick = len(cfg.keys) == 0 && cfg.levels == nil && cfg.timeUnit == 0 && cfg.clock.layout == nil && cfg.replace == nil
	}
	for _, name := range fields {
		f.addField(name)
	}
	f.attrsAt = slices.IndexFunc(f.pairs, func(p logfmtPair) bool { return p.field == fieldAttrs })
	if f.attrsAt < 0 {
		f.attrsAt, f.strict = len(f.pairs), cfg.strict && !f.plain
	}
	return f.with(f.line.state)
}

// slogFields are what slog's handlers write for a record; each is a key of
// theirs, but for the logger's name.
var slogFields = []string{slog.TimeKey, slog.LevelKey, slog.SourceKey, slog.MessageKey}

// A logfmt is the Formatter that [Logfmt] returns. It is immutable.
type logfmt struct {
	line    *template // of no ops: what lines share with other formatters
	pairs   []logfmtPair
	attrsAt int  // index of the pair before which the attrs stand, unless it is the attrs'
	plain   bool // the pairs are slog's
	quick   bool // and they are everyday ones
	strict  bool // attrs are left out

	nameKey string
	name    string // " logger=a.b", if the pairs are slog's
	bound   string // name, and the attrs of With: what follows the message
}

// A logfmtPair is a field of a record and the text before its value.
type logfmtPair struct {
	field field  // of CPython's LogRecord, or one of those below
	text  string // " key="; with the mark, if there is no such field
}

// Fields that slog has and CPython lacks or writes otherwise.
const (
	fieldSlogTime field = numFields + iota
	fieldSlogLevel
	fieldSlogSource
)

// addField adds the pair of a field that has a name, unless it is left out.
func (f *logfmt) addField(name string) {
	p := logfmtPair{field: fieldNamed(name)}
	if f.plain {
		p.field = map[string]field{slog.TimeKey: fieldSlogTime, slog.LevelKey: fieldSlogLevel, slog.SourceKey: fieldSlogSource, slog.MessageKey: fieldMessage}[name]
	}
	key := f.line.cfg.rename(name)
	if p.field == fieldSlogSource && !f.line.cfg.source || key == "" && p.field != fieldAttrs {
		return
	}
	p.text = string(appendTailKey(nil, nil, key))
	if p.field == noField {
		p.text = string(appendQuoted([]byte(p.text), noSuchField(name)))
	}
	f.pairs = append(f.pairs, p)
}

// rename returns the key under which a field of the record is written.
func (c *config) rename(key string) string {
	if name, ok := c.keys[key]; ok {
		return name
	}
	return key
}

// with returns f with another state.
func (f *logfmt) with(s *state) *logfmt {
	g, t := *f, *f.line
	t.state = s
	g.line = &t
	g.name = ""
	if key := t.cfg.rename(f.nameKey); key != "" && f.plain {
		g.name = string(appendQuoted(appendTailKey(nil, nil, key), s.name))
	}
	g.bound = g.name + string(s.tail)
	return &g
}

func (f *logfmt) WithAttrs(attrs []slog.Attr) Formatter {
	if len(attrs) == 0 {
		return f
	}
	return f.with(f.line.state.withAttrs(f.line.cfg, nil, attrs))
}

func (f *logfmt) WithGroup(name string) Formatter {
	if name == "" {
		return f
	}
	return f.with(f.line.state.withGroup(name))
}

func (f *logfmt) WithLoggerName(key, name string) Formatter {
	g := *f
	g.nameKey = key
	return g.with(f.line.state.withName(cmp.Or(name, "root")))
}

// NeedsSource reports whether a line shows where its record was made.
func (f *logfmt) NeedsSource() bool {
	return slices.ContainsFunc(f.pairs, func(p logfmtPair) bool { return p.field == fieldSlogSource || p.field.isSource() })
}

// logfmtKey identifies what a logfmt renders.
type logfmtKey struct {
	config  configKey
	state   stateKey
	nameKey string
}

func (f *logfmt) Key() any { return logfmtKey{f.line.cfg.key, f.line.state.key(), f.nameKey} }

func (f *logfmt) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	return f.append(dst, ctxAttrs, &r)
}

// append is Append, for AppendRecord.
func (f *logfmt) append(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if f.quick && f.line.state.exc == nil && f.line.state.origin == nil {
		return f.appendQuick(dst, ctxAttrs, r)
	}
	return f.appendLong(dst, ctxAttrs, r)
}

// appendQuick appends an everyday record.
func (f *logfmt) appendQuick(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	if !r.Time.IsZero() {
		dst = append(f.line.cfg.clock.appendMillis(append(dst, "time="...), r.Time), ' ')
	}
	dst = appendSlogLevel(append(dst, "level="...), r.Level)
	if f.line.cfg.source && r.PC != 0 {
		dst = append(append(dst, " source="...), sites.get(r.PC).place...)
	}
	dst = appendQuoted(append(dst, " msg="...), r.Message)
	var tail shortTail
	dst = tail.append(append(dst, f.bound...), f.line.state.prefix, ctxAttrs, r)
	if !tail.special() {
		return dst
	}
	l := newLine(f.line, r)
	l.exc, l.origin = tail.exc, tail.origin
	return f.appendTexts(dst, &l)
}

// appendLong appends any record: the pairs before the attrs, the attrs, those
// after them, and the texts of an error and a stack.
func (f *logfmt) appendLong(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	l := newLine(f.line, r)
	replaced := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	if f.line.cfg.replace != nil {
		ctxAttrs = l.replaced(&replaced, ctxAttrs, r)
		r = &replaced
	}
	l.findSpecial(ctxAttrs, r)
	start := len(dst)
	for _, p := range f.pairs[:f.attrsAt] {
		dst = f.appendField(dst, &l, p)
	}
	dst = append(dst, f.name...)
	if !f.strict {
		dst = l.appendAttrs(append(dst, l.state.tail...), ctxAttrs, r)
	}
	for _, p := range f.pairs[f.attrsAt:] {
		dst = f.appendField(dst, &l, p)
	}
	dst = f.appendTexts(dst, &l)
	if len(dst) > start { // the first space
		dst = append(dst[:start], dst[start+1:]...)
	}
	return dst
}

// appendTexts appends what other formats put below the line, each in a pair,
// and an Origin, unless the fields have shown it.
func (f *logfmt) appendTexts(dst []byte, l *line) []byte {
	if f.plain && l.origin != nil {
		dst = appendPairs(dst, nil, &slog.Attr{Key: originKey, Value: l.origin.LogValue()})
	}
	for _, field := range [...]field{fieldExcInfo, fieldStackInfo} {
		text, key := excText(l, field), f.line.cfg.rename(fieldTable[field].name)
		if text == "" || key == "" || f.plain && l.exc == nil || f.plain && field == fieldStackInfo || f.lists(field) {
			continue
		}
		dst = appendQuoted(appendTailKey(dst, nil, key), text)
	}
	return dst
}

// lists reports whether Options.Fields names a field.
func (f *logfmt) lists(field field) bool {
	return slices.ContainsFunc(f.pairs, func(p logfmtPair) bool { return p.field == field })
}

// appendField appends the pair of a field, unless the record has nothing for it.
func (f *logfmt) appendField(dst []byte, l *line, p logfmtPair) []byte {
	if p.field == fieldAttrs || lacks(l, p.field) {
		return dst
	}
	dst = append(dst, p.text...)
	start := len(dst)
	switch p.field {
	case noField:
		return dst
	case fieldSlogTime:
		return f.appendTime(dst, l)
	case fieldSlogLevel:
		dst = l.appendSlogLevel(dst)
	case fieldSlogSource:
		return append(dst, sites.get(l.pc).place...)
	case fieldMessage, fieldMsg:
		return appendQuoted(dst, l.message)
	case fieldAsctime:
		dst = l.appendAsctime(dst)
	case fieldLevelName:
		dst = l.appendLevelName(dst)
	case fieldExcInfo, fieldStackInfo:
		return appendQuoted(dst, excText(l, p.field))
	default:
		v := l.value(p.field)
		if v.Kind() == slog.KindString {
			return appendQuoted(dst, v.String())
		}
		var bad string
		if dst, bad = appendPyStr(dst, v); bad != "" {
			dst = appendMarker(dst[:start], fieldTable[p.field].name, bad)
		}
	}
	return quoteTail(dst, start)
}

// appendTime appends the time as the options have it.
func (f *logfmt) appendTime(dst []byte, l *line) []byte {
	c := &f.line.cfg.clock
	switch {
	case f.line.cfg.timeUnit > 0:
		return appendUnits(dst, l.time, f.line.cfg.timeUnit)
	case c.layout != nil:
		start := len(dst)
		t := l.time
		if c.loc != nil {
			t = t.In(c.loc)
		}
		return quoteTail(c.layout.append(dst, t), start)
	}
	return c.appendMillis(dst, l.time)
}

// lacks reports whether a record has nothing for a field.
func lacks(l *line, f field) bool {
	switch f {
	case fieldSlogTime:
		return l.time.IsZero()
	case fieldSlogSource:
		return l.pc == 0
	case fieldExcInfo, fieldStackInfo:
		return excText(l, f) == ""
	case fieldTaskName, fieldExcText, fieldFuncName:
		return l.value(f).Equal(slog.Value{})
	}
	return lacksTime(l, f)
}

// appendSlogLevel appends the level's name, slog's unless Levels is set.
func (l *line) appendSlogLevel(dst []byte) []byte {
	if l.cfg.levels == nil {
		return appendSlogLevel(dst, l.level)
	}
	return l.cfg.levels.Append(dst, l.level)
}
