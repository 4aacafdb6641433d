package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netsmtp "net/smtp"
	"time"
)

// submit gives a mail to the server, in a connection of its own.
func (s *sender) submit(message []byte) error {
	ctx, cancel := context.WithTimeout(s.Context(), s.o.Timeout)
	defer cancel()
	conn, err := s.o.Dial(ctx, "tcp", s.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	c, err := s.hello(conn)
	if err != nil {
		return err
	}
	if err := s.talk(c, message); err != nil {
		return err
	}
	_ = c.Quit() // the server has taken the mail
	return nil
}

// hello begins to talk to the server, protected as Options.Security says.
func (s *sender) hello(conn net.Conn) (*netsmtp.Client, error) {
	if s.o.Security == TLS {
		conn = tls.Client(conn, s.o.TLS)
	}
	host, _, _ := net.SplitHostPort(s.address)
	c, err := netsmtp.NewClient(conn, host)
	if err != nil {
		return nil, err
	}
	if s.o.Security != StartTLS {
		return c, nil
	}
	if ok, _ := c.Extension("STARTTLS"); !ok {
		return nil, errors.New("the server does not offer STARTTLS")
	}
	return c, c.StartTLS(s.o.TLS)
}

// talk gives the server the mail. Recipients that it refuses do not keep others
// from it.
func (s *sender) talk(c *netsmtp.Client, message []byte) error {
	if s.o.Username != "" {
		host, _, _ := net.SplitHostPort(s.address)
		if err := c.Auth(netsmtp.PlainAuth("", s.o.Username, s.o.Password, host)); err != nil {
			return err
		}
	}
	if err := c.Mail(s.envelope.from.Address); err != nil {
		return err
	}
	var refused []error
	for _, to := range s.envelope.to {
		if err := c.Rcpt(to.Address); err != nil {
			refused = append(refused, fmt.Errorf("recipient %s: %w", to.Address, err))
		}
	}
	if len(refused) == len(s.envelope.to) {
		return errors.Join(refused...)
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := errors.Join(refused...); err != nil {
		s.Tell(s.safe(err))
	}
	return nil
}
