package handlers_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

// noted returns a handler that notes its name in log when it is closed.
func noted(log *[]string, name string) *hook {
	return &hook{
		flush: func() error { *log = append(*log, "flush "+name); return nil },
		close: func() error { *log = append(*log, "close "+name); return nil },
	}
}

// outer is a wrapper that is closed with a context.
type outer struct {
	slog.Handler
	log  *[]string
	name string
	key  any
}

func (h *outer) Unwrap() slog.Handler { return h.Handler }

func (h *outer) Close(ctx context.Context) error {
	*h.log = append(*h.log, "close "+h.name+" "+ctx.Value(h.key).(string))
	h.Handler = nil // forgets its target, as a Memory does
	return nil
}

func TestCloseWalksOutermostFirst(t *testing.T) {
	type key struct{}
	var log []string
	a, b := noted(&log, "a"), noted(&log, "b")
	h := &outer{handlers.NewLevel(handlers.NewFanout(a, handlers.NewFilter(foreign{b}), a, b, b), nil), &log, "outer", key{}}
	if err := handlers.Flush(h); err != nil {
		t.Error(err)
	}
	if err := handlers.Close(context.WithValue(context.Background(), key{}, "ctx"), h); err != nil {
		t.Error(err)
	}
	diff(t, []string{"flush a", "flush b", "close outer ctx", "close a", "close b"}, log)
}

func TestWalkReachesAMemorysTarget(t *testing.T) {
	name := filepath.Join(t.TempDir(), "app.log")
	file := newFile(t, name, handlers.FileOptions{})
	m := handlers.NewMemory(file, handlers.MemoryOptions{})
	slog.New(m).Info("kept back")
	for range 2 {
		if err := handlers.Close(context.Background(), handlers.NewLevel(m, nil)); err != nil {
			t.Error(err)
		}
	}
	wantFile(t, name, "kept back\n")
	if err := file.Handle(context.Background(), record(slog.LevelInfo, "m")); err == nil {
		t.Error("the target is open")
	}
}

func TestFlushReachesTheWriter(t *testing.T) {
	var buf bytes.Buffer
	w := bufio.NewWriter(&buf)
	h := handlers.NewFanout(handlers.NewLevel(handlers.NewStream(w, nil, nil), nil))
	slog.New(h).Info("m")
	diff(t, "", buf.String())
	if err := handlers.Flush(h); err != nil {
		t.Error(err)
	}
	diff(t, "m\n", buf.String())
}

func TestWalkGoesOnAfterTrouble(t *testing.T) {
	closed := 0
	ok := &hook{close: func() error { closed++; return nil }}
	h := handlers.NewFanout(
		&hook{close: func() error { return errTest }},
		&hook{close: func() error { panic("in Close") }},
		ok,
	)
	err := handlers.Close(context.Background(), h)
	var p *handlers.PanicError
	if !errors.Is(err, errTest) || !errors.As(err, &p) || closed != 1 {
		t.Errorf("Close: %v; the last was closed %d times", err, closed)
	}
}

// badUnwrap panics, or wraps itself in other values for ever.
type badUnwrap struct {
	foreign
	panics bool
	depth  []int // makes the type one that can't be compared
}

func (h badUnwrap) Unwrap() slog.Handler {
	if h.panics {
		panic("in Unwrap")
	}
	return badUnwrap{depth: append(h.depth[:len(h.depth):len(h.depth)], 1)}
}

func TestWalkIsBounded(t *testing.T) {
	if err := handlers.Flush(badUnwrap{panics: true}); err == nil || !strings.Contains(err.Error(), "in Unwrap") {
		t.Errorf("Flush: %v", err)
	}
	if err := handlers.Flush(badUnwrap{}); err == nil || !strings.Contains(err.Error(), "wrapped in each other") {
		t.Errorf("Flush: %v", err)
	}
	loop := &loops{hook: &hook{}}
	loop.self = loop
	if err := handlers.Flush(nested{loop}); err != nil {
		t.Errorf("Flush: %v", err)
	}
	if err := handlers.Flush(nil); err != nil {
		t.Errorf("Flush(nil): %v", err)
	}
}

type nested struct{ *loops }

func (h nested) Unwrap() []slog.Handler { return []slog.Handler{h, h.self, nil} }

func TestPanicError(t *testing.T) {
	value := errors.New("value")
	err := handlers.NewFanout(panicking(value)).Handle(t.Context(), record(slog.LevelInfo, "m"))
	var p *handlers.PanicError
	if !errors.As(err, &p) || p.Value != value || !errors.Is(err, value) || !bytes.Contains(p.Stack, []byte("panicking")) {
		t.Errorf("Handle: %v", err)
	}
	p = &handlers.PanicError{Value: 7}
	if p.Error() != "handlers: panic: 7" || errors.Unwrap(p) != nil {
		t.Errorf("%v", p)
	}
}

// TestAll has each handler in the order of Flush, and once.
func TestAll(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	inner := handlers.NewLevel(rec, nil)
	h := handlers.NewFanout(inner, rec, handlers.NewMemory(inner, handlers.MemoryOptions{}))
	var got []string
	for one := range handlers.All(h) {
		got = append(got, strings.SplitN(fmt.Sprint(one), "(", 2)[0])
		if len(got) == 4 {
			break
		}
	}
	diff(t, []string{"Fanout", "Level", "Recorder", "Memory"}, got)
	for range handlers.All(nil) {
		t.Error("there is a handler in nil")
	}
}

func TestBindName(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	for _, h := range []slog.Handler{
		handlers.BindName(rec, "logger", "a.b"),
		handlers.BindName(foreign{rec}, "logger", "a.b").WithGroup("g"),
		handlers.BindName(foreign{rec}, "", "a.b"),
	} {
		handle(t, h, record(slog.LevelInfo, "m", slog.Int("k", 1)))
	}
	want := []map[string]any{
		{"k": int64(1)}, {"logger": "a.b", "g": map[string]any{"k": int64(1)}}, {"k": int64(1)},
	}
	for i, e := range rec.Records() {
		diff(t, want[i], e.Attrs)
	}
	if n := rec.Records()[0].Logger; n != "a.b" {
		t.Errorf("the Recorder was told %q", n)
	}
}
