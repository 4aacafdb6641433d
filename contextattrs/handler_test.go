package contextattrs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func Example() {
	ctx := contextattrs.With(context.Background(), "request", 7)

	// Any handler shows them once it is wrapped.
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	log := slog.New(contextattrs.NewHandler(h))
	log.InfoContext(ctx, "hello", "a", 1)
	log.WithGroup("db").InfoContext(ctx, "query", "rows", 3)
	// Output:
	// level=INFO msg=hello request=7 a=1
	// level=INFO msg=query request=7 db.rows=3
}

func ExampleWith() {
	ctx := contextattrs.With(context.Background(), "request", 7)
	ctx = contextattrs.With(ctx, slog.String("user", "ada"))
	fmt.Println(contextattrs.Attrs(ctx))
	// Output:
	// [request=7 user=ada]
}

// What not to do: the attrs of a logger are not those of a request, and a logger
// passed along in place of a context puts them into the open group.
func ExampleNewHandler_wrong() {
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	log := slog.New(h).WithGroup("db")
	log.With("request", 7).Info("query", "rows", 3)
	// Output:
	// level=INFO msg=query db.request=7 db.rows=3
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// bare is a handler of somebody else: it has only slog's methods.
type bare struct{ h slog.Handler }

func (h bare) Enabled(ctx context.Context, l slog.Level) bool  { return h.h.Enabled(ctx, l) }
func (h bare) Handle(ctx context.Context, r slog.Record) error { return h.h.Handle(ctx, r) }
func (h bare) WithAttrs(attrs []slog.Attr) slog.Handler        { return bare{h.h.WithAttrs(attrs)} }
func (h bare) WithGroup(name string) slog.Handler              { return bare{h.h.WithGroup(name)} }

func TestRun(t *testing.T) {
	open := func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
		rec := handlertest.NewRecorder(l)
		return contextattrs.NewHandler(bare{rec}), rec.Results
	}
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
		handlertest.Leveled(open))
}

func TestRunOverJSON(t *testing.T) {
	handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
		var buf bytes.Buffer
		return contextattrs.NewHandler(slog.NewJSONHandler(&buf, nil)), func() []map[string]any {
			maps, err := handlertest.ParseJSON(buf.Bytes())
			if err != nil {
				t.Error(err)
			}
			return maps
		}
	}, handlertest.Except("empties", "slog's JSON handler of Go 1.26 writes invalid JSON after a group of empty attrs"))
}

func TestMarkedHandlerStaysAsItIs(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	if h := contextattrs.NewHandler(rec); h != slog.Handler(rec) {
		t.Errorf("NewHandler of a Recorder is a %T", h)
	}
	once := contextattrs.NewHandler(bare{rec})
	if twice := contextattrs.NewHandler(once); twice != once {
		t.Error("NewHandler wraps what it has made")
	}
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "nil") {
			t.Errorf("NewHandler(nil): %v", v)
		}
	}()
	contextattrs.NewHandler(nil)
}

// TestAddedOnce has a handler that adds the attrs beneath one that does not know
// of them.
func TestAddedOnce(t *testing.T) {
	var buf bytes.Buffer
	inner := contextattrs.NewHandler(slog.NewTextHandler(&buf, nil))
	ctx := contextattrs.With(context.Background(), "req", 1)
	log := slog.New(contextattrs.NewHandler(bare{inner}))
	log.InfoContext(ctx, "m")
	log.WithGroup("g").InfoContext(ctx, "m", "k", "v")
	for line := range strings.Lines(buf.String()) {
		if n := strings.Count(line, "req=1"); n != 1 {
			t.Errorf("%d times in %q", n, line)
		}
	}
}

func TestLogValuerBoundInGroupHasOneValue(t *testing.T) {
	n := 0
	var buf bytes.Buffer
	log := slog.New(contextattrs.NewHandler(slog.NewTextHandler(&buf, nil))).WithGroup("g").With("n", counter{&n})
	log.InfoContext(contextattrs.With(context.Background(), "req", 1), "m")
	log.Info("m")
	if got := strings.Count(buf.String(), "g.n=1"); got != 2 {
		t.Errorf("%s", buf.String())
	}
}

// knowing knows its logger's name.
type knowing struct {
	bare
	name *string
}

func (h knowing) WithLoggerName(key, name string) slog.Handler {
	*h.name = key + "=" + name
	return h
}

func TestWithLoggerName(t *testing.T) {
	type named interface {
		WithLoggerName(key, name string) slog.Handler
	}
	var name string
	rec := handlertest.NewRecorder(nil)
	contextattrs.NewHandler(knowing{bare{rec}, &name}).(named).WithLoggerName("logger", "a.b")
	if name != "logger=a.b" {
		t.Errorf("the wrapped handler was told %q", name)
	}

	h := contextattrs.NewHandler(bare{rec}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("n", 1)})
	ctx := contextattrs.With(context.Background(), "req", int64(1))
	for _, key := range []string{"logger", ""} {
		log := slog.New(h.(named).WithLoggerName(key, "a.b"))
		log.Info("m", "k", "v")
		log.InfoContext(ctx, "m", "k", "v")
	}
	g := map[string]any{"n": int64(1), "k": "v"}
	want := []map[string]any{
		{"logger": "a.b", "g": g}, {"logger": "a.b", "g": g, "req": int64(1)}, {"g": g}, {"g": g, "req": int64(1)},
	}
	for i, e := range rec.Records() {
		if d := handlertest.Diff(want[i], e.Attrs); d != "" {
			t.Errorf("record %d: %s", i, d)
		}
	}
}

func TestUnwrapAndString(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := contextattrs.NewHandler(bare{rec})
	if u := h.(interface{ Unwrap() slog.Handler }).Unwrap(); u != slog.Handler(bare{rec}) {
		t.Errorf("Unwrap() = %v", u)
	}
	if s := fmt.Sprint(h); s != "contextattrs_test.bare" {
		t.Errorf("String() = %q", s)
	}
}

func TestPassingAllocatesNothing(t *testing.T) {
	h := contextattrs.NewHandler(bare{slog.DiscardHandler}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	ctx := context.Background()
	var r slog.Record
	r.AddAttrs(slog.Int("n", 1))
	if n := testing.AllocsPerRun(100, func() { _ = h.Handle(ctx, r) }); n != 0 {
		t.Errorf("%v allocations without attrs in the context", n)
	}
}

// FuzzHandler compares the handler, after random calls of With and WithGroup, with
// what a Recorder makes of the same calls, and both with and without attrs in the
// context.
func FuzzHandler(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		rec := handlertest.NewRecorder(nil)
		var buf bytes.Buffer
		want, got := slog.New(rec), slog.New(contextattrs.NewHandler(slog.NewJSONHandler(&buf, nil)))
		ctx, next := context.Background(), 0
		key := func() string { next++; return fmt.Sprint("k", next) }
		for range rnd.IntN(10) {
			switch k := key(); rnd.IntN(5) {
			case 0:
				want, got = want.WithGroup(k), got.WithGroup(k)
			case 1:
				want, got = want.With(k, "v", slog.Group(k+"g", "in", k)), got.With(k, "v", slog.Group(k+"g", "in", k))
			case 2:
				want, got = want.With(slog.Group("", k, "inlined")), got.With(slog.Group("", k, "inlined"))
			case 3:
				ctx = contextattrs.With(ctx, k, "context")
			case 4:
				a := []any{slog.Group("empty"), k, "late"}[rnd.IntN(2):]
				want.InfoContext(ctx, k, a...)
				got.InfoContext(ctx, k, a...)
			}
		}
		want.InfoContext(ctx, "last")
		got.InfoContext(ctx, "last")
		want.Info("without", "k", "v")
		got.Info("without", "k", "v")
		maps, err := handlertest.ParseJSON(buf.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range maps {
			delete(m, slog.TimeKey)
			delete(m, slog.LevelKey)
		}
		var wanted []map[string]any
		for _, e := range rec.Records() {
			e.Attrs[slog.MessageKey] = e.Message
			wanted = append(wanted, e.Attrs)
		}
		if d := handlertest.Diff(wanted, maps); d != "" {
			t.Error(d)
		}
	})
}
