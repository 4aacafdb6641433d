package slogtree

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/handlers"
)

// The handlers of the model's trees. From foreign on they know nothing of
// loggers' names.
const (
	foreign    = 3
	lastResort = 5
)

var probeLevels = [lastResort + 1]slog.Level{LevelNotSet, slog.LevelWarn, LevelNotSet, LevelNotSet, slog.LevelError, slog.LevelWarn}

// A probe writes a line for each record to a list that all probes share.
type probe struct {
	lines               *[]string
	id                  int
	name, bound, prefix string
}

func (p probe) Enabled(_ context.Context, level slog.Level) bool { return level >= probeLevels[p.id] }

func (p probe) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		p = p.attr(a)
		return true
	})
	*p.lines = append(*p.lines, fmt.Sprintf("%d|%s|%d|%s|%s", p.id, p.name, r.Level, r.Message, p.bound))
	return nil
}

func (p probe) attr(a slog.Attr) probe {
	p.bound += fmt.Sprintf(" %s%s=%s", p.prefix, a.Key, a.Value)
	return p
}

func (p probe) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		p = p.attr(a)
	}
	return p
}

func (p probe) WithGroup(name string) slog.Handler {
	p.prefix += name + "."
	return p
}

// A namedProbe wants to know its logger's name.
type namedProbe struct{ probe }

func (p namedProbe) WithLoggerName(_, name string) slog.Handler {
	p.name = name
	return p
}

func (p namedProbe) WithAttrs(attrs []slog.Attr) slog.Handler {
	return namedProbe{p.probe.WithAttrs(attrs).(probe)}
}

func (p namedProbe) WithGroup(name string) slog.Handler {
	return namedProbe{p.probe.WithGroup(name).(probe)}
}

func newProbe(lines *[]string, id int) slog.Handler {
	if id < foreign {
		return &namedProbe{probe{lines: lines, id: id}}
	}
	return &probe{lines: lines, id: id, name: ""}
}

func filter(f func(r *slog.Record, logger string) bool) handlers.Filter {
	return handlers.FilterFunc(func(_ context.Context, logger string, r slog.Record) (slog.Record, bool) {
		pass := f(&r, logger)
		return r, pass
	})
}

func newModelFilters() []handlers.Filter {
	return []handlers.Filter{
		filter(func(r *slog.Record, _ string) bool { return r.Level >= slog.LevelWarn }),
		filter(func(r *slog.Record, _ string) bool { r.AddAttrs(slog.Int("f", 1)); return true }),
		filter(func(r *slog.Record, _ string) bool { r.Message += "!"; return true }),
		handlers.NameFilter("a"),
		filter(func(r *slog.Record, _ string) bool { r.Level += 4; return true }),
	}
}

// A kept is a logger, or a handler of one, that the program holds on to,
// and what the model knows of it.
type kept struct {
	real   slog.Handler
	logger *Logger // nil for Tree.Handler and what is derived from it
	name   string
	chain  modelChain
}

// A pair is a tree and its model, and all that was made of them.
type pair struct {
	tree     *Tree
	model    *model
	handlers []slog.Handler
	filters  []handlers.Filter
	kept     []kept
	lines    []string // what the probes wrote
	failures []error  // what OnError got
	said     []string // what the steps did
}

func newPair(wrong string) *pair {
	p := &pair{model: newModel(slog.LevelInfo), filters: newModelFilters()}
	p.model.wrong = wrong
	for id := range lastResort {
		p.handlers = append(p.handlers, newProbe(&p.lines, id))
	}
	p.tree = New(Options{
		LastResort: newProbe(&p.lines, lastResort),
		OnError:    func(err error) { p.failures = append(p.failures, err) },
	})
	p.hold("", p.tree.Root())
	return p
}

// hold keeps a logger that may be new.
func (p *pair) hold(name string, l *Logger) {
	p.model.get(name)
	if !slices.ContainsFunc(p.kept, func(k kept) bool { return k.logger == l }) {
		p.kept = append(p.kept, kept{real: l.Handler(), logger: l, name: name})
	}
}

var (
	modelNames  = []string{"", "a", "a.b", "a.b.c", "a.b.c.d", "a.bb", "b", "b.c", "a.b.x.y", "ab", "a..b", "c.d.e"}
	modelLevels = []slog.Level{LevelNotSet, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, LevelCritical, -8, 1}
	modelRules  = []string{
		"", "root=debug", "a=debug", "a.b=notset", "a.*=error", "*=warn", "a.b=debug,a.*=critical", "*.b=info,?=debug", "root=notset,a=warn",
		"a.b.x=debug,a.b.c=notset", "*=notset", "a.*=debug,*c=error,a.b.c=warn", "a=info,a=error", "c.d=debug,c=error", "r*=error", "a.b*=warn,*=debug",
	}
	badRules = []string{"a", "a=debug,b=nosuch", "=info", "root=debug,,x"}
)

// maxKept bounds what a step logs through.
const maxKept = 24

// step does what four bytes say, to the tree and to the model. It returns a
// difference in what it returned.
func (p *pair) step(op, x, y, z byte) error {
	name := modelNames[int(x)%len(modelNames)]
	at := p.kept[int(x)%len(p.kept)]
	l := at.logger
	if l == nil {
		l = p.tree.Root()
	}
	m := p.model.loggers[at.name]
	if m == nil || at.logger == nil {
		at.name, m = "", p.model.loggers[""]
	}
	level := modelLevels[int(y)%len(modelLevels)]
	on := y%2 == 0
	switch op % 16 {
	case 0:
		p.say("Get(%q)", name)
		p.hold(name, p.tree.Get(name))
	case 1:
		suffix := modelNames[1+int(y)%3]
		p.say("%q.Child(%q)", at.name, suffix)
		p.hold(strings.TrimPrefix(at.name+"."+suffix, "."), l.Child(suffix))
	case 2, 3:
		p.say("%q.SetLevel(%d)", at.name, level)
		l.SetLevel(level)
		p.model.clock++
		m.level, m.setAt = level, p.model.clock
	case 4, 5:
		return p.handler(l, m, at.name, int(y)%lastResort, z%3 > 0)
	case 6:
		p.say("%q.SetPropagate(%t)", at.name, on)
		l.SetPropagate(on)
		m.alone = !on
	case 7:
		p.say("%q.SetDisabled(%t)", at.name, on)
		l.SetDisabled(on)
		m.disabled_ = on
	case 8:
		p.say("Disable(%d)", level)
		p.tree.Disable(level)
		p.model.disabled = level
	case 9:
		return p.filter(l, m, at.name, int(y)%len(p.filters), z%3 > 0)
	case 10:
		return p.rules(int(y), z)
	case 11, 12, 13:
		p.derive(int(x), y, z)
	case 14:
		p.say("Handler(%q)", name)
		p.keep(kept{real: p.tree.Handler(name), name: name})
	case 15:
		if z%8 > 0 {
			return nil
		}
		p.say("Close")
		for _, m := range p.model.loggers {
			m.handlers = nil
		}
		return p.tree.Close(context.Background())
	}
	return nil
}

func (p *pair) say(format string, args ...any) { p.said = append(p.said, fmt.Sprintf(format, args...)) }

func (p *pair) keep(k kept) {
	if len(p.kept) < maxKept {
		p.kept = append(p.kept, k)
	}
}

func (p *pair) handler(l *Logger, m *modelLogger, name string, id int, add bool) error {
	i := slices.Index(m.handlers, id)
	if add {
		p.say("%q.AddHandler(%d)", name, id)
		l.AddHandler(p.handlers[id])
		if i < 0 {
			m.handlers = append(m.handlers, id)
		}
		return nil
	}
	p.say("%q.RemoveHandler(%d)", name, id)
	removed, err := l.RemoveHandler(context.Background(), p.handlers[id])
	if err != nil || removed != (i >= 0) {
		return fmt.Errorf("RemoveHandler returned %t, %v", removed, err)
	}
	if i >= 0 {
		m.handlers = slices.Delete(slices.Clone(m.handlers), i, i+1)
	}
	return nil
}

func (p *pair) filter(l *Logger, m *modelLogger, name string, id int, add bool) error {
	i := slices.Index(m.filters, id)
	if add {
		p.say("%q.AddFilter(%d)", name, id)
		l.AddFilter(p.filters[id])
		if i < 0 {
			m.filters = append(m.filters, id)
		}
		return nil
	}
	p.say("%q.RemoveFilter(%d)", name, id)
	if removed := l.RemoveFilter(p.filters[id]); removed != (i >= 0) {
		return fmt.Errorf("RemoveFilter returned %t", removed)
	}
	if i >= 0 {
		m.filters = slices.Delete(slices.Clone(m.filters), i, i+1)
	}
	return nil
}

// rules sets rules that are right, or tries some that are wrong, or plays the
// operator.
func (p *pair) rules(i int, z byte) error {
	text := modelRules[i%len(modelRules)]
	switch z % 8 {
	case 0:
		text = badRules[i%len(badRules)]
		p.say("SetLevels(%q)", text)
		if p.tree.SetLevels(text) == nil {
			return fmt.Errorf("SetLevels(%q) returns no error", text)
		}
	case 1:
		p.say("SLOG_LEVELS=%q", text)
		p.tree.setOperatorLevels(text)
		p.model.operator = readRules(text)
	default:
		p.say("SetLevels(%q)", text)
		p.model.clock++
		p.model.rules, p.model.ruledAt = readRules(text), p.model.clock
		return p.tree.SetLevels(text)
	}
	return nil
}

func (p *pair) derive(from int, y, z byte) {
	from %= len(p.kept)
	k := p.kept[from]
	key, group := fmt.Sprintf("k%d", z%3), fmt.Sprintf("g%d", z%3)
	if y%3 == 0 {
		p.say("%d: kept[%d].WithGroup(%s)", len(p.kept), from, group)
		k.chain, k.real = k.chain.group(int(z)), k.real.WithGroup(group)
		if k.logger != nil {
			k.logger = k.logger.WithGroup(group)
			k.real = k.logger.Handler()
		}
	} else {
		p.say("%d: kept[%d].With(%s, %d)", len(p.kept), from, key, z)
		k.chain, k.real = k.chain.with(int(z)), k.real.WithAttrs([]slog.Attr{slog.Int(key, int(z))})
		if k.logger != nil {
			k.logger = k.logger.With(key, int(z))
			k.real = k.logger.Handler()
		}
	}
	p.keep(k)
}
