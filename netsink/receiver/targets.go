package receiver

import (
	"log/slog"
	"sync"
)

// Handlers are kept for so many names, or up to twice as many, of up to so many bytes. A peer may
// invent names without end.
const (
	maxNames   = 2048
	maxNameLen = 512
)

// nameKey is the key of the attr that tells handlers a logger's name which have no other
// way to learn it.
const nameKey = "logger"

// targets keep the handlers for the names of loggers. When young is full it becomes old,
// and what was old and not asked for since is forgotten: names that
// are in use stay, whatever else comes.
type targets struct {
	target func(string) slog.Handler

	mu         sync.Mutex
	young, old map[string]slog.Handler
}

// get returns the handler of a logger, nil if there is none.
func (t *targets) get(name string) slog.Handler {
	if h, ok := t.kept(name); ok {
		return h
	}
	h := bindName(t.target(name), name)
	if len(name) <= maxNameLen {
		t.keep(name, h)
	}
	return h
}

func (t *targets) kept(name string) (h slog.Handler, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h, ok = t.young[name]; ok {
		return h, true
	}
	if h, ok = t.old[name]; ok {
		t.put(name, h)
	}
	return h, ok
}

func (t *targets) keep(name string, h slog.Handler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(name, h)
}

// put has room for a handler. The caller holds mu.
func (t *targets) put(name string, h slog.Handler) {
	if t.young == nil || len(t.young) >= maxNames {
		t.young, t.old = map[string]slog.Handler{}, t.young
	}
	t.young[name] = h
}

// bindName returns h knowing the logger's name. It is BindName of package handlers. A
// handler of a tree takes the name that it has in place of itself.
func bindName(h slog.Handler, name string) slog.Handler {
	if h == nil {
		return nil
	}
	if n, ok := h.(interface {
		WithLoggerName(key, name string) slog.Handler
	}); ok {
		return n.WithLoggerName(nameKey, name)
	}
	return h.WithAttrs([]slog.Attr{slog.String(nameKey, name)})
}
