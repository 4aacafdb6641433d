// Package netsink sends records over a network, to CPython's logging or to package
// receiver: it is SocketHandler and DatagramHandler of CPython.
package netsink

import (
	"context"
	"errors"
	"log/slog"
)

// A Handler sends records. Use [NewHandler]; the zero value is not usable.
type Handler struct {
}

// NewHandler returns a Handler that sends to an address of a network: tcp, tcp4, tcp6,
// unix, udp, udp4, udp6 or unixgram, as [net.Dial] has them. It does not wait for a
// connection. The error says what is wrong with the arguments, all at once.
func NewHandler(network, address string, o Options) (*Handler, error) {
	return nil, errors.New("not yet")
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Handler) AddsContextAttrs() {}

// NeedsSource reports that records are sent with the place where they were made.
func (h *Handler) NeedsSource() bool { return true }

// String describes h, as in "Socket(tcp 127.0.0.1:9020)".
func (h *Handler) String() string { return "" }

// Enabled reports whether l is at or above the Handler's level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool { return false }

// Handle puts r into the buffer. It waits no longer than Options.MaxWait. The error tells
// that the record was dropped.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error { return nil }

// WithAttrs returns a Handler that sends attrs with each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler { return h }

// WithGroup returns a Handler that qualifies later attrs by name.
func (h *Handler) WithGroup(name string) slog.Handler { return h }

// WithLoggerName returns a Handler that sends name as the logger's.
func (h *Handler) WithLoggerName(_, name string) slog.Handler { return h }

// Flush waits until all records that Handle has taken so far are handed to the system.
func (h *Handler) Flush() error { return nil }

// Close sends what is in the buffer and ends the connection, waiting until the peer
// has read all, as far as that shows. What can't be sent by the end of ctx is dropped, and
// counted.
func (h *Handler) Close(ctx context.Context) error { return nil }

// Stats returns what h and all that share its connection have done.
func (h *Handler) Stats() Stats { return Stats{} }
