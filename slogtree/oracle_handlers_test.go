package slogtree

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A pyHandler is a handler of a program: a level, filters that can change,
// and what is below them.
type pyHandler struct {
	w        *world
	id       string
	format   string
	level    slog.LevelVar
	filters  []handlers.Filter
	attached slog.Handler
	memory   *handlers.Memory // if it is one
	null     bool

	met    bool // a record of this step came here
	passed bool // the last record passed the filters
}

// newPyHandler puts level and filters before h.
func (w *world) newPyHandler(s step, h slog.Handler) *pyHandler {
	p := &pyHandler{w: w, id: s.text("handler")}
	p.level.Set(LevelNotSet)
	p.attached = handlers.NewLevel(handlers.NewFilter(h, p), &p.level)
	w.handlers[p.id] = p
	return p
}

// Filter asks the filters that are attached now, as Handler.handle does.
func (p *pyHandler) Filter(ctx context.Context, logger string, r slog.Record) (slog.Record, bool) {
	p.met = true
	p.passed = !p.null
	for _, f := range p.filters {
		p.w.inPlace = p.w.inPlace || p.w.setters[f]
		if r, p.passed = f.Filter(ctx, logger, r); !p.passed {
			break
		}
	}
	return r, p.passed
}

// A line is where a handler writes.
type line struct {
	w  *world
	id string
}

// Write notes one record.
func (l line) Write(text []byte) (int, error) {
	l.w.hits = append(l.w.hits, written{l.id, string(text)})
	return len(text), nil
}

func (w *world) handler(s step) *pyHandler { return w.handlers[s.text("handler")] }

func (w *world) newHandler(s step) (any, error) {
	format := s.text("fmt")
	if format == "" {
		format = "%(message)s"
	}
	f, err := formatters.Percent(format, w.cpython())
	switch {
	case err != nil && !s.has("obs"): // CPython notices only when it is used, which is as good
		options := w.cpython()
		options.NoValidate = true
		f, err = formatters.Percent(format, options)
	case err != nil:
		f = nil // CPython's has no formatter then, which is as good as the default one
	}
	stream := handlers.NewStream(line{w, s.text("handler")}, f, nil)
	stream.SetTerminator("")
	h := w.newPyHandler(s, stream)
	h.format = format
	if err == nil && s.has("level") {
		return w.setHandlerLevel(s)
	}
	return nil, err
}

func (w *world) newNull(s step) (any, error) {
	w.newPyHandler(s, slog.DiscardHandler).null = true
	return nil, nil
}

func (w *world) newMemory(s step) (any, error) {
	level, err := threshold(s.value("flushLevel"))
	if err != nil {
		return nil, unfit(ruleTypes)
	}
	var target slog.Handler
	if h := w.handlers[s.text("target")]; h != nil {
		target = h.attached
	}
	m := handlers.NewMemory(target, handlers.MemoryOptions{
		Capacity:    max(1, int(s.number("capacity"))), // 0 flushes each record, as 1 does
		FlushLevel:  level,
		KeepOnClose: !truth(s.value("flushOnClose")),
	})
	w.newPyHandler(s, m).memory = m
	w.memories++
	return nil, nil
}

func (w *world) setTarget(s step) (any, error) {
	var target slog.Handler
	if h := w.handlers[s.text("target")]; h != nil {
		target = h.attached
	}
	w.handler(s).memory.SetTarget(target)
	return &logged{flushed: true}, nil
}

func closeMemory(m *handlers.Memory) error { return m.Close(context.Background()) }

// flush flushes or closes a handler; only a Memory has something to show.
func (w *world) flush(m *handlers.Memory, do func(*handlers.Memory) error) (any, error) {
	if m != nil {
		if err := do(m); err != nil {
			return nil, err
		}
	}
	if w.inPlace {
		return nil, unfit(ruleInPlace)
	}
	return &logged{flushed: true}, nil
}

func (w *world) setHandlerLevel(s step) (any, error) {
	level, err := w.threshold(s.value("level"))
	if err == nil {
		w.handler(s).level.Set(level)
	}
	return nil, err
}

func (w *world) removeHandler(s step, l *Logger) (any, error) {
	h := w.handler(s).attached
	attached := slices.Contains(l.Handlers(), h)
	removed, err := l.RemoveHandler(context.Background(), h)
	if err == nil && removed != attached {
		return "RemoveHandler reports the contrary of what it did", nil
	}
	return nil, err
}

// handlersOf returns the names by which the program knows the handlers.
func (w *world) handlersOf(_ step, l *Logger) (any, error) {
	ids := []string{}
	for _, h := range l.Handlers() {
		id := "<StreamHandler>" // that of Basic
		for _, known := range w.handlers {
			if known.attached == h {
				id = known.id
			}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// A filterSpec says what a filter does.
type filterSpec struct {
	kind      string
	level     slog.Level
	text      string
	truth     bool
	attribute string
	value     any
	msg       any
}

// A pyFilter is a filter of a program, or the function in it.
type pyFilter struct {
	w *world
	filterSpec
}

func (w *world) newFilter(s step) (any, error) {
	var spec step
	if err := json.Unmarshal(s["spec"], &spec); err != nil {
		return nil, err
	}
	kind := spec.text("kind")
	if kind == "name" {
		w.filters[s.text("filter")] = handlers.NameFilter(spec.text("name"))
		return nil, nil
	}
	f := &pyFilter{w: w, filterSpec: filterSpec{
		kind: kind, text: spec.text("text"), attribute: spec.text("attribute"), value: spec.value("value"), msg: spec.value("msg"),
		truth: kind == "allow" || slices.Contains([]string{"one", "text", "dict"}, spec.text("value")),
	}}
	if strings.HasSuffix(kind, "_level") {
		var err error
		if f.level, err = threshold(spec.value("level")); err != nil {
			return nil, unfit(ruleTypes)
		}
		if n, ok := spec.value("level").(int64); ok && kind == "max_level" {
			f.level = blocked(n)
		}
	}
	if kind == "set" && f.attribute != "msg" && slices.Contains(reserved, f.attribute) {
		return nil, unfit(ruleField)
	}
	var filter handlers.Filter = f
	if truth(spec.value("callable")) {
		filter = handlers.FilterFunc(f.Filter)
	}
	w.filters[s.text("filter")] = filter
	w.setters[filter] = kind == "set"
	return nil, nil
}

// Filter does what the spec says.
func (f *pyFilter) Filter(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
	switch f.kind {
	case "min_level":
		return r, r.Level >= f.level
	case "max_level":
		return r, r.Level <= f.level
	case "deny", "allow", "truthy":
		return r, f.truth
	case "contains":
		f.w.raised = f.w.raised || marker.MatchString(r.Message)
		return r, strings.Contains(r.Message, f.text)
	case "set":
		if f.attribute == "msg" {
			r.Message = merge(f.value, f.w.args)
		} else {
			r.AddAttrs(slog.Any(f.attribute, goValue(f.value)))
		}
		return r, true
	case "replace":
		r.Message = merge(f.msg, nil)
		return r, true
	}
	panic("unknown filter " + f.kind)
}

func (w *world) changeFilter(s step) (any, error) {
	f, add := w.filters[s.text("filter")], s.text("op") == "addFilter"
	if !s.has("logger") {
		h := w.handler(s)
		i := slices.Index(h.filters, f)
		switch {
		case add && i < 0:
			h.filters = append(h.filters, f)
		case !add && i >= 0:
			h.filters = slices.Delete(slices.Clone(h.filters), i, i+1)
		}
		return nil, nil
	}
	l, err := w.logger(s)
	if err != nil {
		return nil, err
	}
	attached := slices.Contains(l.Filters(), f)
	if add {
		l.AddFilter(f)
	} else if l.RemoveFilter(f) != attached {
		return "RemoveFilter reports the contrary of what it did", nil
	}
	return nil, nil
}
