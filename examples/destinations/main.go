// Destinations is the recipe "Logging to multiple destinations" of Python's
// logging cookbook. The flags change its names and messages.
package main

import (
	"context"
	"flag"
	"log"
	"log/slog"
	"os"

	"github.com/slogsuite/slogsuite/formatters"
	"github.com/slogsuite/slogsuite/handlers"
	"github.com/slogsuite/slogsuite/slogtree"
)

var (
	myapp        = flag.String("myapp", "myapp.log", "file to log to")
	area1        = flag.String("area1", "myapp.area1", "name of the first logger")
	area2        = flag.String("area2", "myapp.area2", "name of the second logger")
	m0           = flag.String("m0", "Jackdaws love my big sphinx of quartz.", "the root's message")
	m1           = flag.String("m1", "Quick zephyrs blow, vexing daft Jim.", "the first logger's debug message")
	m2           = flag.String("m2", "How quickly daft jumping zebras vex.", "the first logger's info message")
	m3           = flag.String("m3", "Jail zesty vixen who grabbed pay from quack.", "the second logger's warning")
	m4           = flag.String("m4", "The five boxing wizards jump quickly.", "the second logger's error")
	consoleLevel = flag.String("consolelevel", "INFO", "level of the console")
)

func main() {
	flag.Parse()
	level, err := formatters.ParseLevel(*consoleLevel)
	if err != nil {
		log.Fatal(err)
	}

	// set up logging to file
	_, err = slogtree.Basic(slogtree.BasicOptions{
		Level:    slog.LevelDebug,
		Format:   "%(asctime)s %(name)-12s %(levelname)-8s %(message)s",
		DateFmt:  "%m-%d %H:%M",
		Filename: *myapp,
		FileMode: "w",
	})
	if err != nil {
		log.Fatal(err)
	}
	// set a format which is simpler for console use
	formatter, err := formatters.Percent("%(name)-12s: %(levelname)-8s %(message)s", nil)
	if err != nil {
		log.Fatal(err)
	}
	// define a Handler which writes messages of a level or higher to stderr
	console := handlers.NewStream(os.Stderr, formatter, level)
	// add the handler to the root logger
	slogtree.Root().AddHandler(console)

	// Now, we can log to the root logger, or any other logger. First the root...
	slogtree.Root().Info(*m0)

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
