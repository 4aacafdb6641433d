// Package receiver takes records from a network, as CPython's SocketHandler and
// DatagramHandler and package netsink send them, and gives them to handlers.
package receiver

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"
)

// A Server receives records. It executes nothing that a peer sends, and creates no logger
// for a name of its. Target has to be set; the fields must not be changed while it serves. It may serve
// several listeners at once.
type Server struct {
	// Target returns the handler for the records of a logger. It may be called
	// from several goroutines, once or more for a name. The Handler of a
	// slogtree.Tree fits, and so does a func that returns one handler always. The handler is
	// not asked whether it is enabled at top level: records are logged
	// whatever the logger's level, as the Cookbook says.
	Target func(logger string) slog.Handler

	// Logger replaces the sender's name if it is not empty.
	Logger string

	// TLS is for connections by TLS, at least version 1.3; nil is none. With ClientAuth
	// and ClientCAs clients have to prove who they are.
	TLS *tls.Config

	MaxFrame    int   // bytes of a record, 0 is 1 MiB
	MaxDepth    int   // how deep values may be nested, 0 is 64
	MaxNodes    int   // values of a record, each counted as often as it would be printed, 0 is 100,000
	MaxDigits   int   // of a whole number, 0 is 4,300, as in CPython
	MaxConns    int   // connections at once, 0 is 1,000; more have to wait
	MaxInFlight int64 // bytes of frames that are being read or handled, 0 is 64 MiB

	HandshakeTimeout time.Duration // for TLS, 0 is 10 seconds
	FrameTimeout     time.Duration // from a frame's first byte to its last, 0 is 30 seconds
	IdleTimeout      time.Duration // between two frames, 0 is none: a closed connection costs Python's next record
	DrainTimeout     time.Duration // for what is under way when Serve is to end, 0 is 5 seconds

	// OnError is told why a connection was closed or a record refused, one call at a time. If
	// nil, that is logged as a warning to Target("netsink.receiver"), no more than once a second.
	OnError func(error)
}

// Serve accepts connections until ctx ends or the listener fails. Then it closes the listener,
// tells the peers that it reads no more, reads what they have sent until they
// close, for up to DrainTimeout, and returns when the last handler has. The error is nil if ctx ended it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error { return errors.New("not yet") }

// ServePacket receives datagrams, of a frame each, until ctx ends or the connection fails,
// and closes it. The error is nil if ctx ended it.
func (s *Server) ServePacket(ctx context.Context, c net.PacketConn) error {
	return errors.New("not yet")
}

// Stats returns what the Server has done.
func (s *Server) Stats() Stats { return Stats{} }

// Stats tell what a Server has done.
type Stats struct {
	Records     uint64 // given to handlers
	Bytes       uint64 // their frames
	Refused     uint64 // frames that are no record, or too long
	Failed      uint64 // records whose handler returned an error, of Records
	Connections uint64 // accepted so far
	Open        uint64 // of those, open now
	Timeouts    uint64 // connections closed because of one
	Errors      uint64 // that OnError was, or would be, told of
}
