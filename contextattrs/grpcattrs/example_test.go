package grpcattrs_test

import (
	"context"
	"log/slog"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/grpcattrs"
)

func ExampleUnaryServer() {
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" {
				return slog.Attr{}
			}
			return a
		},
	}))
	intercept := grpcattrs.UnaryServer(grpcattrs.Options{Logger: log}) // for grpc.ChainUnaryInterceptor

	// What gRPC does with a call:
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("x-request-id", "r-17"))
	_, _ = intercept(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/shop.Orders/Get"}, func(ctx context.Context, _ any) (any, error) {
		contextattrs.Add(ctx, "user", "ada")
		return nil, nil
	})
	// Output:
	// level=INFO msg=call request_id=r-17 method=/shop.Orders/Get code=OK user=ada
}
