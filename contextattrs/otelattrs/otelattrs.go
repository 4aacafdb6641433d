// Package otelattrs adds the ids of OpenTelemetry's current span to records. It is
// a module of its own, so that nobody else requires OpenTelemetry.
package otelattrs

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/slogsuite/slogsuite/contextattrs"
)

// NewHandler returns a handler that adds [Attrs] to each record on its way to next,
// as [contextattrs.Dynamic] does: at top level, with the ids of the span that is
// the current one when the record is logged. It panics if next is nil.
func NewHandler(next slog.Handler) slog.Handler {
	if next == nil {
		panic("otelattrs: NewHandler: the handler is nil")
	}
	return contextattrs.Dynamic(next, Attrs)
}

// Attrs returns the ids of the span of ctx, sampled or not, its own or a remote
// one, as trace_id and span_id in lower-case hexadecimal; nil if there is no
// valid one. The names are those that package httpattrs gives a caller's ids:
// where both are at work, set its NoTrace.
func Attrs(ctx context.Context) []slog.Attr {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return nil
	}
	return []slog.Attr{
		slog.String("trace_id", span.TraceID().String()),
		slog.String("span_id", span.SpanID().String()),
	}
}
