package contextattrs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleDynamic() {
	requests := 0
	h := contextattrs.Dynamic(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}),
		func(context.Context) []slog.Attr {
			requests++
			return []slog.Attr{slog.Int("requests", requests)}
		})
	log := slog.New(h).WithGroup("db")
	log.Info("query", "rows", 3)
	log.Info("query", "rows", 4)
	// Output:
	// level=INFO msg=query requests=1 db.rows=3
	// level=INFO msg=query requests=2 db.rows=4
}

func TestRunDynamic(t *testing.T) {
	for name, f := range map[string]func(context.Context) []slog.Attr{
		"nothing": func(context.Context) []slog.Attr { return nil },
		"empty":   func(context.Context) []slog.Attr { return []slog.Attr{{}, slog.Group("g")} },
		"ignored": func(context.Context) []slog.Attr { return []slog.Attr{slog.Int("ignored", 1)} },
	} {
		for kind, wrap := range map[string]func(slog.Handler) slog.Handler{
			"ours":    func(h slog.Handler) slog.Handler { return h },
			"foreign": func(h slog.Handler) slog.Handler { return bare{h} },
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				open := func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
					rec := handlertest.NewRecorder(l)
					return contextattrs.Dynamic(wrap(rec), f), rec.Results
				}
				handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
					handlertest.Leveled(open), handlertest.Ignore("ignored"))
			})
		}
	}
}

// TestDynamicOrder has the context's attrs first, then the function's, and the
// record's in their groups.
func TestDynamicOrder(t *testing.T) {
	var buf bytes.Buffer
	text := slog.NewTextHandler(&buf, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	outer := func(context.Context) []slog.Attr { return []slog.Attr{slog.Int("outer", 1)} }
	inner := func(context.Context) []slog.Attr { return []slog.Attr{slog.Int("inner", 1)} }
	log := slog.New(contextattrs.Dynamic(contextattrs.Dynamic(text, inner), outer))
	ctx, _ := contextattrs.WithCollector(contextattrs.With(t.Context(), "ctx", 1), contextattrs.CollectorOptions{Shown: true})
	contextattrs.Add(ctx, "late", 1)
	log.With("with", 1).WithGroup("g").InfoContext(ctx, "m", "own", 1)
	if got, want := buf.String(), "level=INFO msg=m with=1 ctx=1 late=1 outer=1 inner=1 g.own=1\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestDynamicPanics loses no record, nor what its function did wrong.
func TestDynamicPanics(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := contextattrs.Dynamic(failing{rec}, func(context.Context) []slog.Attr { panic("no attrs") })
	err := h.Handle(t.Context(), slog.Record{Message: "m"})
	if err == nil || !strings.Contains(err.Error(), "no attrs") || !errors.Is(err, errFailing) {
		t.Errorf("Handle: %v", err)
	}
	if d := handlertest.Diff([]string{"m"}, rec.Messages()); d != "" {
		t.Error(d)
	}
}

var errFailing = errors.New("it fails")

// failing handles records, and fails.
type failing struct{ *handlertest.Recorder }

func (h failing) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(h.Recorder.Handle(ctx, r), errFailing)
}

// TestDynamicLogs has functions log through the handler they belong to, one of them
// inside another.
func TestDynamicLogs(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var log *slog.Logger
	says := func(key string) func(ctx context.Context) []slog.Attr {
		return func(ctx context.Context) []slog.Attr {
			log.InfoContext(ctx, key)
			return []slog.Attr{slog.Bool(key, true)}
		}
	}
	log = slog.New(contextattrs.Dynamic(contextattrs.Dynamic(rec, says("inner")), says("outer"))).With("k", 1)
	log.Info("m")
	var got []string
	for _, e := range rec.Records() {
		got = append(got, fmt.Sprintf("%s %v", e.Message, e.Attrs))
	}
	want := []string{
		"inner map[k:1]", // while the outer one's record is made
		"outer map[inner:true k:1]",
		"outer map[k:1 outer:true]", // while the inner one's is
		"inner map[k:1 outer:true]",
		"m map[inner:true k:1 outer:true]",
	}
	if d := handlertest.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestDynamicUnderWrappers has a fanout, a filter and a level around it.
func TestDynamicUnderWrappers(t *testing.T) {
	one, two := handlertest.NewRecorder(nil), handlertest.NewRecorder(nil)
	n := 0
	dynamic := contextattrs.Dynamic(one, func(context.Context) []slog.Attr {
		n++
		return []slog.Attr{slog.Int("n", n)}
	})
	log := slog.New(handlers.NewLevel(handlers.NewFanout(dynamic, two), slog.LevelInfo)).With("k", 1)
	log.Debug("unseen")
	log.Info("m")
	if d := handlertest.Diff(map[string]any{"n": int64(1), "k": int64(1)}, one.Records()[0].Attrs); d != "" {
		t.Error(d)
	}
	if d := handlertest.Diff(map[string]any{"k": int64(1)}, two.Records()[0].Attrs); d != "" {
		t.Error("the other one: ", d)
	}
	if err := handlers.Close(t.Context(), dynamic); err != nil {
		t.Error(err)
	}
}

// TestDynamicCopies changes what the function returned.
func TestDynamicCopies(t *testing.T) {
	attrs := make([]slog.Attr, 1, 8)
	attrs[0] = slog.Group("g", "k", 1)
	var mu sync.Mutex
	var kept []context.Context
	h := contextattrs.Dynamic(keeping{&mu, &kept}, func(context.Context) []slog.Attr { return attrs })
	for range 3 {
		_ = h.Handle(contextattrs.With(t.Context(), "c", 1), slog.Record{})
	}
	attrs[0] = slog.Int("changed", 1)
	for _, ctx := range kept {
		if got := fmt.Sprint(contextattrs.Attrs(ctx)); got != "[c=1 g=[k=1]]" {
			t.Errorf("kept: %s", got)
		}
	}
}

// keeping keeps contexts.
type keeping struct {
	mu   *sync.Mutex
	kept *[]context.Context
}

func (keeping) AddsContextAttrs()                        {}
func (keeping) Enabled(context.Context, slog.Level) bool { return true }
func (h keeping) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h keeping) WithGroup(string) slog.Handler          { return h }
func (h keeping) Handle(ctx context.Context, _ slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	*h.kept = append(*h.kept, ctx)
	return nil
}

// TestDynamicContexts has records whose context is nil, cancelled, or hides attrs.
func TestDynamicContexts(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := contextattrs.Dynamic(bare{rec}, func(ctx context.Context) []slog.Attr {
		if ctx == nil {
			t.Error("the function got no context")
		}
		return []slog.Attr{slog.Int("n", 1)}
	})
	cancelled, cancel := context.WithCancel(contextattrs.With(t.Context(), "a", 1))
	cancel()
	for _, ctx := range []context.Context{nil, cancelled} {
		if err := h.Handle(ctx, slog.Record{Message: "m"}); err != nil {
			t.Error(err)
		}
	}
	want := []map[string]any{{"n": int64(1)}, {"a": int64(1), "n": int64(1)}}
	for i, e := range rec.Records() {
		if d := handlertest.Diff(want[i], e.Attrs); d != "" {
			t.Error(d)
		}
	}
	if len(rec.Records()) != 2 {
		t.Errorf("%d records", len(rec.Records()))
	}
}

func TestDynamicConcurrently(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	var n atomic.Int64
	log := slog.New(contextattrs.Dynamic(rec, func(context.Context) []slog.Attr {
		return []slog.Attr{slog.Int64("n", n.Add(1))}
	}))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				log.InfoContext(contextattrs.With(t.Context(), "c", 1), "m")
			}
		})
	}
	wg.Wait()
	seen := map[any]bool{}
	for _, e := range rec.Records() {
		seen[e.Attrs["n"]] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d different values, want 200", len(seen))
	}
}

func TestDynamicRefusesNil(t *testing.T) {
	for name, call := range map[string]func(){
		"handler":  func() { contextattrs.Dynamic(nil, func(context.Context) []slog.Attr { return nil }) },
		"function": func() { contextattrs.Dynamic(slog.DiscardHandler, nil) },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), name+" is nil") {
					t.Errorf("%s: %v", name, v)
				}
			}()
			call()
		}()
	}
}

func BenchmarkDynamic(b *testing.B) {
	attrs := []slog.Attr{slog.Int("n", 1)}
	text := slog.NewTextHandler(null{}, nil)
	for _, c := range []struct {
		name string
		h    slog.Handler
	}{
		{"none", text},
		{"dynamic", contextattrs.Dynamic(text, func(context.Context) []slog.Attr { return attrs })},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			log := slog.New(c.h)
			for b.Loop() {
				log.Info("m")
			}
		})
	}
}

// null swallows writes; slog's handlers do not know it, as they know io.Discard.
type null struct{}

func (null) Write(p []byte) (int, error) { return len(p), nil }
