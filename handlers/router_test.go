package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func init() {
	match := func(context.Context, string, slog.Record) bool { return true }
	hostileCases["Router"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewRouter(handlers.RouterOptions{All: true}, handlers.Route{To: slog.DiscardHandler}, handlers.Route{To: next, Match: match, Attr: slog.Attr{}})
	}}
	hostileCases["Router by default"] = hostileCase{wrap: func(next slog.Handler) slog.Handler {
		return handlers.NewRouter(handlers.RouterOptions{Default: next}, handlers.Route{To: slog.DiscardHandler, Attr: slog.Int("no", 1)})
	}}
}

func wantRouter(t *testing.T, h *handlers.Router, in, out, dropped, byDefault uint64, routes ...uint64) {
	t.Helper()
	got := h.Stats()
	if got.In != got.Out+got.Dropped+got.Held {
		t.Errorf("in is not out + dropped + held: %+v", got)
	}
	if got.In != in || got.Out != out || got.Dropped != dropped || got.Default != byDefault || !slices.Equal(got.Routes, routes) {
		t.Errorf("stats: %+v, want %d, %d, %d, %d, %d", got, in, out, dropped, byDefault, routes)
	}
}

// TestRouterConditions has each condition meet records that it is for, and others.
func TestRouterConditions(t *testing.T) {
	var endless [1]slog.Attr
	endless[0] = slog.Attr{Key: "g", Value: slog.GroupValue(endless[:]...)}
	value := "v"
	ctx := contextattrs.With(context.Background(), "tenant", "acme")
	plain := func(h slog.Handler) slog.Handler { return h }
	for name, c := range map[string]struct {
		route handlers.Route
		bind  func(slog.Handler) slog.Handler
		ctx   context.Context
		r     slog.Record
		want  bool
	}{
		"none":                  {handlers.Route{}, plain, nil, record(slog.LevelDebug, "m"), true},
		"at the level":          {handlers.Route{Level: slog.LevelWarn}, plain, nil, record(slog.LevelWarn, "m"), true},
		"under the level":       {handlers.Route{Level: slog.LevelWarn}, plain, nil, record(slog.LevelInfo, "m"), false},
		"at the bound":          {handlers.Route{Below: slog.LevelWarn}, plain, nil, record(slog.LevelWarn, "m"), false},
		"below the bound":       {handlers.Route{Below: slog.LevelWarn}, plain, nil, record(slog.LevelInfo, "m"), true},
		"the name":              {handlers.Route{Logger: "a.b"}, named("a.b"), nil, record(0, "m"), true},
		"a name below":          {handlers.Route{Logger: "a.b"}, named("a.b.c"), nil, record(0, "m"), true},
		"a longer name":         {handlers.Route{Logger: "a.b"}, named("a.bc"), nil, record(0, "m"), false},
		"no name":               {handlers.Route{Logger: "root"}, plain, nil, record(0, "m"), true},
		"own attr":              {handlers.Route{Attr: slog.Int("k", 1)}, plain, nil, record(0, "m", slog.Int("k", 1)), true},
		"another value":         {handlers.Route{Attr: slog.Int("k", 1)}, plain, nil, record(0, "m", slog.Int("k", 2)), false},
		"another kind":          {handlers.Route{Attr: slog.Int("k", 1)}, plain, nil, record(0, "m", slog.String("k", "1")), false},
		"any value":             {handlers.Route{Attr: slog.Any("k", nil)}, plain, nil, record(0, "m", slog.Int("k", 2)), true},
		"the context's":         {handlers.Route{Attr: slog.String("tenant", "acme")}, plain, ctx, record(0, "m"), true},
		"the context's, group":  {handlers.Route{Attr: slog.String("tenant", "acme")}, group("g"), ctx, record(0, "m"), true},
		"bound":                 {handlers.Route{Attr: slog.Int("k", 1)}, with("k", 1), nil, record(0, "m"), true},
		"bound under a group":   {handlers.Route{Attr: slog.Int("g.k", 1)}, group("g", "k", 1), nil, record(0, "m"), true},
		"not under a group":     {handlers.Route{Attr: slog.Int("k", 1)}, group("g", "k", 1), nil, record(0, "m", slog.Int("k", 1)), false},
		"own under a group":     {handlers.Route{Attr: slog.Int("g.k", 1)}, group("g"), nil, record(0, "m", slog.Int("k", 1)), true},
		"in a group":            {handlers.Route{Attr: slog.Int("g.h.k", 1)}, plain, nil, record(0, "m", slog.Group("g", slog.Group("h", "k", 1))), true},
		"in a nameless group":   {handlers.Route{Attr: slog.Int("k", 1)}, plain, nil, record(0, "m", slog.Group("", slog.Int("k", 1))), true},
		"a LogValuer":           {handlers.Route{Attr: slog.String("k", "v")}, plain, nil, record(0, "m", slog.Any("k", mutable{&value})), true},
		"what can't compare":    {handlers.Route{Attr: slog.Any("k", []int{1})}, plain, nil, record(0, "m", slog.Any("k", []int{1})), false},
		"a group in itself":     {handlers.Route{Attr: slog.Int("g.g.x", 1)}, plain, nil, record(0, "m", endless[0]), false},
		"a function says yes":   {handlers.Route{Match: answers(true)}, named("a"), nil, record(0, "m"), true},
		"a function says no":    {handlers.Route{Match: answers(false)}, named("a"), nil, record(0, "m"), false},
		"all but one condition": {handlers.Route{Match: answers(true), Level: slog.LevelError, Logger: "a"}, named("a"), nil, record(0, "m"), false},
	} {
		t.Run(name, func(t *testing.T) {
			rec, rest := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
			c.route.To = rec
			h := c.bind(handlers.NewRouter(handlers.RouterOptions{Default: rest}, c.route))
			if err := h.Handle(c.ctx, c.r); err != nil {
				t.Error(err)
			}
			if len(rec.Records())+len(rest.Records()) != 1 || (len(rec.Records()) == 1) != c.want {
				t.Errorf("%d records to the route, %d to the default", len(rec.Records()), len(rest.Records()))
			}
		})
	}
}

func named(name string) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return handlers.BindName(h, "logger", name) }
}

func with(args ...any) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return slog.New(h).With(args...).Handler() }
}

func group(name string, args ...any) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return slog.New(h).WithGroup(name).With(args...).Handler() }
}

func answers(yes bool) func(context.Context, string, slog.Record) bool {
	return func(_ context.Context, _ string, r slog.Record) bool {
		r.AddAttrs(slog.Int("forged", 1)) // its own copy
		return yes
	}
}

// TestRouterOrder has the first route that matches, or each, get a record.
func TestRouterOrder(t *testing.T) {
	for _, all := range []bool{false, true} {
		var recs [4]*handlertest.Recorder
		for i := range recs {
			recs[i] = handlertest.NewRecorder(nil)
		}
		h := handlers.NewRouter(handlers.RouterOptions{All: all, Default: recs[3]},
			handlers.Route{To: handlers.NewLevel(recs[0], slog.LevelError+1), Level: slog.LevelError, Below: slog.LevelError + 3},
			handlers.Route{To: recs[1], Level: slog.LevelWarn},
			handlers.Route{To: recs[2], Level: slog.LevelInfo})
		for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, slog.LevelError + 2} {
			if !h.Enabled(context.Background(), l) {
				t.Errorf("not enabled for %v", l)
			}
			handle(t, h, record(l, l.String()))
		}
		want := []string{"[ERROR+2] [WARN] [INFO] [DEBUG]", "[ERROR+2] [WARN ERROR ERROR+2] [INFO WARN ERROR ERROR+2] [DEBUG]"}[b2i(all)]
		if got := fmt.Sprint(recs[0].Messages(), recs[1].Messages(), recs[2].Messages(), recs[3].Messages()); got != want {
			t.Errorf("all %t: %s, want %s", all, got, want)
		}
		if all {
			wantRouter(t, h, 5, 5, 0, 1, 1, 3, 4)
		} else {
			wantRouter(t, h, 5, 4, 1, 1, 1, 1, 1) // ERROR: where its route leads, nobody wants it
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestRouterTrouble has a route panic and fail: others get the record.
func TestRouterTrouble(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := handlers.NewRouter(handlers.RouterOptions{All: true},
		handlers.Route{To: rec, Match: func(context.Context, string, slog.Record) bool { panic(errTest) }},
		handlers.Route{To: panicking("hostile")}, handlers.Route{To: failing(errTest)}, handlers.Route{To: rec})
	err := h.Handle(context.Background(), record(slog.LevelInfo, "m"))
	if !errors.Is(err, errTest) || !strings.Contains(err.Error(), "hostile") || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("Handle: %v", err)
	}
	wantMessages(t, rec, "m")
	wantRouter(t, h, 1, 1, 0, 0, 0, 1, 1, 1)
	wantPanic(t, "route 2: the handler is nil", func() {
		handlers.NewRouter(handlers.RouterOptions{}, handlers.Route{To: rec}, handlers.Route{})
	})
	empty := handlers.NewRouter(handlers.RouterOptions{})
	handle(t, empty, record(slog.LevelInfo, "m"))
	wantRouter(t, empty, 1, 0, 1, 0)
}

func BenchmarkRouter(b *testing.B) {
	next := handlers.NewStream(io.Discard, plain{}, nil)
	h := handlers.NewRouter(handlers.RouterOptions{Default: next},
		handlers.Route{To: next, Level: slog.LevelError}, handlers.Route{To: next, Logger: "a"}, handlers.Route{To: next, Attr: slog.Int("k", 1)})
	r := record(slog.LevelInfo, "m", slog.String("path", "/"))
	b.ReportAllocs()
	for b.Loop() {
		_ = h.Handle(context.Background(), r)
	}
}
