// Service is a server that shows the debug records of a request only if it fails, hides
// secrets, does not wait for its file, and loses no record when it is told to end. It asks
// itself three times, and ends.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs/httpattrs"
	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/rotate"
	"github.com/slogsuite/slogsuite/slogtree"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		log.Fatal(err)
	}
	recorder, err := setUp()
	if err != nil {
		log.Fatal(err)
	}
	go ask("http://"+l.Addr().String(), stop)
	if err := serve(ctx, l, handler(recorder)); err != nil {
		log.Fatal(err)
	}
}

// setUp gives the tree its handlers.
func setUp() (*handlers.FlightRecorder, error) {
	format := formatters.Must(formatters.Percent("%(levelname)-5s %(name)s: %(message)s", nil))
	file, err := rotate.NewHandler("app.log", format, nil, rotate.Options{MaxBytes: 10 << 20, BackupCount: 5})
	if err != nil {
		return nil, err
	}
	queue := handlers.NewQueue(file, handlers.QueueOptions{})
	redact := handlers.NewRedact(queue, handlers.RedactOptions{})
	recorder := handlers.NewFlightRecorder(redact, handlers.FlightOptions{Slow: 5 * time.Second})

	slogtree.Root().SetLevel(slog.LevelDebug) // debug records have to reach the recorder
	slogtree.Root().AddHandler(recorder)

	noisy := slogtree.Get("shop.polls")
	noisy.SetPropagate(false)
	noisy.AddHandler(handlers.NewRateLimit(recorder, handlers.RateLimitOptions{Every: time.Minute, Burst: 2}))
	return recorder, nil
}

// handler returns the server's handler. What is a request for the recorder goes around the
// middleware, so that the access record is part of it.
func handler(recorder *handlers.FlightRecorder) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login)
	logged := httpattrs.Middleware(mux, httpattrs.Options{Logger: slogtree.Get("http.access").Logger})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := recorder.Start(r.Context())
		defer end()
		logged.ServeHTTP(w, r.WithContext(ctx))
	})
}

func login(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	slogtree.Get("shop.login").DebugContext(ctx, "asking the directory", "password", r.FormValue("password"))
	for range 5 {
		slogtree.Get("shop.polls").InfoContext(ctx, "not there yet")
	}
	if r.FormValue("user") == "eve" {
		http.Error(w, "the directory is down", http.StatusBadGateway) // its access record is an ERROR
	}
}

// serve serves until ctx ends, then ends requests, then writes what the handlers hold.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ErrorLog: slogtree.Get("http.server").NewStdLog(slog.LevelError)}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(grace), slogtree.Default().Close(grace))
}

// ask logs in as three users, and then does what SIGTERM would.
func ask(url string, end func()) {
	defer end()
	for _, user := range []string{"ada", "eve", "bob"} {
		r, err := http.NewRequest("POST", url+"/login?user="+user+"&password=hunter2", nil)
		if err != nil {
			log.Fatal(err)
		}
		r.Header.Set("X-Request-Id", "of-"+user)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			log.Fatal(err)
		}
		res.Body.Close()
	}
}
