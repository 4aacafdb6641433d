package grpcattrs_test

import (
	"context"
	"log/slog"
	"testing"

	"google.golang.org/grpc"

	"github.com/slogsuite/slogsuite/contextattrs/grpcattrs"
)

// BenchmarkUnaryServer compares an interceptor with none, without the network.
func BenchmarkUnaryServer(b *testing.B) {
	handler := func(context.Context, any) (any, error) { return nil, nil }
	none := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		return h(ctx, req)
	}
	for _, c := range []struct {
		name string
		i    grpc.UnaryServerInterceptor
	}{
		{"none", none},
		{"disabled", grpcattrs.UnaryServer(grpcattrs.Options{Logger: slog.New(slog.DiscardHandler)})},
		{"text", grpcattrs.UnaryServer(grpcattrs.Options{Logger: slog.New(slog.NewTextHandler(null{}, nil))})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx, info := b.Context(), &grpc.UnaryServerInfo{FullMethod: "/a.B/C"}
			for b.Loop() {
				_, _ = c.i(ctx, nil, info, handler)
			}
		})
	}
}

// null swallows writes.
type null struct{}

func (null) Write(p []byte) (int, error) { return len(p), nil }
