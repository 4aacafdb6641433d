package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"net"

	"github.com/slogsuite/slogsuite/netsink"
	"github.com/slogsuite/slogsuite/slogtree"
)

func send(args []string) {
	flags := flag.NewFlagSet("network client", flag.ExitOnError)
	area1 := flags.String("area1", "myapp.area1", "name of the first logger")
	area2 := flags.String("area2", "myapp.area2", "name of the second logger")
	m0 := flags.String("m0", "Jackdaws love my big sphinx of quartz.", "the root's message")
	m1 := flags.String("m1", "Quick zephyrs blow, vexing daft Jim.", "the first logger's debug message")
	m2 := flags.String("m2", "How quickly daft jumping zebras vex.", "the first logger's info message")
	m3 := flags.String("m3", "Jail zesty vixen who grabbed pay from quack.", "the second logger's warning")
	m4 := flags.String("m4", "The five boxing wizards jump quickly.", "the second logger's error")
	_ = flags.Parse(args) // an error ends the program
	if flags.NArg() != 1 {
		log.Fatal("usage: network client [flags] PORT")
	}

	rootLogger := slogtree.Root()
	rootLogger.SetLevel(slog.LevelDebug)
	socketHandler, err := netsink.NewHandler("tcp", net.JoinHostPort("localhost", flags.Arg(0)), netsink.Options{})
	if err != nil {
		log.Fatal(err)
	}
	// don't bother with a formatter, since a socket handler sends the event as
	// an unformatted pickle
	rootLogger.AddHandler(socketHandler)

	// Now, we can log to the root logger, or any other logger. First the root...
	rootLogger.Info(*m0)

	// Now, define a couple of other loggers which might represent areas in your
	// application:
	logger1 := slogtree.Get(*area1)
	logger2 := slogtree.Get(*area2)

	logger1.Debug(*m1)
	logger1.Info(*m2)
	logger2.Warn(*m3)
	logger2.Error(*m4)

	// Python does this when a program ends
	if err := slogtree.Default().Close(context.Background()); err != nil {
		log.Fatal(err)
	}
}
