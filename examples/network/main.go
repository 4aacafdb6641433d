// Network is the recipe "Sending and receiving logging events across a network" of
// Python's logging cookbook: "network server" prints its port, and what it receives until
// the first client has ended; "network client PORT" sends. Each works with the
// cookbook's other one, in Python. Without arguments both run, as two processes.
// The client's flags, which come before the port, change its names and messages.
package main

import (
	"log"
	"os"
	"os/exec"
	"strconv"
)

func main() {
	var args []string
	if len(os.Args) > 1 {
		args = os.Args[2:]
	}
	switch {
	case len(os.Args) == 1:
		serve(runClient)
	case os.Args[1] == "server" && len(args) == 0:
		serve(func(int) {})
	case os.Args[1] == "client":
		send(args)
	default:
		log.Fatal("usage: network [server | client [flags] PORT]")
	}
}

// runClient runs the client as another process.
func runClient(port int) {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	cmd := exec.Command(self, "client", strconv.Itoa(port))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		log.Fatalf("%s: %v", cmd, err)
	}
}
