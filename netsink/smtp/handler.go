// Package smtp sends records by mail, several in one: SMTPHandler of CPython, which
// sends a mail for each record, with the bounds that a bad night calls for.
package smtp

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
)

// A Handler sends records by mail. Use [NewHandler]; the zero value is not usable.
//
// Handle renders a record and puts it into the next mail, which goes when its first record has
// waited for Options.Interval and the mail before is Options.Pause old. One goroutine for each
// NewHandler sends; it ends at Close. What is derived from a Handler shares all that with it.
//
// A mail that can't be sent is sent again later; while it waits the next one is filled, and no more. One that
// the server refuses for good (5yz) is dropped at the third time. Mails are marked as made by a
// program (Auto-Submitted, RFC 3834), so that nobody's absence is answered to them.
type Handler struct {
	format formatters.Formatter
	level  slog.Leveler
	sender *sender
}

// NewHandler returns a Handler that sends by the server at an address of the form host:port. It
// does not connect before there is a mail. The error says what is wrong with the arguments, all at once.
func NewHandler(address string, o Options) (*Handler, error) {
	o, e, err := o.withDefaults(address)
	if err != nil {
		return nil, fmt.Errorf("smtp: %w", err)
	}
	return &Handler{format: o.Formatter, level: o.Level, sender: startSender(address, o, e)}, nil
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Handler) AddsContextAttrs() {}

// NeedsSource reports whether the formatter prints where records were made.
func (h *Handler) NeedsSource() bool {
	n, ok := h.format.(interface{ NeedsSource() bool })
	return !ok || n.NeedsSource()
}

// String describes h, as in "SMTP(mail.example.com:587) level ERROR".
func (h *Handler) String() string {
	return fmt.Sprintf("SMTP(%s) level %s", h.sender.address, formatters.LevelName(h.level.Level()))
}

// Enabled reports whether l is at or above the Handler's level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

// Handle puts r into the next mail, or has it counted there if that is full. The error, which wraps
// [netsink.ErrClosed], tells that the record came after Close.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	line := formatters.AppendRecord(h.format, nil, contextattrs.Attrs(ctx), &r)
	if err := h.sender.box.put(string(line)); err != nil {
		return fmt.Errorf("smtp: %s: %w", h.sender.address, err)
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

// Flush sends what there is at once, whatever Interval and Pause say. The error tells that the
// server has not taken it, nor refused it for good, within Options.CloseTimeout, or how many records were
// dropped meanwhile.
func (h *Handler) Flush() error { return h.sender.Flush() }

// Close sends what there is at once, and ends the goroutine. What the server has not taken by the
// end of ctx is dropped, and counted, and the error tells of it. The goroutine ends then as soon as
// OnError, or Options.Dial, lets it; Close waits for it no more than a tenth of a second longer.
// If ctx has no deadline, Options.CloseTimeout is one. A later call waits for the first, until its own context ends, and
// returns what that returns.
func (h *Handler) Close(ctx context.Context) error { return h.sender.Close(ctx) }

// Stats returns what h and all that share its mails have done.
func (h *Handler) Stats() Stats { return h.sender.box.stats() }
