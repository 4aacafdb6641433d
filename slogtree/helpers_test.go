package slogtree

import (
	"context"
	"log/slog"
)

// denyAll is a filter that lets nothing pass.
type denyAll struct{}

func (denyAll) Filter(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
	return r, false
}

// cloneCounter counts what is derived from it. It isn't for concurrent use.
type cloneCounter struct{ clones int }

func (*cloneCounter) Enabled(context.Context, slog.Level) bool  { return true }
func (*cloneCounter) Handle(context.Context, slog.Record) error { return nil }
func (h *cloneCounter) WithAttrs([]slog.Attr) slog.Handler      { h.clones++; return h }
func (h *cloneCounter) WithGroup(string) slog.Handler           { h.clones++; return h }
