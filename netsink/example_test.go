package netsink_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/netsink/receiver"
)

// serve receives records on a port of the loopback interface, and prints them. Python's receiver
// of the Logging Cookbook would do as well.
func serve(ctx context.Context) (address string, done <-chan error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	format := formatters.Must(formatters.Percent("%(levelname)s %(name)s: %(message)s", nil))
	print := handlers.NewStream(os.Stdout, format, nil)
	server := receiver.Server{Target: func(string) slog.Handler { return print }}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l) }()
	return l.Addr().String(), ended
}

func ExampleNewHandler() {
	ctx, stop := context.WithCancel(context.Background())
	address, done := serve(ctx)

	h, err := netsink.NewHandler("tcp", address, netsink.Options{})
	if err != nil {
		panic(err)
	}
	log := slog.New(h.WithLoggerName("logger", "app.web"))
	log.Info("started", "port", 8080)
	log.Warn("slow", "took", 1200*time.Millisecond)

	// Without Close the last records may be lost with the program.
	if err := h.Close(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(h.Stats().Sent, "sent")
	stop()
	<-done
	// Output:
	// INFO app.web: started port=8080
	// WARNING app.web: slow took=1.2s
	// 2 sent
}

// What is wrong with the arguments is told at once, all of it.
func ExampleNewHandler_wrong() {
	_, err := netsink.NewHandler("tcp", "logs.example", netsink.Options{RetryMin: time.Minute, RetryMax: time.Second})
	fmt.Println(err)
	// Output:
	// netsink: handler for "tcp" "logs.example": the address "logs.example": address logs.example: missing port in address
	// Options.RetryMax 1s is less than RetryMin 1m0s
}

// A program that must never wait drops records, and knows how many; one whose log must be complete
// waits as long as it can.
func ExampleOptions() {
	never := netsink.Options{Overflow: netsink.DropOld, BufferBytes: 64 << 10}
	complete := netsink.Options{MaxWait: time.Minute, BufferBytes: 64 << 20}
	for _, o := range []netsink.Options{never, complete} {
		h, err := netsink.NewHandler("unix", "/run/slogd.sock", o)
		if err != nil {
			panic(err)
		}
		fmt.Println(h)
		_ = h.Close(context.Background())
	}
	// Output:
	// Socket(unix /run/slogd.sock)
	// Socket(unix /run/slogd.sock)
}

// By TLS both ends can prove who they are.
func ExampleOptions_tls() {
	cert, err := tls.LoadX509KeyPair("client.pem", "client-key.pem")
	if err != nil {
		fmt.Println("no certificate")
		return
	}
	h, err := netsink.NewHandler("tcp", "logs.example:9021", netsink.Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}},
	})
	if err != nil {
		panic(err)
	}
	slog.SetDefault(slog.New(h))
	// Output: no certificate
}

// OnError learns what a slog.Logger can't tell.
func ExampleUnconfirmedError() {
	_ = netsink.Options{OnError: func(err error) {
		var u *netsink.UnconfirmedError
		if errors.As(err, &u) {
			fmt.Fprintf(os.Stderr, "up to %d records may be lost\n", u.Last-u.First+1)
			return
		}
		fmt.Fprintln(os.Stderr, err)
	}}
	// Output:
}
