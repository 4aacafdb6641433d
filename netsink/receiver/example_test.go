package receiver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/netsink/receiver"
)

// One handler for all records. What a Python program sends by its SocketHandler prints as it
// would have printed there.
func ExampleServer() {
	h := handlers.NewStream(os.Stdout, formatters.Must(formatters.Percent("%(name)s %(levelname)s %(process)d %(message)s", nil)), nil)
	server := &receiver.Server{Target: func(logger string) slog.Handler { return h }}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error)
	go func() { done <- server.Serve(ctx, l) }()

	// A client: four bytes of length, and a record.
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	record := []byte(`{"name": "app.db", "levelno": 30, "levelname": "WARNING", "process": 4711, "msg": "3 rows are stale"}`)
	var frame bytes.Buffer
	frame.Write(binary.BigEndian.AppendUint32(nil, uint32(len(record))))
	frame.Write(record)
	if _, err := c.Write(frame.Bytes()); err != nil {
		fmt.Println(err)
	}
	c.Close()

	cancel() // what was sent is read
	fmt.Println(<-done, server.Stats().Records)
	// Output:
	// app.db WARNING 4711 3 rows are stale
	// <nil> 1
}
