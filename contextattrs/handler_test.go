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

// redact hides what is secret. It embeds slog.Handler, whose WithAttrs and
// WithGroup lose it.
type redact struct{ slog.Handler }

func (h redact) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redacted(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

func redacted(a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindGroup {
		var members []slog.Attr
		for _, m := range a.Value.Group() {
			members = append(members, redacted(m))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(members...)}
	}
	if a.Key == "password" {
		return slog.String(a.Key, "***")
	}
	return a
}

// losesGroups is lost by WithGroup only.
type losesGroups struct{ redact }

func (h losesGroups) WithAttrs(attrs []slog.Attr) slog.Handler {
	return losesGroups{redact{h.Handler.WithAttrs(attrs)}}
}

// losesAttrs is lost by WithAttrs only.
type losesAttrs struct{ redact }

func (h losesAttrs) WithGroup(name string) slog.Handler {
	return losesAttrs{redact{h.Handler.WithGroup(name)}}
}

// fails returns nil.
type fails struct{ redact }

func (fails) WithAttrs([]slog.Attr) slog.Handler { return nil }
func (fails) WithGroup(string) slog.Handler      { return nil }

// embeds gets the mark, and its WithAttrs, from a handler of this module.
type embeds struct{ *handlertest.Recorder }

func TestRunOverLostWrappers(t *testing.T) {
	for name, wrap := range map[string]func(*handlertest.Recorder) slog.Handler{
		"embedding":   func(rec *handlertest.Recorder) slog.Handler { return redact{rec} },
		"pointer":     func(rec *handlertest.Recorder) slog.Handler { return &redact{bare{rec}} },
		"groups":      func(rec *handlertest.Recorder) slog.Handler { return losesGroups{redact{rec}} },
		"attrs":       func(rec *handlertest.Recorder) slog.Handler { return losesAttrs{redact{rec}} },
		"nil":         func(rec *handlertest.Recorder) slog.Handler { return fails{redact{rec}} },
		"with a mark": func(rec *handlertest.Recorder) slog.Handler { return embeds{rec} },
	} {
		t.Run(name, func(t *testing.T) {
			open := func(_ *testing.T, l slog.Leveler) (slog.Handler, func() []map[string]any) {
				rec := handlertest.NewRecorder(l)
				return contextattrs.NewHandler(wrap(rec)), rec.Results
			}
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) { return open(t, nil) },
				handlertest.Leveled(open))
		})
	}
}

// TestNothingPassesAWrapper binds a password in every way that there is.
func TestNothingPassesAWrapper(t *testing.T) {
	const secret = "secret"
	type named interface {
		WithLoggerName(key, name string) slog.Handler
	}
	for name, wrap := range map[string]func(slog.Handler) slog.Handler{
		"embedding": func(h slog.Handler) slog.Handler { return redact{h} },
		"pointer":   func(h slog.Handler) slog.Handler { return &redact{h} },
	} {
		var buf bytes.Buffer
		h := contextattrs.NewHandler(wrap(slog.NewJSONHandler(&buf, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
		ctx := contextattrs.With(t.Context(), "password", secret, "req", 1)
		for _, log := range []*slog.Logger{
			slog.New(h.(named).WithLoggerName("logger", "a.b")),
			slog.New(h).With("a", 1, "password", secret),
			slog.New(h).WithGroup("g").With("password", secret),
			slog.New(h.(named).WithLoggerName("logger", "a.b")).With("x", 1).WithGroup("g").With("password", secret).WithGroup("h"),
			slog.New(h.WithAttrs([]slog.Attr{slog.Int("x", 1)}).WithGroup("g").(named).WithLoggerName("logger", "a.b")),
			slog.New(h.(named).WithLoggerName("", "a.b")),
		} {
			log.Info("m", "password", secret)
			log.InfoContext(ctx, "m", "password", secret)
		}
		const want = `{"level":"INFO","msg":"m","logger":"a.b","password":"***"}
{"level":"INFO","msg":"m","password":"***","req":1,"logger":"a.b","password":"***"}
{"level":"INFO","msg":"m","a":1,"password":"***","password":"***"}
{"level":"INFO","msg":"m","password":"***","req":1,"a":1,"password":"***","password":"***"}
{"level":"INFO","msg":"m","g":{"password":"***","password":"***"}}
{"level":"INFO","msg":"m","password":"***","req":1,"g":{"password":"***","password":"***"}}
{"level":"INFO","msg":"m","logger":"a.b","x":1,"g":{"password":"***","h":{"password":"***"}}}
{"level":"INFO","msg":"m","password":"***","req":1,"logger":"a.b","x":1,"g":{"password":"***","h":{"password":"***"}}}
{"level":"INFO","msg":"m","logger":"a.b","x":1,"g":{"password":"***"}}
{"level":"INFO","msg":"m","password":"***","req":1,"logger":"a.b","x":1,"g":{"password":"***"}}
{"level":"INFO","msg":"m","password":"***"}
{"level":"INFO","msg":"m","password":"***","req":1,"password":"***"}
`
		if d := handlertest.Diff(strings.Split(want, "\n"), strings.Split(buf.String(), "\n")); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestLostNameIsAnAttr embeds a handler that knows names: the embedding one would be
// lost by its WithLoggerName.
func TestLostNameIsAnAttr(t *testing.T) {
	rec := handlertest.NewRecorder(nil)
	h := contextattrs.NewHandler(embeds{rec}).(interface {
		WithLoggerName(key, name string) slog.Handler
	}).WithLoggerName("logger", "a.b")
	slog.New(h).Info("m")
	if e := rec.Records()[0]; e.Logger != "" || e.Attrs["logger"] != "a.b" {
		t.Errorf("%+v", e)
	}
}

func TestRunOverJSON(t *testing.T) {
	for name, wrap := range map[string]func(slog.Handler) slog.Handler{
		"derived": func(h slog.Handler) slog.Handler { return h },
		"lost":    func(h slog.Handler) slog.Handler { return redact{h} },
	} {
		t.Run(name, func(t *testing.T) {
			handlertest.Run(t, func(t *testing.T) (slog.Handler, func() []map[string]any) {
				var buf bytes.Buffer
				return contextattrs.NewHandler(wrap(slog.NewJSONHandler(&buf, nil))), func() []map[string]any {
					maps, err := handlertest.ParseJSON(buf.Bytes())
					if err != nil {
						t.Error(err)
					}
					return maps
				}
			}, handlertest.Except("empties", "slog's JSON handler of Go 1.26 writes invalid JSON after a group of empty attrs"))
		})
	}
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
// context. The wrapped handler is one that can be derived, and one that can't.
func FuzzHandler(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		rec := handlertest.NewRecorder(nil)
		randomCalls(seed, rec)
		var want []map[string]any
		for _, e := range rec.Records() {
			e.Attrs[slog.MessageKey] = e.Message
			want = append(want, e.Attrs)
		}
		for name, wrap := range map[string]func(slog.Handler) slog.Handler{
			"derived": func(h slog.Handler) slog.Handler { return h },
			"lost":    func(h slog.Handler) slog.Handler { return redact{h} },
		} {
			var buf bytes.Buffer
			randomCalls(seed, contextattrs.NewHandler(wrap(slog.NewJSONHandler(&buf, nil))))
			maps, err := handlertest.ParseJSON(buf.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range maps {
				delete(m, slog.TimeKey)
				delete(m, slog.LevelKey)
			}
			if d := handlertest.Diff(want, maps); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	})
}

// randomCalls does to a logger with handler h what seed says.
func randomCalls(seed uint64, h slog.Handler) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	log, ctx := slog.New(h), context.Background()
	for n := range rnd.IntN(10) {
		switch k := fmt.Sprint("k", n); rnd.IntN(5) {
		case 0:
			log = log.WithGroup(k)
		case 1:
			log = log.With(k, "v", slog.Group(k+"g", "in", k))
		case 2:
			log = log.With(slog.Group("", k, "inlined"))
		case 3:
			ctx = contextattrs.With(ctx, k, "context")
		case 4:
			log.InfoContext(ctx, k, []any{slog.Group("empty"), k, "late"}[rnd.IntN(2):]...)
		}
	}
	log.InfoContext(ctx, "last")
	log.Info("without", "k", "v")
}
