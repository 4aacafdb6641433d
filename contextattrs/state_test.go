package contextattrs_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleDetach() {
	ctx, cancel := context.WithCancel(contextattrs.With(context.Background(), "request", 7))
	after := contextattrs.Detach(ctx)
	cancel() // the request is over
	fmt.Println(ctx.Err(), after.Err(), contextattrs.Attrs(after))
	// Output:
	// context canceled <nil> [request=7]
}

type otherKey struct{}

func TestDetach(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), otherKey{}, "other"), time.Hour)
	ctx, _ = contextattrs.WithCollector(contextattrs.With(ctx, "a", 1), contextattrs.CollectorOptions{Shown: true})
	ctx = contextattrs.WithLevel(ctx, slog.LevelDebug)
	contextattrs.Add(ctx, "late", 1)
	detached := contextattrs.Detach(ctx)
	contextattrs.Add(ctx, "later", 1)
	cancel()
	if _, ok := detached.Deadline(); detached.Err() != nil || detached.Done() != nil || ok {
		t.Errorf("it ends: %v", detached.Err())
	}
	if got := fmt.Sprint(contextattrs.Attrs(detached)); got != "[a=1 late=1]" {
		t.Errorf("Attrs = %s", got)
	}
	if level, ok := contextattrs.Level(detached); !ok || level != slog.LevelDebug {
		t.Errorf("Level = %v, %t", level, ok)
	}
	if contextattrs.Add(detached, "k", 1) {
		t.Error("Add found a collector")
	}
	if detached.Value(otherKey{}) != "other" {
		t.Error("other values are lost")
	}
	plain := contextattrs.Detach(ctxWithout(t))
	if plain.Err() != nil || contextattrs.Attrs(plain) != nil {
		t.Error("a context without attrs does not become detached")
	}
}

// ctxWithout returns a context that is cancelled and carries nothing.
func ctxWithout(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

//lint:file-ignore SA1012 callers may give nil
func TestNilContexts(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"With":      contextattrs.With(nil, "a", 1),
		"WithAttrs": contextattrs.WithAttrs(nil, slog.Int("a", 1)),
		"Collector": func() context.Context {
			ctx, _ := contextattrs.WithCollector(nil, contextattrs.CollectorOptions{})
			return ctx
		}(),
		"WithLevel": contextattrs.WithLevel(nil, 0),
		"Detach":    contextattrs.Detach(nil),
	} {
		if ctx == nil || ctx.Err() != nil {
			t.Errorf("%s: %v", name, ctx)
		}
	}
	if _, ok := contextattrs.Level(nil); ok || contextattrs.Add(nil, "k", 1) {
		t.Error("a nil context carries something")
	}
}

func TestLevel(t *testing.T) {
	ctx := contextattrs.With(t.Context(), "a", 1)
	if _, ok := contextattrs.Level(ctx); ok {
		t.Error("there is an override")
	}
	one := contextattrs.WithLevel(ctx, slog.LevelDebug)
	two := contextattrs.With(contextattrs.WithLevel(one, slog.LevelError), "b", 2)
	for ctx, want := range map[context.Context]string{one: "DEBUG [a=1]", two: "ERROR [a=1 b=2]"} {
		if level, ok := contextattrs.Level(ctx); !ok || fmt.Sprint(level, " ", contextattrs.Attrs(ctx)) != want {
			t.Errorf("%v %t %v, want %s", level, ok, contextattrs.Attrs(ctx), want)
		}
	}
	if !contextattrs.Overridden() {
		t.Error("nobody knows of it")
	}
}

// TestParentsCancel has cancellation pass through the contexts of this package without
// a goroutine, and other values be found.
func TestParentsCancel(t *testing.T) {
	parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), otherKey{}, 1))
	child, stop := context.WithCancel(contextattrs.With(parent, "a", 1))
	defer stop()
	cancel(errFailing)
	<-child.Done()
	if context.Cause(child) != errFailing || child.Value(otherKey{}) != 1 {
		t.Errorf("%v, %v", context.Cause(child), child.Value(otherKey{}))
	}
}

// model is what a context should carry.
type model struct {
	attrs   []slog.Attr
	level   slog.Level
	leveled bool
}

// TestModel makes trees of contexts in random ways, and looks at all of them at the
// end: what one was given is nowhere else.
func TestModel(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		contexts, models := []context.Context{t.Context()}, []model{{}}
		for n := range 40 {
			i := rnd.IntN(len(contexts))
			ctx, m := contexts[i], models[i]
			attr := slog.Int(fmt.Sprint("k", rnd.IntN(5)), n)
			switch rnd.IntN(5) {
			case 0:
				ctx = contextattrs.With(ctx, attr)
				m.attrs = append(m.attrs[:len(m.attrs):len(m.attrs)], attr)
			case 1:
				ctx = contextattrs.WithAttrs(ctx, attr, attr)
				m.attrs = append(m.attrs[:len(m.attrs):len(m.attrs)], attr, attr)
			case 2:
				m.level, m.leveled = slog.Level(n), true
				ctx = contextattrs.WithLevel(ctx, m.level)
			case 3:
				ctx = contextattrs.Detach(ctx)
			case 4:
				ctx = context.WithValue(ctx, otherKey{}, n)
			}
			contexts, models = append(contexts, ctx), append(models, m)
		}
		for i, ctx := range contexts {
			level, leveled := contextattrs.Level(ctx)
			if d := handlertest.Diff(models[i].attrs, contextattrs.Attrs(ctx)); d != "" || level != models[i].level || leveled != models[i].leveled {
				t.Fatalf("seed %d, context %d: level %v %t\n%s", seed, i, level, leveled, d)
			}
		}
	}
}

// TestRecordAllocatesNothing counts what a record with attrs in its context allocates.
func TestRecordAllocatesNothing(t *testing.T) {
	ctx := contextattrs.With(t.Context(), "trace", "4bf9", "tenant", "acme", "user", 7)
	deep := ctx
	for range 8 {
		deep = context.WithValue(deep, otherKey{}, 0)
	}
	for name, h := range map[string]slog.Handler{
		"text": contextattrs.NewHandler(slog.NewTextHandler(null{}, nil)),
		"json": contextattrs.NewHandler(slog.NewJSONHandler(null{}, nil)),
	} {
		log := slog.New(h)
		if n := testing.AllocsPerRun(100, func() {
			log.LogAttrs(deep, slog.LevelInfo, "m", slog.String("path", "/"), slog.Int("status", 200))
		}); n != 0 && !raceEnabled { // with -race, a sync.Pool drops what it is given
			t.Errorf("%s: %v allocations a record", name, n)
		}
	}
}

// TestWithAllocates counts what a request costs.
func TestWithAllocates(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		contextattrs.WithAttrs(ctx, slog.String("trace", "4bf9"), slog.String("tenant", "acme"), slog.Int("user", 7))
	}); n > 2 {
		t.Errorf("WithAttrs: %v allocations, want the attrs and the context", n)
	}
}
