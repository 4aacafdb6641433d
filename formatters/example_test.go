package formatters_test

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
)

// record returns a record of a fixed time.
func record(level slog.Level, msg string, args ...any) slog.Record {
	r := slog.NewRecord(time.Date(2024, 2, 29, 12, 30, 45, 678e6, time.UTC), level, msg, 0)
	r.Add(args...)
	return r
}

func ExamplePercent() {
	f, err := formatters.Percent("%(asctime)s %(name)-12s %(levelname)-8s %(message)s", &formatters.Options{Location: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	f = f.WithLoggerName("logger", "app.db")
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo, "connected", "host", "db1", "took", 3*time.Millisecond)))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelWarn, "slow\nquery")))
	// Output:
	// 2024-02-29 12:30:45,678 app.db       INFO     connected host=db1 took=3ms
	// 2024-02-29 12:30:45,678 app.db       WARNING  slow\nquery
}

func ExampleConsole() {
	f := formatters.Console(&formatters.Options{Location: time.UTC}).WithLoggerName("logger", "shop")
	refused := errors.New("connection refused")
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo, "item added", "sku", "A-17", "price", 9.5)))
	fmt.Printf("%s\n", f.WithGroup("order").Append(nil, nil, record(slog.LevelWarn, "paid late", "id", 7, "by", "ada l.")))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelError, "order lost", "id", 7, "err", errors.Join(refused, errors.New("queue is full")))))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelError, "charge failed", formatters.Exc(fmt.Errorf("order 7: %w", refused)))))
	// Output:
	// 12:30:45.678 INFO     shop: item added                         sku=A-17 price=9.5
	// 12:30:45.678 WARNING  shop: paid late                          order.id=7 order.by="ada l."
	// 12:30:45.678 ERROR    shop: order lost                         id=7
	//     err=
	//         connection refused
	//         queue is full
	// 12:30:45.678 ERROR    shop: charge failed
	//     error: order 7: connection refused
	//     caused by error: connection refused
}

func ExampleBrace() {
	f, err := formatters.Brace("{asctime} {name:>10} {levelname:<8} {message:.<12} {req.ip} {took:.3f} {size:,}", &formatters.Options{Location: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	f = f.WithLoggerName("logger", "app.db")
	r := record(slog.LevelInfo, "served", slog.Group("req", "ip", "::1", "path", "/x"), "took", 1500*time.Microsecond, "size", 1234567)
	fmt.Printf("%s\n", f.Append(nil, nil, r))
	_, err = formatters.Brace("{asctime} {message:d}", nil)
	fmt.Println(err)
	// Output:
	// 2024-02-29 12:30:45,678     app.db INFO     served...... ::1 0.002 1,234,567 req.path=/x
	// formatters: format "{asctime} {message:d}": column 11: field "{message:d}": type 'd' is for numbers, not for text
}

func ExampleDollar() {
	f := formatters.Must(formatters.Dollar("$asctime $levelname [$name] ${req.ip}: $message", &formatters.Options{Location: time.UTC}))
	f = f.WithLoggerName("logger", "app.db")
	r := record(slog.LevelWarn, "slow\nquery", slog.Group("req", "ip", "::1", "path", "/x"))
	fmt.Printf("%s\n", f.Append(nil, nil, r))
	// Output:
	// 2024-02-29 12:30:45,678 WARNING [app.db] ::1: slow\nquery req.path=/x
}

// A field prints an attr by its key, or by the path of its groups.
func ExamplePercent_attrs() {
	f := formatters.Must(formatters.Percent("%(req.ip)-15s %(status)03d %(took).3f %(message)s", nil))
	r := record(slog.LevelInfo, "served", slog.Group("req", "ip", "127.0.0.1", "path", "/x"), "status", 200, "took", 1500*time.Microsecond)
	fmt.Printf("%s\n", f.Append(nil, nil, r))
	// Output:
	// 127.0.0.1       200 0.002 served req.path=/x
}

// The wrong way: a field that no record can fill is an error at once, not a
// broken line later.
func ExampleFormatError() {
	_, err := formatters.Percent("%(levelname)d %(message)s", nil)
	fmt.Println(err)
	var fe *formatters.FormatError
	if errors.As(err, &fe) {
		fmt.Println(fe.Field, fe.Column)
	}
	// Output:
	// formatters: format "%(levelname)d %(message)s": column 1: field "%(levelname)d": %d needs a number, and levelname is text
	// %(levelname)d 1
}

// A field that only this record can't fill shows where it stands.
func ExamplePercent_missing() {
	f := formatters.Must(formatters.Percent("%(user)s: %(message)s", nil))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo, "hello", "user", "jim")))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo, "hello")))
	// Output:
	// jim: hello
	// %!user(MISSING): hello
}

func ExampleOptions() {
	f := formatters.Must(formatters.Percent("%(asctime)s %(user)s %(message)s", &formatters.Options{
		DateFmt:  "%d %b %H:%M",
		Location: time.UTC,
		Defaults: map[string]any{"user": "nobody"},
		Strict:   true,
	}))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo, "hello", "more", 1)))
	// Output:
	// 29 Feb 12:30 nobody hello
}

func ExampleExc() {
	f := formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil))
	err := fmt.Errorf("load settings: %w", errors.New("no such file"))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelError, "can't start", formatters.Exc(err))))
	// Output:
	// ERROR can't start
	//     error: load settings: no such file
	//     caused by error: no such file
}

func ExampleOrigin() {
	origin := &formatters.Origin{LevelNo: 35, LevelName: "NOTICE", ThreadName: "worker-1", Process: 4711}
	f := formatters.Must(formatters.Percent("%(levelname)s %(process)d %(threadName)s %(message)s", nil))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelWarn, "from elsewhere", origin.Attr())))
	// Output:
	// NOTICE 4711 worker-1 from elsewhere
}

func ExampleLevelNames() {
	var levels formatters.LevelNames
	levels.Add(slog.LevelInfo+2, "NOTICE")
	f := formatters.Must(formatters.Percent("%(levelname)s %(levelno)d %(message)s", &formatters.Options{Levels: &levels}))
	fmt.Printf("%s\n", f.Append(nil, nil, record(slog.LevelInfo+2, "take note")))
	// Output:
	// NOTICE 25 take note
}

func ExampleParseLevel() {
	level, err := formatters.ParseLevel("warning")
	fmt.Println(formatters.LevelName(level), formatters.PythonLevel(level), err)
	// Output:
	// WARNING 30 <nil>
}
