package config

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

// A Plan is what applying a configuration changes, or has changed. The zero
// value changes nothing.
type Plan struct {
	// Handlers are the handlers of the configuration, and those of the one before that go, by name.
	Handlers []HandlerChange `json:"handlers,omitempty"`

	// Loggers are the loggers that change, by name, the root first.
	Loggers []LoggerChange `json:"loggers,omitempty"`

	// Muted are those of them that are disabled because they exist and the document does not
	// name them: disable_existing_loggers.
	Muted []string `json:"muted,omitempty"`

	// Ignored are keys of the document that mean nothing, as Python ignores them.
	Ignored []*Error `json:"ignored,omitempty"`
}

// A HandlerChange is what becomes of one handler.
type HandlerChange struct {
	Name string `json:"name"`

	// Action is "open" for one that is new, "keep" for one that stays as it is, "close" for
	// one that goes (if no other logger has it), "reopen" for one that is closed and made anew, and
	// "wrap" for one that stays open with another level or other filters.
	Action string `json:"action"`

	Old string `json:"old,omitempty"` // what it was, in words
	New string `json:"new,omitempty"` // what it is
}

// A LoggerChange is one thing that changes of one logger.
type LoggerChange struct {
	Name string `json:"name"` // "root" is the root
	What string `json:"what"` // "level", "handlers", "filters", "propagate" or "disabled"
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Empty reports whether nothing changes.
func (p *Plan) Empty() bool {
	return len(p.Loggers) == 0 && !slices.ContainsFunc(p.Handlers, func(h HandlerChange) bool { return h.Action != "keep" })
}

// String returns the changes as a diff, a line each: + before what is new, - before what
// goes, ~ before what changes. It is "no changes" if there are none.
func (p *Plan) String() string {
	var b strings.Builder
	for _, h := range p.Handlers {
		switch h.Action {
		case "open":
			fmt.Fprintf(&b, "+ handler %s: %s\n", printable(h.Name), h.New)
		case "close":
			fmt.Fprintf(&b, "- handler %s: %s\n", printable(h.Name), h.Old)
		case "reopen", "wrap":
			fmt.Fprintf(&b, "~ handler %s: %s -> %s (%s)\n", printable(h.Name), h.Old, h.New, map[string]string{"reopen": "opened anew", "wrap": "stays open"}[h.Action])
		}
	}
	for _, l := range p.Loggers {
		muted := ""
		if l.What == "disabled" && slices.Contains(p.Muted, l.Name) {
			muted = " (the document does not name it)"
		}
		fmt.Fprintf(&b, "~ logger %s: %s %s -> %s%s\n", printable(l.Name), l.What, orNone(l.Old), orNone(l.New), muted)
	}
	for _, e := range p.Ignored {
		fmt.Fprintf(&b, "! %v\n", e)
	}
	if b.Len() == 0 {
		return "no changes\n"
	}
	return b.String()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// printable quotes a name that could forge or break a line.
func printable(name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == '"' || r >= 0x7f && !isPrint(r) }) {
		return fmt.Sprintf("%q", name)
	}
	return name
}

// A Report is what Apply did.
type Report struct {
	Plan
}

// describe returns a handler in words.
func (b *built) describe() string {
	if b == nil {
		return ""
	}
	return b.def.describe()
}

// describe returns kind, options, level, formatter and filters.
func (d *definition) describe() string {
	s := d.kind.Name
	if len(d.given) > 0 {
		s += " " + d.options
	}
	if d.level != formatters.LevelNotSet && d.kind.Handler != nil {
		s += " level " + formatters.LevelName(d.level)
	}
	if d.formatter != nil {
		s += " format " + d.formatter.describe()
	}
	for _, f := range d.filters {
		s += " filter " + f.describe()
	}
	return s
}

// handlerNames returns handlers as the names that configurations gave them.
func (t *transition) handlerNames(hs []slog.Handler) string {
	names := make([]string, len(hs))
	for i, h := range hs {
		names[i] = t.handlerName(h)
	}
	return strings.Join(names, ", ")
}

func (t *transition) handlerName(h slog.Handler) string {
	if isComparable(h) && t.called[h] != "" {
		return t.called[h]
	}
	return fmt.Sprint(h)
}

// nameHandlers notes what handlers are called: what is new last, since it counts.
func (t *transition) nameHandlers() {
	t.called = map[slog.Handler]string{}
	for _, b := range t.st.left {
		t.call(b, printable(b.def.name)+" of an earlier configuration")
	}
	for _, of := range []map[string]*built{t.st.handlers, t.next} {
		for name, b := range of {
			t.call(b, printable(name))
		}
	}
}

func (t *transition) call(b *built, name string) {
	if isComparable(b.top) {
		t.called[b.top] = name
	}
}

func filterNames(fs []handlers.Filter) string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = fmt.Sprint(f)
	}
	return strings.Join(names, ", ")
}

func sortedKeys[V any](maps_ ...map[string]V) []string {
	all := map[string]bool{}
	for _, m := range maps_ {
		for k := range m {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
