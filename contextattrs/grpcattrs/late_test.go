package grpcattrs_test

import (
	"context"
	"log/slog"
	"testing"

	"google.golang.org/grpc"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/grpcattrs"
)

// TestCollectorEnds has a call whose record nobody wants: its collector ends all the same.
func TestCollectorEnds(t *testing.T) {
	var inside context.Context
	intercept := grpcattrs.UnaryServer(grpcattrs.Options{Logger: slog.New(slog.DiscardHandler)})
	_, err := intercept(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/s/M"}, func(ctx context.Context, _ any) (any, error) {
		inside = ctx
		if !contextattrs.Add(ctx, "user", "ada") {
			t.Error("not taken during the call")
		}
		return nil, nil
	})
	if err != nil || contextattrs.Add(inside, "rows", 1) {
		t.Errorf("taken after the call, or %v", err)
	}
}

// TestClientWithOddRequestID has a request_id of the program's own that can't be sent.
func TestClientWithOddRequestID(t *testing.T) {
	s := start(t, grpcattrs.Options{})
	s.service.unary = func(context.Context, *text) (*text, error) { return new(text), nil }
	for _, id := range []string{"a\nb", "é", "", string(make([]byte, 1<<20))} {
		ctx := contextattrs.With(t.Context(), "request_id", id)
		if err := s.conn.Invoke(ctx, "/test.Service/Unary", new(text), new(text)); err != nil {
			t.Errorf("%.10q: %.100v", id, err)
			continue // the server has met no call
		}
		if e := s.record(); e.Attrs["request_id"] == id || e.Attrs["request_id"] == "" {
			t.Errorf("%.10q was taken: %v", id, e)
		}
	}
}
