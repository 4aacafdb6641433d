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

// hiding are handlers that hold slog's default one where Unwrap does not tell.
type (
	embedding   struct{ slog.Handler }
	holdsLogger struct {
		foreign
		log *slog.Logger
	}
	holdsMany struct {
		foreign
		//lint:ignore U1000 found by reflection
		deep [1]struct{ inner []*embedding }
		more []slog.Handler
	}
	unwraps     struct{ *hook }
	unwrapsMany struct{ *hook }
	loops       struct {
		*hook
		self slog.Handler
	}
)

func (unwraps) Unwrap() slog.Handler       { return slog.Default().Handler() }
func (unwrapsMany) Unwrap() []slog.Handler { return []slog.Handler{nil, slog.Default().Handler()} }

func TestWrapsDefault(t *testing.T) {
	def := slog.Default().Handler()
	discard := foreign{slog.DiscardHandler}
	loop := &loops{hook: &hook{}}
	loop.self = loop
	for name, c := range map[string]struct {
		h    slog.Handler
		want bool
	}{
		"nil":           {nil, false},
		"itself":        {def, false},
		"derived":       {slog.Default().With("a", 1).Handler(), false},
		"ours":          {handlers.NewLevel(def, nil), false},
		"foreign":       {discard, false},
		"standard":      {slog.NewTextHandler(io.Discard, nil), false},
		"loop":          {loop, false},
		"embedded":      {embedding{def}, true},
		"pointer":       {&embedding{def}, true},
		"deep":          {embedding{foreign{&embedding{def}}}, true},
		"adopted":       {contextattrs.NewHandler(foreign{def}), false},
		"logger":        {holdsLogger{discard, slog.Default()}, true},
		"nil logger":    {holdsLogger{discard, nil}, false},
		"slice":         {holdsMany{foreign: discard, more: []slog.Handler{discard, def}}, true},
		"no slice":      {holdsMany{foreign: discard, more: []slog.Handler{discard, handlers.NewLevel(def, nil)}}, false},
		"multi":         {slog.NewMultiHandler(discard, def), true},
		"unwraps":       {unwraps{&hook{}}, true},
		"unwraps many":  {unwrapsMany{&hook{}}, true},
		"nil embedding": {embedding{}, false},
	} {
		if got := handlers.WrapsDefault(c.h); got != c.want {
			t.Errorf("%s: WrapsDefault = %t", name, got)
		}
	}
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
	"memory": func() {
		m := handlers.NewMemory(nil, handlers.MemoryOptions{Capacity: 1})
		m.SetTarget(slog.Default().Handler())
		slog.SetDefault(slog.New(m))
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
