package grpcattrs

import (
	"context"
	"log/slog"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// Options configure the interceptors, which copy them. The zero value is ready to
// use.
type Options struct {
	// Logger gets the records of calls and panics. Nil is what slog.Default returns
	// when the interceptor is made. Its handler need not know of contexts' attrs:
	// it is given to contextattrs.NewHandler.
	Logger *slog.Logger

	// Message is the record's. Empty is "call".
	Message string

	// Level returns the level of a call's record, by its code; after a panic,
	// codes.Internal. Nil is ERROR for Unknown, DeadlineExceeded, Unimplemented,
	// Internal, Unavailable and DataLoss, which are the server's trouble, else INFO.
	Level func(codes.Code) slog.Level

	// RequestIDKey is the key of the metadata with the request's id: servers take it
	// from there if it has 1 to 128 letters, digits and characters of -._~+/=:@ and
	// stands there once, else make one; clients send the id that their context
	// carries, if it is such a one. Empty is "x-request-id"; "-" turns ids off.
	RequestIDKey string

	// OwnRequestIDs has ids that clients send be ignored.
	OwnRequestIDs bool

	// NewRequestID makes ids, which have to be valid as above, and may be called
	// from several goroutines at once. Nil, or an id that is not valid, is 26
	// random letters and digits.
	NewRequestID func() string

	// NoTrace leaves trace_id and span_id out: for servers where package otelattrs
	// adds those of their own spans.
	NoTrace bool

	// LevelKey is the key of the metadata with a level's name, such as "debug", which
	// has all records of this call logged from that level on: see
	// contextattrs.WithLevel. It counts only if Authorize is there and says so.
	// Empty is "x-log-level".
	LevelKey string

	// Authorize reports whether a call may set its level. It is asked only about
	// those that name one. Nil refuses all.
	Authorize func(ctx context.Context, method string) bool

	// Late is for the collector of late attrs of a server's calls.
	Late contextattrs.CollectorOptions
}

// withDefaults returns a copy with the defaults filled in.
func (o Options) withDefaults() *Options {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Logger = slog.New(contextattrs.NewHandler(o.Logger.Handler()))
	if o.Message == "" {
		o.Message = "call"
	}
	if o.Level == nil {
		o.Level = levelByCode
	}
	o.RequestIDKey = key(o.RequestIDKey, "x-request-id")
	o.LevelKey = key(o.LevelKey, "x-log-level")
	return &o
}

// key returns name or, if that is empty, standard, as keys of metadata are written.
func key(name, standard string) string {
	if name == "" {
		return standard
	}
	return strings.ToLower(name)
}

func levelByCode(c codes.Code) slog.Level {
	switch c {
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		return slog.LevelError
	}
	return slog.LevelInfo
}
