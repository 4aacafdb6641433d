package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// percent returns a formatter for a format that is right.
func percent(format string) formatters.Formatter {
	return formatters.Must(formatters.Percent(format, nil))
}

// parsable is a format that handlertest.ParseText understands.
const parsable = `time=%(asctime)s level=%(levelname)s msg="%(message)s"`

// syncBuffer is a buffer that a test may read while others write.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *syncBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

// results parses what a stream with the format parsable has written.
func results(t *testing.T, text func() string) func() []map[string]any {
	return func() []map[string]any {
		maps, err := handlertest.ParseText([]byte(text()))
		if err != nil {
			t.Error(err)
		}
		return maps
	}
}

// foreign is a handler of somebody else: it has only slog's methods.
type foreign struct{ h slog.Handler }

func (h foreign) Enabled(ctx context.Context, l slog.Level) bool  { return h.h.Enabled(ctx, l) }
func (h foreign) Handle(ctx context.Context, r slog.Record) error { return h.h.Handle(ctx, r) }
func (h foreign) WithAttrs(attrs []slog.Attr) slog.Handler        { return foreign{h.h.WithAttrs(attrs)} }
func (h foreign) WithGroup(name string) slog.Handler              { return foreign{h.h.WithGroup(name)} }

// hook is a handler that calls functions, those that are not nil.
type hook struct {
	enabled func(slog.Level) bool
	handle  func(context.Context, slog.Record) error
	with    func([]slog.Attr)
	flush   func() error
	close   func() error
}

func (h *hook) Enabled(_ context.Context, l slog.Level) bool { return h.enabled == nil || h.enabled(l) }

func (h *hook) Handle(ctx context.Context, r slog.Record) error {
	if h.handle == nil {
		return nil
	}
	return h.handle(ctx, r)
}

func (h *hook) WithAttrs(attrs []slog.Attr) slog.Handler {
	if h.with != nil {
		h.with(attrs)
	}
	return h
}

func (h *hook) WithGroup(string) slog.Handler { return h }

func (h *hook) Flush() error {
	if h.flush == nil {
		return nil
	}
	return h.flush()
}

func (h *hook) Close() error {
	if h.close == nil {
		return nil
	}
	return h.close()
}

var errTest = errors.New("no luck")

func failing(err error) *hook {
	return &hook{handle: func(context.Context, slog.Record) error { return err }}
}

func panicking(v any) *hook {
	return &hook{handle: func(context.Context, slog.Record) error { panic(v) }}
}

// record returns a record with a message.
func record(level slog.Level, msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Time{}, level, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

func handle(t *testing.T, h slog.Handler, r slog.Record) {
	t.Helper()
	if err := h.Handle(context.Background(), r); err != nil {
		t.Errorf("Handle of %q: %v", r.Message, err)
	}
}

func wantPanic(t *testing.T, text string, do func()) {
	t.Helper()
	defer func() {
		t.Helper()
		v := recover()
		if s, ok := v.(string); !ok || !strings.Contains(s, text) {
			t.Errorf("panic with %v, want one with %q", v, text)
		}
	}()
	do()
}

func diff(t *testing.T, want, got any) {
	t.Helper()
	if d := handlertest.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
