package receiver

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

// A feed is where records come from: a connection, or a socket for datagrams. But for its
// tally it belongs to one goroutine.
type feed struct {
	*state
	ctx     context.Context // what handlers get
	decoder decoder
	peer    string
	packet  []byte // where datagrams are read into

	name    string // of the last record's logger
	handler slog.Handler
	named   bool // there was one

	tally tally
}

// take takes what stands in a frame. The error says why it is refused.
func (f *feed) take(p []byte) error {
	name, r, err := f.decode(p)
	if err != nil {
		f.tally.refused.Add(1)
		return err
	}
	f.tally.records.Add(1)
	f.tally.bytes.Add(uint64(frame.HeaderLen + len(p)))
	if f.logger != "" {
		name = f.logger
	}
	f.deliver(name, &r)
	return nil
}

// decode is the decoder's Decode. A mistake of ours costs a record and no more.
func (f *feed) decode(p []byte) (name string, r slog.Record, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return f.decoder.Decode(p)
}

// deliver gives r to the handler of a logger. What a handler does wrong is told, and the
// next record comes.
func (f *feed) deliver(name string, r *slog.Record) {
	var err error
	returned := false
	defer func() {
		if !returned { // if nothing is recovered, the handler is ending the goroutine
			err = panicked(recover())
		}
		if err != nil {
			f.tally.failed.Add(1)
			f.report.tell(&Error{Peer: f.peer, Offset: -1, Err: fmt.Errorf("logger %s: %w", quoteName(name), err)})
		}
	}()
	err = f.handle(name, r)
	returned = true
}

// maxToldName is how many characters of a name are told: a peer may send as long ones as a frame has room for.
const maxToldName = 200

// quoteName returns a logger's name for the text of an error.
func quoteName(name string) string {
	n := 0
	for i := range name {
		if n++; n > maxToldName {
			return strconv.Quote(name[:i]) + "..."
		}
	}
	return strconv.Quote(name)
}

func (f *feed) handle(name string, r *slog.Record) error {
	if !f.named || name != f.name {
		f.handler = f.targets.get(name)
		f.name, f.named = name, true
	}
	if f.handler == nil || !f.handler.Enabled(f.ctx, r.Level) {
		f.tally.skipped.Add(1)
		return nil
	}
	return f.handler.Handle(f.ctx, *r)
}

// A panicError tells of a panic in code that is not ours.
type panicError struct {
	value any
	stack []byte
}

func panicked(value any) error {
	if value == nil {
		return fmt.Errorf("the goroutine was ended")
	}
	return &panicError{value, debug.Stack()}
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// Stack returns where it was.
func (e *panicError) Stack() []byte { return e.stack }

func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}
