package netsink_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/receiver"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// One program sends, and here it receives too.
func Example_bothEnds() {
	l, err := net.Listen("tcp", "127.0.0.1:0") // Python's port is 9020
	check(err)
	f := formatters.Must(formatters.Percent("%(levelname)s %(name)s %(filename)s: %(message)s", nil))
	server := receiver.Server{Target: func(logger string) slog.Handler { return handlers.NewStream(os.Stdout, f, nil) }}
	ctx, end := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, l) }()

	h, err := netsink.NewHandler("tcp", l.Addr().String(), netsink.Options{})
	check(err)
	slog.New(h).Warn("disk", "percent", 93)

	check(h.Close(context.Background())) // sends what is left, and waits until it was read
	end()
	check(<-done)
	fmt.Println(h.Stats().Sent, "sent,", server.Stats().Records, "received")
	// Output:
	// WARNING root page_example_test.go: disk percent=93
	// 1 sent, 1 received
}

// A peer that is not there holds nobody up.
func Example_nobodyListens() {
	h, err := netsink.NewHandler("tcp", "127.0.0.1:1", netsink.Options{BufferBytes: 8 << 10, Overflow: netsink.DropOld})
	check(err)
	log := slog.New(h)
	for i := range 100 {
		log.Info("order", "number", i)
	}
	stats := h.Stats()
	fmt.Println(stats.Records == stats.Sent+stats.Dropped+stats.Queued, stats.Dropped > 0, stats.QueuedBytes <= 8<<10)
	// Output:
	// true true true
}
