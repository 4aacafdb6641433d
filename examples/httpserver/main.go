// Httpserver is a server whose records tell which request they belong to. It answers
// four requests of its own, and ends.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
	"github.com/slogsuite/slogsuite/slogtree"
)

func main() {
	_, err := slogtree.Basic(slogtree.BasicOptions{Stream: os.Stdout, Format: "%(levelname)-5s %(name)s: %(message)s"})
	if err != nil {
		log.Fatal(err)
	}
	orders := slogtree.Get("shop.orders")
	jobs := make(chan context.Context, 1)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		contextattrs.Add(ctx, "user", "ada") // found out late: for the record of the request
		orders.DebugContext(ctx, "looking it up", "id", r.PathValue("id"))
		orders.InfoContext(ctx, "order read", "id", r.PathValue("id"))
		fmt.Fprintln(w, "order", r.PathValue("id"))
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		jobs <- contextattrs.Detach(r.Context()) // what goes on when the request is over
		w.WriteHeader(http.StatusAccepted)
	})

	handler := httpattrs.Middleware(mux, httpattrs.Options{
		Logger:    slogtree.Get("http.access").Logger,
		Authorize: func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer operator" },
	})
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slogtree.Get("http.server").Handler(), slog.LevelError)}
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- server.Serve(l) }()

	ask := client(l.Addr().String())
	ask("GET", "/orders/7", "X-Request-Id", "r-1")
	ask("GET", "/orders/8", "X-Request-Id", "r-2", "X-Log-Level", "debug", "Authorization", "Bearer operator")
	ask("GET", "/nowhere", "X-Request-Id", "r-3", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	ask("POST", "/orders", "X-Request-Id", "r-4")
	orders.InfoContext(<-jobs, "order shipped")

	if err := server.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := <-done; err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

// client returns a function that sends a request with a header of names and values.
func client(address string) func(method, path string, header ...string) {
	return func(method, path string, header ...string) {
		r, err := http.NewRequest(method, "http://"+address+path, nil)
		if err != nil {
			log.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			log.Fatal(err)
		}
	}
}
