package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// FlightOptions say what a [FlightRecorder] keeps, and when it shows it. The zero value
// keeps up to 1000 records below INFO of each request, 64 MiB in all, and shows them
// when the request logs at ERROR.
type FlightOptions struct {
	// Hold is the level below which the records of a request are kept back; others
	// pass at once. Nil is INFO.
	Hold slog.Leveler

	// Trigger is the level from which a record has those kept back shown before it. Nil is
	// ERROR.
	Trigger slog.Leveler

	// Slow is how long a request takes that is shown when it ends. 0 shows none for
	// that.
	Slow time.Duration

	// Records is how many are kept of a request: the newest. 0 is 1000.
	Records int

	// Bytes is how long the texts of all that is kept may be, of all requests, counted
	// as QueueOptions.Bytes, and 300 for each record. 0 is 64 MiB. A request for whose
	// record there is no room gives up its own oldest ones.
	Bytes int

	// OnError is told what the target does with records when there is no call that could
	// return it: it has ended the goroutine that showed them, and another one goes on. Of
	// more than five errors in a second it is told how many there were. Several goroutines
	// may call it at once. Nil prints to os.Stderr.
	OnError func(error)
}

// A FlightRecorder keeps the records of each request that are below a level in memory,
// and passes them on only if the request turns out to be worth a look: when it
// logs an error, or took long. Then they come in the order and with the times in
// which they were logged, before the error, and those after it come at once. If all is
// well, they are forgotten. So a program can log at DEBUG and have the file to show
// for it where it matters.
//
// What is a request says [FlightRecorder.Start]. Records whose context is of none
// pass if they are at or above FlightOptions.Hold. The logger must let pass
// what is to be kept, and so must the target.
//
// Of a request with more records than may be kept the target is told, by a record "N
// records discarded" at WARN before the rest.
//
// Errors and panics of the target come back from the call of Handle that shows
// records, or from the end of the request, joined. Records of one request that come while
// another goroutine shows them join that. There is nothing to flush or close: holding back
// is what it is for.
//
// Use [NewFlightRecorder]; the zero value is not usable.
type FlightRecorder struct {
	core *flightCore
	next slog.Handler
}

// flightCore is what all FlightRecorders derived from one share.
type flightCore struct {
	o       FlightOptions
	root    slog.Handler // gets the markers
	trouble trouble

	bytes                        atomic.Int64 // of what is kept
	in, out, dropped, unseen     atomic.Uint64
	failed, markers, held, shown atomic.Uint64
}

// NewFlightRecorder returns a FlightRecorder in front of next. It panics if next is nil.
func NewFlightRecorder(next slog.Handler, o FlightOptions) *FlightRecorder {
	mustHave("NewFlightRecorder", next)
	if o.Hold == nil {
		o.Hold = slog.LevelInfo
	}
	if o.Trigger == nil {
		o.Trigger = slog.LevelError
	}
	if o.Records <= 0 {
		o.Records = 1000
	}
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	next = Adopt(next)
	return &FlightRecorder{&flightCore{o: o, root: next, trouble: trouble{fn: o.OnError}}, next}
}

// flightKey finds the flight of a recorder in a context.
type flightKey struct{ core *flightCore }

// Start begins a request: records logged with the context that it returns, or one made
// from that, belong to it. The request ends when end is called, for which defer is
// the place: what is kept of it is forgotten, or shown if the request took
// FlightOptions.Slow or longer; then end returns the target's errors. Further calls of end do
// nothing. What a request that is never ended has kept goes when its context does.
// A request within a request is one of its own.
func (h *FlightRecorder) Start(ctx context.Context) (context.Context, func() error) {
	if ctx == nil {
		ctx = context.Background()
	}
	f := newFlight(h.core)
	return context.WithValue(ctx, flightKey{h.core}, f), f.end
}

// flight returns the request that ctx belongs to, nil if there is none.
func (c *flightCore) flight(ctx context.Context) *flight {
	if ctx == nil {
		return nil
	}
	f, _ := ctx.Value(flightKey{c}).(*flight)
	return f
}

// AddsContextAttrs marks handlers that add the context's attrs themselves.
func (h *FlightRecorder) AddsContextAttrs() {}

// Unwrap returns the target.
func (h *FlightRecorder) Unwrap() slog.Handler { return h.next }

// NeedsSource asks the target.
func (h *FlightRecorder) NeedsSource() bool { return NeedsSource(h.next) }

// String describes h, as in "FlightRecorder(File(app.log))".
func (h *FlightRecorder) String() string { return "FlightRecorder(" + describe(h.next) + ")" }

// Enabled reports whether a record of level l passes, or would be kept: it
// belongs to a request.
func (h *FlightRecorder) Enabled(ctx context.Context, l slog.Level) bool {
	if l < h.core.o.Hold.Level() {
		if f := h.core.flight(ctx); f == nil || !f.wants() {
			return false
		}
	}
	return h.next.Enabled(ctx, l)
}

// Handle passes r on, or keeps it.
func (h *FlightRecorder) Handle(ctx context.Context, r slog.Record) error {
	c := h.core
	c.in.Add(1)
	f := c.flight(ctx)
	low, severe := r.Level < c.o.Hold.Level(), r.Level >= c.o.Trigger.Level()
	switch {
	case f != nil && (low || severe):
		return f.add(ctx, h.next, r, low, severe)
	case low:
		c.unseen.Add(1)
		return nil
	}
	return c.pass(ctx, h.next, r)
}

// pass hands r over at once. It counts it when the target is done with it, or has
// panicked.
func (c *flightCore) pass(ctx context.Context, next slog.Handler, r slog.Record) error {
	c.held.Add(1)
	defer func() {
		c.out.Add(1)
		c.held.Add(^uint64(0))
	}()
	err := next.Handle(ctx, r)
	if err != nil {
		c.failed.Add(1)
	}
	return err
}

// WithAttrs returns a FlightRecorder that shares everything, and adds attrs to records.
func (h *FlightRecorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &FlightRecorder{h.core, h.next.WithAttrs(ResolveAttrs(attrs))}
}

// WithGroup returns a FlightRecorder that shares everything, and qualifies later attrs.
func (h *FlightRecorder) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &FlightRecorder{h.core, h.next.WithGroup(name)}
}

// WithLoggerName returns a FlightRecorder that shares everything, whose target knows
// the logger's name.
func (h *FlightRecorder) WithLoggerName(key, name string) slog.Handler {
	return &FlightRecorder{h.core, BindName(h.next, key, name)}
}

// FlightStats tell what a [FlightRecorder] and all derived from it have done. While
// nobody logs, In is Out + Dropped + Unseen + Held.
type FlightStats struct {
	In      uint64 // records that Handle was called with
	Out     uint64 // that the target is done with
	Dropped uint64 // kept, and discarded for want of room
	Unseen  uint64 // below Hold, of requests that ended well or of none
	Held    uint64 // that are kept, or are in the target
	Shown   uint64 // requests whose records were shown
	Failed  uint64 // of Out: the target returned an error, or panicked
	Markers uint64 // records of our own, "N records discarded", in none of the above
	Bytes   uint64 // how long what is kept is, see FlightOptions.Bytes
}

// Stats returns what h has done.
func (h *FlightRecorder) Stats() FlightStats {
	c := h.core
	return FlightStats{
		In: c.in.Load(), Out: c.out.Load(), Dropped: c.dropped.Load(), Unseen: c.unseen.Load(), Held: c.held.Load(),
		Shown: c.shown.Load(), Failed: c.failed.Load(), Markers: c.markers.Load(), Bytes: uint64(c.bytes.Load()),
	}
}

// mark tells the target that records are missing.
func (c *flightCore) mark(n uint64, at time.Time) error {
	r := slog.NewRecord(at, slog.LevelWarn, fmt.Sprintf("%d records discarded", n), 0)
	if !enabled(context.Background(), c.root, r.Level) {
		return nil
	}
	c.markers.Add(1)
	m := queued{next: c.root, r: r}
	return m.deliver(context.Background())
}
