// Configserver is the recipe "Configuration server example" of Python's logging cookbook:
// "configserver server" configures itself by logging.conf, prints its port, and logs
// a round of messages at first and after each configuration that it gets; "configserver send
// FILE PORT" sends one. Each works with the cookbook's other one, in Python. Without
// arguments both run: the server is sent three files, of which one is broken.
package main

import (
	"embed"
	"flag"
	"log"
	"os"
)

//go:embed logging.conf new1.conf broken.conf new2.json
var files embed.FS

func main() {
	log.SetFlags(0)
	var args []string
	if len(os.Args) > 2 {
		args = os.Args[2:]
	}
	switch {
	case len(os.Args) == 1:
		demonstrate()
	case os.Args[1] == "server":
		flags := flag.NewFlagSet("configserver server", flag.ExitOnError)
		name := flags.String("cfgname", "simpleExample", "name of the logger")
		rounds := flags.Int("rounds", 3, "how many configurations it waits for")
		_ = flags.Parse(args) // an error ends the program
		initial, err := os.ReadFile("logging.conf")
		if err != nil {
			log.Fatal(err)
		}
		serve(initial, *name, *rounds, func(int) {})
	case os.Args[1] == "send" && len(args) == 2:
		document, err := os.ReadFile(args[0])
		if err != nil {
			log.Fatal(err)
		}
		if err := send(document, args[1]); err != nil {
			log.Fatal(err)
		}
	default:
		log.Fatal("usage: configserver [server [flags] | send FILE PORT]")
	}
}
