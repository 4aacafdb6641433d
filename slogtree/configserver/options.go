package configserver

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/slogsuite/slogsuite/slogtree/config"
)

// Options say who may configure a tree, and with what. The zero value is for programs of the same
// machine whose documents open no files. Serve copies them.
type Options struct {
	// Config says how documents are read. Of it, Kinds and Root bound what a document may do, and are
	// stricter here than for files of one's own: nil Kinds are [DefaultKinds], an empty Root
	// allows no kind that opens files, and any other has to be a directory that exists. Filename is what errors call a document; empty is
	// "document".
	Config config.Options

	// Verify is given each document, after HMAC, and returns what is to be applied, nil to
	// discard it: verify of CPython's logging.config.listen. It may be called by several goroutines at
	// once. A panic discards the document. It proves nothing about who may connect: for that there are HMAC and TLS.
	Verify func(document []byte) []byte

	// HMAC, if not nil, takes documents in its envelopes only.
	HMAC *HMAC

	// TLS is for connections by TLS, version 1.3 at least; nil is none. With ClientAuth
	// tls.RequireAndVerifyClientCert senders have to prove who they are.
	TLS *tls.Config

	// PeerUIDs are the users who may connect by a unix socket, which Linux tells
	// (SO_PEERCRED). Nil is the program's own and root, or everybody if there is HMAC. On other systems
	// a unix socket needs HMAC or client certificates, and PeerUIDs are refused.
	PeerUIDs []int

	MaxBytes int // of a document with its envelope, 0 is 1 MiB
	MaxConns int // at once, 0 is 64; for one more, the oldest that is still sending has to go

	// MaxLoggers is how many loggers documents may make, while Serve runs, that did not exist: the tree keeps them.
	// The parts of a name before its dots count where no logger has them. 0 is 10,000. A document with which
	// they would be more is refused; one that names only loggers that exist never is.
	MaxLoggers int

	HeaderTimeout time.Duration // from accepting a connection to its first four bytes, with TLS's handshake, 0 is 5 seconds
	BodyTimeout   time.Duration // for the document after that, 0 is 10 seconds
	Timeout       time.Duration // for a whole connection: with its turn, the change and the reply, 0 is 30 seconds
	DrainTimeout  time.Duration // for the change that is being made when Serve is to end, 0 is 5 seconds

	// Audit gets a record of each change and of each refusal, with the peer. Of more than ten refusals
	// in a second, the others are counted and told with the next. Nil writes them to
	// os.Stderr, and not to the tree, in which a document could mute them.
	Audit slog.Handler

	// OnError is told of refusals as *[Error], as often as Audit, and of what Audit and Accept
	// return. Calls follow one another. Nil is nobody, but what Audit returns goes to os.Stderr then.
	OnError func(error)

	// OnDocument, if not nil, is called after each document that came, applied or refused,
	// before its reply is sent: t.ready of CPython's listener. Calls follow one another.
	OnDocument func(Reply)

	now func() time.Time // for tests
}

// DefaultKinds returns the kinds that documents may use unless [Options.Config] says otherwise: handlers
// for the program's own streams and for files, which have to be below its Root, and all
// formatters and filters of [config.DefaultRegistry]. None opens a connection.
func DefaultKinds() []string { return slices.Concat(streamKinds, fileKinds, formatKinds) }

// filled returns a copy with the defaults.
func (o Options) filled() Options {
	o.MaxBytes = cmp.Or(o.MaxBytes, 1<<20)
	o.MaxConns = cmp.Or(o.MaxConns, 64)
	o.MaxLoggers = cmp.Or(o.MaxLoggers, 10_000)
	o.HeaderTimeout = cmp.Or(o.HeaderTimeout, 5*time.Second)
	o.BodyTimeout = cmp.Or(o.BodyTimeout, 10*time.Second)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.DrainTimeout = cmp.Or(o.DrainTimeout, 5*time.Second)
	o.TLS = atLeast13(o.TLS)
	if o.HMAC != nil {
		h := *o.HMAC
		h.Key, h.Window = slices.Clone(h.Key), cmp.Or(h.Window, time.Minute)
		o.HMAC = &h
	}
	o.PeerUIDs = slices.Clone(o.PeerUIDs)
	if o.Audit == nil {
		o.Audit = slog.NewTextHandler(os.Stderr, nil)
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// check returns all that is wrong with the fields.
func (o *Options) check() error {
	var errs []error
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"MaxBytes", int64(o.MaxBytes)},
		{"MaxConns", int64(o.MaxConns)},
		{"MaxLoggers", int64(o.MaxLoggers)},
		{"HeaderTimeout", int64(o.HeaderTimeout)},
		{"BodyTimeout", int64(o.BodyTimeout)},
		{"Timeout", int64(o.Timeout)},
		{"DrainTimeout", int64(o.DrainTimeout)},
	} {
		if n.value < 0 {
			errs = append(errs, fmt.Errorf("negative Options.%s: %d", n.name, n.value))
		}
	}
	for _, uid := range o.PeerUIDs {
		if uid < 0 {
			errs = append(errs, fmt.Errorf("Options.PeerUIDs has %d", uid))
		}
	}
	if o.HMAC != nil {
		errs = append(errs, o.HMAC.check())
	}
	if c := o.TLS; c != nil && c.MaxVersion != 0 && c.MaxVersion < tls.VersionTLS13 {
		errs = append(errs, fmt.Errorf("Options.TLS.MaxVersion %s is less than TLS 1.3", tls.VersionName(c.MaxVersion)))
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
