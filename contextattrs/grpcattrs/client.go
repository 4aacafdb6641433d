package grpcattrs

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/internal/incoming"
)

// UnaryClient returns an interceptor of a client's calls: the request_id that the
// context carries is sent along, if the call's metadata has none, and the call is
// logged.
func UnaryClient(o Options) grpc.UnaryClientInterceptor {
	options := o.withDefaults()
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		c := &call{o: options, method: method, start: time.Now()}
		err := invoke(c.outgoing(ctx), method, req, reply, cc, opts...)
		c.log(ctx, err)
		return err
	}
}

// StreamClient is [UnaryClient] for streams. Such a call is over when RecvMsg
// returned an error, io.EOF among them, or the one message of a server that
// does not stream; when the stream could not be opened; or when ctx ended. One of
// these has to happen, as for gRPC itself.
func StreamClient(o Options) grpc.StreamClientInterceptor {
	options := o.withDefaults()
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		c := &call{o: options, method: method, start: time.Now(), stream: true}
		stream, err := streamer(c.outgoing(ctx), desc, cc, method, opts...)
		if err != nil {
			c.log(ctx, err)
			return nil, err
		}
		s := &clientStream{ClientStream: stream, call: c, streams: desc.ServerStreams}
		s.log = func(err error) { c.log(ctx, err) }
		stop := context.AfterFunc(ctx, func() { s.over(status.FromContextError(ctx.Err()).Err()) })
		s.stop = func() { stop() }
		return s, nil
	}
}

// outgoing returns ctx with the request's id in the metadata. One that no server would take
// is not sent: gRPC fails a call for it.
func (c *call) outgoing(ctx context.Context) context.Context {
	key := c.o.RequestIDKey
	if key == "-" {
		return ctx
	}
	if md, ok := metadata.FromOutgoingContext(ctx); ok && len(md.Get(key)) > 0 {
		return ctx
	}
	for _, a := range contextattrs.Attrs(ctx) {
		if a.Key == "request_id" && a.Value.Kind() == slog.KindString && incoming.ValidID(a.Value.String()) {
			return metadata.AppendToOutgoingContext(ctx, key, a.Value.String())
		}
	}
	return ctx
}

// A clientStream counts, and logs once when it is over.
type clientStream struct {
	grpc.ClientStream
	call    *call
	streams bool // the server does
	once    sync.Once
	log     func(error)
	stop    func()
}

func (s *clientStream) over(err error) {
	s.once.Do(func() { s.log(err) })
}

func (s *clientStream) SendMsg(m any) error {
	err := s.ClientStream.SendMsg(m)
	if err == nil {
		s.call.sent.Add(1)
	}
	return err
}

func (s *clientStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	switch {
	case err == nil:
		s.call.received.Add(1)
		if s.streams {
			return nil
		}
		s.stop()
		s.over(nil)
	case err == io.EOF:
		s.stop()
		s.over(nil)
	default:
		s.stop()
		s.over(err)
	}
	return err
}
