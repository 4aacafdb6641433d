package otelattrs_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/otelattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
	"github.com/slogsuite/slogsuite/slogtree"
)

func ExampleNewHandler() {
	h := otelattrs.NewHandler(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	trace, _ := trace.TraceIDFromHex("4bf92f3577b34da6a3ce929d0e0e4736")
	ctx := remote(trace)
	slog.New(h).WithGroup("db").InfoContext(ctx, "query", "rows", 3)
	// Output:
	// level=INFO msg=query trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 db.rows=3
}

// remote returns a context with a caller's span.
func remote(id trace.TraceID) context.Context {
	return trace.ContextWithRemoteSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: trace.SpanID{0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7},
	}))
}

// TestSDK compares the ids in records with those of the spans that the SDK exports.
func TestSDK(t *testing.T) {
	exported := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported))
	defer func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	tracer := provider.Tracer("test")
	rec := handlertest.NewRecorder(nil)
	tree := slogtree.New(slogtree.Options{})
	tree.Root().AddHandler(otelattrs.NewHandler(rec))
	log := tree.Get("a.b").With("k", 1).WithGroup("g")

	ctx := contextattrs.With(t.Context(), "request", 7)
	log.InfoContext(ctx, "none")
	outer, outerSpan := tracer.Start(ctx, "outer")
	log.InfoContext(outer, "outer", "own", 1)
	inner, innerSpan := tracer.Start(outer, "inner")
	log.InfoContext(inner, "inner")
	innerSpan.End()
	outerSpan.End()
	log.InfoContext(contextattrs.Detach(inner), "afterwards")

	ids := map[string]map[string]any{"none": {}}
	for _, s := range exported.GetSpans() {
		ids[s.Name] = map[string]any{"trace_id": s.SpanContext.TraceID().String(), "span_id": s.SpanContext.SpanID().String()}
	}
	ids["afterwards"] = ids["inner"]
	if len(ids) != 4 || len(rec.Records()) != 4 {
		t.Fatalf("%d spans, %d records", len(ids), len(rec.Records()))
	}
	for _, e := range rec.Records() {
		want := map[string]any{"request": int64(7), "k": int64(1)}
		for key, id := range ids[e.Message] {
			want[key] = id
		}
		if e.Message == "outer" {
			want["g"] = map[string]any{"own": int64(1)}
		}
		if d := handlertest.Diff(want, e.Attrs); d != "" {
			t.Errorf("%s: %s", e.Message, d)
		}
	}
}

// TestUnsampled has spans that nobody exports, and a caller's, show their ids.
func TestUnsampled(t *testing.T) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	ctx, span := provider.Tracer("test").Start(t.Context(), "unsampled")
	defer span.End()
	const header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
	caller := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": header})
	for _, ctx := range []context.Context{ctx, caller} {
		s := trace.SpanContextFromContext(ctx)
		want := fmt.Sprintf("[trace_id=%s span_id=%s]", s.TraceID(), s.SpanID())
		if got := fmt.Sprint(otelattrs.Attrs(ctx)); got != want || s.IsSampled() {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if attrs := otelattrs.Attrs(t.Context()); attrs != nil {
		t.Errorf("without a span: %v", attrs)
	}
}

func TestRun(t *testing.T) {
	open := func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		rec := handlertest.NewRecorder(l)
		return otelattrs.NewHandler(rec), rec.Results
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
		handlertest.Leveled(open))
}

func TestNewHandlerRefusesNil(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "handler is nil") {
			t.Error(v)
		}
	}()
	otelattrs.NewHandler(nil)
}

func BenchmarkHandler(b *testing.B) {
	text := slog.NewTextHandler(null{}, nil)
	ctx := remote(trace.TraceID{1})
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{{"none", text}, {"otelattrs", otelattrs.NewHandler(text)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			log := slog.New(c.h)
			for b.Loop() {
				log.InfoContext(ctx, "m")
			}
		})
	}
}

// null swallows writes.
type null struct{}

func (null) Write(p []byte) (int, error) { return len(p), nil }
