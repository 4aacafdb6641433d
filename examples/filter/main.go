// Filter is the recipe "Using Filters to impart contextual information" of Python's
// logging cookbook. The flags change its names.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	first  = flag.String("a1", "a.b.c", "name of the first logger")
	second = flag.String("a2", "d.e.f", "name of the second logger")
	count  = flag.Int("count", 10, "messages of the second logger")
)

var levels = []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError, slogtree.LevelCritical}

// contextFilter injects contextual information into the log. Rather than use actual
// contextual information, we just use random data in this demo.
func contextFilter(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
	r.AddAttrs(
		slog.String("ip", choice("123.231.231.123", "127.0.0.1", "192.168.0.1")),
		slog.String("user", choice("jim", "fred", "sheila")),
	)
	return r, true
}

func choice[T any](of ...T) T { return of[rand.IntN(len(of))] }

func main() {
	flag.Parse()
	_, err := slogtree.Basic(slogtree.BasicOptions{
		Level:  slog.LevelDebug,
		Format: "%(asctime)-15s %(name)-5s %(levelname)-8s IP: %(ip)-15s User: %(user)-8s %(message)s",
	})
	if err != nil {
		log.Fatal(err)
	}
	a1 := slogtree.Get(*first)
	a2 := slogtree.Get(*second)

	f := handlers.FilterFunc(contextFilter)
	a1.AddFilter(f)
	a2.AddFilter(f)
	a1.Debug("A debug message")
	a1.Info(fmt.Sprintf("An info message with %s", "some parameters"))
	for range *count {
		lvl := choice(levels...)
		a2.Log(context.Background(), lvl, fmt.Sprintf("A message at %s level with %d %s", formatters.LevelName(lvl), 2, "parameters"))
	}
}
