package admin

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slogsuite/slogsuite/slogtree"
)

// A state is what the API says of a logger. The first two fields are those of
// Spring Boot Actuator.
type state struct {
	Configured *string    `json:"configuredLevel"` // null inherits
	Effective  string     `json:"effectiveLevel"`
	Disabled   bool       `json:"disabled,omitempty"`
	NoParent   bool       `json:"propagateOff,omitempty"`
	Until      *time.Time `json:"until,omitempty"` // when the configured level expires
	Raw        string     `json:"raw,omitempty"`   // the name percent-encoded, if it is not UTF-8

	handlers, filters int
}

// state returns what is to be said of l.
func (h *handler) state(l *slogtree.Logger) state {
	setting, names := l.Setting(), h.tree.Levels()
	s := state{
		Effective: names.Name(l.EffectiveLevel()),
		Disabled:  setting.Disabled,
		NoParent:  !setting.Propagate,
		Raw:       raw(l.Name()),
		handlers:  len(setting.Handlers),
		filters:   len(setting.Filters),
	}
	if own := l.Level(); own != slogtree.LevelNotSet || l == h.tree.Root() {
		name := names.Name(own)
		s.Configured = &name
	}
	if p, ok := h.expiries.of(l.Name()); ok && setting.By == p.by && setting.Level == p.level {
		s.Until = &p.until
	}
	return s
}

// raw returns name as the parameter of a query, if JSON can't hold it.
func raw(name string) string {
	if utf8.ValidString(name) {
		return ""
	}
	return url.QueryEscape(name)
}

// key returns the name as a key of JSON that taken does not have: of names that are
// no UTF-8, several may look the same.
func key(name string, taken map[string]state) string {
	k := strings.ToValidUTF8(name, "\uFFFD")
	for k != name {
		if _, ok := taken[k]; !ok {
			return k
		}
		k += "\uFFFD"
	}
	return k
}

// levels returns the names of all levels, the most severe first, as Spring has them.
func (h *handler) levels() []string {
	names := h.tree.Levels()
	var all []string
	for _, l := range names.Levels() {
		all = append([]string{names.Name(l)}, all...)
	}
	return all
}
