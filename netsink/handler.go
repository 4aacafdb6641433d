// Package netsink sends records over a network, to CPython's logging or to package
// receiver: it is SocketHandler and DatagramHandler of CPython.
package netsink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// ErrClosed is wrapped by what Handle returns after Close.
var ErrClosed = errors.New("the handler is closed")

// ErrFull is wrapped by what Handle returns when there was no room for a record.
var ErrFull = errors.New("the buffer is full, the record is dropped")

// ErrDown is wrapped by what Handle returns with Options.FailDown while the last attempt to
// connect has failed.
var ErrDown = errors.New("there is no connection, the record is refused")

// A Handler sends records. Use [NewHandler]; the zero value is not usable.
//
// Handle encodes a record and copies it into a buffer. One goroutine for each NewHandler makes the
// connection when the first record comes, and writes what is in the buffer, many records
// at once. It ends at Close. What is derived from a Handler shares all that with it.
//
// A peer that closes the connection, or resets it, is noticed before the next write. A record of
// which only a part was written is sent again, whole, through the next connection. What
// was written before may be lost, and is told, see [UnconfirmedError].
//
// It is not in doubt where the connection ends in order. If the Handler closes it, the
// peer has to read to the end and close. A peer of package receiver that is about to end says so, the Handler
// closes its side, and the peer says when it has read all. What was sent to any other that closes first is
// in doubt. So that package receiver knows whom it may tell, the first frame of a connection ends with three
// blanks, which readers of pickles and of JSON ignore. Datagrams are never known to arrive.
type Handler struct {
	encoder *logrecord.Encoder
	name    string // the logger's
	level   slog.Leveler
	sender  *sender
}

// NewHandler returns a Handler that sends to an address of a network: tcp, tcp4, tcp6,
// unix, udp, udp4, udp6 or unixgram, as [net.Dial] has them. It does not wait for a
// connection. The error says what is wrong with the arguments, all at once.
func NewHandler(network, address string, o Options) (*Handler, error) {
	o, err := o.withDefaults(network, address)
	if err != nil {
		return nil, fmt.Errorf("netsink: handler for %q %q: %w", network, address, err)
	}
	e := logrecord.NewEncoder(o.Protocol == JSON, o.MaxRecordBytes)
	return &Handler{encoder: e, level: o.Level, sender: startSender(network, address, o, e)}, nil
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *Handler) AddsContextAttrs() {}

// NeedsSource reports that records are sent with the place where they were made.
func (h *Handler) NeedsSource() bool { return true }

// String describes h, as in "Socket(tcp 127.0.0.1:9020)", or Datagram.
func (h *Handler) String() string {
	s := h.sender.String()
	if h.level != nil {
		s += fmt.Sprintf(" level %v", h.level.Level())
	}
	return s
}

// Enabled reports whether l is at or above the Handler's level.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return h.level == nil || l >= h.level.Level()
}

// Handle puts r into the buffer. It waits no longer than Options.MaxWait, and for nothing but
// room. The error tells that the record was dropped, and wraps [ErrFull] or [ErrClosed]; or
// that it was refused, and wraps [ErrDown].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if err := h.sender.refuse(); err != nil {
		return err
	}
	buf := getBuffer()
	p := frame.Begin(*buf)
	p = h.encoder.Append(p, contextattrs.Attrs(ctx), &r)
	frame.End(p, 0)
	err := h.sender.put(p, h.name)
	*buf = p
	putBuffer(buf)
	return err
}

// WithAttrs returns a Handler that sends attrs with each record.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(h.encoder.WithAttrs(attrs))
}

// WithGroup returns a Handler that qualifies later attrs by name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(h.encoder.WithGroup(name))
}

// WithLoggerName returns a Handler that sends name as the logger's.
func (h *Handler) WithLoggerName(_, name string) slog.Handler {
	named := h.with(h.encoder.WithLoggerName(name))
	named.name = name
	return named
}

func (h *Handler) with(e *logrecord.Encoder) *Handler {
	return &Handler{encoder: e, name: h.name, level: h.level, sender: h.sender}
}

// Flush waits until all records that Handle has taken so far are handed to the system, or
// dropped to make room. The error tells that they were not within Options.CloseTimeout.
func (h *Handler) Flush() error { return h.sender.flush() }

// Close sends what is in the buffer and ends the connection, waiting until the peer
// has read all, as far as that shows. What can't be sent by the end of ctx is dropped, and
// counted, and the error tells of it. If ctx has no deadline, Options.CloseTimeout is one. Only the
// first call does that, for everything derived from h too; others wait for it, until their own
// context ends, and return what it returns. An OnError that is under way is not waited for.
func (h *Handler) Close(ctx context.Context) error { return h.sender.close(ctx) }

// Stats returns what h and all that share its connection have done.
func (h *Handler) Stats() Stats { return h.sender.stats() }

// maxPooled is the capacity above which a buffer is left to the garbage collector.
const maxPooled = 64 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func getBuffer() *[]byte { return buffers.Get().(*[]byte) }

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}
