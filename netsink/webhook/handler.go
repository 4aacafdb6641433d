// Package webhook sends records by HTTP, in batches: to collectors that take JSON,
// and to whatever else takes a POST. It is what HTTPHandler of CPython is for, which
// sends each record by a request of its own.
package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// A Handler sends records by POST requests. Use [NewHandler]; the zero value is not usable.
//
// Handle renders a record and puts it into a buffer. One goroutine for each NewHandler sends
// what is in the buffer, one request at a time and in order. It ends at Close. What is
// derived from a Handler shares all that with it.
//
// The server takes a batch by answering 2xx. A request that fails, or that is answered by 408, 429 or
// 5xx, is sent again, after a pause. One too large for the server (413) is sent again in halves.
// Any other answer refuses the batch: its records are dropped. A batch may
// arrive twice, if the answer to the first got lost.
//
// A redirect is followed only to the same host and scheme and if it keeps the method (307, 308),
// so that neither records nor credentials go where nobody has sent them. Errors name
// the host, but neither the URL's password, path and query nor headers, nor what the server says.
type Handler struct {
	format formatters.Formatter
	level  slog.Leveler
	sender *sender
}

// NewHandler returns a Handler that sends to a URL of http or https. It sends nothing
// before a record comes. The error says what is wrong with the arguments, all at once.
func NewHandler(target string, o Options) (*Handler, error) {
	o, u, err := o.withDefaults(target)
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return &Handler{format: o.Formatter, level: o.Level, sender: startSender(u, o)}, nil
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Handler) AddsContextAttrs() {}

// NeedsSource reports whether the formatter prints where records were made.
func (h *Handler) NeedsSource() bool {
	n, ok := h.format.(interface{ NeedsSource() bool })
	return !ok || n.NeedsSource()
}

// String describes h, as in "Webhook(https://logs.example.com)".
func (h *Handler) String() string { return "Webhook(" + origin(h.sender.url) + ")" }

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// Enabled reports whether l is at or above the Handler's level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return h.level == nil || l >= h.level.Level()
}

// Handle puts r into the buffer. It waits no longer than Options.MaxWait, and for nothing
// but room. The error tells that the record was dropped; it wraps [netsink.ErrFull] or
// [netsink.ErrClosed].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	line := formatters.AppendRecord(h.format, nil, contextattrs.Attrs(ctx), &r)
	if err := h.sender.put(line); err != nil {
		return fmt.Errorf("webhook: %s: %w", origin(h.sender.url), err)
	}
	return nil
}

// WithAttrs returns a Handler that sends attrs with each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.format.WithAttrs(attrs))
}

// WithGroup returns a Handler that qualifies later attrs by name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.format.WithGroup(name))
}

// WithLoggerName returns a Handler that sends name as the logger's.
func (h *Handler) WithLoggerName(key, name string) slog.Handler {
	return h.with(h.format.WithLoggerName(key, name))
}

func (h *Handler) with(f formatters.Formatter) *Handler {
	return &Handler{format: f, level: h.level, sender: h.sender}
}

// Flush sends what is in the buffer, and waits until the server has taken, or refused, all
// that Handle has put there so far. The error tells that it did not within Options.CloseTimeout, or
// how many records were dropped meanwhile.
func (h *Handler) Flush() error { return h.sender.Flush() }

// Close sends what is in the buffer and ends the goroutine. What the server has not taken by
// the end of ctx is dropped, and counted, and the error tells of it, and what the last request failed with. The goroutine ends then
// as soon as OnError, or the Client, lets it; Close waits for it no more than a tenth of a
// second longer. If ctx has no deadline, Options.CloseTimeout is
// one. A later call waits for the first, until its own context
// ends, and returns what that returns.
func (h *Handler) Close(ctx context.Context) error { return h.sender.Close(ctx) }

// Stats returns what h and all that share its buffer have done.
func (h *Handler) Stats() Stats { return h.sender.queue.stats() }
