package configserver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/config"
	"github.com/slogsuite/slogsuite/slogtree/configserver"
)

func ExampleServe() {
	dir, err := os.MkdirTemp("", "logs-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	tree := slogtree.New(slogtree.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- configserver.Serve(ctx, l, tree, configserver.Options{
			Config: config.Options{Root: dir}, // files have to be in it
			Audit:  slog.DiscardHandler,
		})
	}()
	send := func(document string) {
		_, err := configserver.Send(ctx, "tcp", l.Addr().String(), []byte(document), configserver.SendOptions{})
		if refused := (*configserver.RefusedError)(nil); errors.As(err, &refused) {
			for _, e := range refused.Reply.Errors {
				fmt.Println("refused:", e.Path, e.Value, e.Suggestion)
			}
		} else if err != nil {
			panic(err)
		}
	}

	send(`{"version": 1, "root": {"level": "DEBUGG", "handlers": ["h"]},
	  "handlers": {"h": {"class": "logging.FileHandler", "filename": "../x.log"}}}`)
	fmt.Println(tree.Root().Level())
	send(`{"version": 1, "root": {"level": "DEBUG", "handlers": ["h"]},
	  "handlers": {"h": {"class": "logging.FileHandler", "filename": "x.log"}}}`)
	fmt.Println(tree.Root().Level())

	stop()
	fmt.Println(<-ended, tree.Close(context.Background()))
	// Output:
	// refused: root.level "DEBUGG" DEBUG
	// INFO
	// DEBUG
	// <nil> <nil>
}
