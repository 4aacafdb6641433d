package formatters

import (
	"log/slog"
	"strings"
)

// Percent returns a Formatter for a format in Python's % style, such as
//
//	%(asctime)s %(name)-12s %(levelname)-8s %(message)s
//
// It mirrors logging.Formatter(fmt, datefmt, style='%'). An empty format means
// "%(message)s". A field is an attribute of CPython's LogRecord, the key of an
// attr, the dotted path of an attr in groups, or attrs: all attrs that no
// other field prints, as key=value. Flags, width, precision and conversion are
// those of Python's % operator.
//
// The error is a [*FormatError]. It is returned for what CPython's Formatter
// refuses, and for fields that no record can fill. With [Options.NoValidate]
// there is no error.
func Percent(format string, opts *Options) (Formatter, error) {
	if format == "" {
		format = "%(message)s"
	}
	cfg := newConfig(opts)
	prog, err := parsePercent(format, !cfg.key.noValidate)
	if err != nil {
		return nil, err
	}
	prog.addTail(cfg)
	f := &percent{
		format:  format,
		cfg:     cfg,
		program: prog,
		state:   &state{slots: make([]slot, len(prog.paths))},
	}
	return f.with(f.state.withName("root")), nil
}

// addTail sees to the place of attrs that no field prints: the end of the
// line, but before the line breaks that the format ends with.
func (p *program) addTail(cfg *config) {
	if p.printsAll || cfg.strict {
		return
	}
	end := ""
	if n := len(p.ops); n > 0 && p.ops[n-1].kind == opText {
		text := p.ops[n-1].text
		body := strings.TrimRight(text, "\r\n")
		end = text[len(body):]
		p.ops[n-1].text = body
	}
	p.ops = append(p.ops, op{kind: opTail})
	if end != "" {
		p.ops = append(p.ops, op{kind: opText, text: end})
	}
}

// percent is the Formatter of Percent. It is immutable.
type percent struct {
	format  string
	cfg     *config
	program *program
	state   *state
	ops     []op // the program's, with the logger's name put in
	tailAt  int  // index of the opTail, or -1
	simple  simpleLine
}

// with returns p with another state.
func (p *percent) with(s *state) *percent {
	q := *p
	q.state = s
	name := s.name
	if !p.cfg.raw {
		name = string(appendEscaped(nil, name))
	}
	q.ops, q.tailAt = p.program.bind(name)
	q.simple = newSimpleLine(&q)
	return &q
}

// bind returns the ops for a logger of that name, adjoining texts made one,
// and the place of the tail among them.
func (p *program) bind(name string) (ops []op, tailAt int) {
	ops, tailAt = make([]op, 0, len(p.ops)), -1
	for _, o := range p.ops {
		if o.kind == opName {
			o = op{kind: opText, text: name}
		}
		if n := len(ops); n > 0 && o.kind == opText && ops[n-1].kind == opText {
			ops[n-1].text += o.text
			continue
		}
		if o.kind == opTail {
			tailAt = len(ops)
		}
		ops = append(ops, o)
	}
	return ops, tailAt
}

func (p *percent) WithAttrs(attrs []slog.Attr) Formatter {
	if len(attrs) == 0 {
		return p
	}
	return p.with(p.state.withAttrs(p.cfg, p.program.paths, attrs))
}

func (p *percent) WithGroup(name string) Formatter {
	if name == "" {
		return p
	}
	return p.with(p.state.withGroup(name))
}

func (p *percent) WithLoggerName(_, name string) Formatter {
	if name == "" {
		name = "root"
	}
	return p.with(p.state.withName(name))
}

// percentKey identifies what a percent renders.
type percentKey struct {
	format string
	config configKey
	state  stateKey
}

func (p *percent) Key() any { return percentKey{p.format, p.cfg.key, p.state.key()} }

func (p *percent) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	if len(ctxAttrs) == 0 && p.simple.able && r.NumAttrs() == 0 {
		return p.appendSimple(dst, &r)
	}
	return p.appendLine(dst, ctxAttrs, &r)
}
