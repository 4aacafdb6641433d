package receiver

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
	"github.com/slogsuite/slogsuite/netsink/internal/logrecord"
)

// settings are the fields of a Server with their defaults.
type settings struct {
	maxFrame, maxConns            int
	maxInFlight                   int64
	handshake, frame, idle, drain time.Duration
	limits                        logrecord.Limits
	tls                           *tls.Config
}

func newSettings(s *Server) settings {
	return settings{
		maxFrame:    cmp.Or(s.MaxFrame, 1<<20),
		maxConns:    cmp.Or(s.MaxConns, 1000),
		maxInFlight: cmp.Or(s.MaxInFlight, 64<<20),
		handshake:   cmp.Or(s.HandshakeTimeout, 10*time.Second),
		frame:       cmp.Or(s.FrameTimeout, 30*time.Second),
		idle:        s.IdleTimeout,
		drain:       cmp.Or(s.DrainTimeout, 5*time.Second),
		limits: logrecord.Limits{
			Depth:  cmp.Or(s.MaxDepth, 64),
			Nodes:  cmp.Or(s.MaxNodes, 100_000),
			Digits: cmp.Or(s.MaxDigits, 4300),
		},
		tls: atLeast13(s.TLS),
	}
}

// check returns all that is wrong with the fields.
func (s *Server) check() error {
	var errs []error
	if s.Target == nil {
		errs = append(errs, errors.New("netsink/receiver: Server.Target is nil"))
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"MaxFrame", int64(s.MaxFrame)},
		{"MaxDepth", int64(s.MaxDepth)},
		{"MaxNodes", int64(s.MaxNodes)},
		{"MaxDigits", int64(s.MaxDigits)},
		{"MaxConns", int64(s.MaxConns)},
		{"MaxInFlight", s.MaxInFlight},
		{"HandshakeTimeout", int64(s.HandshakeTimeout)},
		{"FrameTimeout", int64(s.FrameTimeout)},
		{"IdleTimeout", int64(s.IdleTimeout)},
		{"DrainTimeout", int64(s.DrainTimeout)},
	} {
		if n.value < 0 {
			errs = append(errs, fmt.Errorf("netsink/receiver: Server.%s is negative: %d", n.name, n.value))
		}
	}
	if int64(s.MaxFrame) > 1<<31-1-frame.HeaderLen {
		errs = append(errs, fmt.Errorf("netsink/receiver: Server.MaxFrame is more than 2 GiB: %d", s.MaxFrame))
	}
	if c := s.TLS; c != nil && c.MaxVersion != 0 && c.MaxVersion < tls.VersionTLS13 {
		errs = append(errs, fmt.Errorf("netsink/receiver: Server.TLS.MaxVersion %s is less than TLS 1.3", tls.VersionName(c.MaxVersion)))
	}
	return errors.Join(errs...)
}

// atLeast13 returns a copy of c that takes no version of TLS before 1.3, also where it has
// another configuration for a client.
func atLeast13(c *tls.Config) *tls.Config {
	if c == nil {
		return nil
	}
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS13)
	if choose := c.GetConfigForClient; choose != nil {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			chosen, err := choose(hello)
			return atLeast13(chosen), err
		}
	}
	return c
}
