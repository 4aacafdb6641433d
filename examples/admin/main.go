// Admin serves the page and the API for loggers on loopback, asks it a few things as
// a program would, prints the answers, and ends:
//
//	go run ./examples/admin
//
// With an address it goes on, logs something now and then, and can be looked at with a browser:
//
//	go run ./examples/admin -listen 127.0.0.1:8080
package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
	"github.com/slogsuite/slogsuite/slogtree/admin"
)

func main() {
	listen := flag.String("listen", "", "address to serve until interrupted")
	flag.Parse()
	if err := run(*listen); err != nil {
		fmt.Fprintln(os.Stderr, "admin:", err)
		os.Exit(1)
	}
}

func run(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	format := formatters.Must(formatters.Percent("%(levelname)s %(name)s: %(message)s", nil))
	slogtree.Root().AddHandler(handlers.NewStream(os.Stdout, format, nil))
	cart, pool := slogtree.Get("shop.cart"), slogtree.Get("db.pool")
	pool.SetLevel(slog.LevelWarn)

	// The page is at /log/. Who may do what is decided here: everybody who can
	// reach loopback may look, and change levels.
	ctx, end := context.WithCancel(ctx)
	defer end()
	mux := http.NewServeMux()
	mux.Handle("/log/", http.StripPrefix("/log", admin.NewHandler(slogtree.Default(), admin.Options{Writable: true, Context: ctx})))
	l, err := net.Listen("tcp", cmp.Or(address, "127.0.0.1:0"))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()

	if base := "http://" + l.Addr().String() + "/log/"; address == "" {
		err = ask(base, cart, pool)
	} else {
		fmt.Println("the page is at", base)
		chatter(ctx, cart, pool)
	}
	end() // before Shutdown, which waits for who watches
	err = errors.Join(err, server.Shutdown(context.Background()))
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// ask is a client of the API.
func ask(base string, cart, pool *slogtree.Logger) error {
	cart.Debug("not seen yet")
	c := client{base: base}
	c.do("GET", "loggers", "")
	c.do("POST", "loggers/shop.cart", `{"configuredLevel":"DEBUG","for":"10m"}`)
	cart.Debug("seen now")
	c.do("GET", "explain?name=shop.cart", "")
	c.do("POST", "loggers/shop.cart", `{"configuredLevel":"LOUD"}`)
	c.do("POST", "loggers/shop.cart", `{"configuredLevel":null}`)
	c.tail("tail?level=WARNING&name=db", func() {
		cart.Error("another's")
		pool.Warn("exhausted", "open", 20)
	})
	return c.err
}

// A client asks, and keeps the first error.
type client struct {
	base string
	err  error
}

// do asks and prints the answer.
func (c *client) do(method, path, body string) {
	if c.err != nil {
		return
	}
	fmt.Println(strings.TrimSpace("--- " + method + " " + path + " " + body))
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.err = err
		return
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.err = err
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	c.err = err
	fmt.Println(resp.StatusCode, strings.TrimSpace(string(text)))
}

// tail watches until the first record comes.
func (c *client) tail(path string, logs func()) {
	if c.err != nil {
		return
	}
	fmt.Println("--- GET", path)
	resp, err := http.Get(c.base + path)
	if err != nil {
		c.err = err
		return
	}
	defer resp.Body.Close()
	logs() // whoever has the head of the answer is watching
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			fmt.Println(data)
			return
		}
	}
	c.err = errors.Join(lines.Err(), io.ErrUnexpectedEOF)
}

// chatter logs until ctx ends.
func chatter(ctx context.Context, cart, pool *slogtree.Logger) {
	tick := time.NewTicker(700 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			cart.Debug("cart loaded", "user", "ada", "items", n%7)
			if cart.Info("item added", "sku", fmt.Sprintf("A-%02d", n%40)); n%5 == 0 {
				pool.Warn("slow query", "ms", 300+n%900)
			}
		}
	}
}
