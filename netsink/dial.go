package netsink

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// dial makes a connection, in a goroutine of its own: what makes it may not heed the
// context, and must not keep Close from returning. Such a goroutine ends when that does, and until
// then there is no other.
func (s *sender) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.o.DialTimeout)
	defer cancel()
	if s.dialed != nil {
		select {
		case <-s.dialed:
		case <-ctx.Done():
			return nil, errors.New("the last attempt to connect goes on, as Options.Dial does not heed its context")
		}
	}
	type result struct {
		c   net.Conn
		err error
	}
	results, dialed := make(chan result), make(chan struct{})
	s.dialed = dialed
	go func() {
		defer close(dialed)
		c, err := s.dialTLS(ctx)
		select {
		case results <- result{c, err}:
		case <-ctx.Done():
			if c != nil {
				c.Close()
			}
		}
	}()
	select {
	case r := <-results:
		return r.c, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *sender) dialTLS(ctx context.Context) (net.Conn, error) {
	c, err := s.o.Dial(ctx, s.network, s.address)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, errors.New("Options.Dial returned neither a connection nor an error")
	}
	if s.o.TLS == nil {
		return c, nil
	}
	t := tls.Client(c, s.o.TLS)
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return t, nil
}
