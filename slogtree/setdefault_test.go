package slogtree

import (
	"context"
	"errors"
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
)

// setDefaultCases are programs that make the tree slog's default and attach
// slog's former default handler. Each would wait for itself for ever, or lose
// lines, if the handler were attached as it is (golang/go#62424).
var setDefaultCases = map[string]struct {
	run  func()
	want []string // regular expressions for the lines on stderr
}{
	"set then add": {func() {
		old := slog.Default().Handler()
		slog.SetDefault(Root().Logger)
		Root().AddHandler(old)
		slog.Info("by slog", "k", 1)
		log.Print("by log")
		Get("app.db").Warn("by a logger")
	}, []string{stamp + `INFO by slog k=1`, stamp + `INFO by log`, stamp + `WARN by a logger.*`}},
	"add then set": {func() {
		Root().AddHandler(slog.Default().Handler())
		slog.SetDefault(Root().Logger)
		slog.Info("by slog", "k", 1)
		log.Print("by log")
	}, []string{stamp + `INFO by slog k=1`, stamp + `INFO by log`}},
	"flags and prefix of that moment": {func() {
		log.SetFlags(log.Lmsgprefix)
		log.SetPrefix("[app] ")
		Root().AddHandler(slog.Default().Handler())
		log.SetPrefix("[later] ")
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{`\[app\] INFO by slog`}},
	"through With": {func() {
		Root().AddHandler(slog.Default().With("a", 1).WithGroup("g").With("b", 2).Handler())
		slog.SetDefault(Root().Logger)
		slog.Info("by slog", "c", 3)
		log.Print("by log")
	}, []string{stamp + `INFO by slog a=1 g\.b=2 g\.c=3`, stamp + `INFO by log a=1 g\.b=2`}},
	"through wrappers": {func() {
		old := slog.Default().Handler()
		slog.SetDefault(Root().With("w", 1).Logger)
		Root().AddHandler(handlers.NewLevel(handlers.NewFanout(old), slog.LevelInfo))
		slog.Info("by slog")
		log.Print("by log")
	}, []string{stamp + `INFO by slog w=1`, stamp + `INFO by log w=1`}},
	"through contextattrs": {func() {
		Root().AddHandler(contextattrs.NewHandler(slog.Default().Handler()))
		slog.SetDefault(Root().Logger)
		slog.InfoContext(contextattrs.With(context.Background(), "r", 1), "by slog")
		log.Print("by log")
	}, []string{stamp + `INFO by slog r=1`, stamp + `INFO by log`}},
	"through Level and contextattrs": {func() {
		Root().AddHandler(handlers.NewLevel(contextattrs.NewHandler(slog.Default().Handler()), slog.LevelInfo))
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{stamp + `INFO by slog`}},
	"through Basic": {func() {
		if _, err := Basic(BasicOptions{Handlers: []slog.Handler{contextattrs.NewHandler(slog.Default().Handler())}}); err != nil {
			panic(err)
		}
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{stamp + `INFO by slog`}},
	"as the last resort": {func() {
		Default().SetOptions(Options{LastResort: contextattrs.NewHandler(slog.Default().Handler())})
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{stamp + `INFO by slog`}},
	"as the last resort, hidden": {func() {
		Default().SetOptions(Options{LastResort: somebodyElses{slog.Default().Handler()}})
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{`slogtree: logger "root": Options.LastResort: slog's default handler .*`, `by slog`}},
	"hidden below our wrappers": {func() {
		hidden := somebodyElses{slog.Default().Handler()}
		Root().AddHandler(handlers.NewLevel(hidden, nil))
		Root().AddHandler(handlers.NewMemory(hidden, handlers.MemoryOptions{Capacity: 1}))
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
	}, []string{`slogtree: logger "root": AddHandler: .*`, `slogtree: logger "root": AddHandler: .*`, `by slog`}},
	"after SetDefault, the tree itself": {func() {
		slog.SetDefault(Root().Logger)
		Root().AddHandler(slog.Default().Handler())
		slog.Info("by slog")
	}, []string{`slogtree: logger "root": AddHandler: .* a logger of this tree.*`, `by slog`}},
	"while log.Print holds its lock": {func() {
		old := slog.Default().Handler()
		h := &hooked{do: func(context.Context) error { return errors.New("broken") }}
		Default().SetOptions(Options{OnError: func(error) {
			_, _ = Root().RemoveHandler(context.Background(), h)
			Root().AddHandler(old)
		}})
		Root().AddHandler(h)
		slog.SetDefault(Root().Logger)
		log.Print("one")
		log.Print("two")
	}, []string{stamp + `INFO two`}},
	"hidden in a wrapper of somebody else": {func() {
		Root().AddHandler(somebodyElses{slog.Default().Handler()})
		slog.SetDefault(Root().Logger)
		slog.Info("by slog")
		log.Print("by log")
	}, []string{`slogtree: logger "root": AddHandler: slog's default handler .*`, `by slog`, `by log`}},
}

const stamp = `\d{4}/\d\d/\d\d \d\d:\d\d:\d\d `

// somebodyElses is a wrapper of a type that this module does not know.
type somebodyElses struct{ slog.Handler }

func (h somebodyElses) Unwrap() slog.Handler { return h.Handler }

func TestSetDefault(t *testing.T) {
	const env = "SLOGTREE_SETDEFAULT"
	if name := os.Getenv(env); name != "" {
		setDefaultCases[name].run()
		os.Exit(0)
	}
	for name, c := range setDefaultCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestSetDefault$")
			child.Env = append(os.Environ(), env+"="+name)
			var stderr strings.Builder
			child.Stderr = &stderr
			if err := child.Run(); err != nil {
				t.Fatalf("%v (a deadlock?)\n%s", err, stderr.String())
			}
			lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("%d lines, want %d:\n%s", len(lines), len(c.want), stderr.String())
			}
			for i, want := range c.want {
				if !regexp.MustCompile("^" + want + "$").MatchString(lines[i]) {
					t.Errorf("line %d is %q, want a match of %s", i+1, lines[i], want)
				}
			}
		})
	}
}
