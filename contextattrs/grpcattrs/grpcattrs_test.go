package grpcattrs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/grpcattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
)

// text is the message of the service, which is described by hand.
type text = wrapperspb.StringValue

// service answers what its functions say.
type service struct {
	unary  func(ctx context.Context, req *text) (*text, error)
	stream func(s grpc.ServerStream) error
}

var desc = grpc.ServiceDesc{
	ServiceName: "test.Service",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: func(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		req := new(text)
		if err := decode(req); err != nil {
			return nil, err
		}
		return intercept(ctx, req, &grpc.UnaryServerInfo{Server: srv, FullMethod: "/test.Service/Unary"},
			func(ctx context.Context, req any) (any, error) { return srv.(*service).unary(ctx, req.(*text)) })
	}}},
	Streams: []grpc.StreamDesc{
		{StreamName: "Both", ServerStreams: true, ClientStreams: true, Handler: func(srv any, s grpc.ServerStream) error { return srv.(*service).stream(s) }},
		{StreamName: "Up", ClientStreams: true, Handler: func(srv any, s grpc.ServerStream) error { return srv.(*service).stream(s) }},
	},
}

// A setup is a server and a client that knows it, on loopback.
type setup struct {
	service        service
	server, client *handlertest.Recorder
	logged         chan struct{} // by the server
	conn           *grpc.ClientConn
}

// signalling tells of each record, once it is recorded.
type signalling struct {
	*handlertest.Recorder
	logged chan<- struct{}
}

func (h signalling) Handle(ctx context.Context, r slog.Record) error {
	defer func() { h.logged <- struct{}{} }()
	return h.Recorder.Handle(ctx, r)
}

// recovering are interceptors that keep a panic from ending the test.
func recovering(err *error) {
	if v := recover(); v != nil {
		*err = status.Error(codes.Internal, fmt.Sprint("recovered ", v))
	}
}

func start(t *testing.T, o grpcattrs.Options) *setup {
	t.Helper()
	s := &setup{server: handlertest.NewRecorder(nil), client: handlertest.NewRecorder(nil), logged: make(chan struct{}, 100)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clientOptions := grpcattrs.Options{Logger: slog.New(s.client), RequestIDKey: o.RequestIDKey}
	o.Logger = slog.New(signalling{s.server, s.logged})
	server := grpc.NewServer(
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (_ any, err error) {
			defer recovering(&err)
			return next(ctx, req)
		}, grpcattrs.UnaryServer(o)),
		grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
			defer recovering(&err)
			return next(srv, stream)
		}, grpcattrs.StreamServer(o)))
	server.RegisterService(&desc, &s.service)
	done := make(chan error)
	go func() { done <- server.Serve(l) }()
	s.conn, err = grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(grpcattrs.UnaryClient(clientOptions)),
		grpc.WithChainStreamInterceptor(grpcattrs.StreamClient(clientOptions)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.conn.Close(); err != nil {
			t.Error(err)
		}
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// record waits for a record of the server.
func (s *setup) record() handlertest.Entry {
	<-s.logged
	all := s.server.Records()
	return all[len(all)-1]
}

func last(r *handlertest.Recorder) handlertest.Entry {
	all := r.Records()
	return all[len(all)-1]
}

// plain returns attrs without what differs from run to run, after a look at it.
func plain(t *testing.T, e handlertest.Entry) map[string]any {
	t.Helper()
	attrs := e.Attrs
	if d, _ := attrs["duration"].(time.Duration); d <= 0 {
		t.Errorf("duration %v", attrs["duration"])
	}
	delete(attrs, "duration")
	if remote, ok := attrs["remote"].(string); ok && remote == "127.0.0.1" {
		attrs["remote"] = "loopback"
	}
	return attrs
}

func TestUnary(t *testing.T) {
	s := start(t, grpcattrs.Options{})
	for _, c := range []struct {
		err    error
		code   string
		server slog.Level
	}{
		{nil, "OK", slog.LevelInfo},
		{status.Error(codes.NotFound, "no such\nthing"), "NotFound", slog.LevelInfo},
		{status.Error(codes.DataLoss, strings.Repeat("x", 10_000)), "DataLoss", slog.LevelError},
		{errors.New("no status"), "Unknown", slog.LevelError},
	} {
		s.service.unary = func(ctx context.Context, req *text) (*text, error) {
			contextattrs.Add(ctx, "user", "ada")
			if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != "[request_id=r-17]" {
				t.Errorf("the context has %s", got)
			}
			return req, c.err
		}
		var header metadata.MD
		ctx := contextattrs.With(t.Context(), "request_id", "r-17")
		reply := new(text)
		err := s.conn.Invoke(ctx, "/test.Service/Unary", wrapperspb.String("hi"), reply, grpc.Header(&header))
		if status.Code(err).String() != c.code || c.err == nil && reply.Value != "hi" {
			t.Errorf("%v: %v", c.err, err)
		}
		want := map[string]any{"request_id": "r-17", "method": "/test.Service/Unary", "code": c.code}
		if c.err != nil {
			want["error"] = status.Convert(c.err).Message()
			if len(want["error"].(string)) > 1024 {
				want["error"] = strings.Repeat("x", 1024) + "... (cut)"
			}
		}
		if d := handlertest.Diff(want, plain(t, last(s.client))); d != "" {
			t.Errorf("%v, client: %s", c.err, d)
		}
		want["user"], want["remote"] = "ada", "loopback"
		e := s.record()
		if d := handlertest.Diff(want, plain(t, e)); d != "" || e.Level != c.server || e.Message != "call" {
			t.Errorf("%v, server: %s %s %s", c.err, e.Level, e.Message, d)
		}
		if got := header.Get("x-request-id"); len(got) != 1 || got[0] != "r-17" {
			t.Errorf("sent back: %q", got)
		}
	}
}

func TestStreams(t *testing.T) {
	s := start(t, grpcattrs.Options{})
	s.service.stream = func(stream grpc.ServerStream) error {
		contextattrs.Add(stream.Context(), "late", 1)
		n := 0
		for {
			m := new(text)
			err := stream.RecvMsg(m)
			if err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			if m.Value == "fail" {
				return status.Error(codes.Aborted, "as asked")
			}
			n++
		}
		return stream.SendMsg(wrapperspb.String(fmt.Sprint(n)))
	}
	for _, c := range []struct {
		method         string
		say            []string
		code           string
		received, sent int64 // by the server
	}{
		{"Both", []string{"a", "b", "c"}, "OK", 3, 1},
		{"Both", nil, "OK", 0, 1},
		{"Up", []string{"a", "b"}, "OK", 2, 1},
		{"Both", []string{"a", "fail"}, "Aborted", 2, 0},
		{"Up", []string{"fail"}, "Aborted", 1, 0},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: c.method == "Both"}, "/test.Service/"+c.method)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range c.say {
			if err := stream.SendMsg(wrapperspb.String(m)); err != nil {
				t.Fatal(err)
			}
		}
		if err := stream.CloseSend(); err != nil {
			t.Error(err)
		}
		err = stream.RecvMsg(new(text))
		for err == nil && c.method == "Both" {
			err = stream.RecvMsg(new(text))
		}
		if err != nil && err != io.EOF && status.Code(err).String() != c.code {
			t.Errorf("%s %q: %v", c.method, c.say, err)
		}
		cancel() // after the end it changes nothing
		server, client := s.record().Attrs, last(s.client).Attrs
		if server["code"] != c.code || server["received"] != c.received || server["sent"] != c.sent || server["late"] != int64(1) {
			t.Errorf("%s %q, server: %v", c.method, c.say, server)
		}
		if client["code"] != c.code || client["received"] != c.sent || client["sent"] != int64(len(c.say)) {
			t.Errorf("%s %q, client: %v", c.method, c.say, client)
		}
	}
	if a, b := len(s.server.Records()), len(s.client.Records()); a != 5 || b != 5 {
		t.Errorf("%d and %d records of 5 calls", a, b)
	}
}

// TestCancelledStream has a client that just goes away.
func TestCancelledStream(t *testing.T) {
	s := start(t, grpcattrs.Options{})
	began := make(chan struct{})
	s.service.stream = func(stream grpc.ServerStream) error {
		close(began)
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	logged := make(chan struct{}, 10)
	client := grpcattrs.StreamClient(grpcattrs.Options{Logger: slog.New(signalling{s.client, logged})})
	desc := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := client(ctx, desc, s.conn, "/test.Service/Both", func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return cc.NewStream(ctx, desc, method, opts...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(new(text)); err != nil {
		t.Fatal(err)
	}
	<-began
	cancel()
	<-logged
	if got := last(s.client).Attrs["code"]; got != "Canceled" {
		t.Errorf("client: %v", got)
	}
	if e := s.record(); e.Attrs["code"] != "Canceled" || e.Level != slog.LevelInfo {
		t.Errorf("server: %v", e)
	}
}

func TestPanics(t *testing.T) {
	s := start(t, grpcattrs.Options{})
	s.service.unary = func(context.Context, *text) (*text, error) { panic("boom") }
	s.service.stream = func(grpc.ServerStream) error { panic("boom") }
	err := s.conn.Invoke(t.Context(), "/test.Service/Unary", new(text), new(text))
	if status.Convert(err).Message() != "recovered boom" {
		t.Errorf("unary: %v", err)
	}
	stream, err := s.conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Service/Both")
	if err == nil {
		err = stream.RecvMsg(new(text))
	}
	if status.Convert(err).Message() != "recovered boom" {
		t.Errorf("stream: %v", err)
	}
	for range 4 {
		<-s.logged
	}
	for i, e := range s.server.Records() {
		if i%2 == 0 {
			if stack, _ := e.Attrs["stack"].(string); e.Message != "panic" || e.Attrs["panic"] != "boom" || !strings.Contains(stack, "TestPanics") {
				t.Errorf("%v", e)
			}
		} else if e.Attrs["panicked"] != true || e.Attrs["code"] != "Internal" || e.Level != slog.LevelError {
			t.Errorf("%v", e)
		}
	}
}

// TestIncoming has metadata of all kinds, and a level for those who may set one.
func TestIncoming(t *testing.T) {
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	allow := func(ctx context.Context, method string) bool {
		md, _ := metadata.FromIncomingContext(ctx)
		return method == "/test.Service/Unary" && len(md.Get("authorization")) == 1
	}
	for _, c := range []struct {
		name    string
		o       grpcattrs.Options
		sent    []string
		id      string // "" is a random one, "-" none
		trace   bool
		leveled bool
	}{
		{"nothing", grpcattrs.Options{}, nil, "", false, false},
		{"all", grpcattrs.Options{Authorize: allow}, []string{"x-request-id", "a", "traceparent", trace, "x-log-level", "debug", "authorization", "yes"}, "a", true, true},
		{"not authorized", grpcattrs.Options{Authorize: allow}, []string{"x-log-level", "debug"}, "", false, false},
		{"nobody to ask", grpcattrs.Options{}, []string{"x-log-level", "debug", "authorization", "yes"}, "", false, false},
		{"bad", grpcattrs.Options{Authorize: allow}, []string{"x-request-id", "a b", "traceparent", trace + "-", "x-log-level", "loud", "authorization", "yes"}, "", false, false},
		{"two", grpcattrs.Options{}, []string{"x-request-id", "a", "x-request-id", "b", "traceparent", trace, "traceparent", trace}, "", false, false},
		{"own", grpcattrs.Options{OwnRequestIDs: true, NewRequestID: func() string { return "made" }}, []string{"x-request-id", "a"}, "made", false, false},
		{"another key", grpcattrs.Options{RequestIDKey: "X-Correlation-Id"}, []string{"x-correlation-id", "a"}, "a", false, false},
		{"off", grpcattrs.Options{RequestIDKey: "-", NoTrace: true}, []string{"x-request-id", "a", "traceparent", trace}, "-", false, false},
	} {
		s := start(t, c.o)
		s.service.unary = func(ctx context.Context, req *text) (*text, error) {
			if level, ok := contextattrs.Level(ctx); ok != c.leveled || ok && level != slog.LevelDebug {
				t.Errorf("%s: level %v, %t", c.name, level, ok)
			}
			return req, nil
		}
		ctx := metadata.AppendToOutgoingContext(t.Context(), c.sent...)
		if err := s.conn.Invoke(ctx, "/test.Service/Unary", new(text), new(text)); err != nil {
			t.Error(err)
		}
		attrs := s.record().Attrs
		id, _ := attrs["request_id"].(string)
		if c.id == "" && len(id) != 26 || c.id == "-" && id != "" || c.id != "" && c.id != "-" && id != c.id {
			t.Errorf("%s: request_id %q", c.name, id)
		}
		if got := attrs["trace_id"] == trace[3:35] && attrs["span_id"] == trace[36:52]; got != c.trace {
			t.Errorf("%s: %v", c.name, attrs)
		}
	}
}

// TestTree has a call's id go on to another server, and its level be obeyed by a tree.
func TestTree(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(rec)
	other := start(t, grpcattrs.Options{})
	other.service.unary = func(_ context.Context, req *text) (*text, error) { return req, nil }
	s := start(t, grpcattrs.Options{Authorize: func(context.Context, string) bool { return true }})
	s.service.unary = func(ctx context.Context, req *text) (*text, error) {
		tree.Get("a").DebugContext(ctx, "looking it up")
		return req, other.conn.Invoke(ctx, "/test.Service/Unary", req, new(text))
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "r-1", "x-log-level", "debug")
	if err := s.conn.Invoke(ctx, "/test.Service/Unary", new(text), new(text)); err != nil {
		t.Fatal(err)
	}
	if id := other.record().Attrs["request_id"]; id != "r-1" {
		t.Errorf("the other server got the id %v", id)
	}
	if all := rec.Records(); len(all) != 1 || all[0].Attrs["request_id"] != "r-1" {
		t.Errorf("%v", all)
	}
}
