package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// Bounds of what one record takes.
const (
	maxMessage = 4 << 10
	maxAttrs   = 8 << 10
)

// A line is a record as those who watch get it.
type line struct {
	Time    time.Time `json:"time,omitzero"`
	Level   string    `json:"level"`
	Number  int       `json:"n"` // of the level, as slog has it
	Logger  string    `json:"logger"`
	Message string    `json:"message"`
	Attrs   string    `json:"attrs,omitempty"` // key=value, then the text of an exception
	Source  string    `json:"source,omitempty"`
}

// attrsAlone renders what is neither the message nor another field.
var attrsAlone = formatters.Must(formatters.Percent("%(attrs)s", nil))

// A tailHandler gives records to the hub. It is among the watchers of the tree, and
// never fails.
type tailHandler struct {
	hub    *hub
	logger string
	attrs  formatters.Formatter
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (t *tailHandler) AddsContextAttrs() {}

// NeedsSource says that the place of a call is shown.
func (t *tailHandler) NeedsSource() bool { return true }

// String returns "Tail".
func (t *tailHandler) String() string { return "Tail" }

// Enabled reports whether anybody wants records of that level.
func (t *tailHandler) Enabled(_ context.Context, l slog.Level) bool {
	return int64(l) >= t.hub.level.Load()
}

// Handle renders r, unless nobody wants it, and gives it to all who do.
func (t *tailHandler) Handle(ctx context.Context, r slog.Record) error {
	if !t.hub.wants(r.Level, t.logger) {
		return nil
	}
	text := line{
		Time:    r.Time,
		Level:   t.hub.tree.Levels().Name(r.Level),
		Number:  int(r.Level),
		Logger:  cut(t.logger, maxText),
		Message: cut(r.Message, maxMessage),
		Attrs:   cut(string(t.attrs.Append(nil, contextattrs.Attrs(ctx), r)), maxAttrs),
	}
	if s := r.Source(); s != nil {
		text.Source = cut(fmt.Sprintf("%s:%d", path.Base(s.File), s.Line), 200)
	}
	data, err := json.Marshal(text)
	if err != nil { // a year that JSON does not have
		text.Time = time.Time{}
		data, _ = json.Marshal(text)
	}
	t.hub.publish(&record{level: r.Level, logger: t.logger, data: data})
	return nil
}

// WithAttrs returns a handler whose records have these attrs.
func (t *tailHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &tailHandler{t.hub, t.logger, t.attrs.WithAttrs(attrs)}
}

// WithGroup returns a handler whose later attrs are in a group.
func (t *tailHandler) WithGroup(name string) slog.Handler {
	return &tailHandler{t.hub, t.logger, t.attrs.WithGroup(name)}
}

// WithLoggerName tells the handler the logger's name.
func (t *tailHandler) WithLoggerName(key, name string) slog.Handler {
	return &tailHandler{t.hub, name, t.attrs.WithLoggerName(key, name)}
}

// A record is one on its way to those who watch.
type record struct {
	id     uint64 // counts from 1
	level  slog.Level
	logger string
	data   []byte // JSON, without line breaks
}

// size is about what the record takes.
func (r *record) size() int { return len(r.data) + len(r.logger) + 100 }

// A selection says which records somebody wants.
type selection struct {
	level slog.Level
	name  string // of a logger; those below it belong to it; "" is all
}

// takes reports whether a record is one of them.
func (s selection) takes(level slog.Level, logger string) bool {
	if level < s.level {
		return false
	}
	rest, ok := strings.CutPrefix(logger, s.name)
	return s.name == "" || ok && (rest == "" || rest[0] == '.')
}
