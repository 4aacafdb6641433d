package httpattrs

import (
	"log/slog"
	"net/http"
	"net/netip"
	"slices"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// Bounds on what of a request gets into records, in bytes.
const (
	maxMethod = 32
	maxPath   = 1024
	maxRemote = 128
	maxPanic  = 4096
	maxStack  = 32 << 10
)

// Options configure [Middleware], which copies them. The zero value is ready to
// use.
type Options struct {
	// Logger gets the records of requests and panics. Nil is what
	// slog.Default returns at that moment. A logger of package slogtree has it as
	// its field: slogtree.Get("http.access").Logger. Its handler need not know of
	// contexts' attrs: it is given to contextattrs.NewHandler.
	Logger *slog.Logger

	// Message is the record's. Empty is "request".
	Message string

	// Level returns the level of a request's record, by the status of the answer: 0
	// if none was sent, and at least 500 if next has panicked. Nil is ERROR from
	// 500 on, else INFO.
	Level func(status int) slog.Level

	// RequestIDHeader is the header with the request's id. One that a client sends
	// is taken if it has 1 to 128 letters, digits and characters of -._~+/=:@ in
	// ASCII, and stands there once. Empty is "X-Request-Id"; "-" turns ids off.
	RequestIDHeader string

	// OwnRequestIDs has ids that clients send be ignored.
	OwnRequestIDs bool

	// NewRequestID makes ids, which have to be valid as above, and may be called
	// from several goroutines at once. Nil, or an id that is not valid, is 26
	// random letters and digits by crypto/rand.Text.
	NewRequestID func() string

	// Proxies are the networks of the proxies in front of this server. If the
	// connection comes from one of them, ProxyHeader is read from its right end, where
	// the nearest proxy wrote, up to the first address that is no proxy's: that is
	// the client. What stands further left, the client can have written. At what
	// is no address the last good one counts. Without Proxies no such header is read.
	Proxies []netip.Prefix

	// ProxyHeader is the header that all Proxies set or add to: a list of addresses as
	// in X-Forwarded-For, or "Forwarded", which is read as RFC 7239 has it. Empty is
	// "X-Forwarded-For". No other is read, since clients could send it.
	ProxyHeader string

	// NoTrace leaves trace_id and span_id out: for servers where package
	// contextattrs/otelattrs adds those of their own spans.
	NoTrace bool

	// LevelHeader is a header with a level's name, such as "debug", which has all
	// records of this request logged from that level on: see
	// contextattrs.WithLevel. It counts only if Authorize is there and says so.
	// Empty is "X-Log-Level".
	LevelHeader string

	// Authorize reports whether the request may set its level. It is asked only about
	// those that name one. Nil refuses all.
	Authorize func(*http.Request) bool

	// Late is for the collector of late attrs.
	Late contextattrs.CollectorOptions
}

// withDefaults returns a copy with the defaults filled in.
func (o Options) withDefaults() Options {
	if o.Message == "" {
		o.Message = "request"
	}
	if o.Level == nil {
		o.Level = levelByStatus
	}
	if o.RequestIDHeader != "-" {
		o.RequestIDHeader = header(o.RequestIDHeader, "X-Request-Id")
	}
	o.ProxyHeader = header(o.ProxyHeader, "X-Forwarded-For")
	o.LevelHeader = header(o.LevelHeader, "X-Log-Level")
	o.Proxies = slices.Clone(o.Proxies)
	return o
}

// header returns the canonical form of name or, if that is empty, of standard.
func header(name, standard string) string {
	if name == "" {
		name = standard
	}
	return http.CanonicalHeaderKey(name)
}

func levelByStatus(status int) slog.Level {
	if status >= http.StatusInternalServerError {
		return slog.LevelError
	}
	return slog.LevelInfo
}

// requestID returns the id that r came with, or another one.
func (o *Options) requestID(r *http.Request) string {
	return incoming.ID(r.Header[o.RequestIDHeader], !o.OwnRequestIDs, o.NewRequestID)
}

// levelOf returns the level that r may set.
func (o *Options) levelOf(r *http.Request) (level slog.Level, ok bool) {
	if o.Authorize == nil {
		return 0, false
	}
	level, ok = incoming.Level(r.Header[o.LevelHeader])
	return level, ok && o.Authorize(r)
}
