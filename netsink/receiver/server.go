// Package receiver takes records from a network, as CPython's SocketHandler and
// DatagramHandler and package netsink send them, and gives them to handlers.
package receiver

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A Server receives records. It executes nothing that a peer sends, and creates no logger
// for a name of its. Target has to be set; the fields must not be changed once it serves. It may serve
// several listeners at once, which share its limits. It must not be copied.
//
// Each connection has a goroutine, which reads a record, gives it to its handler, and reads
// the next: records of one connection keep their order, and a handler that takes long
// holds up its own connections alone.
type Server struct {
	// Target returns the handler for the records of a logger, nil to drop them. It may be called
	// from several goroutines, once or more for a name, and what it returns is used
	// again for the same name. The Handler of a slogtree.Tree fits, and so does a func that returns
	// one handler always.
	//
	// The handler is told the logger's name: if it has a method
	// WithLoggerName(key, name string) slog.Handler, by that, with the key "logger", else
	// as an attr of that key. It is asked whether it is enabled, as CPython's
	// callHandlers asks for a handler's level. A logger's level is not asked, so
	// records are logged whatever it is, as the Cookbook says: the handlers of Tree.Handler
	// are always enabled, and ask the levels of the handlers behind them.
	Target func(logger string) slog.Handler

	// Logger replaces the sender's name if it is not empty.
	Logger string

	// TLS is for connections by TLS, at least version 1.3; nil is none. With ClientAuth
	// and ClientCAs clients have to prove who they are.
	TLS *tls.Config

	MaxFrame  int // bytes of a record, 0 is 1 MiB
	MaxDepth  int // how deep values may be nested, 0 is 64
	MaxNodes  int // values of a record, each counted as often as it would be printed, 0 is 100,000
	MaxDigits int // of a whole number, 0 is 4,300, as in CPython

	// MaxConns is how many connections there may be at once, 0 is 1,000. For one more, the oldest
	// that has not sent a whole record yet is closed; if there is none, it has to wait.
	MaxConns int

	// MaxInFlight is how many bytes of frames may be read or handled at once, of those
	// that are longer than 64 KiB: others wait meanwhile. 0 is 64 MiB. Such a frame
	// counts once its first 64 KiB have come. For shorter ones each connection has
	// a buffer of its own, of 64 KiB at most. A record in memory may take some 40 times the bytes of its
	// frame, until its handler has returned: a pickle of 64 KB that is empty lists holds 2.6 MB.
	MaxInFlight int64

	HandshakeTimeout time.Duration // for TLS, 0 is 10 seconds
	FrameTimeout     time.Duration // from a frame's first byte to its last, 0 is 30 seconds
	IdleTimeout      time.Duration // between two frames, 0 is none: a closed connection costs Python's next record; it ends as all do with Serve
	DrainTimeout     time.Duration // for what is under way when Serve is to end, 0 is 5 seconds

	// OnError is told why a connection was closed, a record refused, or a handler failed, one call
	// at a time; the connection waits meanwhile. Of a peer it is an *[Error]. If nil, that is logged
	// as a warning to Target("netsink.receiver"), no more than once a second.
	OnError func(error)

	newDecoder func() decoder // for tests; nil is logrecord's

	once  sync.Once
	state atomic.Pointer[state] // made by once
}

// Serve accepts connections until ctx ends or the listener fails. Then it closes the listener,
// tells the peers that it sends no more, which those of package netsink understand, and reads
// what they have sent: until they close, or nothing has come for 200 milliseconds after a whole
// frame, a second if there was something before, for up to DrainTimeout. A handshake has another second. It returns when the last handler has. The error is nil if ctx ended it.
//
// Handlers get the values of ctx, but not its end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	defer l.Close()
	st, err := s.start()
	if err != nil {
		return err
	}
	v := newServing(ctx, st)
	err = v.accept(ctx, l)
	l.Close()
	v.drain()
	st.report.rest()
	return err
}

// start returns the Server's state, made anew the first time, or what is wrong with its fields.
func (s *Server) start() (*state, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	s.once.Do(func() { s.state.Store(newState(s)) })
	return s.state.Load(), nil
}
