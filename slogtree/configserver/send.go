package configserver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/slogsuite/slogsuite/slogtree/config"
)

// SendOptions say how a document is sent. The zero value sends it as Python's clients do.
type SendOptions struct {
	HMAC *HMAC       // the envelope, nil is none
	TLS  *tls.Config // nil is none; version 1.3 at least
}

// ErrNoReply is the error of a server that closed without a reply: CPython's never sends one, and then nobody
// knows what became of the document.
var ErrNoReply = errors.New("configserver: the server closed the connection without a reply")

// A RefusedError is the error of a document that the server did not apply.
type RefusedError struct{ Reply Reply }

// Error returns all reasons.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("configserver: the server refused the document: %v", e.Reply.Err())
}

// Send sends a document to a server at an address of net.Dial, and returns its reply. ctx bounds all
// of it. The error is a [*RefusedError] if the document was not applied, [ErrNoReply] if there was
// no reply, what the server says if it does not know (see [Reply]), or else what went wrong on the way; in
// all but the first the document may have been applied.
func Send(ctx context.Context, network, address string, document []byte, o SendOptions) (Reply, error) {
	frame, err := o.frame(document)
	if err != nil {
		return Reply{}, fmt.Errorf("configserver: %w", err)
	}
	nc, err := connect(ctx, network, address, o.TLS)
	if err != nil {
		return Reply{}, fmt.Errorf("configserver: %w", err)
	}
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) }) // what is blocked returns
	defer stop()
	_, errWrite := nc.Write(frame)
	reply, err := readReply(nc) // a server that refuses a long document says so before it has all
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	} else if errWrite != nil && err != nil {
		err = errWrite
	}
	switch {
	case errors.Is(err, ErrNoReply):
		return Reply{}, err
	case err != nil:
		return Reply{}, fmt.Errorf("configserver: %w", err)
	case reply.Unknown:
		return reply, fmt.Errorf("configserver: the server says: %w", reply.Err())
	case !reply.Applied:
		return reply, &RefusedError{reply}
	}
	return reply, nil
}

// frame returns what is sent.
func (o SendOptions) frame(document []byte) ([]byte, error) {
	if o.HMAC != nil {
		if err := o.HMAC.check(); err != nil {
			return nil, err
		}
		document = o.HMAC.seal(document, time.Now())
	}
	return appendFrame(nil, document)
}

func connect(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	if config == nil {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return (&tls.Dialer{Config: atLeast13(config)}).DialContext(ctx, network, address)
}

// readReply reads the line.
func readReply(r io.Reader) (reply Reply, err error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxReply)).ReadBytes('\n')
	switch {
	case err == io.EOF && len(line) == 0:
		return reply, ErrNoReply
	case err == io.EOF:
		return reply, fmt.Errorf("the reply was cut short after %d bytes", len(line))
	case err != nil:
		return reply, fmt.Errorf("reading the reply: %w", err)
	}
	if err := json.Unmarshal(bytes.TrimSpace(line), &reply); err != nil {
		return Reply{}, fmt.Errorf("the reply is malformed: %w", err)
	}
	reply.Errors = slices.DeleteFunc(reply.Errors, func(err *config.Error) bool { return err == nil }) // null
	return reply, nil
}
