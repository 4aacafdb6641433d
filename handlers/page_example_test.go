package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogsuite/slogsuite/contextattrs"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/handlers/handlertest"
)

func ExampleNewQueue() {
	stream := handlers.NewStream(os.Stdout, nil, nil)
	queue := handlers.NewQueue(stream, handlers.QueueOptions{Records: 1000})
	log := slog.New(queue)

	log.Info("this call does not wait for the stream")
	log.Info("nor does this one", "n", 2)

	// At the end of the program, or what is held is lost.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := queue.Close(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(queue.Stats().Out, "records")
	// Output:
	// this call does not wait for the stream
	// nor does this one n=2
	// 2 records
}

func ExampleNewQueue_full() {
	stuck := make(chan struct{})
	slow := handlers.NewFilter(handlers.NewStream(os.Stdout, nil, nil),
		handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
			<-stuck
			return r, true
		}))
	queue := handlers.NewQueue(slow, handlers.QueueOptions{Records: 3, Overflow: handlers.DropNew})

	for i := range 5 {
		r := slog.NewRecord(time.Now(), slog.LevelInfo, fmt.Sprint("record ", i), 0)
		if err := queue.Handle(context.Background(), r); err != nil {
			fmt.Println(err)
		}
	}
	close(stuck)
	_ = queue.Close(context.Background())
	fmt.Printf("%+v\n", queue.Stats())
	// Output:
	// handlers: the queue is full, the record is dropped
	// handlers: the queue is full, the record is dropped
	// record 0
	// record 1
	// record 2
	// 2 records dropped
	// {In:5 Out:3 Dropped:2 Held:0 Failed:0 Markers:1 Refused:0 Bytes:0}
}

func ExampleNewFlightRecorder() {
	recorder := handlers.NewFlightRecorder(handlers.NewStream(os.Stdout, nil, nil), handlers.FlightOptions{Slow: 5 * time.Second})
	log := slog.New(recorder)

	serve := func(request int, fails bool) {
		ctx, end := recorder.Start(contextattrs.With(context.Background(), "request", request))
		defer end()
		log.DebugContext(ctx, "looking up the user")
		log.DebugContext(ctx, "asking the database")
		if fails {
			log.ErrorContext(ctx, "no such user")
		}
	}
	serve(1, false)
	serve(2, true)
	serve(3, false)
	// Output:
	// looking up the user request=2
	// asking the database request=2
	// no such user request=2
}

// brokenDisk is a handler that fails.
type brokenDisk struct{ slog.Handler }

func (brokenDisk) Handle(context.Context, slog.Record) error {
	return errors.New("no space left on device")
}

func ExampleNewFailover() {
	disk := brokenDisk{handlers.NewStream(os.Stdout, nil, nil)}
	console := handlers.NewStream(os.Stdout, nil, nil)
	failover := handlers.NewFailover(handlers.FailoverOptions{
		OnError: func(err error) { fmt.Println(err) },
	}, disk, console)

	log := slog.New(failover)
	log.Info("one")
	log.Info("two") // the disk is not asked again for a second
	// Output:
	// one
	// handlers: failover: handler 1: no space left on device
	// two
}

func ExampleNewRouter() {
	print := func(prefix string) slog.Handler {
		return handlers.NewFilter(handlers.NewStream(os.Stdout, nil, nil),
			handlers.FilterFunc(func(_ context.Context, _ string, r slog.Record) (slog.Record, bool) {
				r.Message = prefix + ": " + r.Message
				return r, true
			}))
	}
	router := handlers.NewRouter(handlers.RouterOptions{Default: print("rest")},
		handlers.Route{Level: slog.LevelError, To: print("errors")},
		handlers.Route{Logger: "app.db", To: print("database")},
		handlers.Route{Attr: slog.String("tenant", "acme"), To: print("acme")})

	slog.New(router).Info("hello")
	slog.New(router).Info("an order", "tenant", "acme")
	slog.New(router).With("tenant", "acme").Error("no order")
	slog.New(handlers.BindName(router, "logger", "app.db.pool")).Info("connected")
	// Output:
	// rest: hello
	// acme: an order tenant=acme
	// errors: no order tenant=acme
	// database: connected
}

func ExampleNewRetry() {
	attempts := 0
	flaky := failsTwice{handlers.NewStream(os.Stdout, nil, nil), &attempts}
	retry := handlers.NewRetry(flaky, handlers.RetryOptions{Pause: time.Millisecond})

	slog.New(retry).Info("arrived")
	fmt.Println(attempts, "attempts")
	// Output:
	// arrived
	// 3 attempts
}

// failsTwice is a handler that fails at first.
type failsTwice struct {
	slog.Handler
	attempts *int
}

func (h failsTwice) Handle(ctx context.Context, r slog.Record) error {
	if *h.attempts++; *h.attempts < 3 {
		return errors.New("connection refused")
	}
	return h.Handler.Handle(ctx, r)
}

func ExampleNewRecover() {
	safe := handlers.NewRecover(bug{slog.DiscardHandler})

	err := safe.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelInfo, "hello", 0))
	fmt.Println(err)
	// Output:
	// handlers: panic: runtime error: index out of range [1] with length 1
}

// bug is a handler with a bug.
type bug struct{ slog.Handler }

func (bug) Handle(_ context.Context, r slog.Record) error {
	one := make([]string, r.NumAttrs()+1)
	one[len(one)] = r.Message
	return nil
}

func Example_capture() {
	rec := handlertest.NewRecorder(slog.LevelInfo)
	log := slog.New(rec).With("user", "ann")

	log.Info("signed in", "from", "10.0.0.7")
	log.Debug("not captured")
	for _, e := range rec.Records() {
		fmt.Println(e.Level, e.Message, e.Attrs)
	}
	fmt.Println(rec.Messages())

	log = slog.New(slog.DiscardHandler) // what CPython calls NullHandler
	log.Error("seen by nobody")
	fmt.Println(log.Enabled(context.Background(), slog.LevelError))
	// Output:
	// INFO signed in map[from:10.0.0.7 user:ann]
	// [signed in]
	// false
}
