package slogtree

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
)

// denyAll is a filter that lets nothing pass.
type denyAll struct{}

func (denyAll) Filter(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
	return r, false
}

// cloneCounter counts what is derived from it. It isn't for concurrent use.
type cloneCounter struct{ clones int }

func (*cloneCounter) Enabled(context.Context, slog.Level) bool { return true }

// AddsContextAttrs keeps the tree from wrapping h.
func (*cloneCounter) AddsContextAttrs() {}

func (*cloneCounter) Handle(context.Context, slog.Record) error { return nil }
func (h *cloneCounter) WithAttrs([]slog.Attr) slog.Handler      { h.clones++; return h }
func (h *cloneCounter) WithGroup(string) slog.Handler           { h.clones++; return h }

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
