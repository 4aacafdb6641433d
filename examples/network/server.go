package main

import (
	"context"
	"fmt"
	"log"
	"net"

	"github.com/slogsuite/slogsuite/netsink/receiver"
	"github.com/slogsuite/slogsuite/slogtree"
)

// serve logs what it receives, until the first client has ended. It calls ready in a
// goroutine when clients may come, and returns when that has returned too.
func serve(ready func(port int)) {
	_, err := slogtree.Basic(slogtree.BasicOptions{
		Format: "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s",
	})
	if err != nil {
		log.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		log.Fatal(err)
	}
	port := tcp.Addr().(*net.TCPAddr).Port
	fmt.Println("About to start TCP server...")
	fmt.Println("port", port)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ready(port)
	}()

	// N.B. EVERY record gets logged. If you want to do filtering, do it at the client end
	// to save wasting cycles and network bandwidth!
	server := receiver.Server{Target: slogtree.Default().Handler}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := server.Serve(ctx, listener{tcp, stop}); err != nil {
		log.Fatal(err)
	}
	<-done
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// A listener's connections call stop when they are closed.
type listener struct {
	net.Listener
	stop func()
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c.(*net.TCPConn), l.stop}, nil
}

type conn struct {
	*net.TCPConn
	stop func()
}

func (c conn) Close() error {
	defer c.stop()
	return c.TCPConn.Close()
}
