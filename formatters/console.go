package formatters

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A consoleFormatter is what [Console] returns. It is immutable.
type consoleFormatter struct {
	line    *template // of no ops: what lines share with other formatters
	dateFmt bool      // Options.DateFmt is set
	colored bool

	// Made of the options.
	keyOn, keyOff string    // around the key of an attr
	levels        [5]string // the columns of DEBUG to CRITICAL, with what is before and after them

	// Made of the state.
	prefix string // the logger's name, a colon and a space, or nothing
	width  int    // of the prefix, in code points
	attrs  []byte // of With, laid out
	blocks []byte // those of several lines
}

// The columns of a line, in code points. What is longer moves the rest.
const (
	levelWidth   = 8 // CRITICAL
	sourceWidth  = 18
	messageWidth = 40 // with the logger's name
)

// Console returns a Formatter for people who look at a terminal:
//
//	12:30:45.678 INFO     shop: item added                         sku=A-17 price=9.5
//	12:30:45.678 WARNING  shop: paid late                          order.id=7 order.by="ada l."
//
// That is the time, the level, the source if [Options.Source] is set, the
// logger's name unless it is the root, the message, and the attrs as
// [slog.TextHandler] writes them, with the groups as prefixes. If short enough,
// the parts line up in columns. The time is local unless [Options.Location]
// says otherwise, or as [Options.DateFmt] says, and --:--:--.--- if the record has none.
//
// A line break in the message is written as \n, unless [Options.Raw] is set. An
// attr of several lines, such as an error's text, stands below the line, and so
// do the texts of [Exc] and [Origin]:
//
//	12:30:45.678 ERROR    shop: order lost                         id=7
//	    err=
//	        connection refused
//	        queue is full
//
// Such lines are indented, whereas each record begins with its time: none can
// pass for a record.
//
// With colours, the level has one, errors are red, that is the texts of Exc and
// attrs called err or error, and time, source, name and keys are faint. Only the sixteen
// basic colours are used, so that they are the terminal's own, and only those
// that can be read on dark and on light. Without the colours the text is the same.
//
// [Options.Color] says whether there are colours. With ColorAuto it takes a
// handler that tells the Formatter whether it writes to a terminal, by its method
//
//	WithTerminal(terminal bool) Formatter
//
// which handlers.NewStream calls. There are none then if the environment
// variable NO_COLOR is not empty, else there are if FORCE_COLOR is neither empty
// nor 0, else on a terminal, unless TERM is dumb. Until it is told, and in a
// file of handlers.NewFile, which tells nothing, the Formatter uses no colours.
//
// The Formatter has a method NeedsSource() bool too, which reports whether a line
// shows where its record was made. That is so if Options.Source is set.
//
// Of the Options, Strict, Defaults, NoValidate and those that are for JSON and
// Logfmt alone have no effect.
func Console(opts *Options) Formatter {
	cfg := newConfig(opts)
	f := &consoleFormatter{dateFmt: cfg.clock.layout != nil, colored: cfg.color == ColorAlways}
	if !f.dateFmt {
		cfg.clock.layout = newTimeLayout("%H:%M:%S")
	}
	f.line = &template{cfg: cfg, program: &program{printsAll: true}, state: &state{}}
	return f.paint()
}

// paint returns f with all that has colours made anew.
func (f *consoleFormatter) paint() *consoleFormatter {
	f.keyOn, f.keyOff = " "+f.style(styleFaint), "="+f.reset()
	for i := range f.levels {
		l := line{template: f.line, level: slog.LevelDebug + 4*slog.Level(i)}
		f.levels[i] = string(f.appendLevel(nil, &l))
	}
	return f.with(f.line.state)
}

// NeedsSource reports whether a line shows where its record was made.
func (f *consoleFormatter) NeedsSource() bool { return f.line.cfg.source }

// WithTerminal returns a Formatter that knows whether its lines go to a
// terminal.
func (f *consoleFormatter) WithTerminal(terminal bool) Formatter {
	if f.line.cfg.color != ColorAuto {
		return f
	}
	g := *f
	g.colored = wantsColor(terminal)
	return g.paint()
}

func (f *consoleFormatter) WithAttrs(attrs []slog.Attr) Formatter {
	if len(attrs) == 0 {
		return f
	}
	return f.with(f.line.state.withAttrs(f.line.cfg, nil, attrs))
}

func (f *consoleFormatter) WithGroup(name string) Formatter {
	if name == "" {
		return f
	}
	return f.with(f.line.state.withGroup(name))
}

func (f *consoleFormatter) WithLoggerName(_, name string) Formatter {
	return f.with(f.line.state.withName(name))
}

// with returns f with another state.
func (f *consoleFormatter) with(s *state) *consoleFormatter {
	g, t := *f, *f.line
	t.state = s
	g.line = &t
	g.prefix, g.width = "", 0
	if s.name != "" && s.name != "root" {
		name := s.name
		if !t.cfg.raw {
			name = string(appendEscaped(nil, name))
		}
		g.width = utf8.RuneCountInString(name) + len(": ")
		g.prefix = g.style(styleFaint) + name + ":" + g.reset() + " "
	}
	g.attrs = g.appendInline(nil, s.tail)
	g.blocks = g.appendOwnLines(nil, s.tail)
	return &g
}

// consoleKey identifies what a consoleFormatter renders.
type consoleKey struct {
	config  configKey
	state   stateKey
	colored bool
}

func (f *consoleFormatter) Key() any {
	return consoleKey{f.line.cfg.key, f.line.state.key(), f.colored}
}

func (f *consoleFormatter) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	l := line{
		template: f.line,
		time:     r.Time,
		message:  r.Message,
		level:    r.Level,
		pc:       r.PC,
		exc:      f.line.state.exc,
		origin:   f.line.state.origin,
	}
	own := len(ctxAttrs)+r.NumAttrs() > 0
	if own {
		ctxAttrs = l.prepare(ctxAttrs, &r)
	}
	start := len(dst)
	dst = f.appendHead(dst, &l)
	dst, missing := f.appendMessage(dst, &l)
	if own || len(f.line.state.tail) > 0 {
		end := len(dst)
		dst = appendSpaces(dst, missing)
		column := len(dst)
		var inline bool
		if dst, inline = f.appendAttrs(dst, &l, ctxAttrs, &r); !inline {
			dst = append(dst[:end], dst[column:]...)
		}
	}
	end := len(dst)
	return f.paintBlocks(l.appendBlocks(dst, start), end)
}

// paintBlocks gives the lines in dst[start:] the colour of errors.
func (f *consoleFormatter) paintBlocks(dst []byte, start int) []byte {
	if !f.colored || len(dst) == start {
		return dst
	}
	text := string(dst[start:])
	dst = dst[:start]
	for line := range strings.Lines(text) {
		words := strings.TrimLeft(line, " ")
		inner := strings.TrimRight(words, "\n")
		dst = append(dst, line[:len(line)-len(words)]...)
		if inner != "" {
			dst = append(append(append(dst, styleError...), inner...), styleReset...)
		}
		dst = append(dst, words[len(inner):]...)
	}
	return dst
}

// prepare applies ReplaceAttr and finds what is special among the attrs.
func (l *line) prepare(ctxAttrs []slog.Attr, r *slog.Record) []slog.Attr {
	if l.cfg.replace != nil {
		replaced := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		ctxAttrs = l.replaced(&replaced, ctxAttrs, r)
		*r = replaced
	}
	l.exc, l.origin = findSpecial(ctxAttrs, l.exc, l.origin)
	r.Attrs(func(a slog.Attr) bool {
		l.exc, l.origin = special(a.Value, l.exc, l.origin)
		return true
	})
	return ctxAttrs
}

// appendHead appends what stands before the logger's name.
func (f *consoleFormatter) appendHead(dst []byte, l *line) []byte {
	dst = append(dst, f.style(styleFaint)...)
	dst = f.appendTime(dst, l)
	if i := l.level - slog.LevelDebug; i&3 == 0 && 0 <= i && i <= LevelCritical-slog.LevelDebug && l.origin == nil && l.cfg.levels == nil {
		dst = append(dst, f.levels[i/4]...)
	} else {
		dst = f.appendLevel(dst, l)
	}
	if l.cfg.source {
		dst = f.appendSource(dst, l)
	}
	return dst
}

// appendLevel ends the time and appends the level, as a column.
func (f *consoleFormatter) appendLevel(dst []byte, l *line) []byte {
	dst = append(append(dst, f.reset()...), ' ')
	dst = append(dst, f.style(levelStyle(l.level))...)
	start := len(dst)
	return f.endColumn(l.appendLevelName(dst), start, levelWidth)
}

// appendTime appends the time to the millisecond, unless a DateFmt says
// otherwise. It is never empty, as it is what tells lines apart.
func (f *consoleFormatter) appendTime(dst []byte, l *line) []byte {
	if l.time.IsZero() && !l.origin.hasTime() {
		if f.dateFmt {
			return append(dst, '-')
		}
		return append(dst, "--:--:--.---"...)
	}
	dst = l.appendAsctime(dst)
	if f.dateFmt {
		return dst
	}
	msecs := float64(l.time.Nanosecond() / int(time.Millisecond))
	if l.origin.hasTime() {
		msecs = l.origin.MSecs
	}
	if !(0 <= msecs && msecs < 1000) {
		return appendMarker(dst, "msecs", strconv.FormatFloat(msecs, 'g', -1, 64)+" is out of range")
	}
	n := int(msecs)
	return append(dst, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
}

// appendSource appends the file's base name and the line, as a column.
func (f *consoleFormatter) appendSource(dst []byte, l *line) []byte {
	dst = append(dst, f.style(styleFaint)...)
	start := len(dst)
	if file := l.recordField(fieldFileName).String(); file != "" {
		dst = append(append(dst, file...), ':')
		dst = strconv.AppendInt(dst, l.recordField(fieldLineNo).Int64(), 10)
	}
	return f.endColumn(dst, start, sourceWidth)
}

// endColumn escapes the column that begins at start, ends its colour and fills it.
func (f *consoleFormatter) endColumn(dst []byte, start, width int) []byte {
	if !f.line.cfg.raw {
		dst = escapeTail(dst, start)
	}
	missing := width - utf8.RuneCount(dst[start:])
	return appendSpaces(append(dst, f.reset()...), max(missing, 0)+1)
}

// appendMessage appends the logger's name and the message, and returns how
// much shorter than their column they are.
func (f *consoleFormatter) appendMessage(dst []byte, l *line) (_ []byte, missing int) {
	dst = append(dst, f.prefix...)
	start := len(dst)
	dst = append(dst, l.message...)
	if !l.cfg.raw {
		dst = escapeTail(dst, start)
	}
	return dst, messageWidth - f.width - utf8.RuneCount(dst[start:])
}

// appendAttrs appends the attrs of With, the context and the record, and
// reports whether any is on the line itself.
func (f *consoleFormatter) appendAttrs(dst []byte, l *line, ctxAttrs []slog.Attr, r *slog.Record) (_ []byte, inline bool) {
	inline = len(f.attrs) > 0
	dst = append(dst, f.attrs...)
	start := len(dst)
	dst = l.appendAttrs(dst, ctxAttrs, r)
	end := len(dst)
	tail := dst[start:end:end]
	if !f.colored && !bytes.Contains(tail, quotedBreak) {
		return append(dst, f.blocks...), inline || len(tail) > 0
	}
	dst = f.appendInline(dst, tail)
	inline = inline || len(dst) > end
	dst = append(dst, f.blocks...)
	dst = f.appendOwnLines(dst, tail)
	return append(dst[:start], dst[end:]...), inline
}

// appendSpaces appends n spaces, if n is more than none.
func appendSpaces(dst []byte, n int) []byte {
	const spaces = "                                                                "
	for ; n > len(spaces); n -= len(spaces) {
		dst = append(dst, spaces...)
	}
	return append(dst, spaces[:max(n, 0)]...)
}
