package netsink

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"
)

// A Protocol says what stands in a frame.
type Protocol int

const (
	// Pickle is what CPython's SocketHandler and DatagramHandler send: a pickle of
	// protocol 1, of a dict of the LogRecord. Any receiver of Python's logging reads it.
	Pickle Protocol = iota

	// JSON is one JSON object with the same members. Python makes it a record by
	// logging.makeLogRecord(json.loads(data)).
	JSON
)

// An Overflow says what becomes of a record that comes while the buffer is full.
type Overflow int

const (
	// Block has the caller wait until there is room, for up to Options.MaxWait in
	// all since there last was some; then it is DropNew, until there is room.
	Block Overflow = iota

	// DropNew drops the record.
	DropNew

	// DropOld drops the oldest records that have not been sent.
	DropOld
)

// String returns the name, as in "DropOld".
func (o Overflow) String() string {
	switch o {
	case Block:
		return "Block"
	case DropNew:
		return "DropNew"
	case DropOld:
		return "DropOld"
	}
	return fmt.Sprintf("Overflow(%d)", int(o))
}

// Options say how a [Handler] sends. The zero value sends pickles, without TLS, and
// waits for a second in all when its buffer is full.
type Options struct {
	// Level is the lowest level that is sent, nil for all. A slog.LevelVar changes
	// it at any time.
	Level slog.Leveler

	// Protocol says what stands in a frame, a pickle or JSON.
	Protocol Protocol

	// TLS is for a connection by TLS, at least version 1.3; nil is none. If it has no
	// ServerName, the host in the address is it. It is for tcp and unix.
	TLS *tls.Config

	// BufferBytes is how much memory may hold records that have not been sent. 0 is 4 MiB.
	BufferBytes int

	// MaxRecordBytes is how long a record may be in its frame. The longest texts of one
	// that is longer are cut, with a mark. 0 is 1 MiB, which is what receivers take, and for udp
	// and unixgram 65,000, which is what fits into a datagram; less if BufferBytes is.
	MaxRecordBytes int

	// Overflow says what becomes of a record that comes while the buffer is full.
	Overflow Overflow

	// MaxWait is how long callers wait in all, with Block, since there last was room. 0 is a
	// second; less than 0 does not wait.
	MaxWait time.Duration

	// FailDown has Handle refuse records, by an error that wraps [ErrDown], while the last attempt
	// to connect has failed. So a handlers.Failover turns to its next handler, and
	// comes back when there is a connection. What was taken before that was known stays in
	// the buffer, and is sent then.
	FailDown bool

	// FlushInterval is how long a record may wait for others to be sent with. With 0 one that
	// comes after a quiet time is sent at once, and where they keep coming each
	// is within a millisecond or so: those of that time share a write.
	FlushInterval time.Duration

	// DialTimeout bounds a connection's making, TLS included. 0 is 5 seconds.
	DialTimeout time.Duration

	// WriteTimeout is how long a peer may take nothing before it is taken for gone. 0 is 30 seconds.
	WriteTimeout time.Duration

	// CloseTimeout bounds Flush, and Close if its context has no deadline. 0 is 5 seconds.
	CloseTimeout time.Duration

	// RetryMin is the pause after a connection failed, RetryMax the longest one. A random
	// part of up to a fifth is taken off, so that many programs do not come at once. 0 is 1 and 30
	// seconds, as retryStart and retryMax of CPython's SocketHandler.
	RetryMin, RetryMax time.Duration

	// RetryFactor is what each further pause is multiplied by. 0 is 2, as retryFactor of CPython's
	// SocketHandler.
	RetryFactor float64

	// Window is how many bytes, of those handed to the system, may not have reached the
	// receiving program when a connection breaks: what the buffers of both systems and the
	// program hold. 0 is 64 MiB: Linux by itself lets a connection hold up to 32 MiB at the receiver and 4 MiB
	// at the sender. See [UnconfirmedError].
	Window int

	// Dial makes connections in place of net.Dialer, for proxies and tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// OnError is told of connections that fail and break, and of dropped records, one call at a time, from a
	// goroutine that sends nothing meanwhile. If records may be lost with a connection, the error wraps an
	// [UnconfirmedError], which errors.As finds. OnError may call Flush, Stats and Close; a panic in it is
	// dropped. If it logs, what it logs should not come through this Handler, which has just failed. What
	// datagrams meet is told once in RetryMin at most. If it is nil nobody is told, but by Stats and by what
	// Close returns.
	OnError func(error)

	deaf bool // for a test's control: nobody looks what comes from the peer
}
