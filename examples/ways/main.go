// Ways shows ways to use slogtree, a function each, as README.md has them. Its
// arguments name those to run; without any it runs all.
package main

import (
	"context"
	_ "embed"
	"log"
	"log/slog"
	"net"
	"os"
	"slices"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
)

func main() {
	for _, way := range []struct {
		name string
		run  func()
	}{
		{"dropin", dropIn},
		{"two", twoDestinations},
		{"around", around},
		{"request", request},
		{"json", asJSON},
		{"rotating", rotating},
		{"network", network},
		{"configured", configured},
	} {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], way.name) {
			continue
		}
		way.run()
		if err := slogtree.Default().Close(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
}

// dropIn puts the tree below code that logs through slog, which goes on as it was.
func dropIn() {
	slogtree.Root().AddHandler(slog.Default().Handler()) // lines look as before
	slog.SetDefault(slogtree.Root().Logger)
	slog.Info("listening", "port", 8080)
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
}

// twoDestinations logs to the console and, with more in it, to a file.
func twoDestinations() {
	short := formatters.Must(formatters.Percent("%(levelname)s %(name)s: %(message)s", nil))
	long := formatters.Must(formatters.Percent("%(asctime)s %(levelname)-8s %(name)s: %(message)s", nil))
	file, err := handlers.NewFile("app.log", long, slog.LevelDebug, handlers.FileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	root := slogtree.Root()
	root.SetLevel(slog.LevelDebug) // from here on, the handlers' levels decide
	root.AddHandler(handlers.NewStream(os.Stderr, short, slog.LevelInfo))
	root.AddHandler(file)
	defer slogtree.Default().Close(context.Background()) // Go does not do it when a program ends

	slogtree.Get("app.db").Debug("connecting", "host", "db1") // in the file only
	slogtree.Get("app.db").Info("connected", "ms", 12)
}

// around gives a handler of slog named loggers.
func around() {
	slogtree.Root().AddHandler(slog.NewJSONHandler(os.Stdout, nil)) // or zap's, or OpenTelemetry's
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
}

// request logs the attrs that a request carries in its context.
func request() {
	slogtree.Root().AddHandler(slog.NewJSONHandler(os.Stdout, nil))
	log := slogtree.Get("app.http")

	ctx := contextattrs.With(context.Background(), "request", "r-17")
	log.InfoContext(ctx, "served", "status", 200)
}

// asJSON logs the fields that Python programs log as JSON.
func asJSON() {
	f := formatters.JSON(&formatters.Options{Fields: []string{"asctime", "levelname", "name", "message"}})
	slogtree.Root().AddHandler(handlers.NewStream(os.Stdout, f, slog.LevelInfo))
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
}

// rotating logs to a file that rotates, and that other processes may write too.
func rotating() {
	f := formatters.Must(formatters.Percent("%(levelname)s %(name)s: %(message)s", nil))
	rotating, err := rotate.NewHandler("app.log", f, nil, rotate.Options{MaxBytes: 10 << 20, BackupCount: 5, Shared: true})
	if err != nil {
		log.Fatal(err)
	}
	slogtree.Root().AddHandler(rotating)
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
}

// network sends records to another process, and receives them, here in this one.
func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	address := listener.Addr().String()
	received := receive(listener)

	sender, err := netsink.NewHandler("tcp", address, netsink.Options{}) // "localhost:9020", say
	if err != nil {
		log.Fatal(err)
	}
	slogtree.Root().AddHandler(sender)
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
	if err := sender.Close(context.Background()); err != nil { // else what was logged last is not sent
		log.Fatal(err)
	}

	received()
}

// receive prints the records that come, until the func that it returns is called.
func receive(listener net.Listener) (end func()) {
	f := formatters.Must(formatters.Percent("%(asctime)s %(name)s %(levelname)s %(message)s", nil))
	out := handlers.NewStream(os.Stdout, f, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		server := receiver.Server{Target: func(logger string) slog.Handler { return out }}
		if err := server.Serve(ctx, listener); err != nil { // until ctx ends
			log.Fatal(err)
		}
	}()
	return func() { cancel(); <-done }
}

//go:embed logging.conf
var document []byte

// configured has a file say what is logged where, here one of Python's.
func configured() {
	if err := os.WriteFile("logging.conf", document, 0o666); err != nil {
		log.Fatal(err)
	}
	c, err := config.Load("logging.conf") // or config.Watch, or what SLOG_CONFIG names
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Apply(context.Background(), slogtree.Default()); err != nil {
		log.Fatal(err)
	}
	slogtree.Get("app.db").Warn("slow query", "ms", 1200)
}
