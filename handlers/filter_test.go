package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestNameFilter(t *testing.T) {
	for _, c := range []struct {
		filter, logger string
		want           bool
	}{
		{"", "", true}, {"", "a", true}, {"a.b", "a.b", true}, {"a.b", "a.b.c", true}, {"a.b", "a.b.c.d", true},
		{"a.b", "a.bc", false}, {"a.b", "b.a.b", false}, {"a.b", "a", false}, {"a.b", "", false},
		{"a", "a.", true}, {"a.", "a.b", false}, {"a.", "a.", true}, {"a.", "a..b", true},
		{"root", "root", true}, {"root", "a", false}, {"A", "a", false},
	} {
		_, ok := handlers.NameFilter(c.filter).Filter(context.Background(), c.logger, slog.Record{})
		if ok != c.want {
			t.Errorf("NameFilter(%q) of %q: %t", c.filter, c.logger, ok)
		}
	}
}

func TestFiltersHaveIdentities(t *testing.T) {
	a, b := handlers.FilterFunc(pass), handlers.FilterFunc(pass)
	c, d := handlers.NameFilter("x"), handlers.NameFilter("x")
	if a == b || c == d {
		t.Error("two filters are equal")
	}
	wantPanic(t, "FilterFunc: the function is nil", func() { handlers.FilterFunc(nil) })
}

// TestFilterKnowsTheLogger has a bare handler write for the root, as CPython says.
func TestFilterKnowsTheLogger(t *testing.T) {
	var names []string
	h := handlers.NewFilter(handlertest.NewRecorder(nil), handlers.FilterFunc(
		func(_ context.Context, logger string, r slog.Record) (slog.Record, bool) {
			names = append(names, logger)
			return r, true
		}))
	type named interface {
		WithLoggerName(key, name string) slog.Handler
	}
	for _, h := range []slog.Handler{
		h,
		h.(named).WithLoggerName("logger", ""),
		h.(named).WithLoggerName("logger", "a.b").WithGroup("g"),
		handlers.BindName(handlers.NewLevel(handlers.NewFanout(h), nil), "logger", "a.c"),
	} {
		handle(t, h, record(slog.LevelInfo, "m"))
	}
	diff(t, []string{"root", "root", "a.b", "a.c"}, names)
}

func TestFilterReplaces(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	add := func(key string) handlers.Filter {
		return handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			r.AddAttrs(slog.Int(key, r.NumAttrs()))
			return r, true
		})
	}
	louder := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		changed := slog.NewRecord(r.Time, r.Level+4, r.Message+"!", r.PC)
		r.Attrs(func(a slog.Attr) bool { changed.AddAttrs(a); return true })
		return changed, true
	})
	// Nine attrs leave room in the record, which each of its copies could write to.
	r := record(slog.LevelInfo, "m")
	for i := range 8 {
		r.AddAttrs(slog.Int(fmt.Sprint("k", i), i))
	}
	a := handlers.NewFilter(rec, add("x"), louder, add("y"))
	b := handlers.NewFilter(rec, add("z"))
	for _, h := range []slog.Handler{a, b, rec} {
		handle(t, h, r)
	}
	entries := rec.Records()
	if len(entries) != 3 {
		t.Fatalf("%d records", len(entries))
	}
	for i, want := range []map[string]any{{"x": int64(8), "y": int64(9)}, {"z": int64(8)}, {}} {
		got := entries[i].Attrs
		for k := range 8 {
			want[fmt.Sprint("k", k)] = int64(k)
		}
		diff(t, want, got)
	}
	diff(t, []string{"m!", "m", "m"}, rec.Messages())
	if entries[0].Level != slog.LevelWarn {
		t.Errorf("level %v", entries[0].Level)
	}
}

// TestFilterSees checks which attrs a filter is shown, and that the first refusal
// ends it.
func TestFilterSees(t *testing.T) {
	var seen []string
	filter := func(pass bool) handlers.Filter {
		return handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			r.Attrs(func(a slog.Attr) bool { seen = append(seen, a.Key); return true })
			return r, pass
		})
	}
	rec := handlertest.NewRecorder(nil)
	ctx := contextattrs.With(context.Background(), "context", 1)
	filters := []handlers.Filter{filter(true), filter(false), filter(true)}
	h := handlers.NewFilter(rec, filters...)
	filters[1] = filter(true) // options are copied
	slog.New(h).With("with", 1).InfoContext(ctx, "m", "own", 1)
	diff(t, []string{"own", "own"}, seen)
	diff(t, []string{}, rec.Messages())
}

// TestFilterPanics has the record go on as it was before the filter that panics.
func TestFilterPanics(t *testing.T) {
	broken := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.Int("broken", 1))
		panic(errTest)
	})
	add := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.Int("added", 1))
		return r, true
	})
	for _, c := range []struct {
		last    handlers.Filter
		next    error
		records int
	}{
		{add, nil, 1}, {add, io.ErrShortWrite, 1}, {handlers.NameFilter("a"), nil, 0},
	} {
		rec := handlertest.NewRecorder(nil)
		h := handlers.NewFilter(handlers.NewFanout(rec, failing(c.next)), add, broken, c.last)
		err := h.Handle(t.Context(), record(slog.LevelInfo, "m"))
		var p *handlers.PanicError
		if !errors.As(err, &p) || !errors.Is(err, errTest) || c.next != nil && !errors.Is(err, c.next) {
			t.Errorf("Handle: %v", err)
		}
		if n := len(rec.Records()); n != c.records {
			t.Fatalf("%d records arrived, want %d", n, c.records)
		}
		for _, e := range rec.Records() {
			diff(t, map[string]any{"added": int64(1)}, e.Attrs)
		}
	}
}

func TestFilterArguments(t *testing.T) {
	h := handlers.NewFilter(handlertest.NewRecorder(nil), handlers.FilterFunc(pass), handlers.NameFilter("a\nb"))
	if s := fmt.Sprint(h); s != `Filter(FilterFunc, NameFilter("a\nb"), Recorder)` {
		t.Errorf("String() = %s", s)
	}
	wantPanic(t, "NewFilter: the handler is nil", func() { handlers.NewFilter(nil) })
	wantPanic(t, "NewFilter: a filter is nil", func() { handlers.NewFilter(slog.DiscardHandler, nil) })
}
