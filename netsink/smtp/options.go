package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// A Security says how the connection to the server is protected.
type Security int

const (
	// StartTLS has the server change to TLS before anything of worth is said (RFC 3207). One
	// that can't is not used.
	StartTLS Security = iota

	// TLS is TLS from the start, usually on port 465 (RFC 8314).
	TLS

	// Plain is no protection. Passwords are sent to this host only.
	Plain
)

// Options say what a [Handler] sends to whom. From and To are needed.
type Options struct {
	// Level is the lowest level that is sent. Nil is ERROR. A slog.LevelVar changes it
	// at any time.
	Level slog.Leveler

	// Formatter makes a record's line. Nil is "%(asctime)s %(levelname)s %(name)s: %(message)s".
	Formatter formatters.Formatter

	// From is the sender's address, as in "Log <log@example.com>". It is fromaddr of CPython's SMTPHandler.
	From string

	// To are addresses of the same form. It is toaddrs of CPython's SMTPHandler.
	To []string

	// Subject is that of each mail; how many records there are is added. "" is "Log".
	Subject string

	// Username and Password are for the server, if there is a Username. Errors do not name them.
	Username, Password string

	// Security says how the connection is protected.
	Security Security

	// TLS is for StartTLS and TLS; nil is the system's roots, and version 1.2 at least.
	TLS *tls.Config

	// Interval is how long a record waits for others to be sent with. 0 is 10 seconds.
	Interval time.Duration

	// Pause is how long there is no other mail after one. 0 is a minute.
	Pause time.Duration

	// MaxRecords and MaxBytes bound what is in one mail. Of what comes beyond it says how much
	// there was. 0 is 1000 and 256 KiB. At most two mails are in memory.
	MaxRecords, MaxBytes int

	// RetryMin is the pause after a mail could not be sent, RetryMax the longest one; each is
	// twice the one before. 0 is 10 seconds and 10 minutes.
	RetryMin, RetryMax time.Duration

	// Timeout bounds the sending of a mail. 0 is 30 seconds.
	Timeout time.Duration

	// CloseTimeout bounds Flush, and Close if its context has no deadline. 0 is 10 seconds.
	CloseTimeout time.Duration

	// Dial makes connections in place of net.Dialer, for proxies and tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// OnError is told of mails that could not be sent, of recipients refused, and of records dropped,
	// by the goroutine that sends. It must not call Flush or Close, which would wait for it, nor log through
	// this Handler; a panic in it is dropped. Nil is nobody: Stats and Close tell too.
	OnError func(error)
}

// An envelope is what the options say of a mail, checked.
type envelope struct {
	from *mail.Address
	to   []*mail.Address
}

// withDefaults returns a copy of o with its defaults in it, or all that is wrong with it.
func (o Options) withDefaults(address string) (Options, envelope, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" {
		err = fmt.Errorf("the address %q is not host:port", address)
	}
	e, bad := o.envelope()
	err = errors.Join(err, bad)
	if strings.ContainsFunc(o.Subject, isControl) {
		err = errors.Join(err, wrong("Subject %q has a control character", o.Subject))
	}
	if o.Security < StartTLS || o.Security > Plain {
		err = errors.Join(err, wrong("Security %d is none", o.Security))
	}
	if o.Security == Plain && o.Username != "" && !isLocal(host) {
		err = errors.Join(err, fmt.Errorf("a password would be sent to %q without TLS", host))
	}
	for name, d := range map[string]time.Duration{
		"Interval": o.Interval, "Pause": o.Pause, "RetryMin": o.RetryMin, "RetryMax": o.RetryMax, "Timeout": o.Timeout,
		"CloseTimeout": o.CloseTimeout, "MaxRecords": time.Duration(o.MaxRecords), "MaxBytes": time.Duration(o.MaxBytes),
	} {
		if d < 0 {
			err = errors.Join(err, fmt.Errorf("%s is less than 0", name))
		}
	}
	o.fill(host)
	return o, e, err
}

// envelope parses the addresses. What package net/mail takes has no line break in it.
func (o *Options) envelope() (e envelope, err error) {
	if e.from, err = mail.ParseAddress(o.From); err != nil {
		err = wrong("From %q: %w", o.From, err)
	}
	if len(o.To) == 0 {
		err = errors.Join(err, wrong("To is empty"))
	}
	for _, to := range o.To {
		a, bad := mail.ParseAddress(to)
		if bad != nil {
			err = errors.Join(err, wrong("To %q: %w", to, bad))
		}
		e.to = append(e.to, a)
	}
	return e, err
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

func isLocal(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

func (o *Options) fill(host string) {
	if o.Level == nil {
		o.Level = slog.LevelError
	}
	if o.Formatter == nil {
		o.Formatter = formatters.Must(formatters.Percent("%(asctime)s %(levelname)s %(name)s: %(message)s", nil))
	}
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.TLS = o.TLS.Clone(); o.TLS.ServerName == "" {
		o.TLS.ServerName = host
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	setDefault(&o.Subject, "Log")
	setDefault(&o.Interval, 10*time.Second)
	setDefault(&o.Pause, time.Minute)
	setDefault(&o.MaxRecords, 1000)
	setDefault(&o.MaxBytes, 256<<10)
	setDefault(&o.RetryMin, 10*time.Second)
	setDefault(&o.RetryMax, max(10*time.Minute, o.RetryMin))
	setDefault(&o.Timeout, 30*time.Second)
	setDefault(&o.CloseTimeout, 10*time.Second)
}

func setDefault[T comparable](p *T, v T) {
	var zero T
	if *p == zero {
		*p = v
	}
}

// wrong is what is wrong with an option, which the text begins with.
func wrong(format string, args ...any) error { return fmt.Errorf(format, args...) }
