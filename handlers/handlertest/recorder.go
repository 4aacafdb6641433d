package handlertest

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// An Entry is a record as a [Recorder] met it.
type Entry struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Logger  string         // the name told by WithLoggerName, "" if none was
	Groups  []string       // the groups that were open, outermost first
	Attrs   map[string]any // the context's, With's and its own; groups are maps
	PC      uintptr
}

// Map returns e in the form that [testing/slogtest] and [Run] read: its attrs,
// and under the keys "time", "level" and "msg" the rest. A zero time is left out.
func (e Entry) Map() map[string]any {
	m := map[string]any{}
	for k, v := range e.Attrs {
		m[k] = v
	}
	if !e.Time.IsZero() {
		m[slog.TimeKey] = e.Time
	}
	m[slog.LevelKey] = e.Level
	m[slog.MessageKey] = e.Message
	return m
}

// A Recorder is a handler that keeps every record for assertions. It is safe
// for use by several goroutines; everything derived from it records to the same
// place. LogValuers are resolved at once, and nothing that a caller could still
// change is kept, but for what pointers in attrs point to.
//
// Use [NewRecorder]; the zero value is not usable.
type Recorder struct {
	log    *entryLog
	level  slog.Leveler
	logger string
	steps  []step // never appended to in place
}

// entryLog is what all Recorders derived from one share.
type entryLog struct {
	mu      sync.Mutex
	entries []Entry
}

// NewRecorder returns a Recorder for records at or above level; nil is all.
func NewRecorder(level slog.Leveler) *Recorder {
	if level == nil {
		level = formatters.LevelNotSet
	}
	return &Recorder{log: &entryLog{}, level: level}
}

// Records returns what was recorded since the start or the last Reset, in
// order. The slice is the caller's; the maps in it must not be changed.
func (h *Recorder) Records() []Entry {
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	return slices.Clone(h.log.entries)
}

// Messages returns the messages of Records.
func (h *Recorder) Messages() []string {
	entries := h.Records()
	messages := make([]string, len(entries))
	for i, e := range entries {
		messages[i] = e.Message
	}
	return messages
}

// Results returns the maps of Records, as [Run] wants them.
func (h *Recorder) Results() []map[string]any {
	entries := h.Records()
	maps := make([]map[string]any, len(entries))
	for i, e := range entries {
		maps[i] = e.Map()
	}
	return maps
}

// Reset forgets what was recorded.
func (h *Recorder) Reset() {
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	h.log.entries = nil
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Recorder) AddsContextAttrs() {}

// String returns "Recorder".
func (h *Recorder) String() string { return "Recorder" }

// Enabled reports whether l is at or above the Recorder's level.
func (h *Recorder) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

// Handle records r.
func (h *Recorder) Handle(ctx context.Context, r slog.Record) error {
	e := Entry{Time: r.Time, Level: r.Level, Message: r.Message, Logger: h.logger, PC: r.PC}
	for _, s := range h.steps {
		if s.group != "" {
			e.Groups = append(e.Groups, s.group)
		}
	}
	e.Attrs = toMap(append(slices.Clone(contextattrs.Attrs(ctx)), nest(h.steps, recordAttrs(r))...))
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	h.log.entries = append(h.log.entries, e)
	return nil
}

func (h *Recorder) with(s step) *Recorder {
	c := *h
	c.steps = append(slices.Clip(h.steps), s)
	return &c
}

// WithAttrs returns a Recorder that adds attrs to each record.
func (h *Recorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(step{attrs: contextattrs.Resolve(attrs, nil)})
}

// WithGroup returns a Recorder that puts later attrs into the group.
func (h *Recorder) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(step{group: name})
}

// WithLoggerName returns a Recorder that knows the logger's name. The key is
// not used: the name is in [Entry.Logger].
func (h *Recorder) WithLoggerName(_, name string) slog.Handler {
	c := *h
	c.logger = name
	return &c
}
