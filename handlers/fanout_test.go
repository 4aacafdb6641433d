package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestFanoutAsksEach(t *testing.T) {
	all, few := handlertest.NewRecorder(nil), handlertest.NewRecorder(slog.LevelError)
	log := slog.New(handlers.NewFanout(few, all))
	log.Debug("debug")
	log.Error("error")
	diff(t, []string{"debug", "error"}, all.Messages())
	diff(t, []string{"error"}, few.Messages())
	if handlers.NewFanout(few).Enabled(context.Background(), slog.LevelInfo) {
		t.Error("enabled for what no handler wants")
	}
	if handlers.NewFanout().Enabled(context.Background(), slog.LevelError) {
		t.Error("enabled without handlers")
	}
}

func TestFanoutGoesOn(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	value := errors.New("value")
	h := handlers.NewFanout(
		failing(errTest), panicking(value), rec,
		&hook{enabled: func(slog.Level) bool { panic("in Enabled") }}, rec,
	)
	if !h.Enabled(context.Background(), slog.LevelInfo) {
		t.Error("not enabled")
	}
	err := h.Handle(context.Background(), record(slog.LevelInfo, "m"))
	diff(t, []string{"m", "m"}, rec.Messages())
	var p *handlers.PanicError
	if !errors.Is(err, errTest) || !errors.Is(err, value) || !errors.As(err, &p) {
		t.Errorf("Handle: %v", err)
	}
	diff(t, "no luck\nhandlers: panic: value\nhandlers: panic: in Enabled", fmt.Sprint(err))
}

// TestFanoutKeepsHandlersApart has the first handler spoil all it gets.
func TestFanoutKeepsHandlersApart(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	spoil := func(attrs []slog.Attr) {
		for i := range attrs {
			if attrs[i].Value.Kind() == slog.KindGroup {
				inner := attrs[i].Value.Group()
				inner[0] = slog.String("spoilt", "x")
			}
			attrs[i].Key = "spoilt"
		}
		_ = append(attrs, slog.String("spoilt", "x"))
	}
	spoiler := &hook{with: spoil, handle: func(_ context.Context, r slog.Record) error {
		r.AddAttrs(slog.String("spoilt", "x"))
		r.Attrs(func(a slog.Attr) bool { // slog tells of room that two have written to
			if a.Key == "!BUG" {
				t.Errorf("a handler got another's record: %v", a)
			}
			return true
		})
		return nil
	}}
	r := record(slog.LevelInfo, "m")
	for i := range 8 {
		r.AddAttrs(slog.Int(fmt.Sprint("k", i), i))
	}
	attrs := []slog.Attr{slog.Int("a", 1), slog.Group("g", slog.Int("b", 2), slog.Group("h", "c", 3))}
	h := handlers.NewFanout(spoiler, rec, spoiler, rec).WithAttrs(attrs[:2:2])
	handle(t, h, r)
	for _, e := range rec.Records() {
		want := map[string]any{"a": int64(1), "g": map[string]any{"b": int64(2), "h": map[string]any{"c": int64(3)}}}
		for i := range 8 {
			want[fmt.Sprint("k", i)] = int64(i)
		}
		diff(t, want, e.Attrs)
	}
	diff(t, []slog.Attr{slog.Int("a", 1), slog.Group("g", slog.Int("b", 2), slog.Group("h", "c", 3))}, attrs)
}

func TestFanoutKeepsLogValuers(t *testing.T) {
	var kinds []slog.Kind
	look := &hook{with: func(attrs []slog.Attr) { kinds = append(kinds, attrs[0].Value.Kind()) }}
	slog.New(handlers.NewFanout(look, look)).With("v", valuer(func() slog.Value { return slog.IntValue(1) }))
	diff(t, []slog.Kind{slog.KindLogValuer, slog.KindLogValuer}, kinds)
}

// TestFanoutBoundsLoops binds a group that holds itself.
func TestFanoutBoundsLoops(t *testing.T) {
	loop := make([]slog.Attr, 2)
	loop[0] = slog.Attr{Key: "a", Value: slog.GroupValue(loop...)}
	loop[1] = slog.Attr{Key: "b", Value: slog.GroupValue(loop...)}
	handlers.NewFanout(&hook{}, &hook{}).WithAttrs(loop)
}

func TestFanoutArguments(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	hs := []slog.Handler{rec, rec}
	h := handlers.NewFanout(hs...)
	hs[0] = slog.DiscardHandler // arguments are copied
	if s := fmt.Sprint(h); s != "Fanout(Recorder, Recorder)" {
		t.Errorf("String() = %s", s)
	}
	wantPanic(t, "NewFanout: argument 2: the handler is nil", func() { handlers.NewFanout(rec, nil) })
	u := h.(interface{ Unwrap() []slog.Handler })
	u.Unwrap()[0] = nil // what Unwrap returns is a copy
	if u.Unwrap()[0] == nil {
		t.Error("Unwrap returns the handler's own slice")
	}
}
