package rotate_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/rotate"
)

// inTempDir has an example work in an empty directory, and goes back at its end.
func inTempDir() (back func()) {
	dir, err := os.MkdirTemp("", "example")
	was, err2 := os.Getwd()
	if err != nil || err2 != nil || os.Chdir(dir) != nil {
		panic("no directory for the example")
	}
	return func() {
		_ = os.Chdir(was)
		_ = os.RemoveAll(dir)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// show prints the files whose names begin with name.
func show(name string) {
	files, _ := filepath.Glob(name + "*")
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(err)
		fmt.Printf("-- %s\n%s", file, text)
	}
}

// Three files of 40 bytes at most: RotatingFileHandler of CPython.
func Example() {
	defer inTempDir()()

	h, err := rotate.NewHandler("app.log", nil, slog.LevelInfo, rotate.Options{MaxBytes: 40, BackupCount: 2})
	check(err)
	defer h.Close()

	log := slog.New(h)
	for i := range 9 {
		log.Info("order", "number", i)
	}

	show("app.log")
	// Output:
	// -- app.log
	// order number=8
	// -- app.log.1
	// order number=6
	// order number=7
	// -- app.log.2
	// order number=4
	// order number=5
}

// A new file at midnight, and those of two weeks are kept: TimedRotatingFileHandler
// of CPython.
func ExampleNewHandler_midnight() {
	defer inTempDir()()

	f := formatters.Must(formatters.Percent("%(levelname)s %(message)s", nil))
	h, err := rotate.NewHandler("app.log", f, nil, rotate.Options{When: "midnight", BackupCount: 14})
	check(err)
	defer h.Close()

	slog.New(h).Warn("slow", "ms", 1200)

	show("app.log")
	// Output:
	// -- app.log
	// WARNING slow ms=1200
}

// A handler of somebody else over a file that rotates. One Write is one record.
func ExampleOpen() {
	defer inTempDir()()

	f, err := rotate.Open("logs/app.json", rotate.Options{MaxBytes: 100 << 20, Upward: true, MaxTotalBytes: 1 << 30})
	check(err)
	defer f.Close()

	slog.New(slog.NewJSONHandler(f, nil)).Info("started", "port", 8080)

	fmt.Println(f.Stats().Records, "record,", f.Stats().Rotations, "rotations")
	// Output:
	// 1 record, 0 rotations
}

// Records are kept for half a second at most, and not from WARNING on.
func ExampleOptions_buffered() {
	defer inTempDir()()

	h, err := rotate.NewHandler("app.log", nil, nil, rotate.Options{
		Durability: rotate.Buffered, FlushInterval: 500 * time.Millisecond, FlushLevel: slog.LevelWarn,
	})
	check(err)
	defer h.Close() // or what is in the buffer is lost

	log := slog.New(h)
	log.Info("kept for now")
	log.Warn("at once, with what came before")

	show("app.log")
	// Output:
	// -- app.log
	// kept for now
	// at once, with what came before
}

// Errors that no call returns, such as that of a rotation, are told to OnError.
func ExampleOptions_onError() {
	defer inTempDir()()
	check(os.MkdirAll("app.log.1/in the way", 0o777))

	f, err := rotate.Open("app.log", rotate.Options{
		MaxBytes: 20, BackupCount: 1,
		OnError: func(err error) { fmt.Println("trouble:", err != nil) },
	})
	check(err)
	defer f.Close()

	fmt.Fprintln(f, "the first record")
	fmt.Fprintln(f, "the second, written though the rotation failed")

	s := f.Stats()
	fmt.Println(s.Records, "records,", s.Rotations, "rotations,", s.Errors, "error,", s.Lost, "lost")
	// Output:
	// trouble: true
	// 2 records, 0 rotations, 1 error, 0 lost
}
