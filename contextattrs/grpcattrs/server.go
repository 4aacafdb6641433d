package grpcattrs

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// errAborted is the status of a call whose handler ended its goroutine.
var errAborted = status.Error(codes.Internal, "the handler did not return")

// UnaryServer returns an interceptor of a server's calls. The context of a call
// carries from there on request_id, which goes back in the header's metadata too,
// trace_id and span_id of the caller if its metadata has one valid traceparent of W3C
// Trace Context, a collector of late attrs, and perhaps a level, see [Options]. A
// panic of the handler is logged with its stack and goes on.
func UnaryServer(o Options) grpc.UnaryServerInterceptor {
	options := o.withDefaults()
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
		c := &call{o: options, method: info.FullMethod, start: time.Now()}
		ctx = c.begin(ctx)
		returned := false
		defer func() {
			if v := c.end(ctx, returned, err, recover()); v != nil {
				panic(v)
			}
		}()
		reply, err = handler(ctx, req)
		returned = true
		return reply, err
	}
}

// StreamServer is [UnaryServer] for streams. Their records count messages.
func StreamServer(o Options) grpc.StreamServerInterceptor {
	options := o.withDefaults()
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		c := &call{o: options, method: info.FullMethod, start: time.Now(), stream: true}
		ctx := c.begin(stream.Context())
		returned := false
		defer func() {
			if v := c.end(ctx, returned, err, recover()); v != nil {
				panic(v)
			}
		}()
		err = handler(srv, &serverStream{stream, ctx, c})
		returned = true
		return err
	}
}

// begin returns the context of a server's call.
func (c *call) begin(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	var few [3]slog.Attr
	attrs := few[:0]
	if c.o.RequestIDKey != "-" {
		id := incoming.ID(md.Get(c.o.RequestIDKey), !c.o.OwnRequestIDs, c.o.NewRequestID)
		_ = grpc.SetHeader(ctx, metadata.Pairs(c.o.RequestIDKey, id)) // fails only where there is no server
		attrs = append(attrs, slog.String("request_id", id))
	}
	if trace, span, ok := incoming.Trace(md.Get("traceparent")); ok && !c.o.NoTrace {
		attrs = append(attrs, slog.String("trace_id", trace), slog.String("span_id", span))
	}
	ctx = contextattrs.WithAttrs(ctx, attrs...)
	if c.o.Authorize != nil {
		if level, ok := incoming.Level(md.Get(c.o.LevelKey)); ok && c.o.Authorize(ctx, c.method) {
			ctx = contextattrs.WithLevel(ctx, level)
		}
	}
	ctx, c.late = contextattrs.WithCollector(ctx, c.o.Late)
	return ctx
}

// end logs what became of a server's call, and returns the panic that is to go on.
func (c *call) end(ctx context.Context, returned bool, err error, panicked any) any {
	switch {
	case panicked != nil:
		c.logPanic(ctx, panicked, remote(ctx))
	case !returned:
		c.log(ctx, errAborted, remote(ctx))
	default:
		c.log(ctx, err, remote(ctx))
	}
	return panicked
}

// A serverStream has the call's context and counts.
type serverStream struct {
	grpc.ServerStream
	ctx  context.Context
	call *call
}

func (s *serverStream) Context() context.Context { return s.ctx }

func (s *serverStream) SendMsg(m any) error {
	err := s.ServerStream.SendMsg(m)
	if err == nil {
		s.call.sent.Add(1)
	}
	return err
}

func (s *serverStream) RecvMsg(m any) error {
	err := s.ServerStream.RecvMsg(m)
	if err == nil {
		s.call.received.Add(1)
	}
	return err
}
