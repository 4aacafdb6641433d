package handlers_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
)

func Example() {
	f := formatters.Must(formatters.Percent("%(levelname)-8s %(message)s", nil))
	log := slog.New(handlers.NewStream(os.Stdout, f, slog.LevelInfo))

	log.Debug("not seen")
	log.Info("hello", "n", 1)
	log.Warn("careful")
	// Output:
	// INFO     hello n=1
	// WARNING  careful
}

// A console for people and a file with everything, as in "Logging to multiple
// destinations" of Python's cookbook.
func Example_destinations() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	full := formatters.Must(formatters.Percent("%(name)-12s %(levelname)-8s %(message)s", nil))
	file, err := handlers.NewFile(filepath.Join(dir, "logs", "app.log"), full, nil, handlers.FileOptions{})
	if err != nil {
		panic(err)
	}
	console := handlers.NewStream(os.Stdout, nil, slog.LevelInfo)
	both := handlers.NewFanout(console, file)

	log := slog.New(handlers.BindName(both, "logger", "app.area1"))
	log.Debug("quick zephyrs blow")
	log.Info("how vexingly quick")

	if err := handlers.Close(context.Background(), both); err != nil {
		panic(err)
	}
	text, _ := os.ReadFile(file.Name())
	fmt.Printf("--\n%s", text)
	// Output:
	// how vexingly quick
	// --
	// app.area1    DEBUG    quick zephyrs blow
	// app.area1    INFO     how vexingly quick
}

func ExampleNewLevel() {
	var level slog.LevelVar // INFO
	log := slog.New(handlers.NewLevel(handlers.NewStream(os.Stdout, nil, nil), &level)).With("a", 1)

	log.Debug("not seen")
	level.Set(slog.LevelDebug) // reaches loggers derived before
	log.Debug("seen")
	// Output:
	// seen a=1
}

// What not to do: a wrapper can raise the level of what it wraps, not lower it.
func ExampleNewLevel_wrong() {
	stream := handlers.NewStream(os.Stdout, nil, slog.LevelError)
	log := slog.New(handlers.NewLevel(stream, slog.LevelDebug))
	log.Info("not seen")
	log.Error("seen")
	// Output:
	// seen
}

func ExampleNewFilter() {
	secrets := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.Message = strings.ReplaceAll(r.Message, "hunter2", "*******")
		return r, !strings.HasPrefix(r.Message, "noise")
	})
	log := slog.New(handlers.NewFilter(handlers.NewStream(os.Stdout, nil, nil), secrets))
	log.Info("the password is hunter2")
	log.Info("noise")
	// Output:
	// the password is *******
}

func ExampleNameFilter() {
	h := handlers.NewFilter(handlers.NewStream(os.Stdout, nil, nil), handlers.NameFilter("app.db"))
	for _, name := range []string{"app", "app.db", "app.db.pool", "app.dbx"} {
		slog.New(handlers.BindName(h, "logger", name)).Info(name)
	}
	// Output:
	// app.db
	// app.db.pool
}

// Debug records are kept back, and shown only when something fails.
func ExampleMemory() {
	stream := handlers.NewStream(os.Stdout, nil, nil)
	log := slog.New(handlers.NewMemory(stream, handlers.MemoryOptions{Capacity: 100}))

	ctx := contextattrs.With(context.Background(), "request", 7)
	log.DebugContext(ctx, "looking up")
	log.DebugContext(ctx, "not in the cache")
	fmt.Println("nothing yet")
	log.ErrorContext(ctx, "no such user")
	// Output:
	// nothing yet
	// looking up request=7
	// not in the cache request=7
	// no such user request=7
}

func ExampleAdopt() {
	// A handler of somebody else does not know of attrs in a context.
	h := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	ctx := contextattrs.With(context.Background(), "request", 7)
	slog.New(h).InfoContext(ctx, "before")
	slog.New(handlers.Adopt(h)).InfoContext(ctx, "after")
	// Output:
	// level=INFO msg=before
	// level=INFO msg=after request=7
}

func ExampleStream_SetTerminator() {
	h := handlers.NewStream(os.Stdout, nil, nil)
	h.SetTerminator(";\n")
	slog.New(h).Info("one")
	// Output:
	// one;
}
