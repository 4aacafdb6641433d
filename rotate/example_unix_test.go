//go:build unix && !solaris && !illumos && !aix

package rotate_test

import (
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"github.com/slogsuite/slogsuite/rotate"
)

// With logrotate, which moves the file and sends a signal. Without the signal the
// move is seen within a second, or at once with Options.Watch.
func ExampleFile_ReopenOn() {
	defer inTempDir()()

	f, err := rotate.Open("app.log", rotate.Options{})
	check(err)
	defer f.Close()
	f.ReopenOn(syscall.SIGHUP)

	fmt.Fprintln(f, "before")
	check(os.Rename("app.log", "app.log.old"))
	check(f.Reopen()) // what the signal does
	fmt.Fprintln(f, "after")

	show("app.log")
	// Output:
	// -- app.log
	// after
	// -- app.log.old
	// before
}

// Each process opens the file for itself; here two are played by one. The file and
// its backups hold each line once.
func ExampleOptions_shared() {
	defer inTempDir()()

	o := rotate.Options{Shared: true, MaxBytes: 30, BackupCount: 9}
	one, err := rotate.Open("app.log", o)
	check(err)
	defer one.Close()
	two, err := rotate.Open("app.log", o)
	check(err)
	defer two.Close()

	fmt.Fprintln(one, "from one: 1")
	fmt.Fprintln(two, "from two: 2")
	fmt.Fprintln(one, "from one: 3") // rotates
	fmt.Fprintln(two, "from two: 4") // writes to the new file

	show("app.log")
	// Output:
	// -- app.log
	// from one: 3
	// from two: 4
	// -- app.log.1
	// from one: 1
	// from two: 2
	// -- app.log.lock
}

// A program in Go writes the file of one in Python.
func ExampleOptions_python() {
	defer inTempDir()()

	o := rotate.Options{Shared: true, Lock: rotate.LockConcurrentLogHandler, MaxBytes: 10 << 20, BackupCount: 20}
	h, err := rotate.NewHandler("app.log", nil, nil, o)
	check(err)
	defer h.Close()

	slog.New(h).Info("hello from Go")

	_, err = os.Stat(".__app.lock")
	fmt.Println(err)
	// Output:
	// <nil>
}
