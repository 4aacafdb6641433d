package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/slogtree"
)

// A listing is the answer for all loggers.
type listing struct {
	Levels  []string         `json:"levels"`
	Loggers map[string]state `json:"loggers"`
	Groups  struct{}         `json:"groups"` // Spring has them, and its clients look for them
}

// An answer is what is said of one logger.
type answer struct {
	state
	Explanation string `json:"explanation"`
	Overruled   bool   `json:"overruled,omitempty"` // the level was set, but a rule of SLOG_LEVELS decides
}

// serveLoggers answers GET /loggers, and that of one.
func (h *handler) serveLoggers(w http.ResponseWriter, r *http.Request, q url.Values) *fault {
	if q.Has("name") {
		return h.serveLogger(w, q.Get("name"))
	}
	list := listing{Levels: h.levels(), Loggers: map[string]state{}}
	var odd []*slogtree.Logger
	for l := range h.tree.All() {
		if !utf8.ValidString(l.Name()) {
			odd = append(odd, l)
			continue
		}
		list.Loggers[l.Name()] = h.state(l)
	}
	for _, l := range odd { // last, for keys that no other logger has
		list.Loggers[key(l.Name(), list.Loggers)] = h.state(l)
	}
	writeJSON(w, http.StatusOK, list)
	return nil
}

func (h *handler) serveLogger(w http.ResponseWriter, name string) *fault {
	l := h.tree.Lookup(name)
	if l == nil {
		return unknown(name)
	}
	writeJSON(w, http.StatusOK, h.answer(l))
	return nil
}

func (h *handler) answer(l *slogtree.Logger) answer {
	return answer{state: h.state(l), Explanation: h.tree.Explain(l.Name())}
}

func unknown(name string) *fault {
	f := wrong(name, nil, "there is no logger of this name")
	f.status = http.StatusNotFound
	return f
}

// A change is what POST asks for.
type change struct {
	Level *string `json:"configuredLevel"` // nil resets, as Spring has it
	For   *string `json:"for"`             // how long; nil for ever

	level slog.Level
	lasts time.Duration
}

// setLevel answers POST /loggers/{name}.
func (h *handler) setLevel(w http.ResponseWriter, r *http.Request, q url.Values) *fault {
	name := q.Get("name")
	c, bad := h.readChange(w, r, name)
	asked := Action{Kind: SetLevel, Logger: name}
	if c.Level != nil {
		asked.Level = *c.Level
	}
	if f := h.admit(r, asked); f != nil {
		return f
	}
	if bad != nil {
		return bad
	}
	l, f := h.target(name, c)
	if f != nil {
		return f
	}
	before := h.state(l).Configured
	if f := h.apply(l, c); f != nil {
		return f
	}
	a := h.answer(l)
	a.Overruled = l.Level() != c.level
	h.audit(r.Context(), "level changed", c.attrs(h, l, before, r)...)
	writeJSON(w, http.StatusOK, a)
	return nil
}

// attrs are those of the audit record.
func (c change) attrs(h *handler, l *slogtree.Logger, before *string, r *http.Request) []slog.Attr {
	old := "inherited"
	if before != nil {
		old = *before
	}
	attrs := []slog.Attr{
		slog.String("name", l.Name()),
		slog.String("from", old),
		slog.String("to", levelText(l, h.tree, c.level)),
		slog.String("remote", r.RemoteAddr),
	}
	if c.lasts > 0 {
		attrs = append(attrs, slog.Duration("for", c.lasts))
	}
	return attrs
}

// levelText names a level that l has or had of its own.
func levelText(l *slogtree.Logger, t *slogtree.Tree, level slog.Level) string {
	if level == slogtree.LevelNotSet && l != t.Root() {
		return "inherited"
	}
	return t.Levels().Name(level)
}

// readChange reads the body of a POST.
func (h *handler) readChange(w http.ResponseWriter, r *http.Request, name string) (c change, bad *fault) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return c, refusal(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", maxBody)
	} else if err != nil {
		return c, refusal(http.StatusBadRequest, "the body can't be read")
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, wrong(string(body), []string{`{"configuredLevel":"DEBUG"}`, `{"configuredLevel":null}`, `{"configuredLevel":"DEBUG","for":"10m"}`}, "the body is not what is expected: %v", err)
	}
	if d.More() {
		return c, wrong(string(body), nil, "something follows the JSON object")
	}
	return c, c.parse(h, name)
}

// parse checks the values of a change.
func (c *change) parse(h *handler, name string) *fault {
	c.level = slogtree.LevelNotSet
	if c.Level != nil {
		l, err := h.tree.Levels().Parse(*c.Level)
		if err != nil {
			return wrong(*c.Level, append(h.levels(), "NOTSET", "null"), "an unknown level")
		}
		c.level = l
	} else if h.tree.Lookup(name) == h.tree.Root() {
		return wrong("null", h.levels(), "the root logger inherits from nobody; NOTSET lets everything through")
	}
	if c.For != nil {
		d, err := time.ParseDuration(*c.For)
		if err != nil || d <= 0 || d > maxFor {
			return wrong(*c.For, []string{"30s", "10m", "1h30m"}, "no time that a level could have, up to %v", maxFor)
		}
		c.lasts = d
	}
	return nil
}

// target returns the logger that a change is for.
func (h *handler) target(name string, c change) (*slogtree.Logger, *fault) {
	if l := h.tree.Lookup(name); l != nil {
		return l, nil
	}
	if !h.options.Create || c.level == slogtree.LevelNotSet {
		return nil, unknown(name)
	}
	if len(name) > maxName || !utf8.ValidString(name) {
		return nil, wrong(name, nil, "a logger is made here only if its name is UTF-8 of at most %d bytes", maxName)
	}
	if !h.created.take() {
		return nil, tooBusy("%d loggers have been made here, and no more will be", maxCreated)
	}
	return h.tree.Get(name), nil
}

// apply sets the level.
func (h *handler) apply(l *slogtree.Logger, c change) *fault {
	if c.lasts == 0 {
		h.expiries.forget(l.Name(), func() { l.SetLevelBy(c.level, "admin") })
		return nil
	}
	p := &pending{logger: l, level: c.level, until: time.Now().Add(c.lasts).Round(time.Millisecond)}
	p.by = fmt.Sprintf("admin for %v, until %s", c.lasts, p.until.Format(time.RFC3339))
	ok := h.expiries.add(p, c.lasts, func() {
		h.audit(h.options.Context, "level expired", p.attrs(h.tree)...)
	})
	if !ok {
		return tooBusy("%d levels are set for a time already", maxPending)
	}
	return nil
}

// A budget is what is left of something.
type budget struct {
	mu   sync.Mutex
	left int
}

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

// An explanation is the answer of /explain.
type explanation struct {
	Name        string `json:"name"`
	Exists      bool   `json:"exists"`
	Explanation string `json:"explanation"`
	Path        []stop `json:"path"` // where its records go
}

// A stop is a logger whose handlers get a record.
type stop struct {
	Logger   string   `json:"logger"`
	Handlers []string `json:"handlers"`
	Filters  []string `json:"filters,omitempty"`      // asked for the logger's own records alone
	Last     bool     `json:"propagateOff,omitempty"` // nobody above gets any
}

// serveExplain answers GET /explain, for a logger that exists or does not.
func (h *handler) serveExplain(w http.ResponseWriter, _ *http.Request, q url.Values) *fault {
	name := q.Get("name")
	e := explanation{Name: cut(name, maxText), Explanation: h.tree.Explain(name), Path: []stop{}}
	l := h.tree.Lookup(name)
	e.Exists = l != nil
	for at := name; l == nil; l = h.tree.Lookup(at) {
		at = at[:max(0, strings.LastIndexByte(at, '.'))]
	}
	for ; l != nil; l = l.Parent() {
		s := l.Setting()
		step := stop{Logger: cut(l.Name(), maxText), Handlers: []string{}, Last: !s.Propagate}
		for _, own := range s.Handlers[:min(len(s.Handlers), maxListed)] {
			step.Handlers = append(step.Handlers, describe(own))
		}
		if e.Exists && len(e.Path) == 0 {
			for _, f := range s.Filters[:min(len(s.Filters), maxListed)] {
				step.Filters = append(step.Filters, describe(f))
			}
		}
		e.Path = append(e.Path, step)
		if !s.Propagate {
			break
		}
	}
	e.Path = slices.Clip(e.Path)
	writeJSON(w, http.StatusOK, e)
	return nil
}
