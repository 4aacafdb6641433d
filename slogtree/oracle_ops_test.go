package slogtree

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A world is the module logging of one program.
type world struct {
	tree     *Tree
	loggers  map[string]*Logger // keeps those that nobody configures
	handlers map[string]*pyHandler
	filters  map[string]handlers.Filter
	setters  map[handlers.Filter]bool // those that change the record they are given
	adapters map[string]*adapter

	names      *formatters.LevelNames // prints levels
	named      map[slog.Level]bool    // those that have a name of Python's form
	parse      *formatters.LevelNames // understands names, but not "Level 5"
	registered map[string]bool        // the names that it understands
	rounded    bool                   // a threshold was between two levels

	lastResort slog.LevelVar
	raise      bool // logging.raiseExceptions
	memories   int  // how many handlers remember records

	// What the step at hand did.
	args     []any // of its message
	message  string
	hits     []written
	stderr   bytes.Buffer
	failures []error // what OnError got
	inPlace  bool    // a handler's filter changed the record
	raised   bool    // a filter raised
}

// A written is a line that a handler wrote.
type written struct{ handler, text string }

func newWorld() *world {
	w := &world{
		loggers:    map[string]*Logger{},
		handlers:   map[string]*pyHandler{},
		filters:    map[string]handlers.Filter{},
		setters:    map[handlers.Filter]bool{},
		adapters:   map[string]*adapter{},
		names:      &formatters.LevelNames{},
		named:      map[slog.Level]bool{},
		parse:      &formatters.LevelNames{},
		registered: map[string]bool{"WARN": true, "FATAL": true},
		raise:      true,
	}
	for _, n := range []int{0, 10, 20, 30, 40, 50} {
		level := formatters.FromPythonLevel(n)
		w.named[level] = true
		w.registered[w.names.Name(level)] = true
	}
	w.lastResort.Set(slog.LevelWarn)
	bare := formatters.Must(formatters.Percent("%(message)s", w.cpython()))
	w.tree = New(Options{
		RootLevel:  slog.LevelWarn,
		LastResort: handlers.NewStream(&w.stderr, bare, &w.lastResort),
		Levels:     w.names,
		OnError:    func(err error) { w.failures = append(w.failures, err) },
	})
	return w
}

// begin forgets what the last step did.
func (w *world) begin() {
	w.hits, w.failures, w.inPlace, w.raised = nil, nil, false, false
	w.stderr.Reset()
	for _, h := range w.handlers {
		h.met = false
	}
}

// skip sets aside a step in which a record might have come to handlers. If
// one of them remembers records, the rest has no ground to stand on.
func (w *world) skip(rule string) error {
	if w.memories > 0 {
		return unfit(rule)
	}
	return aside(rule)
}

// logger returns the step's logger, which it makes as logging.getLogger does.
func (w *world) logger(s step) (*Logger, error) { return w.get(s.text("logger")) }

func (w *world) get(name string) (*Logger, error) { return w.keep(w.tree.Get(name)) }

// keep notes a logger that may be new.
func (w *world) keep(l *Logger) (*Logger, error) {
	name := l.Name()
	if l == w.tree.Root() || w.loggers[name] != nil {
		return l, nil
	}
	w.loggers[name] = l
	for other := range w.loggers {
		if strings.HasPrefix(other, name+".") && strings.HasPrefix(rootName, name) {
			return nil, unfit(ruleRootName)
		}
		if w.nearest(pythonParents(other)) != w.nearest(dotParents(other)) {
			return nil, unfit(ruleDots)
		}
	}
	return l, nil
}

// nearest returns the first name that has a logger, "" if none has.
func (w *world) nearest(names []string) string {
	for _, name := range names {
		if w.loggers[name] != nil {
			return name
		}
	}
	return ""
}

// pythonParents returns the names above name, nearest first, as
// Manager._fixupParents finds them.
func pythonParents(name string) (parents []string) {
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i-1], '.') {
		parents = append(parents, name[:i])
	}
	return parents
}

// dotParents returns what is left of name at each of its dots.
func dotParents(name string) (parents []string) {
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i], '.') {
		parents = append(parents, name[:i])
	}
	return parents
}

// do performs a step and returns what is to be seen of it.
func (w *world) do(s step) (any, error) {
	if op, ok := operations[s.text("op")]; ok {
		return op(w, s)
	}
	op, ok := loggerOperations[s.text("op")]
	if !ok {
		return nil, fmt.Errorf("unknown operation %s", s["op"])
	}
	l, err := w.logger(s)
	if err != nil {
		return nil, err
	}
	return op(w, s, l)
}

// loggerOperations are those whose logger is made if need be.
var loggerOperations map[string]func(w *world, s step, l *Logger) (any, error)

// operations are all others.
var operations map[string]func(w *world, s step) (any, error)

func init() { // they refer to each other
	loggerOperations = map[string]func(*world, step, *Logger) (any, error){
		"getChild":      (*world).getChild,
		"getChildren":   func(_ *world, _ step, l *Logger) (any, error) { return loggerNames(l.Children()), nil },
		"parent":        func(_ *world, _ step, l *Logger) (any, error) { return parent(l), nil },
		"setLevel":      (*world).setLevel,
		"level":         func(_ *world, _ step, l *Logger) (any, error) { return l.Level(), nil },
		"effective":     func(_ *world, _ step, l *Logger) (any, error) { return l.EffectiveLevel(), nil },
		"isEnabledFor":  (*world).isEnabledFor,
		"hasHandlers":   func(_ *world, _ step, l *Logger) (any, error) { return hasHandlers(l), nil },
		"repr":          (*world).repr,
		"set":           (*world).set,
		"addHandler":    func(w *world, s step, l *Logger) (any, error) { l.AddHandler(w.handler(s).attached); return nil, nil },
		"removeHandler": (*world).removeHandler,
		"handlers":      (*world).handlersOf,
		"log":           (*world).log,
	}
	operations = map[string]func(*world, step) (any, error){
		"getLogger":        (*world).getLogger,
		"loggers":          func(w *world, _ step) (any, error) { return w.loggerDict(), nil },
		"disable":          (*world).disable,
		"manager_disable":  func(w *world, s step) (any, error) { return w.managerDisable(s) },
		"getLevelName":     (*world).getLevelName,
		"addLevelName":     (*world).addLevelName,
		"levelNames":       (*world).levelNames,
		"newHandler":       (*world).newHandler,
		"newMemory":        (*world).newMemory,
		"newNull":          (*world).newNull,
		"setTarget":        (*world).setTarget,
		"flush":            func(w *world, s step) (any, error) { return w.flush(w.handler(s).memory, (*handlers.Memory).Flush) },
		"close":            func(w *world, s step) (any, error) { return w.flush(w.handler(s).memory, closeMemory) },
		"buffered":         func(w *world, s step) (any, error) { return w.handler(s).memory.Buffered(), nil },
		"setHandlerLevel":  (*world).setHandlerLevel,
		"handlerRepr":      setsAside(ruleRepr),
		"adapterRepr":      setsAside(ruleRepr),
		"nameHandler":      setsAside(ruleHandlerID),
		"getHandlerByName": setsAside(ruleHandlerID),
		"getHandlerNames":  setsAside(ruleHandlerID),
		"newFilter":        (*world).newFilter,
		"addFilter":        (*world).changeFilter,
		"removeFilter":     (*world).changeFilter,
		"setLastResort":    (*world).setLastResort,
		"raiseExceptions":  func(w *world, s step) (any, error) { w.raise = truth(s.value("on")); return nil, nil },
		"newAdapter":       (*world).newAdapter,
		"adapterLog":       (*world).adapterLog,
		"moduleLog":        (*world).moduleLog,
		"handle":           (*world).handle,
	}
}

func setsAside(rule string) func(*world, step) (any, error) {
	return func(*world, step) (any, error) { return nil, aside(rule) }
}

func (w *world) getLogger(s step) (any, error) {
	name, ok := s.value("name").(string)
	if !ok && s.value("name") != nil { // None is Go's ""
		return nil, aside(ruleTypes)
	}
	l, err := w.get(name)
	if err != nil {
		return nil, err
	}
	return map[string]string{"logger": l.Name()}, nil
}

func (w *world) getChild(s step, l *Logger) (any, error) {
	if l == w.tree.Root() && s.text("suffix") == "" {
		return nil, unfit(ruleEmpty)
	}
	child, err := w.keep(l.Child(s.text("suffix")))
	if err != nil {
		return nil, err
	}
	return map[string]string{"logger": child.Name()}, nil
}

func loggerNames(ls []*Logger) []string {
	list := make([]string, len(ls))
	for i, l := range ls {
		list[i] = l.Name()
	}
	return list
}

func parent(l *Logger) any {
	if p := l.Parent(); p != nil {
		return p.Name()
	}
	return nil
}

// hasHandlers is Logger.hasHandlers, of what the API tells.
func hasHandlers(l *Logger) bool {
	for ; l != nil; l = l.Parent() {
		if len(l.Handlers()) > 0 {
			return true
		}
		if !l.Propagate() {
			return false
		}
	}
	return false
}

// loggerDict returns what All returns, and the names between that have no
// logger.
func (w *world) loggerDict() any {
	kinds := map[string]string{}
	for l := range w.tree.All() {
		if l == w.tree.Root() {
			continue
		}
		kinds[l.Name()] = "logger"
		for _, name := range pythonParents(l.Name()) {
			if kinds[name] == "" {
				kinds[name] = "placeholder"
			}
		}
	}
	list := [][2]string{}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, [2]string{name, kinds[name]})
	}
	return list
}

func (w *world) setLevel(s step, l *Logger) (any, error) {
	level, err := w.threshold(s.value("level"))
	if err == nil {
		l.SetLevel(level)
	}
	return nil, err
}

func (w *world) isEnabledFor(s step, l *Logger) (any, error) {
	level, err := w.recordLevel(s.value("level"))
	if err != nil {
		return nil, aside(err.Error()) // asking changes nothing
	}
	return l.Enabled(context.Background(), level), nil
}

func (w *world) repr(_ step, l *Logger) (any, error) {
	if w.rounded {
		return nil, aside(ruleRounded)
	}
	class := "Logger"
	if l.Parent() == nil {
		class = "RootLogger"
	}
	return fmt.Sprintf("<%s %s (%s)>", class, l.Name(), w.names.Name(l.EffectiveLevel())), nil
}

func (w *world) set(s step, l *Logger) (any, error) {
	switch s.text("attribute") {
	case "propagate":
		l.SetPropagate(truth(s.value("value")))
	case "disabled":
		l.SetDisabled(truth(s.value("value")))
	default:
		return nil, unfit(ruleStale)
	}
	return nil, nil
}

func (w *world) disable(s step) (any, error) {
	n := int64(50)
	if s.has("level") {
		level, err := w.threshold(s.value("level"))
		if err != nil {
			return nil, err
		}
		var isInt bool
		if n, isInt = s.value("level").(int64); !isInt {
			n = int64(formatters.PythonLevel(level))
		}
	}
	w.tree.Disable(blocked(n))
	return nil, nil
}

func (w *world) managerDisable(s step) (any, error) {
	n, ok := s.value("obs").(int64)
	if !ok {
		return nil, aside(ruleTypes)
	}
	if got, want := w.tree.disabled, blocked(n); got != want {
		return nil, fmt.Errorf("levels up to %v are disabled, want %v", got, want)
	}
	return n, nil
}

func (w *world) getLevelName(s step) (any, error) {
	switch v := s.value("level").(type) {
	case int64:
		if !exact(v) {
			return nil, aside(ruleRounded)
		}
		level := formatters.FromPythonLevel(int(v))
		w.nameLevel(level)
		return w.names.Name(level), nil
	case string:
		level, err := w.threshold(v)
		if _, ok := err.(aside); !ok && err != nil {
			return "Level " + v, nil // what CPython returns for names it doesn't know
		}
		return level, err
	}
	return nil, aside(ruleTypes)
}

func (w *world) addLevelName(s step) (any, error) {
	n, isInt := s.value("level").(int64)
	name, isText := s.value("name").(string)
	if !isInt || !isText {
		return nil, unfit(ruleTypes)
	}
	level := formatters.FromPythonLevel(int(n))
	w.rounded = w.rounded || !exact(n)
	w.names.Add(level, name)
	w.parse.Add(level, name)
	w.named[level], w.registered[name] = true, true
	return nil, nil
}

// levelNames checks that all names of CPython's mapping are known, and
// returns those that we know.
func (w *world) levelNames(step) (any, error) {
	known := map[string]int{}
	for name := range w.registered {
		level, err := w.parse.Parse(name)
		if err != nil {
			return nil, err
		}
		known[name] = formatters.PythonLevel(level)
	}
	return known, nil
}

func (w *world) setLastResort(s step) (any, error) {
	w.lastResort.Set(slog.Level(math.MaxInt)) // slog.DiscardHandler, as one that can change
	if truth(s.value("on")) {
		w.lastResort.Set(slog.LevelWarn)
	}
	return nil, nil
}
