package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/slogsuite/slogsuite/slogtree/configserver"
)

// send sends a configuration. Python's listener never replies; ours says why it refuses one.
func send(document []byte, port string) error {
	fmt.Println("connecting...")
	fmt.Println("sending config...")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := configserver.Send(ctx, "tcp", net.JoinHostPort("localhost", port), document, configserver.SendOptions{})
	if errors.Is(err, configserver.ErrNoReply) {
		err = nil
	}
	if refused := (*configserver.RefusedError)(nil); err == nil || errors.As(err, &refused) {
		fmt.Println("complete")
	}
	return err
}

// demonstrate serves, and sends a file each time that the server waits for one.
func demonstrate() {
	initial, err := files.ReadFile("logging.conf")
	if err != nil {
		log.Fatal(err)
	}
	names := []string{"new1.conf", "broken.conf", "new2.json"}
	var sent sync.WaitGroup
	serve(initial, "simpleExample", len(names), func(port int) {
		name := names[0]
		names = names[1:]
		sent.Go(func() {
			document, err := files.ReadFile(name)
			if err == nil {
				_, err = configserver.Send(context.Background(), "tcp", net.JoinHostPort("localhost", strconv.Itoa(port)), document, configserver.SendOptions{})
			}
			if refused := (*configserver.RefusedError)(nil); err != nil && !errors.As(err, &refused) {
				log.Print(err)
			}
		})
	})
	sent.Wait()
}
