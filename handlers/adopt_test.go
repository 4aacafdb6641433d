package handlers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func TestAdopt(t *testing.T) {
	for _, h := range []slog.Handler{
		handlers.NewStream(io.Discard, nil, nil),
		handlers.NewMemory(nil, handlers.MemoryOptions{}),
		handlers.NewFanout(),
		handlertest.NewRecorder(nil),
		contextattrs.NewHandler(slog.DiscardHandler),
		contextattrs.NewHandler(embedding{slog.Default().Handler()}),
		handlers.Adopt(slog.Default().Handler()),
	} {
		if got := handlers.Adopt(h); got != h {
			t.Errorf("Adopt(%T) is a %T", h, got)
		}
	}
	if h := handlers.Adopt(nil); h != nil {
		t.Errorf("Adopt(nil) = %v", h)
	}
}

// TestWrappersAdopt has each wrapper teach a foreign handler the context's attrs.
func TestWrappersAdopt(t *testing.T) {
	ctx := contextattrs.With(context.Background(), "req", 7)
	for name, wrap := range map[string]func(slog.Handler) slog.Handler{
		"Level":  func(h slog.Handler) slog.Handler { return handlers.NewLevel(h, nil) },
		"Filter": func(h slog.Handler) slog.Handler { return handlers.NewFilter(h) },
		"Fanout": func(h slog.Handler) slog.Handler { return handlers.NewFanout(h) },
		"Memory": func(h slog.Handler) slog.Handler { return handlers.NewMemory(h, handlers.MemoryOptions{Capacity: 1}) },
		"SetTarget": func(h slog.Handler) slog.Handler {
			m := handlers.NewMemory(nil, handlers.MemoryOptions{Capacity: 1})
			m.SetTarget(h)
			return m
		},
	} {
		var buf bytes.Buffer
		slog.New(wrap(slog.NewTextHandler(&buf, nil))).WithGroup("g").InfoContext(ctx, "m", "k", "v")
		if got := buf.String(); !strings.HasSuffix(got, "msg=m req=7 g.k=v\n") {
			t.Errorf("%s: %q", name, got)
		}
		wrapped := wrap(slog.Default().Handler())
		if s := fmt.Sprint(wrapped); !strings.Contains(s, "slog's default(stderr)") {
			t.Errorf("%s over slog's default handler is %s", name, s)
		}
	}
}

// Handlers of somebody else that hold slog's default one.
type (
	embedding struct{ slog.Handler }
	deeper    struct{ *embedding }
	holds     struct { // what they hold is theirs to guard
		foreign
		log     *slog.Logger
		handler slog.Handler
		more    []slog.Handler
		open    struct{ slog.Handler }
	}
	unwraps     struct{ *hook }
	unwrapsMany struct{ *hook }
	unwrapsBad  struct{ *hook }
	notStruct   []slog.Handler
	loops       struct {
		*hook
		self slog.Handler
	}
)

func (unwraps) Unwrap() slog.Handler       { return slog.Default().Handler() }
func (unwrapsMany) Unwrap() []slog.Handler { return []slog.Handler{nil, slog.Default().Handler()} }
func (unwrapsBad) Unwrap() slog.Handler    { panic("no") }

func (h notStruct) Unwrap() []slog.Handler                  { return h }
func (notStruct) Enabled(context.Context, slog.Level) bool  { return true }
func (notStruct) Handle(context.Context, slog.Record) error { return nil }
func (h notStruct) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h notStruct) WithGroup(string) slog.Handler           { return h }

func TestWrapsDefault(t *testing.T) {
	def := slog.Default().Handler()
	discard := foreign{slog.DiscardHandler}
	loop := &embedding{}
	loop.Handler = loop
	round := notStruct{nil, nil}
	round[0], round[1] = round, round
	memory := func(h slog.Handler) slog.Handler { return handlers.NewMemory(h, handlers.MemoryOptions{}) }
	for name, c := range map[string]struct {
		h    slog.Handler
		want bool
	}{
		"nil":             {nil, false},
		"itself":          {def, false},
		"derived":         {slog.Default().With("a", 1).Handler(), false},
		"ours":            {handlers.NewLevel(def, nil), false},
		"foreign":         {discard, false},
		"standard":        {slog.NewTextHandler(io.Discard, nil), false},
		"loop":            {loop, false},
		"loop of slices":  {round, false},
		"nil pointer":     {(*embedding)(nil), false},
		"nil embedding":   {embedding{}, false},
		"nil in between":  {deeper{}, false},
		"panics":          {unwrapsBad{&hook{}}, false},
		"embedded":        {embedding{def}, true},
		"pointer":         {&embedding{def}, true},
		"deep":            {embedding{&embedding{def}}, true},
		"in an embedded":  {deeper{&embedding{def}}, true},
		"unwraps":         {unwraps{&hook{}}, true},
		"unwraps many":    {unwrapsMany{&hook{}}, true},
		"slice":           {notStruct{discard, embedding{def}}, true},
		"multi":           {slog.NewMultiHandler(discard, def), true},
		"multi of others": {slog.NewMultiHandler(discard, handlers.NewLevel(def, nil)), false},
		"fields":          {&holds{discard, slog.Default(), def, []slog.Handler{def}, struct{ slog.Handler }{def}}, false},

		"context":              {contextattrs.NewHandler(def), false},
		"context, derived":     {contextattrs.NewHandler(def).WithGroup("g"), false},
		"ours over context":    {handlers.NewLevel(contextattrs.NewHandler(def), nil), false},
		"foreign over context": {embedding{contextattrs.NewHandler(def)}, true},
		"context over foreign": {contextattrs.NewHandler(embedding{def}), true},
		"level over foreign":   {handlers.NewLevel(embedding{def}, nil), true},
		"filter over foreign":  {handlers.NewFilter(embedding{def}), true},
		"fanout over foreign":  {handlers.NewFanout(discard, embedding{def}), true},
		"memory over foreign":  {memory(embedding{def}), true},
		"many over foreign":    {memory(handlers.NewLevel(handlers.NewFanout(discard, contextattrs.NewHandler(&embedding{def})), nil)), true},
		"derived over foreign": {handlers.NewLevel(embedding{def}, nil).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)}), true},
	} {
		if got := handlers.WrapsDefault(c.h); got != c.want {
			t.Errorf("%s: WrapsDefault = %t", name, got)
		}
	}
}

// swappable is a handler whose target can be exchanged, under a lock of its own.
type swappable struct {
	mu  sync.Mutex
	now slog.Handler
}

func (h *swappable) get() slog.Handler {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *swappable) set(now slog.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
}

func (h *swappable) Enabled(context.Context, slog.Level) bool        { return true }
func (h *swappable) Handle(ctx context.Context, r slog.Record) error { return h.get().Handle(ctx, r) }
func (h *swappable) WithAttrs([]slog.Attr) slog.Handler              { return h }
func (h *swappable) WithGroup(string) slog.Handler                   { return h }

// TestWrapsDefaultReadsNothingGuarded is one for the race detector.
func TestWrapsDefaultReadsNothingGuarded(t *testing.T) {
	h := &swappable{now: slog.DiscardHandler}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 100 {
			h.set(slog.NewTextHandler(io.Discard, nil))
		}
	})
	wg.Go(func() {
		for range 100 {
			if handlers.WrapsDefault(h) || handlers.WrapsDefault(handlers.NewLevel(h, nil)) {
				t.Error("WrapsDefault = true")
			}
		}
	})
	wg.Wait()
}

// TestAdoptReplacesInContextHandler has what was bound to the default handler
// through another survive.
func TestAdoptReplacesInContextHandler(t *testing.T) {
	var buf syncBuffer
	setLog(t, &buf, 0, "")
	h := contextattrs.NewHandler(slog.Default().Handler())
	ctx := contextattrs.With(t.Context(), "req", 7)
	for _, h := range []slog.Handler{
		h, h.WithAttrs([]slog.Attr{slog.Int("a", 1)}), h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)}),
	} {
		adopted := handlers.Adopt(h)
		if s := fmt.Sprint(adopted); !strings.HasPrefix(s, "slog's default(") {
			t.Errorf("adopted is %s", s)
		}
		slog.New(adopted).InfoContext(ctx, "m", "k", "v")
	}
	const want = "INFO m req=7 k=v\nINFO m a=1 req=7 k=v\nINFO m g.a=1 req=7 g.k=v\n"
	if got := buf.String(); got != want {
		t.Errorf("%q", got)
	}
}

// TestAdoptKeepsWrappersThatGetLost binds a name and attrs to a wrapper that embeds
// slog.Handler, through each of ours: its own Handle must see all records.
func TestAdoptKeepsWrappersThatGetLost(t *testing.T) {
	for name, wrap := range map[string]func(slog.Handler) slog.Handler{
		"adopted": handlers.Adopt,
		"Level":   func(h slog.Handler) slog.Handler { return handlers.NewLevel(h, nil) },
		"Filter":  func(h slog.Handler) slog.Handler { return handlers.NewFilter(h) },
		"Fanout":  func(h slog.Handler) slog.Handler { return handlers.NewFanout(h, slog.DiscardHandler) },
		"Memory":  func(h slog.Handler) slog.Handler { return handlers.NewMemory(h, handlers.MemoryOptions{Capacity: 1}) },
	} {
		var buf syncBuffer
		stream := handlers.NewStream(&buf, percent("%(name)s %(message)s"), nil)
		for _, h := range []slog.Handler{shouting{slog.NewTextHandler(&buf, nil)}, &shouting{stream}, shoutingStream{stream}} {
			named := handlers.BindName(wrap(h), "logger", "a.b")
			slog.New(named).Info("one")
			slog.New(named).With("x", 1).WithGroup("g").With("y", 2).Info("two", "z", 3)
			if got := buf.String(); strings.Contains(got, "one") || strings.Contains(got, "two") ||
				strings.Count(got, "ONE") != 1 || strings.Count(got, "TWO") != 1 ||
				!strings.Contains(got, "a.b") || !strings.Contains(got, "x=1 g.y=2 g.z=3\n") {
				t.Errorf("%s over %T:\n%s", name, h, got)
			}
			buf.reset()
		}
	}
}

// shouting are wrappers that lack WithAttrs and WithGroup.
type (
	shouting       struct{ slog.Handler }
	shoutingStream struct{ *handlers.Stream }
)

func (h shouting) Handle(ctx context.Context, r slog.Record) error {
	r.Message = strings.ToUpper(r.Message)
	return h.Handler.Handle(ctx, r)
}

func (h shoutingStream) Handle(ctx context.Context, r slog.Record) error {
	r.Message = strings.ToUpper(r.Message)
	return h.Stream.Handle(ctx, r)
}

// adoptions are programs that wrap slog's default handler and make the wrapper the
// default: with the original inside they wait for themselves for ever, once log.Print
// is called.
var adoptions = map[string]func(){
	"adopt then set": func() {
		h := handlers.NewLevel(slog.Default().Handler(), slog.LevelInfo)
		slog.SetDefault(slog.New(h))
	},
	"set then adopt": func() {
		def := slog.Default().Handler()
		slog.SetDefault(slog.New(slog.DiscardHandler))
		slog.SetDefault(slog.New(handlers.NewFanout(def)))
	},
	"with": func() {
		slog.SetDefault(slog.New(handlers.NewFilter(slog.Default().With("a", 1).Handler())))
	},
	"in a context handler": func() {
		slog.SetDefault(slog.New(handlers.NewLevel(contextattrs.NewHandler(slog.Default().Handler()), nil)))
	},
	"memory": func() {
		m := handlers.NewMemory(nil, handlers.MemoryOptions{Capacity: 1})
		m.SetTarget(slog.Default().Handler())
		slog.SetDefault(slog.New(m))
	},
	"while log.Print waits": func() {
		def := slog.Default().Handler()
		var adopted slog.Handler
		slog.SetDefault(slog.New(&hook{handle: func(ctx context.Context, r slog.Record) error {
			if adopted == nil {
				adopted = handlers.Adopt(def)
				return nil
			}
			return adopted.Handle(ctx, r)
		}}))
		log.Print("adopts")
	},
	"control": func() { slog.SetDefault(slog.New(embedding{slog.Default().Handler()})) },
}

// TestAdoptedDoesNotDeadlock runs the programs in children. The control, which
// nothing was done for, must hang.
func TestAdoptedDoesNotDeadlock(t *testing.T) {
	const env = "HANDLERS_ADOPTION"
	if name := os.Getenv(env); name != "" {
		adoptions[name]()
		slog.Info("by slog", "k", 1)
		log.Print("by log")
		os.Exit(0)
	}
	line := `\d{4}/\d\d/\d\d \d\d:\d\d:\d\d INFO `
	lines := regexp.MustCompile(`^` + line + `by slog (a=1 )?k=1\n` + line + `by log( a=1)?\n$`)
	for name := range adoptions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if name == "control" {
				patience = 2 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestAdoptedDoesNotDeadlock$")
			child.Env = append(os.Environ(), env+"="+name)
			out, err := child.CombinedOutput()
			if name == "control" {
				// It hangs, or the runtime sees that all goroutines do.
				if err == nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) && !strings.Contains(string(out), "deadlock") {
					t.Errorf("the control ended: %v\n%s", err, out)
				}
				return
			}
			if err != nil || !lines.Match(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
