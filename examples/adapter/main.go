// Adapter is the recipe "Using LoggerAdapters to impart contextual information" of
// Python's logging cookbook. The flags change its names; with -process, the
// information is put into the message, as an adapter with a process() of its own does.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	first   = flag.String("a1", "a.b.c", "name of the first logger")
	second  = flag.String("a2", "d.e.f", "name of the second logger")
	count   = flag.Int("count", 10, "messages of the second logger")
	process = flag.Bool("process", false, "put the information into the message")
)

var levels = []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, slogtree.LevelCritical}

func main() {
	flag.Parse()
	format := "%(asctime)-15s %(name)-5s %(levelname)-8s IP: %(ip)-15s User: %(user)-8s %(message)s"
	if *process {
		format = "%(levelname)s %(name)s: %(message)s"
	}
	if _, err := slogtree.Basic(slogtree.BasicOptions{Level: slog.LevelDebug, Format: format}); err != nil {
		log.Fatal(err)
	}
	if *process {
		processed()
		return
	}

	// information that stays: With is the adapter
	a1 := slogtree.Get(*first).With("ip", "123.231.231.123", "user", "sheila")
	a1.Debug("A debug message")
	a1.Info(fmt.Sprintf("An info message with %s", "some parameters"))

	// information that is asked for with each record
	a2 := slog.New(contextattrs.Dynamic(slogtree.Get(*second).Handler(), connInfo))
	for range *count {
		lvl := choice(levels...)
		a2.Log(context.Background(), lvl, fmt.Sprintf("A message at %s level with %d %s", formatters.LevelName(lvl), 2, "parameters"))
	}
}

// connInfo is the ConnInfo of the cookbook: who is served at this moment.
func connInfo(context.Context) []slog.Attr {
	return []slog.Attr{
		slog.String("ip", choice("127.0.0.1", "192.168.0.1")),
		slog.String("user", choice("jim", "fred", "sheila")),
	}
}

func choice[T any](of ...T) T { return of[rand.IntN(len(of))] }

// processed is an adapter with a process() of its own: a handler around the logger's,
// which may change the record.
func processed() {
	process := handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
		r.Message = "[123.231.231.123 sheila] " + r.Message
		return r, true
	})
	a1 := slog.New(handlers.NewFilter(slogtree.Get(*first).Handler(), process))
	a1.Debug("A debug message")
	a1.Info(fmt.Sprintf("An info message with %s", "some parameters"))
}
