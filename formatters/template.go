package formatters

import (
	"log/slog"
	"slices"
	"strings"
)

// A template is a Formatter that was compiled from a format string, in
// whatever style. It is immutable.
type template struct {
	style   byte // '%', '{' or '$'
	format  string
	cfg     *config
	program *program
	state   *state
	ops     []op // the program's, with the logger's name put in
	tailAt  int  // index of the opTail, or -1
	simple  simpleLine
}

// newTemplate compiles format with the parser of its style.
func newTemplate(style byte, format string, opts *Options, parse func(format string, validate bool) (*program, error)) (Formatter, error) {
	cfg := newConfig(opts)
	prog, err := parse(format, !cfg.key.noValidate)
	if err == nil && cfg.badDateFmt != "" {
		err = &FormatError{Format: opts.DateFmt, Reason: cfg.badDateFmt}
	}
	if err != nil {
		return nil, err
	}
	prog.addTail(cfg)
	t := &template{
		style:   style,
		format:  format,
		cfg:     cfg,
		program: prog,
		state:   &state{slots: make([]slot, len(prog.paths))},
	}
	return t.with(t.state.withName("root")), nil
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

// with returns t with another state.
func (t *template) with(s *state) *template {
	u := *t
	u.state = s
	name := s.name
	if !t.cfg.raw {
		name = string(appendEscaped(nil, name))
	}
	u.ops, u.tailAt = t.program.bind(name)
	u.simple = newSimpleLine(&u)
	return &u
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

func (t *template) WithAttrs(attrs []slog.Attr) Formatter {
	if len(attrs) == 0 {
		return t
	}
	return t.with(t.state.withAttrs(t.cfg, t.program, attrs))
}

func (t *template) WithGroup(name string) Formatter {
	if name == "" {
		return t
	}
	return t.with(t.state.withGroup(name))
}

func (t *template) WithLoggerName(_, name string) Formatter {
	if name == "" {
		name = "root"
	}
	return t.with(t.state.withName(name))
}

// templateKey identifies what a template renders.
type templateKey struct {
	style  byte
	format string
	config configKey
	state  stateKey
}

func (t *template) Key() any { return templateKey{t.style, t.format, t.cfg.key, t.state.key()} }

func (t *template) Append(dst []byte, ctxAttrs []slog.Attr, r slog.Record) []byte {
	return t.append(dst, ctxAttrs, &r)
}

// append is Append. It lets no pointer to the record out, which would put every
// record on the heap.
func (t *template) append(dst []byte, ctxAttrs []slog.Attr, r *slog.Record) []byte {
	switch bare := len(ctxAttrs) == 0 && r.NumAttrs() == 0; {
	case bare && t.simple.able:
		return t.appendSimple(dst, r)
	case !bare && t.simple.attrs:
		return t.appendWithTail(dst, ctxAttrs, r)
	}
	return t.appendLine(dst, ctxAttrs, r)
}

// NeedsSource reports whether a line shows where its record was made; who makes
// records may leave out the PC if not.
func (t *template) NeedsSource() bool { return showSource(t.ops) }

func showSource(ops []op) bool {
	return slices.ContainsFunc(ops, func(o op) bool {
		return o.kind == opRecord || o.field.isSource() || o.brace != nil && showSource(o.brace.nested)
	})
}
