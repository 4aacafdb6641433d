package netsink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/netsink/internal/frame"
)

const (
	defaultBuffer      = 4 << 20
	defaultRecord      = 1 << 20
	defaultDatagram    = 65_000
	maxDatagram        = 65_507 - frame.HeaderLen // what UDP over IPv4 carries
	minRecord          = 4 << 10
	maxRecord          = 1 << 30
	defaultWindow      = 64 << 20
	defaultRetryFactor = 2
)

func isDatagram(network string) bool {
	return strings.HasPrefix(network, "udp") || network == "unixgram"
}

// withDefaults returns a copy of o with its defaults in it, or all that is wrong with it.
func (o Options) withDefaults(network, address string) (Options, error) {
	err := errors.Join(wrongAddress(network, address), o.wrongNumbers(), o.wrongSizes(network), o.wrongChoices(), o.wrongTLS(network, address))
	if err != nil {
		return o, err
	}
	o.fill(network)
	if o.TLS != nil {
		o.TLS = tlsFor(o.TLS, network, address)
	}
	return o, nil
}

func (o *Options) fill(network string) {
	setDefault(&o.BufferBytes, defaultBuffer)
	if o.MaxRecordBytes == 0 {
		o.MaxRecordBytes = min(defaultRecord, o.BufferBytes-frame.HeaderLen)
		if isDatagram(network) {
			o.MaxRecordBytes = min(o.MaxRecordBytes, defaultDatagram)
		}
	}
	setDefault(&o.MaxWait, time.Second)
	setDefault(&o.DialTimeout, 5*time.Second)
	setDefault(&o.WriteTimeout, 30*time.Second)
	setDefault(&o.CloseTimeout, 5*time.Second)
	setDefault(&o.RetryMin, time.Second)
	setDefault(&o.RetryMax, max(30*time.Second, o.RetryMin))
	setDefault(&o.RetryFactor, defaultRetryFactor)
	setDefault(&o.Window, defaultWindow)
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// wrong is what is wrong with an option, which the text begins with.
func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }

func wrongAddress(network, address string) error {
	switch network {
	case "unix", "unixgram":
		if address == "" || strings.ContainsRune(address[1:], 0) {
			return fmt.Errorf("the address %q is no name of a socket", address)
		}
		return nil
	case "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6":
		return wrongHostPort(address)
	}
	return fmt.Errorf("the network %q is none of tcp, tcp4, tcp6, unix, udp, udp4, udp6, unixgram", network)
}

func wrongHostPort(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the address %q: %w", address, err)
	}
	if n, err := strconv.Atoi(port); port == "" || err == nil && (n < 1 || n > 65535) {
		return fmt.Errorf("the address %q has no port from 1 to 65535", address)
	}
	return nil
}

func (o *Options) wrongNumbers() error {
	var errs []error
	for _, n := range []struct {
		name     string
		negative bool
		value    any
	}{
		{"BufferBytes", o.BufferBytes < 0, o.BufferBytes},
		{"MaxRecordBytes", o.MaxRecordBytes < 0, o.MaxRecordBytes},
		{"FlushInterval", o.FlushInterval < 0, o.FlushInterval},
		{"DialTimeout", o.DialTimeout < 0, o.DialTimeout},
		{"WriteTimeout", o.WriteTimeout < 0, o.WriteTimeout},
		{"CloseTimeout", o.CloseTimeout < 0, o.CloseTimeout},
		{"RetryMin", o.RetryMin < 0, o.RetryMin},
		{"RetryMax", o.RetryMax < 0, o.RetryMax},
		{"Window", o.Window < 0, o.Window},
	} {
		if n.negative {
			errs = append(errs, wrong("Options.%s is negative: %v", n.name, n.value))
		}
	}
	if o.RetryMax > 0 && o.RetryMax < o.RetryMin {
		errs = append(errs, wrong("Options.RetryMax %v is less than RetryMin %v", o.RetryMax, o.RetryMin))
	}
	if o.RetryFactor != 0 && !(o.RetryFactor >= 1 && o.RetryFactor <= 1000) {
		errs = append(errs, wrong("Options.RetryFactor is not from 1 to 1000: %v", o.RetryFactor))
	}
	return errors.Join(errs...)
}

// wrongSizes checks that what is kept and sent has room for a record.
func (o *Options) wrongSizes(network string) error {
	most, why := maxRecord, "a frame"
	if strings.HasPrefix(network, "udp") {
		most, why = maxDatagram, "a datagram"
	}
	buffer := o.BufferBytes
	setDefault(&buffer, defaultBuffer)
	var errs []error
	if 0 < o.BufferBytes && o.BufferBytes < minRecord+frame.HeaderLen {
		errs = append(errs, wrong("Options.BufferBytes %d is too small for a record: the least is %d", o.BufferBytes, minRecord+frame.HeaderLen))
	}
	switch n := o.MaxRecordBytes; {
	case n <= 0:
	case n < minRecord:
		errs = append(errs, wrong("Options.MaxRecordBytes %d is too small for a record: the least is %d", n, minRecord))
	case n > most:
		errs = append(errs, wrong("Options.MaxRecordBytes %d is more than %s carries: the most is %d", n, why, most))
	case buffer >= 0 && n+frame.HeaderLen > buffer:
		errs = append(errs, wrong("Options.MaxRecordBytes %d does not fit into BufferBytes %d with its %d of header", n, buffer, frame.HeaderLen))
	}
	return errors.Join(errs...)
}

func (o *Options) wrongChoices() error {
	var errs []error
	if o.Protocol < Pickle || o.Protocol > JSON {
		errs = append(errs, wrong("Options.Protocol is unknown: %d", o.Protocol))
	}
	if o.Overflow < Block || o.Overflow > DropOld {
		errs = append(errs, wrong("Options.Overflow is unknown: %d", o.Overflow))
	}
	return errors.Join(errs...)
}

func (o *Options) wrongTLS(network, address string) error {
	switch c := o.TLS; {
	case c == nil:
	case isDatagram(network):
		return wrong("Options.TLS is set, and there is none for the network %q", network)
	case c.MaxVersion != 0 && c.MaxVersion < tls.VersionTLS13:
		return wrong("Options.TLS.MaxVersion %s is less than TLS 1.3", tls.VersionName(c.MaxVersion))
	case tlsFor(c, network, address).ServerName == "" && !c.InsecureSkipVerify:
		return wrong("Options.TLS.ServerName is empty, and the address %q has no host", address)
	}
	return nil
}

// tlsFor returns a copy of c for an address.
func tlsFor(c *tls.Config, network, address string) *tls.Config {
	c = c.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS13)
	if host, _, err := net.SplitHostPort(address); err == nil && c.ServerName == "" && network != "unix" {
		c.ServerName = host
	}
	return c
}
