// Package grpcattrs has interceptors that give each call to a gRPC server attrs of
// its own, which all records logged with its context show, and that log a record
// of each call when it is over; and the like for clients. It is a module of its own,
// so that nobody else requires gRPC.
//
//	grpc.NewServer(
//		grpc.ChainUnaryInterceptor(grpcattrs.UnaryServer(o)),
//		grpc.ChainStreamInterceptor(grpcattrs.StreamServer(o)))
//	grpc.NewClient(address,
//		grpc.WithChainUnaryInterceptor(grpcattrs.UnaryClient(o)),
//		grpc.WithChainStreamInterceptor(grpcattrs.StreamClient(o)))
//
// The record of a call has
//
//	method           the full name, /package.Service/Method
//	code, error      of its status, the latter if it is not OK
//	duration         from the first call until it was over
//	remote           the peer's address without the port, on servers
//	received, sent   how many messages, of streams
//	panicked         true if the handler did
//
// and, on servers, the late attrs that were added by [contextattrs.Add]. Long
// values are cut.
package grpcattrs

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// Bounds on what of a call gets into records, in bytes.
const (
	maxMethod = 256
	maxError  = 1024
	maxRemote = 128
	maxPanic  = 4096
	maxStack  = 32 << 10
)

// A call is one, and what became of it.
type call struct {
	o      *Options
	method string
	start  time.Time
	late   *contextattrs.Collector // nil on clients
	stream bool

	received, sent atomic.Int64
}

// log makes the call's record. The call may be cancelled by now, but its record is
// as good as others. The collector ends first, also if nobody wants the record: what it takes
// after that would show nowhere.
func (c *call) log(ctx context.Context, err error, more ...slog.Attr) {
	late := c.lateAttrs()
	s, ok := status.FromError(err)
	if !ok {
		s = status.FromContextError(err) // as gRPC's server does
	}
	level := c.o.Level(s.Code())
	ctx = contextattrs.Detach(ctx)
	if !c.o.Logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs, slog.String("method", incoming.Cut(c.method, maxMethod)), slog.String("code", s.Code().String()))
	if err != nil {
		attrs = append(attrs, slog.String("error", incoming.Cut(s.Message(), maxError)))
	}
	attrs = append(attrs, slog.Duration("duration", time.Since(c.start)))
	if c.stream {
		attrs = append(attrs, slog.Int64("received", c.received.Load()), slog.Int64("sent", c.sent.Load()))
	}
	attrs = append(append(attrs, more...), late...)
	c.o.Logger.LogAttrs(ctx, level, c.o.Message, attrs...)
}

// lateAttrs ends the collector. What is shown in all records is in the call's
// already.
func (c *call) lateAttrs() []slog.Attr {
	if c.late == nil {
		return nil
	}
	late := c.late.End()
	if c.o.Late.Shown {
		late = nil
	}
	if n := c.late.Dropped(); n > 0 {
		return append(late[:len(late):len(late)], slog.Uint64("late_dropped", n))
	}
	return late
}

// logPanic tells of a panic, from the function that was deferred, and then of the
// call.
func (c *call) logPanic(ctx context.Context, v any, more ...slog.Attr) {
	c.o.Logger.LogAttrs(contextattrs.Detach(ctx), slog.LevelError, "panic",
		slog.String("panic", incoming.Cut(fmt.Sprint(v), maxPanic)),
		slog.String("stack", incoming.Stack(maxStack)))
	c.log(ctx, status.Error(codes.Internal, "panic"), append(more, slog.Bool("panicked", true))...)
}

// remote returns the peer's address as an attr, as package httpattrs writes it: without port and
// zone, or what names a peer that has none.
func remote(ctx context.Context) slog.Attr {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return slog.Attr{}
	}
	text := p.Addr.String()
	if a, err := netip.ParseAddrPort(text); err == nil {
		text = a.Addr().Unmap().WithZone("").String()
	}
	return slog.String("remote", incoming.Cut(text, maxRemote))
}
