package slogtree

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/testdata/oracle"
)

// levels of the methods of Python's loggers.
var methodLevels = map[string]int64{
	"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "critical": 50, "fatal": 50, "exception": 40,
}

// A call is a record to be logged.
type call struct {
	method string // "" is log
	level  slog.Level
	extra  oracle.Attributes
}

// call reads a step that logs.
func (w *world) call(s step) (c call, err error) {
	c.method, c.extra = s.text("method"), s.attributes("extra")
	level := s.value("level")
	if c.method != "" {
		level = methodLevels[c.method]
	}
	c.level, err = w.recordLevel(level)
	if args, ok := s.value("args").(oracle.List); ok {
		w.args = args
	} else {
		w.args = nil
	}
	if _, ok := s.value("msg").(oracle.Surrogates); ok && err == nil {
		err = w.skip(ruleTypes)
	}
	w.message = merge(s.value("msg"), w.args)
	return c, err
}

func (w *world) log(s step, l *Logger) (any, error) {
	c, err := w.call(s)
	if err != nil {
		return nil, err
	}
	return w.emit(l, c, nil)
}

// emit logs through l, or through a logger derived from it.
func (w *world) emit(l *Logger, c call, bound oracle.Attributes) (any, error) {
	if anyReserved(c.extra) || anyReserved(bound) {
		return nil, aside(ruleReserved)
	}
	alone := !hasHandlers(l) && w.lastResort.Level() != slog.LevelWarn && w.raise
	if alone && l.Enabled(context.Background(), c.level) {
		return nil, aside(ruleNobody)
	}
	var args []any
	for _, a := range goAttrs(c.extra) {
		args = append(args, a)
	}
	w.send(l, c, args)
	return w.sent()
}

// send calls the method of l that CPython's was called by.
func (w *world) send(l *Logger, c call, args []any) {
	switch c.method {
	case "debug":
		l.Debug(w.message, args...)
	case "info":
		l.Info(w.message, args...)
	case "warning", "warn":
		l.Warn(w.message, args...)
	case "error":
		l.Error(w.message, args...)
	case "critical", "fatal":
		l.Critical(w.message, args...)
	case "exception": // there is none at hand in a program
		l.Error(w.message, append(args, formatters.Exc(nil))...)
	default:
		l.Log(context.Background(), c.level, w.message, args...)
	}
}

// sent returns what a record did.
func (w *world) sent() (any, error) {
	met := 0
	for _, h := range w.handlers {
		if h.met {
			met++
		}
	}
	switch {
	case w.raised:
		return nil, w.skip(ruleRaises)
	case w.inPlace && met > 1:
		return nil, w.skip(ruleInPlace)
	}
	return &logged{}, nil
}

// moduleLog is logging.info and the like, which configure the root first.
func (w *world) moduleLog(s step) (any, error) {
	c, err := w.call(s)
	if err != nil {
		return nil, err
	}
	if _, err := w.tree.basic(BasicOptions{Stream: &w.stderr, Options: *w.cpython()}); err != nil {
		return nil, err
	}
	return w.emit(w.tree.Root(), c, nil)
}

// An adapter is a LoggerAdapter: a logger made by With.
type adapter struct {
	logger *Logger  // derived, unless inner is there
	inner  *adapter // the adapter that this one wraps
	extra  oracle.Attributes
	merge  bool // the call's extra counts too
}

func (w *world) newAdapter(s step) (any, error) {
	a := &adapter{extra: s.attributes("extra"), merge: truth(s.value("merge_extra"))}
	w.adapters[s.text("adapter")] = a
	if s.has("adapter_of") {
		a.inner = w.adapters[s.text("adapter_of")]
		return nil, nil
	}
	l, err := w.logger(s)
	if err != nil {
		return nil, err
	}
	var args []any
	for _, attr := range goAttrs(a.extra) {
		args = append(args, attr)
	}
	a.logger = l.With(args...)
	return nil, nil
}

func (w *world) adapterLog(s step) (any, error) {
	c, err := w.call(s)
	if err != nil {
		return nil, err
	}
	a := w.adapters[s.text("adapter")]
	for ; a.inner != nil; a = a.inner {
		c.extra = a.process(c.extra)
	}
	if !a.merge {
		c.extra = nil // it is With's alone
	}
	return w.emit(a.logger, c, a.extra)
}

// process is LoggerAdapter.process: its extra replaces the call's, or lets
// the call's win.
func (a *adapter) process(extra oracle.Attributes) oracle.Attributes {
	if !a.merge {
		return a.extra
	}
	merged := slices.Clone(a.extra)
	for _, item := range extra {
		i := slices.IndexFunc(merged, func(other oracle.Item) bool { return other.Key == item.Key })
		if i < 0 {
			merged = append(merged, item)
		} else {
			merged[i] = item
		}
	}
	return merged
}

// handle gives a record made elsewhere to a logger or handler.
func (w *world) handle(s step) (any, error) {
	attributes := s.attributes("record")
	name, _ := attributes.Get("name")
	levelno, _ := attributes.Get("levelno")
	level, err := w.recordLevel(levelno)
	if s, ok := name.(string); !ok || s == "" {
		return nil, w.skip(ruleAnonymous)
	}
	if err != nil {
		return nil, err
	}
	r := w.record(level, attributes)
	if s.has("handler") {
		h := w.handler(s)
		if err := handlers.BindName(h.attached, "", name.(string)).Handle(context.Background(), r); err != nil {
			return nil, err
		}
		if got, err := w.sent(); err != nil {
			return got, err
		}
		return &logged{returned: &h.passed}, nil
	}
	l, err := w.logger(s)
	if err != nil {
		return nil, err
	}
	if !hasHandlers(l) && w.lastResort.Level() != slog.LevelWarn && w.raise {
		return nil, aside(ruleNobody)
	}
	target := handlers.BindName(w.tree.Handler(s.text("logger")), "", name.(string))
	if err := target.Handle(context.Background(), r); err != nil {
		return nil, err
	}
	return w.sent()
}

// record is logging.makeLogRecord.
func (w *world) record(level slog.Level, attributes oracle.Attributes) slog.Record {
	msg, _ := attributes.Get("msg")
	args, _ := attributes.Get("args")
	w.args = nil
	switch args := args.(type) {
	case oracle.Tuple:
		w.args = args
	case oracle.List:
		w.args = args
	}
	w.message = merge(msg, w.args)
	var origin formatters.Origin
	var attrs []slog.Attr
	for _, item := range attributes {
		key := item.Key.(string)
		if slices.Contains(reserved, key) {
			setOrigin(&origin, key, item.Value)
		} else {
			attrs = append(attrs, slog.Any(key, goValue(item.Value)))
		}
	}
	r := slog.NewRecord(time.Time{}, level, w.message, 0)
	r.AddAttrs(append(attrs, origin.Attr())...)
	return r
}
