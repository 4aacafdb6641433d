// Slogd receives records over the network, as CPython's SocketHandler and DatagramHandler
// and package netsink send them, and writes them to a file that rotates. Its -h tells all.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// What the program exits with.
const (
	exitDone   = 0
	exitFailed = 1 // records were lost, or a listener failed
	exitUsage  = 2 // nothing was done
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program.
func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		io.WriteString(stdout, usage)
		return exitDone
	}
	if err != nil {
		complain(stderr, err)
		fmt.Fprintln(stderr, "slogd: -h explains the flags")
		return exitUsage
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	d, err := start(o, stdout, stderr)
	if err != nil {
		complain(stderr, err)
		return exitUsage
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go d.obey(signals, cancel) // ends with the program
	return d.serve(ctx, cancel)
}

// sameRequest is how long after the first signal another means the same: who runs the
// program by timeout(1), or a shell's group of processes, may send it twice.
const sameRequest = 250 * time.Millisecond

// obey does what signals say: SIGHUP opens the file anew, any other ends the program, and the
// second such ends it at once. A file that does not open, as on a disk that hangs, holds up no
// other signal.
func (d *daemon) obey(signals <-chan os.Signal, end func()) {
	hangups := make(chan struct{}, 1) // one more than is being obeyed: the file may have been moved again since that began
	go func() {                       // ends with the program, too
		for range hangups {
			d.reopen()
		}
	}()
	for ending := (time.Time{}); ; {
		sig := <-signals
		switch {
		case sig == syscall.SIGHUP:
			select {
			case hangups <- struct{}{}:
			default:
			}
		case ending.IsZero():
			ending = time.Now()
			end()
		case time.Since(ending) > sameRequest:
			d.say("ended at once by a second signal: records may be lost")
			os.Exit(exitFailed)
		}
	}
}

// complain prints each of the joined errors on a line.
func complain(w io.Writer, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			complain(w, err)
		}
		return
	}
	fmt.Fprintf(w, "slogd: %s\n", oneLine(err.Error()))
}
