package main

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
	"github.com/slogsuite/slogsuite/slogtree/configserver"
)

// serve logs with the initial configuration, and once more with each of so many new ones. It calls
// waiting each time that it waits for one.
func serve(initial []byte, name string, rounds int, waiting func(port int)) {
	// read initial config file
	c, err := config.ParseINI(initial, config.Options{Filename: "logging.conf"})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.Apply(context.Background(), slogtree.Default()); err != nil {
		log.Fatal(err)
	}

	// create and start listener (port 0: let the system choose)
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		log.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	ready := make(chan struct{})
	ctx, stopListening := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() {
		stopped <- configserver.Serve(ctx, l, slogtree.Default(), configserver.Options{
			OnDocument: func(configserver.Reply) { ready <- struct{}{} },
		})
	}()
	fmt.Println("listening on port", port)

	logger := slogtree.Get(name)
	oneRound := func() {
		logger.Debug("debug message")
		logger.Info("info message")
		logger.Warn("warn message")
		logger.Error("error message")
		logger.Critical("critical message")
	}

	// loop through logging calls to see the difference new configurations make
	oneRound()
	for range rounds {
		fmt.Println("waiting for a new configuration")
		waiting(port)
		<-ready
		oneRound()
	}
	// cleanup
	stopListening()
	if err := <-stopped; err != nil {
		log.Fatal(err)
	}
	fmt.Println("done")
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
